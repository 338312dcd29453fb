#!/usr/bin/env python3
"""Command lines as in Redis's documentation, through `redis-cli` to a redis-server and through `weir -o redis`: both print
the same. documented_lines.txt has the lines, and explains its signs. usage: documented_lines.py WEIR [--serve]
--serve: through `redis-cli` to `weir serve`, not `weir -o redis`."""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Server  # noqa: E402

LINES = os.path.join(os.path.dirname(__file__), "documented_lines.txt")
# 7.2 brought the first two of these fields of XINFO, 8.8 the third, 8.6 the others.
LATER_FIELDS = re.compile(r'^N\) "(inactive|active-time|nacked-count|idmp-duration|idmp-maxsize|[pi]ids-tracked|iids-added|iids-duplicates)"\n.*\n', re.M)
RADIX = re.compile(r'("radix-tree-(?:keys|nodes)"\n *\d+\) )\(integer\) \d+')
TIME = re.compile(r"\(integer\) \d+")


def words_of(line):
    """As a shell takes them, but that in double quotes \\n and \\xHH mean what redis-cli says."""
    def byte(match):
        return {"n": b"\n", "\\": b"\\", '"': b'"'}.get(match[1]) or bytes([int(match[1][1:], 16)])
    words = []
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"|(\S+)', line):
        text = match[1] if match[2] is None else match[2]
        parts = re.split(r"(\\(?:n|x[0-9a-f]{2}|.))", text) if match[2] is None else [text]
        words.append(b"".join(byte(re.match(r"\\(.*)", p)) if p.startswith("\\") and match[2] is None else p.encode() for p in parts))
    return words


def normal(text, times):
    text = RADIX.sub(r"\1N", text).replace("    Print this help.\n", "    Prints this help.\n")  # as in known_differences.py
    if times or '"radix-tree-keys"' in text:
        # Without the numbers in front of elements: a field more or less changes them.
        text = re.sub(r"^[ \d)]*\d\) ", "N) ", text, flags=re.M)
        text = LATER_FIELDS.sub("", text)
    if times:
        text = TIME.sub("(integer) N", text)
    return text


def cases():
    """(line number, line, whether times are compared, known difference, exit status or None); None between groups."""
    with open(LINES, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if not line:
                yield None
                continue
            line, _, status = line.partition(" ? ")
            line, _, difference = line.partition(" = ") if " = the " in line else (line, "", "")
            times = line.startswith("~ ")
            yield number, line.removeprefix("~ "), times, difference, int(status) if status else None


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode(errors="backslashreplace"), done.stderr.decode(errors="backslashreplace"), done.returncode


def main():
    weir = os.path.abspath(sys.argv[1])
    compared = wrong = excepted = 0
    serve = "--serve" in sys.argv
    with tempfile.TemporaryDirectory() as folder, Server() as server, Server(*([weir] if serve else [])) as served:
        redis = server.connect()
        group = 0
        for case in cases():
            if case is None:
                group += 1
                redis.ask("FLUSHALL")
                if serve:
                    run(["redis-cli", "-s", served.path, "FLUSHALL"])
                continue
            number, line, times, difference, status = case
            words = words_of(line)
            theirs, _, _ = run(["redis-cli", "--no-raw", "-s", server.path, *words])
            through = (["redis-cli", "--no-raw", "-s", served.path] if serve else
                       [weir, "--db", os.path.join(folder, f"{group}.db"), "-o", "redis"])
            ours, complaint, exit_status = run([*through, *words])
            compared += 1
            excepted += bool(difference)
            if not difference and normal(theirs, times) != normal(ours, times):
                wrong += 1
                print(f"line {number}: {line}\n-- redis-cli --\n{theirs}-- weir, exit status {exit_status} --\n{ours}{complaint}")
            elif not serve and (status if status is not None else 0) != exit_status:
                wrong += 1
                print(f"line {number}: {line}: exit status {exit_status}\n{ours}{complaint}")
    print(f"{compared} lines, {wrong} wrong, {excepted} of known difference")
    sys.exit(1 if wrong or compared < 200 else 0)


if __name__ == "__main__":
    main()
