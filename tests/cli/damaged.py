#!/usr/bin/env python3
"""A database whose rows contradict each other: every command ends with status 5 and an error that says so.

    damaged.py WEIR
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, environment  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
ENTRIES = 6000  # more than a page of any command
POSITION = "(SELECT stream << 42 FROM weir_streams WHERE name = 's')"

# The 4,096th entry is the last of xrange's first page, the 1,905th that of xrevrange's.
LATE = f"UPDATE weir_entries SET ms = 3, seq = 7 WHERE n = {POSITION} + 4095"
EARLY = f"UPDATE weir_entries SET ms = 99999 WHERE n = {POSITION} + 1904"
# Text that is no number is sorted after all IDs, and read as 0.
PENDING = "UPDATE weir_pending SET ms = 'x' WHERE ms = 2500"
HELD = ("group create s g 0", "xreadgroup s --group g --consumer c --count 2500")

# What is done first, what is damaged then, and the command that meets it.
CASES = [
    ((), LATE, "xrange s"),
    ((), LATE, "xread s"),
    ((), LATE, "xread s --follow --block 1"),
    ((), LATE, "xread s --after 4000 --count 200"),
    ((), LATE, "-o redis xrange s - +"),
    ((), LATE, "copy w.db other.db"),
    ((), EARLY, "xrevrange s"),
    ((), EARLY, "copy w.db other.db"),
    (("group create s g 0",), LATE, "xreadgroup s --group g --consumer c --count 5000"),
    (("group create s g 4000",), LATE, "xreadgroup s --group g --consumer c --follow --block 1 --count 200"),
    (HELD, PENDING, "autoclaim s g d 0"),
    (HELD, PENDING, "xautoclaim s g d 0 0 COUNT 3000"),
    (HELD, PENDING, "xreadgroup GROUP g c STREAMS s 0"),
    ((), "UPDATE weir_streams SET length = 7000", "xtrim s MAXLEN 5"),
    ((), "UPDATE weir_streams SET length = 5000, tail = tail + 5", "xtrim s MINID 6000"),
    ((), "UPDATE weir_streams SET length = 1", "xdel s 1 2 3"),
    ((), "UPDATE weir_streams SET length = -1", "xadd s a=b"),
    ((), "UPDATE weir_streams SET length = 9223372036854775807", "xadd s a=b"),
    ((), "UPDATE weir_streams SET length = 9223372036854775807", "xlen s"),
    ((), "UPDATE weir_streams SET tail = 9223372036854775807", "xadd s a=b"),
    ((), "UPDATE weir_streams SET tail = -9223372036854775808", "xrange s 5 9"),
    ((), "UPDATE weir_streams SET stream = 9223372036854775807", "xadd s a=b"),
    ((), "UPDATE weir_streams SET stream = -9223372036854775808", "xrange s 5 9"),
    ((), "UPDATE weir_streams SET length = -1", "ls -l"),
    ((), "UPDATE weir_streams SET length = -1", "info stream s"),
    ((), "UPDATE weir_streams SET length = -1", "work s --group g --until-empty -- true"),
]


def weir(folder, line, stdin=None):
    return subprocess.run([WEIR, *line.split()], input=stdin, cwd=folder, capture_output=True, text=True, timeout=LIMIT,
                          env=environment(folder, WEIR_DB="w.db"))


def fails(before, damage, line):
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps({"id": f"{i}-0", "fields": {"n": i}}) + "\n" for i in range(1, ENTRIES + 1))
        made = weir(folder, "xadd s --keep-ids --quiet", lines)
        for earlier in before:
            weir(folder, earlier)
        with sqlite3.connect(folder + "/w.db") as db:
            changed = db.execute(damage).rowcount
        db.close()
        if made.returncode != 0 or changed != 1:
            return f"the database was not made as meant: {made.stderr}"
        try:
            run = weir(folder, line)
        except subprocess.TimeoutExpired:
            return "it does not end"
    told = run.stderr.splitlines()
    if run.returncode != 5 or not told or "the database is damaged (" not in told[0]:
        return f"status {run.returncode}, {run.stderr!r}"
    return ""


# Fields that no weir wrote: a worker whose command cannot be run with them makes a dead letter, and goes on.
FIELDS = ["''", "X'00'", "'{'", "'['", "'}'", "'x'", "1", "NULL", "'{\"to\":'", "'[[\"to\"]]'", "'\"'"]


def not_buried(damage):
    with tempfile.TemporaryDirectory() as folder:
        for n in (1, 2):
            weir(folder, f"xadd s --id {n}-0 to={n}")
        with sqlite3.connect(folder + "/w.db") as db:
            # Only then: an older program may have made the table without these rules.
            db.execute("PRAGMA ignore_check_constraints = ON")
            try:
                db.execute(f"UPDATE weir_entries SET fields = {damage} WHERE ms = 1")
            except sqlite3.IntegrityError:  # NULL is not taken at all
                return ""
        db.close()
        run = weir(folder, "work s --group g --until-empty -- echo {to}")
        if run.returncode != 3 or run.stdout != "2\n":
            return f"status {run.returncode}, {run.stdout!r}, {run.stderr!r}"
        letters = weir(folder, "dead show s")
        if not all("weir.reason" in json.loads(line)["fields"] for line in letters.stdout.splitlines()):
            return f"no dead letter: {letters.stdout!r}"
        put_back = weir(folder, "dead requeue s --all")
        json.loads(weir(folder, "xrange s 1 1").stdout)
        return "" if put_back.returncode == 0 else f"not put back: {put_back.stderr!r}"


checks = Checks()
for fields in FIELDS:
    problem = not_buried(fields)
    checks.expect(not problem, f"fields = {fields}", problem)
for case in CASES:
    problem = fails(*case)
    checks.expect(not problem, f"{case[1]}: weir {case[2]}", problem)
checks.end()
