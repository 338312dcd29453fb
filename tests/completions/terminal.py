"""A shell on a terminal, with weir's completion, at which keys are pressed."""

import os
import pathlib
import pty
import select
import shutil
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent / "completions"

START = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "--no-config"]}

SETUP = {
    "bash": "PS1='$ '; . {root}/weir.bash; bind 'set bell-style none' 'set enable-bracketed-paste off'; HISTFILE=",
    "zsh": "PS1='$ ' RPS1= PROMPT_EOL_MARK=; unsetopt zle_bracketed_paste beep; fpath=({root} $fpath); autoload -Uz compinit; compinit -u -D",
    "fish": "set -g fish_greeting; set -g fish_autosuggestion_enabled 0; source {root}/weir.fish",
}

LIMIT = 60  # seconds that anything may take on a machine that is busy


class Terminal:
    def __init__(self, shell, environment, folder):
        if shutil.which(shell) is None:
            raise SystemExit(f"{shell} is needed for this test; on Debian: apt-get install {shell}")
        self.shown = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(shell, START[shell], {**environment, "TERM": "dumb"})
        ready = pathlib.Path(environment["HOME"], "ready")
        if not self.until(SETUP[shell].format(root=ROOT) + f"; echo >{ready}\r", ready.exists):
            raise TimeoutError(f"{shell} does not start; it shows {self.shown[-500:]!r}")

    def until(self, keys, condition):
        """Presses keys and waits for the condition. False if it does not come; the line is then given up."""
        self.shown = b""
        os.write(self.terminal, keys.encode())
        limit = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > limit:
                os.write(self.terminal, b"\x03\x15")
                return False
            if select.select([self.terminal], [], [], 0.01)[0]:
                self.shown += os.read(self.terminal, 65536)
        return True

    def close(self):
        os.write(self.terminal, b"\x15exit\r")
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:  # the shell is gone
            pass
        os.waitpid(self.pid, 0)
        os.close(self.terminal)
