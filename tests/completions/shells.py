"""Asks three shells how they would complete a line."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import testing  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent / "completions"


class Bash:
    """The completion function, called as bash calls it, with the line broken as bash breaks it."""

    SCRIPT = r"""
for file in /usr/share/bash-completion/bash_completion; do [ -f $file ] && . $file; done
. "$1"
while IFS= read -r line; do
  eval "COMP_WORDS=($(IFS= read -r words; printf %s "$words"))"
  COMP_LINE=$line COMP_POINT=${#line} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  _weir weir "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
  ((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
  echo --end--
done
"""

    def __init__(self, environment):
        self.process = subprocess.Popen(["bash", "--norc", "-c", self.SCRIPT, "bash", ROOT / "weir.bash"], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")

    def complete(self, line):
        words = re.findall(r"(?:\\.|'[^']*'|[^\s:=\\'])+|[:=]", line) + ([""] if line.endswith(" ") else [])
        self.process.stdin.write(line + "\n" + " ".join("'" + word.replace("'", r"'\''") + "'" for word in words) + "\n")
        self.process.stdin.flush()
        found = []
        while (answer := self.process.stdout.readline().rstrip("\n")) != "--end--":
            found.append(answer)
        return found

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Fish:
    def __init__(self, environment):
        self.environment = environment

    def complete(self, line):
        done = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete --do-complete=$argv[2]", ROOT / "weir.fish", line],
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=True)
        return [found.split("\t")[0] for found in done.stdout.splitlines()]

    def close(self):
        pass


class Zsh:
    """zsh on a terminal, where Tab is pressed. What is offered is written to a file by a shell of compadd's."""

    SETUP = r"""
PS1= RPS1= PROMPT_EOL_MARK=; unsetopt zle_bracketed_paste beep prompt_cr
fpath=($FOLDER $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a hits; builtin compadd -A hits "$@"; print -lr -- $hits >> $OFFERED
  fi
  builtin compadd "$@"
}
tab() { _main_complete; compstate[insert]= compstate[list]=; print >> $OFFERED.end; }
zle -C tab list-choices tab; bindkey '^I' tab
print ready > $OFFERED.end
"""

    def __init__(self, environment):
        home = pathlib.Path(environment["HOME"])
        self.offered, self.end = home / "offered", home / "offered.end"
        setup = home / "setup.zsh"
        setup.write_text(self.SETUP)
        self.terminal = testing.Terminal(["zsh", "-f", "-i"], env={**environment, "OFFERED": str(self.offered), "FOLDER": str(ROOT), "TERM": "dumb"})
        self.press(f" . {setup}\n")

    def press(self, keys):
        self.end.unlink(missing_ok=True)
        self.offered.unlink(missing_ok=True)
        self.terminal.press(keys)
        if not self.terminal.until(self.end.exists):
            raise TimeoutError(f"zsh does not answer to {keys!r}; it shows {self.terminal.shown[-500:]!r}")

    def complete(self, line):
        self.press("\x15" + line + "\t")
        return [found for found in self.offered.read_text(encoding="utf-8").splitlines() if found] if self.offered.exists() else []

    def close(self):
        self.terminal.press("\x15exit\n")
        self.terminal.finish()


SHELLS = {"bash": Bash, "fish": Fish, "zsh": Zsh}


def open_shell(name, environment):
    if shutil.which(name) is None:
        raise SystemExit(f"{name} is needed for this test; on Debian: apt-get install {name}")
    return SHELLS[name](environment)
