"""Presses keys in a shell on a terminal, with weir's completion."""

import os
import pathlib
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import testing  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent / "completions"

START = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "--no-config"]}

SETUP = {
    "bash": "PS1='$ '; . {root}/weir.bash; bind 'set bell-style none' 'set enable-bracketed-paste off'; HISTFILE=",
    "zsh": "PS1='$ ' RPS1= PROMPT_EOL_MARK=; unsetopt zle_bracketed_paste beep; fpath=({root} $fpath); autoload -Uz compinit; compinit -u -D",
    "fish": "set -g fish_greeting; set -g fish_autosuggestion_enabled 0; source {root}/weir.fish",
}

class Terminal(testing.Terminal):
    def __init__(self, shell, environment, folder):
        if shutil.which(shell) is None:
            raise SystemExit(f"{shell} is needed for this test; on Debian: apt-get install {shell}")
        super().__init__(START[shell], env={**environment, "TERM": "dumb"}, cwd=folder)
        ready = pathlib.Path(environment["HOME"], "ready")
        if not self.comes(SETUP[shell].format(root=ROOT) + f"; echo >{ready}\r", ready.exists):
            raise TimeoutError(f"{shell} does not start; it shows {self.shown[-500:]!r}")

    def comes(self, keys, condition):
        """Presses keys and waits for the condition. False if it does not come; the line is then given up."""
        self.shown = b""
        self.press(keys)
        if self.until(condition):
            return True
        self.press("\x03\x15")
        return False

    def close(self):
        self.press("\x15exit\r")
        self.finish()
