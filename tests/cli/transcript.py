#!/usr/bin/env python3
"""Runs the examples of a document and compares what they print. usage: transcript.py WEIR [--server] FILE...

In a `.transcript` file every line counts; in any other file (README.md, a man page) only lines between
```console and ```, or between .Bd -literal and .Ed, count.

  $ command          is run by one bash for the whole file, `weir` being the program under test
  > more             goes on with the command above
  anything else      is what it prints, standard error included
  # text             at the start of a line, in a .transcript: a remark

In the expected output, `[ID]` stands for any ID, `[N]` for any number, `...` alone on a line for any lines.
Documents show IDs and times as people see them. There, an ID of thirteen digits stands for the ID that really comes, in
the commands that follow too, and another for another ID; any time, any "idle" and, for <1s, any age in seconds will do.
In .transcript files `[status N]` on the last line shows an exit status other than 0.
Each file starts in an empty folder with a database of its own; with --server, $WEIR_DB is a server of its own.
"""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Server, environment  # noqa: E402


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


GENERATED_ID = re.compile(r"\b\d{13}-\d+\b")


def as_shown(text, ids):
    """The pattern of one line of a document. `ids`: the IDs it stands for, by how the document writes them."""
    def one(match):
        word = match[0]
        if word.startswith('"idle"'):
            return r'"idle":\d+'
        if word.endswith("<1s"):
            return r" *(?:<1s|\d+s)"
        if ":" in word and "T" not in word:
            return r"\d\d:\d\d:\d\d"
        if "T" in word:
            return r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        if word in ids:
            return re.escape(ids[word])
        name = "id_" + word.replace("-", "_")
        return f"(?P={name})" if name in seen else seen.add(name) or rf"(?P<{name}>\d{{13}}-\d+)"
    seen = ids.setdefault("", set())
    dynamic = r'\b\d{13}-\d+\b|"idle":\d+|\b\d{4}-\d\d-\d\dT[\d:.]{12}Z|\b\d\d:\d\d:\d\d\b| +<1s'
    parts = re.split(f"({dynamic})", text)
    return "".join(re.sub(dynamic, one, part) if i % 2 else re.escape(part) for i, part in enumerate(parts))


def pattern(lines, ids=None):
    """`ids`: of a document, see as_shown; nothing: a .transcript."""
    while lines and not lines[-1]:
        lines.pop()
    if ids is not None:
        ids[""] = set()
    text = ""
    for line in lines:
        if line == "...":
            text += "(?:.*\n)*?"
        elif ids is not None:
            text += as_shown(line, ids) + "\n"
        else:
            text += re.escape(line).replace(r"\[ID\]", r"\d+-\d+").replace(r"\[N\]", r"\d+") + "\n"
    return re.compile(text)


def run(weir, path, **variables):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        tools = os.path.join(folder, "bin")
        home = os.path.join(folder, "home")
        os.mkdir(tools)
        os.mkdir(home)
        os.symlink(os.path.abspath(weir), os.path.join(tools, "weir"))
        around = environment(home, PATH=tools + ":" + os.environ["PATH"], LC_ALL="C.UTF-8", WEIR_CONSUMER="me", **variables)
        ids = None if path.endswith(".transcript") else {}
        for number, command, expected in examples(path):
            if ids is not None:
                command = [GENERATED_ID.sub(lambda match: ids.get(match[0], match[0]), line) for line in command]
            marker = f"--end-{number}--"
            state = os.path.join(folder, "state")
            script = (f"[ -f '{state}' ] && . '{state}'; cd \"${{HERE:-$HOME}}\"\n" + "\n".join(command) +
                      f"\nstatus=$?; wait; HERE=$PWD; declare -p HERE > '{state}'; export -p >> '{state}'; echo '{marker}' $status")
            result = subprocess.run(["bash", "-c", script], env=around, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=2 * LIMIT, check=False)
            output = result.stdout.decode("utf-8", "replace")
            shown, _, status = output.rpartition(marker)
            if shown and not shown.endswith("\n"):
                shown += "\n"
            if path.endswith(".transcript") and status.strip() != "0":
                shown += f"[status {status.strip()}]\n"
            match = pattern(list(expected), ids).fullmatch(shown.rstrip("\n") + "\n" if shown.strip("\n") else "")
            if match and ids is not None:
                new = {name[3:].replace("_", "-"): value for name, value in match.groupdict().items()}
                values = [value for name, value in ids.items() if name] + list(new.values())
                if len(set(values)) == len(values):
                    ids.update(new)
                else:
                    match = None  # one ID under two names
            if not match:
                failed += 1
                print(f"{path}:{number}: $ {' '.join(command)}\n--- expected\n" + "\n".join(expected) + f"\n--- printed\n{shown}")
    return failed


def main():
    weir, *paths = sys.argv[1:]
    failed = 0
    if paths[0] == "--server":
        for path in paths[1:]:
            with Server() as server:
                failed += run(weir, path, WEIR_DB="unix://" + server.path)
    else:
        failed = sum(run(weir, path) for path in paths)
    sys.exit(1 if failed else 0)


main()
