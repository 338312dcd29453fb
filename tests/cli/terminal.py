#!/usr/bin/env python3
"""Output for a person: the program under test runs on a pseudo-terminal. usage: terminal.py WEIR"""

import json
import os
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks, Terminal, environment as clean  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
checks = Checks()
expect = checks.expect


def on_terminal(columns, *arguments, typed=None, **variables):
    """What is printed on a terminal of so many columns where somebody types, and the exit status."""
    terminal = Terminal([WEIR, *arguments], columns, stdin=subprocess.DEVNULL if typed is None else None,
                        env={**environment, **variables})
    if typed is not None:
        terminal.press(typed)
    status = terminal.finish()
    return terminal.shown.decode("utf-8").replace("\r\n", "\n"), status


def weir(*arguments, **variables):
    return subprocess.run([WEIR, *arguments], env={**environment, **variables}, stdin=subprocess.DEVNULL, check=True, capture_output=True).stdout.decode()


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


with tempfile.TemporaryDirectory() as folder:
    # No locale at all: widths must not depend on it.
    environment = clean(folder, LC_ALL="C", TERM="xterm")
    weir("xadd", "mail", "--id", "1526919030474-55", "to=ann@example.com", "subject=" + "long " * 100, "n=5")
    weir("xadd", "mail", "--id", "1526919030474-56", "to=漢字漢字漢字漢字", "subject=日本語の件名" * 30, "n=10")
    weir("xadd", "mail", "--id", "1526919030474-57", "to=a\x1b]0;title\x07b", "subject=\x1b[2J\u202eevil\nline", "n=7", "cc=x")
    for columns in (60, 80, 200):
        text, status = on_terminal(columns, "xrange", "mail", NO_COLOR="1")
        lines = text.splitlines()
        expect(status == 0 and len(lines) == 4, "a heading and three entries", text)
        expect(all(width(line) <= columns for line in lines), f"{columns} columns are enough", text)
        expect("…" in text, "what was cut says so", text)
        expect(all(f"1526919030474-{n} " in text for n in (55, 56, 57)), "IDs are whole", text)
        expect(not any(unicodedata.category(c) in ("Cc", "Cf") for c in text.replace("\n", "")), "nothing for the terminal to obey", text)
    text, _ = on_terminal(80, "xrange", "mail", NO_COLOR="1", COLUMNS="120")
    expect(80 < max(map(width, text.splitlines())) <= 120, "COLUMNS has the last word", text)
    text, _ = on_terminal(80, "xrange", "mail")
    expect("\x1b[1mID\x1b[0m" in text, "colour on a terminal", text)
    text, _ = on_terminal(80, "xrange", "mail", "--color", "never")
    expect("\x1b" not in text, "--color never", text)
    text, status = on_terminal(80, "xrange", "mail", "-o", "jsonl")
    expect(status == 0 and [*map(json.loads, text.splitlines())] == [*map(json.loads, weir("xrange", "mail").splitlines())], "jsonl on a terminal is jsonl", text)
    text, status = on_terminal(80, "xrange", "none", NO_COLOR="1")
    expect(status == 1 and text == "(no entries)\n", "an empty answer is said to be one", text)
    text, status = on_terminal(80, "ls", NO_COLOR="1")
    expect(status == 0 and text.splitlines()[0].split() == ["STREAM", "LENGTH", "LAST", "GROUPS", "WAITING", "PENDING", "HELD"], "ls is an overview", text)
    expect(weir("ls") == "mail\n", "in a pipe ls gives names")

    # What is off a terminal may be as wide as it likes, unless COLUMNS says otherwise.
    narrow = weir("xrange", "mail", "-o", "table", COLUMNS="60").splitlines()
    expect(len(narrow) == 4 and max(map(width, narrow)) <= 60, "COLUMNS counts in a pipe too", narrow)
    expect(max(map(width, weir("xrange", "mail", "-o", "table").splitlines())) > 500, "without it nothing is cut there")

    # Escape sequences only where they are understood and wanted. The width of joined emoji is doubtful: what stands
    # after them is put in its column by a cursor sequence.
    weir("xadd", "faces", "--id", "1-1", "face=\U0001f469\u200d\U0001f680", "name=ann")
    weir("xadd", "faces", "--id", "2-1", "face=plain", "name=bob")
    expect("\x1b[" in on_terminal(80, "xrange", "faces")[0].replace("\x1b[1m", "").replace("\x1b[0m", ""), "a cursor sequence where all is well")
    for unwilling, arguments, variables in (("--color never", ["--color", "never"], {}), ("TERM=dumb", [], {"TERM": "dumb"}),
                                            ("no TERM", [], {"TERM": ""}), ("NO_COLOR", [], {"NO_COLOR": "1"})):
        text, status = on_terminal(80, "xrange", "faces", *arguments, **variables)
        expect(status == 0 and "bob" in text and "\x1b" not in text, unwilling + " gets no escape sequences", text)
        text, _ = on_terminal(80, "xrange", "none", *arguments, **variables)
        expect(text == "(no entries)\n", unwilling + ", and standard error gets none", text)
    expect("\x1b[" not in weir("xrange", "faces", "-o", "table", COLUMNS="60"), "nor does a pipe")

    # No terminal obeys what is in a message, in whatever format it is printed.
    evil = "a\u009b2Jb\u009dc\x7fd\u202ee\u2066f\u200eg\u061ch\U000e0041i\x1b]0;titlej\\k"
    weir("xadd", "evil", "--id", "1-1", "text=" + evil, evil + "=1")
    weir("xadd", evil, "--id", "1-1", "n=1")
    weir("xadd", "poison", "n=" + evil)
    subprocess.run([WEIR, "work", "poison", "--group", "g", "--max-deliveries", "1", "--until-empty", "--", "false"],
                   env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    dead = weir("dead", "ls", "poison", "-o", "jsonl").split('"')[3]
    batch = json.dumps(["XRANGE", "evil", "-", "+"]) + "\n" + json.dumps([evil]) + "\n\x04"
    for arguments in (["xrange", "evil"], ["ls"], ["xread", evil, "evil"], ["dead", "show", "poison", dead], ["dead", "ls", "poison"],
                      ["info", "stream", "evil"], ["batch"], [evil], ["xinfo", evil, "x"], ["group", "create", evil, "g", evil],
                      ["copy", folder + "/.local/state/weir/weir.db", folder + "/copy.db", "evil", evil, "--append"]):
        for form in ("jsonl", "redis", "resp", "resp3", "table"):
            text, _ = on_terminal(200, *arguments, "-o", form, NO_COLOR="1", typed=batch.encode() if arguments == ["batch"] else None)
            harmful = [c for c in text.replace("\r\n", "\n") if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
            expect(text and not harmful, f"{arguments[0]!r} -o {form} is harmless on a terminal", text)
    text, status = on_terminal(80, "xrange", "evil", "-o", "jsonl")
    expect(json.loads(text)["fields"] == {"text": evil, evil: "1"}, "it is the same JSON value on a terminal", text)
    weir("xadd", "tabs", "--id", "1-1", "a=one\ttwo\x1b[2J", "b=3")
    columns, _ = on_terminal(200, "xrange", "tabs", "-o", "tsv", "--fields", "id,a,b")
    expect(columns == "id\ta\tb\n1-1\tone\\ttwo\\x1b[2J\t3\n", "tabs between columns of tsv are tabs", columns)
    columns, _ = on_terminal(200, "xrange", "tabs", "-o", "csv", "--fields", "id,a,b")
    expect(columns == "id,a,b\n1-1,one\\ttwo\\x1b[2J,3\n", "and in csv none moves the cursor", columns)
    weir("del", "tabs")
    piped = weir("xrange", "evil", "-o", "jsonl")
    expect("d\u202ee\u2066f\u200eg\u061ch" in piped and json.loads(piped) == json.loads(text), "in a pipe bytes stay as they are", piped)
    weir("del", "faces", "evil", "poison", "poison.dead", evil)

    text, status = on_terminal(80, "flushall", typed=b"n\n")
    expect(f"Delete 1 stream with 3 entries from {folder}/.local/state/weir/weir.db? [y/N]" in text, "it says what goes", text)
    expect(status == 1 and "nothing was deleted" in text, "flushall, answered n: status 1", text, status)
    expect(weir("ls") == "mail\n", "what was not to be deleted is there")
    text, status = on_terminal(80, "flushall", typed=b"y\n")
    expect(status == 0 and "nothing" not in text, "flushall, answered y", text, status)

checks.end()
