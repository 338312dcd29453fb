#!/usr/bin/env python3
"""weir verify: the test breaks each rule by hand; weir names the rule, and mends it without losing a message, or says that
it cannot. Every rule of the program has its cases here.

    verify_test.py WEIR SOURCE
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, environment  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
RULES = re.findall(r'\.name = "([a-z-]+)"', open(os.path.join(sys.argv[2], "src/sqlite/verify/rules.cc")).read())

S = "(SELECT stream FROM weir_streams WHERE name = 's')"
G = "(SELECT grp FROM weir_groups WHERE name = 'g')"
HELD = f"(SELECT min(ms) FROM weir_pending WHERE grp = {G} AND consumer IS NOT NULL)"

# The rule, what breaks it, and what else is found then.
MENDED = [
    ("sqlite", "UPDATE sqlite_schema SET sql = 'CREATE INDEX weir_keys_by_turn ON weir_keys(stream, producer, ms)' "
               "WHERE name = 'weir_keys_by_turn'", {"schema"}),
    ("schema", "DROP INDEX weir_serial_by_value", set()),
    ("schema", "DROP VIEW weir_messages; CREATE VIEW weir_messages AS SELECT 1", set()),
    ("schema", "DROP TRIGGER weir_inbox_insert", set()),
    ("ownerless", f"UPDATE weir_entries SET n = n + (7 << 42) WHERE n >> 42 = {S} AND ms > 18", {"length", "tail"}),
    ("ownerless", f"UPDATE weir_delayed SET stream = 77 WHERE stream = {S}", {"delayed", "due"}),
    ("ownerless", "DELETE FROM weir_streams WHERE name = 's'", {"beside", "group"}),
    ("order", f"UPDATE weir_entries SET ms = iif(ms = 9, 10, 9) WHERE n >> 42 = {S} AND ms IN (9, 10)", set()),
    ("length", f"UPDATE weir_streams SET length = 3 WHERE stream = {S}", set()),
    ("added", f"UPDATE weir_streams SET added = 3 WHERE stream = {S}", set()),
    ("name", "INSERT INTO weir_streams(stream, name, tail) VALUES (9, 5, 9 << 42)", set()),
    ("name", f"INSERT INTO weir_groups(stream, name, last_ms, last_seq, next) VALUES ({S}, 1.5, 99, 0, {S} << 42)", set()),
    ("name", f"INSERT INTO weir_consumers(grp, name, seen_ms) VALUES ({G}, 7, 1)", set()),
    ("length", f"UPDATE weir_streams SET tail = tail - 2, length = length - 3, last_ms = last_ms - 2 WHERE stream = {S}", set()),
    ("tail", f"UPDATE weir_streams SET tail = tail - 2 WHERE stream = {S}", {"undelivered"}),
    ("tail", f"UPDATE weir_streams SET tail = tail - 2, length = length - 2, added = added - 2 WHERE stream = {S}", {"length", "undelivered"}),
    ("tail", f"UPDATE weir_streams SET tail = 5 WHERE stream = {S}", {"undelivered"}),
    ("last-id", f"UPDATE weir_streams SET last_ms = 4, last_seq = 0 WHERE stream = {S}", {"deleted-id"}),
    ("deleted-id", f"UPDATE weir_streams SET deleted_ms = last_ms + 1 WHERE stream = {S}", set()),
    ("flags", f"UPDATE weir_streams SET flags = 0 WHERE stream = {S}", set()),
    ("flags", f"UPDATE weir_streams SET flags = flags & ~8 WHERE stream = {S}", set()),
    ("beside", f"INSERT INTO weir_extras(stream) VALUES (99)", set()),
    ("beside", "INSERT INTO weir_keys(stream, producer, key, ms, seq, added_ms) VALUES (99, '', 'k', 1, 1, 1)", set()),
    ("delayed", f"UPDATE weir_extras SET delayed = 9 WHERE stream = {S}", set()),
    ("delayed", f"UPDATE weir_extras SET delays = 0 WHERE stream = {S}", set()),
    ("delayed", f"DELETE FROM weir_extras WHERE stream = {S}", set()),
    ("due", f"UPDATE weir_streams SET due_ms = NULL WHERE stream = {S}", set()),
    ("due", f"UPDATE weir_streams SET due_ms = 5 WHERE stream = {S}", set()),
    ("group", "INSERT INTO weir_groups(stream, name, last_ms, last_seq, next) VALUES (99, 'lost', 0, 0, 99 << 42)", set()),
    ("group-number", "DELETE FROM sqlite_sequence", set()),
    ("group-number", "UPDATE sqlite_sequence SET seq = 0", set()),
    ("undelivered", f"UPDATE weir_groups SET next = next + 4 WHERE grp = {G}", set()),
    ("undelivered", f"UPDATE weir_groups SET next = 5 WHERE grp = {G}", set()),
    ("consumer", "INSERT INTO weir_consumers(grp, name, seen_ms) VALUES (99, 'nobody', 1)", set()),
    ("pending", "INSERT INTO weir_pending(grp, ms, seq, n, consumer, delivered_ms, deliveries) VALUES (99, 1, 0, 1, 1, 1, 1)",
     {"held", "holder"}),
    ("holder", f"DELETE FROM weir_consumers WHERE grp = {G} AND name = 'bob'", set()),
    ("waiting", f"UPDATE weir_pending SET due_ms = NULL WHERE grp = {G} AND consumer IS NULL AND due_ms < 9e18", set()),
    ("deliveries", f"UPDATE weir_pending SET deliveries = -1 WHERE grp = {G} AND ms = {HELD}", set()),
    ("place", f"UPDATE weir_pending SET n = n + 1 WHERE grp = {G} AND ms = {HELD}", set()),
    ("place", f"UPDATE weir_pending SET n = n + 1000 WHERE grp = {G} AND ms = {HELD}", set()),
    ("held", f"UPDATE weir_consumers SET pending = 9 WHERE grp = {G}", set()),
    ("released", f"UPDATE weir_groups SET released = 9 WHERE grp = {G}", set()),
    ("turns", f"UPDATE weir_groups SET releases = 0 WHERE grp = {G}", set()),
    ("serial", f"INSERT INTO weir_serial(grp, ms, seq, value) VALUES ({G}, 1, 9, 'to=0')", set()),
    ("serial", "INSERT INTO weir_serial(grp, ms, seq, value) VALUES (99, 1, 9, 'to=0')", set()),
    ("in-turn", f"DELETE FROM weir_serial WHERE grp = {G}", set()),
    ("in-turn", f"DELETE FROM weir_serial WHERE grp = {G} AND ms = (SELECT min(ms) FROM weir_serial WHERE ms > 0)", set()),
]
NOT_MENDED = [
    ("sqlite", None, set()),  # a page of garbage
    ("stream-number", "INSERT INTO weir_streams(stream, name, tail) VALUES (4000000, 'far', 4000000 << 42)", {"tail"}),
    ("order", f"UPDATE weir_entries SET ms = 9 WHERE n >> 42 = {S} AND ms = 10", set()),
    ("id", f"UPDATE weir_entries SET ms = '19' WHERE n >> 42 = {S} AND ms = 20", {"order"}),
    ("fields", f"UPDATE weir_entries SET fields = '{{' WHERE n >> 42 = {S} AND ms = 9", set()),
    ("fields", f"UPDATE weir_entries SET fields = '{{}}' WHERE n >> 42 = {S} AND ms = 9", set()),
    ("fields", f"UPDATE weir_entries SET fields = '{{\"a\":{{\"b\":1}}}}' WHERE n >> 42 = {S} AND ms = 9", set()),
    ("fields", f"UPDATE weir_entries SET fields = '{{\"a\":[1,2]}}' WHERE n >> 42 = {S} AND ms = 9", set()),
    ("fields", f"UPDATE weir_entries SET fields = '{{\"a\":{{\"base64\":\"%%\"}}}}' WHERE n >> 42 = {S} AND ms = 9", set()),
    ("fields", f"UPDATE weir_entries SET fields = '\"text\"' WHERE n >> 42 = {S} AND ms = 9", set()),
    ("fields", f"UPDATE weir_entries SET fields = '[[\"a\",1,2]]' WHERE n >> 42 = {S} AND ms = 9", set()),
    ("id", f"UPDATE weir_streams SET deleted_seq = -1 WHERE stream = {S}", set()),
    ("id", "UPDATE weir_streams SET last_ms = -1 WHERE name = 'uncounted'", {"length", "tail"}),
    ("id", "UPDATE weir_streams SET last_ms = -1 - 9223372036854775807 WHERE name = 'uncounted'", {"length", "tail"}),
    ("id", "UPDATE weir_streams SET last_seq = -1 WHERE name = 'uncounted'", {"length", "tail"}),
    ("id", f"UPDATE weir_groups SET last_seq = -1 WHERE grp = {G}", set()),
    ("id", f"UPDATE weir_pending SET seq = 0.5 WHERE grp = {G} AND ms = {HELD}", {"serial"}),
    ("delayed-fields", f"UPDATE weir_delayed SET fields = 'x' WHERE stream = {S}", set()),
]


def weir(folder, *words, stdin=None, check=True):
    run = subprocess.run([WEIR, *words], input=stdin, cwd=folder, capture_output=True, text=True, timeout=LIMIT,
                         env=environment(folder, WEIR_DB="w.db"))
    if check and run.returncode > 1:
        raise SystemExit(f"weir {' '.join(words)}: {run.returncode}, {run.stderr}")
    return run


def make(folder):
    """All that a file may hold. The last message is 20-0; some of 1 to 8 are held, wait, or wait for another."""
    lines = "".join(json.dumps({"id": f"{i}-0", "fields": {"n": i, "to": str(i % 3)}}) + "\n" for i in range(1, 21))
    weir(folder, "xadd", "s", "--keep-ids", "--quiet", stdin=lines)
    weir(folder, "xadd", "other", "--quiet", "n=1")
    weir(folder, "group", "create", "s", "g", "0")
    weir(folder, "group", "create", "s", "h", "0")
    weir(folder, "xreadgroup", "s", "--group", "g", "--consumer", "ann", "--count", "2")
    weir(folder, "nack", "s", "g", "2-0", "--in", "1h")
    # The one that fails waits for its next delivery, as 2-0 does; 1-0 is held: behind each are those of its value.
    weir(folder, "work", "s", "--group", "g", "--consumer", "w", "--serial", "to", "--max-messages", "1", "--backoff",
         "1h..1h", "--quiet", "--", "test", "{n}", "!=", "3")
    weir(folder, "xreadgroup", "s", "--group", "g", "--consumer", "bob", "--count", "3", "--claim", "0")
    weir(folder, "xdel", "s", "15-0")
    weir(folder, "xadd", "s", "--in", "1h", "n=delayed")
    weir(folder, "xadd", "s", "--in", "2h", "n=delayed too")
    weir(folder, "xadd", "other", "--unique", "k", "n=2")
    weir(folder, "xadd", "other", "--once", "k", "n=3")
    weir(folder, "keep", "other", "--maxlen", "100000", check=False)
    weir(folder, "xadd", "uncounted", "--quiet", "n=1")
    weir(folder, "xadd", "gone", "--quiet", "n=1")
    weir(folder, "del", "gone")  # its number is noted


def told(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


def messages(folder):
    """Everything that somebody may be waiting for."""
    found = []
    for stream in weir(folder, "ls").stdout.split():
        found += [entry["fields"]["n"] for entry in told(weir(folder, "xrange", stream, "-", "+"))]
    found += [entry["fields"]["n"] for entry in told(weir(folder, "delayed", "ls"))]
    return sorted(map(str, found))


def break_it(folder, damage):
    path = folder + "/w.db"
    if damage is None:
        weir(folder, "xlen", "s")  # the last to leave writes all into the file
        with open(path, "r+b") as file:
            file.seek(-4096, os.SEEK_END)
            file.write(os.urandom(4096))
        return
    with sqlite3.connect(path) as db:
        if "sqlite_schema" in damage:
            db.execute("PRAGMA writable_schema = ON")
        db.executescript(damage)
    db.close()


checks = Checks()
with tempfile.TemporaryDirectory() as made:
    make(made)
    sound = weir(made, "verify")
    checks.expect(sound.returncode == 0 and told(sound)[-1]["found"] == 0, "a file that is in order", sound.stdout)
    before = messages(made)
    untouched = weir(made, "verify", "--repair")
    checks.expect(untouched.returncode == 0 and told(untouched)[-1]["found"] == 0, "has nothing to be mended",
                  untouched.stdout)

    for rule, damage, others in MENDED + NOT_MENDED:
        can = (rule, damage, others) in MENDED
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(made + "/w.db", folder)
            break_it(folder, damage)
            looked = weir(folder, "verify", check=False)
            name = f"{rule}: {damage}"
            if damage is None and looked.returncode == 5 and "is damaged" in looked.stderr:
                checks.expect(True, name)  # SQLite could not go on
                continue
            rules = {finding["rule"] for finding in told(looked)[:-1]}
            checks.expect(looked.returncode == 5 and rule in rules and rules <= others | {rule}, f"{name}: is named",
                          f"{looked.returncode}, {looked.stdout}, {looked.stderr}")
            checks.expect("do not fit" in looked.stderr or "does not fit" in looked.stderr, f"{name}: is told",
                          looked.stderr)
            repaired = weir(folder, "verify", "--repair", check=False)
            if can:
                checks.expect(repaired.returncode == 0 and all(f["mended"] for f in told(repaired)[:-1]),
                              f"{name}: is mended", f"{repaired.stdout}, {repaired.stderr}")
                again = weir(folder, "verify", check=False)
                checks.expect(again.returncode == 0 and told(again)[-1]["found"] == 0, f"{name}: and stays so",
                              again.stdout)
                checks.expect(messages(folder) == before, f"{name}: no message goes", messages(folder))
            else:
                findings = [f for f in told(repaired)[:-1] if f["rule"] == rule]
                checks.expect(repaired.returncode == 5 and findings and not findings[0]["mended"],
                              f"{name}: cannot be mended", f"{repaired.stdout}, {repaired.stderr}")

    # How many were ever added is known, too, be it the last ID or the tail that is wrong.
    def added(folder):
        return told(weir(folder, "info", "stream", "s"))[0]["entries-added"]

    for damage in ("UPDATE weir_streams SET last_ms = 9", "UPDATE weir_streams SET tail = tail - 2",
                   "UPDATE weir_streams SET tail = 5"):
        for counted in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                weir(folder, "batch", "--quiet", stdin="".join(f"XADD s {i}-1 a b\n" for i in range(1, 7)))
                weir(folder, "xtrim", "s", "--maxlen", "2")
                weir(folder, "batch", "--quiet", stdin="".join(f"XADD s {i}-1 a b\n" for i in range(7, 10)))
                if counted:
                    weir(folder, "xdel", "s", "8-1")
                break_it(folder, damage)
                weir(folder, "verify", "--repair", check=False)
                again = weir(folder, "verify", check=False)
                checks.expect(again.returncode == 0 and added(folder) == 9, f"{damage}, counted {counted}: 9 were added",
                              f"{added(folder)}, {again.stdout}")

    for rule in RULES:
        checks.expect(any(case[0] == rule for case in MENDED + NOT_MENDED), f"the rule '{rule}' has a case")

    # A trigger of another program, which no rule forbids.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(made + "/w.db", folder)
        break_it(folder, "CREATE TABLE mine(a); CREATE TRIGGER own AFTER INSERT ON mine BEGIN SELECT 1; END; "
                         "CREATE TRIGGER keeps BEFORE DELETE ON Weir_Pending BEGIN SELECT RAISE(IGNORE); END")
        for words in (["verify"], ["verify", "--repair"]):
            looked = weir(folder, *words)
            noted = [line["noted"] for line in told(looked) if "noted" in line]
            checks.expect(looked.returncode == 0 and told(looked)[-1]["found"] == 0 and len(noted) == 1
                          and "keeps on Weir_Pending" in noted[0], "a trigger on weir's tables is named, and no fault", looked)
        checks.expect(weir(folder, "backup", "copy.db").returncode == 0, "and a backup is kept")

    # A mending that fails undoes those before it, and says why.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(made + "/w.db", folder)
        break_it(folder, "UPDATE weir_streams SET length = 3, due_ms = 5; CREATE TRIGGER keeps BEFORE UPDATE OF due_ms ON "
                         "weir_streams BEGIN SELECT RAISE(ABORT, 'not with me'); END")
        found = weir(folder, "verify", check=False).stdout
        repaired = weir(folder, "verify", "--repair", check=False)
        checks.expect(repaired.returncode == 5 and "not with me" in repaired.stderr, "a mending that fails is told", repaired)
        checks.expect(weir(folder, "verify", check=False).stdout == found, "and leaves all as it was")

    # What was mended is told apart from what of the same rule is left.
    with tempfile.TemporaryDirectory() as folder:
        weir(folder, "xadd", "s", "--quiet", stdin='{"n":1}\n' * 6)
        weir(folder, "batch", "--quiet", stdin="XADD twice 5-5 n 1\nXADD twice 5-6 n 2\n")
        break_it(folder, "UPDATE weir_entries SET ms = ms + 1 WHERE n = (SELECT min(n) FROM weir_entries);"
                         "UPDATE weir_entries SET seq = 5 WHERE seq = 6 AND ms = 5; UPDATE weir_streams SET length = 9")
        looked, repaired = told(weir(folder, "verify", check=False)), told(weir(folder, "verify", "--repair", check=False))
        mended = {(f["rule"], f.get("stream")): f["mended"] for f in repaired[:-1]}
        checks.expect(mended.get(("order", "s")) is True and mended.get(("order", "twice")) is False
                      and repaired[-1]["left"] == 1, "only what is left is told as left", repaired)
        checks.expect(looked[-1]["entries"] == 8 and repaired[-1]["entries"] == 8, "the entries are those that were read",
                      f"{looked}, {repaired}")

    # Many that are alike.
    with sqlite3.connect(made + "/w.db") as db:
        db.execute("UPDATE weir_entries SET fields = 'x'")
    db.close()
    many = told(weir(made, "verify", check=False))
    checks.expect(len(many) == 21 and many[-2]["more"] == 3 and many[-1]["left"] == 23, "of many alike twenty are told",
                  many)
    # An application's own table, with a collation that only it knows.
    shutil.copy(made + "/w.db", made + "/app.db")
    with sqlite3.connect(made + "/app.db") as db:
        db.create_collation("foo", lambda a, b: (a > b) - (a < b))
        db.execute("CREATE TABLE app(x TEXT COLLATE foo UNIQUE)")
        db.execute("UPDATE weir_streams SET length = 3 WHERE name = 's'")
    db.close()
    beside = weir(made, "--db", "app.db", "verify", check=False)
    checks.expect({f["rule"] for f in told(beside)[:-1]} == {"length", "fields"}, "beside an application's tables",
                  f"{beside.stdout}, {beside.stderr}")
    server = weir(made, "--db", "redis://127.0.0.1:1/", "verify", check=False)
    checks.expect(server.returncode == 2 and "is for a file" in server.stderr, "a server is none", server.stderr)
    missing = weir(made, "--db", "nothing.db", "verify", "--repair", check=False)
    checks.expect(missing.returncode == 5 and not os.path.exists(made + "/nothing.db"), "a missing file is not made",
                  missing.stderr)
checks.end()
