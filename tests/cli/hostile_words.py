#!/usr/bin/env python3
"""Words that contain line ends, in every place of every command: each command still gets one answer.

    hostile_words.py WEIR
"""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks, environment  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
WORDS = ["a\r\n+OK\r\nb", "\n", "\r", "$-1\r\n", "s\r\n*1\r\n"]

LINES = [
    "XADD s MAXLEN 5 * a b", "XADD s NOMKSTREAM * a b", "XLEN s", "XRANGE s - + COUNT 1", "XREVRANGE s + - COUNT 1",
    "XDEL s 1-1", "XTRIM s MAXLEN 4 LIMIT 1", "XSETID s 9999999999999-1 ENTRIESADDED 7 MAXDELETEDID 1-1",
    "XREAD COUNT 1 BLOCK 1 STREAMS s 0", "XREADGROUP GROUP g c COUNT 1 NOACK STREAMS s >", "XACK s g 1-1",
    "XGROUP CREATE s g 0 MKSTREAM ENTRIESREAD 1", "XGROUP SETID s g 0", "XGROUP CREATECONSUMER s g c",
    "XGROUP DELCONSUMER s g c", "XGROUP DESTROY s other", "XPENDING s g", "XPENDING s g IDLE 0 - + 1 c",
    "XCLAIM s g c 0 1-1 IDLE 1 RETRYCOUNT 2 FORCE JUSTID", "XAUTOCLAIM s g c 0 0 COUNT 1 JUSTID", "XINFO STREAM s FULL",
    "XINFO GROUPS s", "XINFO CONSUMERS s g", "XNACK s g FAIL IDS 1 1-1", "DEL other", "EXISTS s", "RENAME s s", "TYPE s",
    "KEYS *", "PING hello", "XINFO HELP", "XGROUP HELP",
]


def commands():
    """Each line as it is, then with each of its words replaced by each hostile one, and with one more at its end."""
    for line in LINES:
        words = line.split()
        yield words
        for hostile in WORDS:
            for place in range(len(words)):
                yield words[:place] + [hostile] + words[place + 1:]
            yield words + [hostile]


def reply(data, at):
    """Where the RESP2 reply that begins at `at` ends."""
    end = data.index(b"\r\n", at)
    kind, head = data[at:at + 1], data[at + 1:end]
    if kind in b"+-":
        assert b"\r" not in head and b"\n" not in head, head
        return end + 2
    number = int(head)
    if kind == b"$" and number >= 0:
        assert data[end + 2 + number:end + 4 + number] == b"\r\n", data[at:at + 80]
        return end + 4 + number
    if kind == b"*":
        end += 2
        for _ in range(max(number, 0)):
            end = reply(data, end)
        return end
    assert kind in b":$", data[at:at + 80]
    return end + 2


def count_resp(data):
    count = at = 0
    while at < len(data):
        at = reply(data, at)
        count += 1
    return count


def count_json(data):
    return sum(1 for line in data.decode().split("\n")[:-1] if json.loads(line) is not ...)


def batch(folder, form, lines):
    run = subprocess.run([WEIR, "-o", form, "batch"], input="".join(json.dumps(line) + "\n" for line in lines).encode(),
                         cwd=folder, capture_output=True, timeout=120,
                         env=environment(folder, WEIR_DB="w.db", WEIR_DURABILITY="off"))
    return run.stdout


checks = Checks()


def check(what, expected, got):
    checks.expect(expected == got, what, expected, got)


with tempfile.TemporaryDirectory() as folder:
    lines = list(commands())
    batch(folder, "resp", ["XADD s 1-1 a b".split(), "XGROUP CREATE s g 0".split()])
    check("RESP replies", len(lines), count_resp(batch(folder, "resp", lines)))
    check("JSON lines", len(lines), count_json(batch(folder, "jsonl", lines)))
    together = [["MULTI"], *lines, ["EXEC"]]
    check("RESP replies about a transaction", len(together), count_resp(batch(folder, "resp", together)))
    hostile = ["XPENDING", "a\r\nb", "g"]
    words = "NOGROUP No such key 'a  b' or consumer group 'g'"
    check("an error in RESP", f"-{words}\r\n".encode(), batch(folder, "resp", [hostile]))
    check("an error as redis-cli shows it", f"(error) {words}\n".encode(), batch(folder, "redis", [hostile]))
    check("an error in JSON", {"error": words}, json.loads(batch(folder, "jsonl", [hostile])))
    alone = subprocess.run([WEIR, "--db", "w.db", "-o", "resp", *hostile], cwd=folder, capture_output=True, timeout=60)
    check("an error of a command of its own", f"-{words}\r\n".encode(), alone.stdout)
print(f"{len(lines)} commands")
checks.end()
