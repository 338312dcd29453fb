#!/usr/bin/env python3
"""redis-cli prints the same bytes whether it asks `weir serve` or a redis-server, but for named differences. It sends the
lines of redis_cli_lines.txt, which explains its signs, and of tests/redis/documented_lines.txt, each in RESP2 and
RESP3. usage: redis_cli_test.py WEIR"""

import difflib
import os
import re

import subprocess
import sys
import tempfile

from killable_server import KillableServer
from testing import Checks

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "redis"))
import documented_lines  # noqa: E402

LINES = os.path.join(HERE, "redis_cli_lines.txt")
STREAM_COMMANDS = set(b"""xadd xread xrange xrevrange xlen xdel xtrim xsetid xreadgroup xack xpending xclaim xautoclaim xgroup
    xinfo del unlink exists touch rename type keys flushall flushdb""".split())
checks = Checks()


def typed(server, lines, *options):
    done = subprocess.run(["redis-cli", "-p", str(server.port), "--no-raw", *options], input="\n".join(lines) + "\n",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="backslashreplace", timeout=60)
    return re.sub(r"^\(\d+\.\d\ds\)\n", "", done.stdout, flags=re.M)  # what took long


def groups():
    """(number of the first line, lines, known difference)."""
    lines, difference, first = [], "", 0
    with open(LINES, encoding="utf-8") as file:
        for number, line in enumerate([*file, ""], 1):
            line = line.rstrip("\n")
            if line.startswith("= "):
                difference = line[2:]
            elif line and not line.startswith("# "):
                first = first or number
                lines.append(line)
            elif not line and lines:
                yield first, lines, difference
                lines, difference, first = [], "", 0


def documented():
    """Likewise; the lines of a group are one connection."""
    lines, first, times = [], 0, False
    for case in [*documented_lines.cases(), None]:
        if case is None:
            if lines:
                yield first, lines, times
            lines, first, times = [], 0, False
            continue
        number, line, with_times, difference, _ = case
        if not difference:
            first = first or number
            lines.append(line)
            times = times or with_times


LATER_FIELD = re.compile(r'^ *\d+# "(inactive|active-time|nacked-count|idmp-duration|idmp-maxsize|[pi]ids-tracked|iids-added|iids-duplicates)" => .*\n', re.M)


def normal(text, times):
    """As documented_lines has it, and likewise for the maps of RESP3."""
    text = documented_lines.normal(text, times)
    text = re.sub(r'("radix-tree-(?:keys|nodes)" => \(integer\)) \d+', r"\1 N", text)
    return re.sub(r" *\d+# ", "N# ", LATER_FIELD.sub("", text))


def flags(server, name):
    """How the server marks a command; None where it does not know it."""
    (_, info), = server.ask("COMMAND", "INFO", name)
    return sorted(flag for _, flag in info[2][1]) if info else None


def shown_difference(lines, theirs, ours):
    return "\n".join([*lines, *difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "redis-server", "weir serve", lineterm="")])


with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
    ours, theirs = KillableServer(sys.argv[1], "weir", folder), KillableServer(sys.argv[1], "redis", other)
    try:
        for options in [], ["-3"]:
            for number, lines, difference in groups():
                answers = []
                for server in theirs, ours:
                    server.ask("FLUSHALL")
                    answers.append(typed(server, lines, *options))
                same = answers[0] == answers[1]
                if same != (not difference):
                    print(f"line {number} {options}: {difference}", shown_difference(lines, *answers), sep="\n")
                checks.expect(same == (not difference), f"line {number}")
            for number, lines, times in documented():
                answers = []
                for server in theirs, ours:
                    server.ask("FLUSHALL")
                    answers.append(normal(typed(server, lines, *options), times))
                if answers[0] != answers[1]:
                    print(f"documented line {number} {options}", shown_difference(lines, *answers), sep="\n")
                checks.expect(answers[0] == answers[1], f"documented line {number}")
        # How commands are marked, of those that both know.
        for info in ours.ask("COMMAND", "INFO"):
            for name in [info[1][0][1], *(sub[1][0][1] for sub in info[1][9][1])]:
                told = [flags(server, name) for server in (theirs, ours)]
                if name.split(b"|")[0] in STREAM_COMMANDS and not name.endswith(b"|help") and told[0] is not None:
                    checks.expect(told[0] == told[1], f"how {name} is marked", told)
        # From what the server says of its commands redis-cli makes hints and help.
        for line in "XAUTOCLAIM stream group consumer min-idle start [COUNT n] [JUSTID]", "XGROUP CREATE stream group id|$ [MKSTREAM] [ENTRIESREAD n]":
            told = re.sub(r"\x1b\[\d*m", "", typed(ours, ["help " + re.match("[A-Z]+( [A-Z]+)?", line)[0]]))
            checks.expect(line in told, "what a command takes", told)
    finally:
        ours.end()
        theirs.end()
checks.end()
