#!/usr/bin/env python3
"""What a person sees: the program under test on a pseudo-terminal. usage: terminal.py WEIR"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import unicodedata

WEIR = os.path.abspath(sys.argv[1])
failed = 0


def expect(truth, what, *shown):
    global failed
    if not truth:
        failed += 1
        print("not so:", what, *map(repr, shown))


def on_terminal(columns, *arguments, typed=None, **variables):
    """What is printed on a terminal of so many columns where somebody types, and the exit status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen([WEIR, *arguments], stdin=subprocess.DEVNULL if typed is None else theirs, stdout=theirs,
                               stderr=theirs, env={**environment, **variables})
    os.close(theirs)
    if typed is not None:
        os.write(ours, typed)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        printed += piece
    os.close(ours)
    return printed.decode("utf-8").replace("\r\n", "\n"), process.wait()


def weir(*arguments):
    return subprocess.run([WEIR, *arguments], env=environment, stdin=subprocess.DEVNULL, check=True, capture_output=True).stdout.decode()


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


with tempfile.TemporaryDirectory() as folder:
    # No locale at all: widths must not depend on it.
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C", "TERM": "xterm"}
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
    expect(status == 0 and text == weir("xrange", "mail"), "jsonl on a terminal is jsonl", text)
    text, status = on_terminal(80, "xrange", "none", NO_COLOR="1")
    expect(status == 1 and text == "(no entries)\n", "an empty answer is said to be one", text)
    text, status = on_terminal(80, "ls", NO_COLOR="1")
    expect(status == 0 and text.splitlines()[0].split() == ["STREAM", "LENGTH", "LAST", "GROUPS", "WAITING", "PENDING", "HELD"], "ls is an overview", text)
    expect(weir("ls") == "mail\n", "in a pipe ls gives names")
    text, status = on_terminal(80, "flushall", typed=b"n\n")
    expect(f"Delete 1 stream with 3 entries from {folder}/.local/state/weir/weir.db? [y/N]" in text, "it says what goes", text)
    expect(status == 1 and "nothing was deleted" in text, "flushall, answered n: status 1", text, status)
    expect(weir("ls") == "mail\n", "what was not to be deleted is there")
    text, status = on_terminal(80, "flushall", typed=b"y\n")
    expect(status == 0 and "nothing" not in text, "flushall, answered y", text, status)

sys.exit(1 if failed else 0)
