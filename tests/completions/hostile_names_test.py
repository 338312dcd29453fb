#!/usr/bin/env python3
"""Tab completes a hostile name to words that reach weir as that name, and runs nothing. usage: hostile_names_test.py SHELL WEIR

The test presses Tab, then Return, in a real shell on a terminal, and a program in weir's place notes how it was called.
"""

import json
import os
import pathlib
import shutil
import string
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from terminal import Terminal  # noqa: E402

shell, weir = sys.argv[1], os.path.abspath(sys.argv[2])

NOTES = """#!/bin/sh
[ "$1" = __complete ] && exec '{weir}' "$@"
printf '%s\\0' "$@" >"$NOTE.new"
mv "$NOTE.new" "$NOTE"
"""

MARKS = string.punctuation.replace("-", "")
NAMES = [f"{mark}x{mark}" for mark in MARKS] + [
    "".join(MARKS), "".join(reversed(MARKS)), "two words", " blanks ", "back\\slash", "two\\\\", "é ü 漢字",
    ":files", ":command 1", ":command a[$(touch ran)]", "words", "databases", "command", "a[$(touch ran)]",
    "$(touch ran)", "`touch ran`", "x;touch ran", "x&touch ran;", "x|touch ran", "${x:=$(touch ran)}", "$((a[$(touch ran)]))", "<(touch ran)",
    "'$(touch ran)'", '"$(touch ran)"', "'; touch ran; '", '"; touch ran; "', "!!", "!touch", "~", "~root", "~/x", "{a,b}", "*", "[a-z]", "?", "%s%n", "#x", "=ls", "a=b", "x:y",
    "x:$(touch ran)", "x@y", "^a^b", "\\", "'", '"', "$", "$'\\x41'", "\\n", "\\x41", "name:", "0", "-5",
]
# Not offered: what a terminal would obey, what hides, and what would be taken for an option.
NOT_OFFERED = ["line\nbreak", "x\n:files", "x\n$(touch ran)", "tab\there", "\x1b[2J", "\x7f", "\u009b", "\u202e", "\u200bx", "-rf", "--help", "--$(touch ran)"]

faults = []

with tempfile.TemporaryDirectory() as folder:
    tools, home, here = (pathlib.Path(folder, name) for name in ("bin", "home", "here"))
    for path in (tools, home, here):
        path.mkdir()
    note = pathlib.Path(folder, "note")
    (tools / "weir").write_text(NOTES.format(weir=weir))
    (tools / "weir").chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(home), "LC_ALL": "C.UTF-8", "NOTE": str(note), "WEIR_DB": str(home / "q.db")}
    terminal = Terminal(shell, environment, here)

    def store(name):
        """A stream of that name, with a group of that name, and nothing else."""
        commands = [["FLUSHALL"], ["XGROUP", "CREATE", name, name, "0", "MKSTREAM"]]
        subprocess.run([weir, "batch"], env=environment, check=True, stdout=subprocess.DEVNULL,
                       input="".join(json.dumps(command) + "\n" for command in commands), encoding="utf-8")

    def expect(line, *wanted):
        """`wanted`: any of these."""
        note.unlink(missing_ok=True)
        if not terminal.comes(line + "\t\r", note.exists):
            faults.append(f"{shell}: {line!r}: no command; the terminal shows {terminal.shown[-300:]!r}; wanted {wanted}")
            return
        called = note.read_bytes().decode().split("\0")[:-1]
        if called not in wanted:
            faults.append(f"{shell}: {line!r} became {called}, wanted {wanted}")
        for path in here.iterdir():
            faults.append(f"{shell}: {line!r}: {path.name} was made")
            path.unlink()

    for name in NAMES:
        store(name)
        # After some characters fish thinks that more will come, and leaves the quotes open.
        open_quotes = () if shell == "fish" and name[-1] in "/=@:.,-" else ('"', "'")
        for before in ("", *open_quotes):
            # fish writes a tilde as it is, so that a name that begins with one is left out there; a dot has to be written
            # in fish 3, not in fish 4.
            bare_in_fish = shell == "fish" and not before
            hidden = [["xlen"]] if bare_in_fish and name[0] in "~." else []
            shown = [["xlen", name]] if not bare_in_fish or name[0] != "~" else []
            expect(f"weir xlen {before}", *hidden, *shown)
            expect(f"weir xreadgroup --group={before}", ["xreadgroup", f"--group={name}"])
    for name in NOT_OFFERED:
        store(name)
        expect("weir xlen ", ["xlen"])
        if name.startswith("-"):
            expect("weir xlen -- ", ["xlen", "--", name])
            expect("weir xreadgroup --group=", ["xreadgroup", f"--group={name}"])

    # Words of which some is written already, in all the ways to write it.
    store("two words:$(touch ran) 'more' \"x\"")
    for begun in ("two", "two\\ w", "'two w", '"two w', "two' 'w", "two\\ words:", "'two words:", '"two words:', "two\\ words:\\$", "two\\ words:'$(touch", '"two words:\\$'):
        expect(f"weir xlen {begun}", ["xlen", "two words:$(touch ran) 'more' \"x\""])

    # The files of a database are not offered beside it.
    for suffix in ("", "-wal", "-shm", "-lock"):
        (home / f"only one.db{suffix}").touch()
    for begun, wanted in ((f"--db {home}/on", ["--db", f"{home}/only one.db"]), (f"--db={home}/on", [f"--db={home}/only one.db"])):
        expect(f"weir {begun}", wanted)
    terminal.close()

print("\n".join(faults))
sys.exit(1 if faults else 0)
