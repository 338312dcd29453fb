#!/usr/bin/env python3
"""Runs the examples of a document and compares what they print. usage: transcript.py WEIR FILE...

In a `.transcript` file every line counts; in any other file (README.md, a man page) only what stands between
```console and ```, or between .Bd -literal and .Ed.

  $ command          is run by one bash for the whole file, `weir` being the program under test
  > more             goes on with the command above
  anything else      is what it prints, standard error included
  # text             at the start of a line, in a .transcript: a remark

In what is expected, `[ID]` stands for any ID, `[N]` for any number, `...` alone on a line for any lines.
An exit status other than 0 is shown as `[status N]` on the last line, in .transcript files.
Each file starts in an empty folder with a database of its own.
"""

import os
import re
import subprocess
import sys
import tempfile


def blocks(path):
    """The text of the examples, line by line, with line numbers."""
    inside = whole = path.endswith(".transcript")
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if not whole and (line.startswith("```console") or line.startswith(".Bd -literal")):
            inside = True
        elif not whole and (line == "```" or line.startswith(".Ed")):
            inside = False
        elif inside and not (whole and line.startswith("#")):
            # mdoc's way to write a backslash, a dash, and a dot or a quote at the start of a line
            yield number, line if whole or path.endswith(".md") else (
                line.replace("\\&", "").replace("\\-", "-").replace("\\(aq", "'").replace("\\(ti", "~").replace("\\e", "\\"))


def examples(path):
    current = None
    for number, line in blocks(path):
        if line.startswith("$ "):
            if current:
                yield current
            current = (number, [line[2:]], [])
        elif current and line.startswith("> ") and not current[2]:
            current[1].append(line[2:])
        elif current:
            current[2].append(line)
    if current:
        yield current


def pattern(lines):
    while lines and not lines[-1]:
        lines.pop()
    text = ""
    for line in lines:
        if line == "...":
            text += "(?:.*\n)*?"
        else:
            text += re.escape(line).replace(r"\[ID\]", r"\d+-\d+").replace(r"\[N\]", r"\d+") + "\n"
    return re.compile(text)


def run(weir, path):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        tools = os.path.join(folder, "bin")
        home = os.path.join(folder, "home")
        os.mkdir(tools)
        os.mkdir(home)
        os.symlink(os.path.abspath(weir), os.path.join(tools, "weir"))
        environment = {"PATH": tools + ":" + os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8", "WEIR_CONSUMER": "me"}
        for number, command, expected in examples(path):
            marker = f"--end-{number}--"
            state = os.path.join(folder, "state")
            script = (f"[ -f '{state}' ] && . '{state}'; cd \"${{HERE:-$HOME}}\"\n" + "\n".join(command) +
                      f"\nstatus=$?; wait; HERE=$PWD; declare -p HERE > '{state}'; export -p >> '{state}'; echo '{marker}' $status")
            result = subprocess.run(["bash", "-c", script], env=environment, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
            output = result.stdout.decode("utf-8", "replace")
            shown, _, status = output.rpartition(marker)
            if shown and not shown.endswith("\n"):
                shown += "\n"
            if path.endswith(".transcript") and status.strip() != "0":
                shown += f"[status {status.strip()}]\n"
            if not pattern(list(expected)).fullmatch(shown.rstrip("\n") + "\n" if shown.strip("\n") else ""):
                failed += 1
                print(f"{path}:{number}: $ {' '.join(command)}\n--- expected\n" + "\n".join(expected) + f"\n--- printed\n{shown}")
    return failed


def main():
    failed = sum(run(sys.argv[1], path) for path in sys.argv[2:])
    sys.exit(1 if failed else 0)


main()
