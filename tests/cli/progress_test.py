#!/usr/bin/env python3
"""Progress of long work is shown to a person who waits for it, and to nobody else. usage: progress_test.py WEIR"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, Terminal, environment, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
ERASE = b"\r\x1b[K"


def on_screen(shown):
    """What stands in the last line."""
    return shown.rsplit(ERASE, 1)[-1]


class Adding:
    """`weir xadd` on a terminal, with input that comes as long as it is fed."""

    def __init__(self, folder, name, line='exec "$WEIR" xadd mail >"$FIFO.ids"', **variables):
        self.fifo = os.path.join(folder, name)
        os.mkfifo(self.fifo)
        self.terminal = Terminal(["sh", "-c", line + ' <"$FIFO"'], 60,
                                 env=environment(folder, **{"TERM": "xterm", "WEIR": WEIR, "FIFO": self.fifo, **variables}))
        self.input = open(self.fifo, "wb", buffering=0)

    def feed(self):
        self.input.write(b'{"n":1}\n')
        self.terminal.read(0.001)

    @property
    def shown(self):
        return self.terminal.shown

    def end(self):
        self.input.close()
        return self.terminal.finish()


class SlowReader(threading.Thread):
    """Reads from a FIFO, at its ease until it is told to hurry."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.hurry = threading.Event()
        self.lines = 0
        self.start()

    def run(self):
        with open(self.path, "rb", buffering=0) as fifo:
            while piece := fifo.read(4096):
                self.lines += piece.count(b"\n")
                self.hurry.wait(0.02)


def main():
    checks = Checks()
    expect = checks.expect
    with tempfile.TemporaryDirectory() as folder:
        # From a pipe nobody knows how much there is.
        seen = Adding(folder, "seen")
        unseen = {
            "--quiet": Adding(folder, "quiet", 'exec "$WEIR" xadd mail --quiet >"$FIFO.ids"'),
            "TERM=dumb": Adding(folder, "dumb", TERM="dumb"),
            "NO_COLOR": Adding(folder, "plain", NO_COLOR="1"),
            "a standard error that is a file": Adding(folder, "log", 'exec "$WEIR" xadd mail >"$FIFO.ids" 2>"$FIFO.log"'),
            "IDs on the same terminal": Adding(folder, "ids", 'exec "$WEIR" xadd mail'),
        }

        def feed():
            for adding in (seen, *unseen.values()):
                adding.feed()
            return b"messages" in seen.shown

        wait_until(feed, "a line of progress")
        expect(re.search(rb"^\rweir: mail: [0-9]+ messages, [0-9.]+/s\x1b\[K", seen.shown), "a count and a rate", seen.shown)
        expect(seen.end() == 0 and on_screen(seen.shown) == b"", "at the end the line is empty", seen.shown)
        for name, adding in unseen.items():
            adding.end()
            expect(b"messages" not in adding.shown and b"\x1b" not in adding.shown, f"{name}: nothing is shown", adding.shown)
        expect(os.path.getsize(os.path.join(folder, "log.log")) == 0, "nor is it in a log")

        # Of a file the size is known. A slow reader of the IDs makes it take its time.
        lines = os.path.join(folder, "lines")
        with open(lines, "w", encoding="ascii") as file:
            file.writelines(f'{{"n":{n}}}\n' for n in range(100_000))
        for stopped in (False, True):
            fifo = os.path.join(folder, f"fifo{stopped}")
            os.mkfifo(fifo)
            reader = SlowReader(fifo)
            terminal = Terminal(["sh", "-c", 'exec "$1" xadd "$2" <"$3" >"$4"', "sh", WEIR, f"file{stopped}\x1b[2J", lines, fifo], 70,
                                env=environment(folder, TERM="xterm"))
            expect(terminal.until(lambda: b"left" in terminal.shown), "of a file the time that is left is known", terminal.shown)
            expect(re.search(rb"\rweir: file.*\\x1b\[2J: [0-9]+ messages, [0-9]+/s, [0-9]+ %, [0-9hms.]+ left\x1b\[K", terminal.shown),
                   "count, rate, share, time", terminal.shown)
            expect(all(len(line) <= 70 for line in terminal.shown.replace(b"\x1b[K", b"").split(b"\r")), "it fits", terminal.shown)
            if stopped:
                terminal.press("\x03")
            reader.hurry.set()
            status = terminal.finish()
            reader.join(LIMIT)
            expect(on_screen(terminal.shown) == b"", "the line is empty then", terminal.shown)
            expect(status == (-signal.SIGINT if stopped else 0), "Ctrl-C ends it, else it ends by itself", status)
            expect((reader.lines < 100_000) if stopped else (reader.lines == 100_000), "all were stored, or not", reader.lines)
    checks.end()


main()
