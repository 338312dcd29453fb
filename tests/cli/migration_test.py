#!/usr/bin/env python3
"""migration_test.py WEIR FIXTURES: tests databases that released versions made.

Beside each database are questions, and the answers of the version that made it. Looking gives the same answers and changes
nothing. The first write migrates the file; then the answers are still the same, and no pending message is lost. A migrated
file has exactly the schema of a new one.
"""
import base64
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from testing import read_reply  # noqa: E402

# What XINFO STREAM says besides, since Redis 8.6.
SINCE = {b"idmp-duration", b"idmp-maxsize", b"pids-tracked", b"iids-tracked", b"iids-added", b"iids-duplicates"}
weir = pathlib.Path(sys.argv[1]).resolve()
fixtures = pathlib.Path(sys.argv[2]).resolve()


def word(value):
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value.encode()


def replies(resp):
    """What was answered, without the names and values that came with a later version."""
    def as_before(reply):
        kind, value = reply
        if kind != "*" or not value:
            return reply
        new = {i for i, (_, word) in enumerate(value) if isinstance(word, bytes) and word in SINCE}
        return kind, [as_before(each) for i, each in enumerate(value) if i not in new and i - 1 not in new]
    source = io.BytesIO(resp)
    answers = []
    while source.tell() < len(resp):
        answers.append(as_before(read_reply(source)))
    return answers


def run(db, *arguments, input=None, status=0):
    done = subprocess.run([weir, "--db", db, *arguments], input=input, capture_output=True, check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout


def sql(db, text):
    return subprocess.run(["sqlite3", db, text], capture_output=True, text=True, check=True).stdout


def lines(output):
    return [json.loads(line) for line in output.splitlines()]


def schema(db):
    """Tables, columns and indexes of weir, in any order."""
    return sorted(sql(db, """SELECT s.type, s.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
        FROM sqlite_schema s LEFT JOIN pragma_table_info(s.name) c ON s.type = 'table' WHERE s.name LIKE 'weir%'
        UNION ALL SELECT 'text', '', sql, '', '', '', '' FROM sqlite_schema
          WHERE tbl_name LIKE 'weir%' AND type <> 'table'""").split("\n"))


def meta(db, key):
    return sql(db, f"SELECT value FROM weir_meta WHERE key = '{key}'").strip()


def check(version, folder):
    """The database that was made by a weir of this version of the schema."""
    db = folder / f"{version}.db"
    shutil.copy(fixtures / f"schema-{version}.db", db)
    asks = (fixtures / f"schema-{version}.asks").read_bytes()
    says = (fixtures / f"schema-{version}.says").read_bytes()
    new = folder / f"new-{version}.db"
    run(new, "xadd", "new", "a=b")
    newest = meta(new, "version")
    # What weir(5) lets an application have in the file.
    sql(db, """CREATE TRIGGER new_order AFTER INSERT ON orders BEGIN
          INSERT INTO weir_inbox(stream, fields) VALUES ('ordered', json_object('item', NEW.item)); END;
        CREATE VIEW waiting AS SELECT p.ms, g.name FROM weir_pending p JOIN weir_groups g USING (grp);
        CREATE VIEW held AS SELECT id FROM weir_held""")

    before = db.read_bytes()
    answers = b""
    for line in asks.splitlines():
        done = subprocess.run([weir, "--db", db, "-o", "resp", *map(word, json.loads(line))], capture_output=True,
                              check=False)
        answers += done.stdout
    assert replies(answers) == replies(says), "looking at an old database does not give what it gave"
    waiting = lines(run(db, "pending", "jobs", "workers", "--idle", "0"))
    assert [(entry["id"], entry["consumer"]) for entry in waiting] == [("1-1", None), ("3-1", None), ("4-1", "w2")]
    assert db.read_bytes() == before, "looking changed the database"
    assert meta(db, "version") == version

    made_by = meta(db, "made_by")
    if version == "1":
        made_by = "weir 0.1.0"
        # A migration that fails leaves what was there. (Here the name of a new table is taken.)
        sql(db, "CREATE TABLE weir_serial(a)")
        run(db, "xadd", "new", "a=b", status=5)
        assert meta(db, "version") == version
        sql(db, "DROP TABLE weir_serial")

    run(db, "xadd", "new", "a=b")
    assert meta(db, "version") == newest
    assert meta(db, "made_by") == made_by
    assert meta(db, "migrated_by") == ("" if version == newest else meta(new, "made_by"))
    assert schema(db) == schema(new), "the file has another schema than a new one"
    assert replies(run(db, "-o", "resp", "batch", input=asks)) == replies(says), "the migration changed what is there"
    group = lines(run(db, "info", "groups", "jobs"))[0]
    assert (group["pending"], group["released"], group["consumers"]) == (3, 2, 2), group
    assert sql(db, "SELECT item FROM orders") == "lamp\n"
    assert sql(db, "SELECT count(*) FROM weir_held WHERE stream = 'jobs'") == "3\n"
    assert sql(db, "PRAGMA integrity_check") == "ok\n"
    sql(db, "INSERT INTO weir_inbox(stream, fields) VALUES ('new', json_object('c', 'd'))")
    assert run(db, "xlen", "new") == b"2\n"
    sql(db, "INSERT INTO orders VALUES ('chair', 49)")
    assert run(db, "xlen", "ordered") == b"1\n"
    assert sql(db, "SELECT count(*) FROM waiting") == sql(db, "SELECT count(*) FROM held") != "0\n"

    if version == "1":
        # What it kept with a consumer of its own, and what a worker that is gone held, is done now.
        done = run(db, "work", "jobs", "--group", "workers", "--until-empty", "--min-idle", "10ms", "--", "echo", "{id}")
        assert sorted(done.split()) == [b"1-1", b"3-1", b"4-1"], done

    sql(db, f"UPDATE weir_meta SET value = {int(newest) + 1} WHERE key = 'version'")
    for arguments in (["xlen", "new"], ["xadd", "new", "e=f"]):
        refused = subprocess.run([weir, "--db", db, *arguments], capture_output=True, text=True, check=False)
        assert refused.returncode == 5 and "made by a newer weir" in refused.stderr, refused
    assert sql(db, "SELECT count(*) FROM weir_messages WHERE stream = 'new'") == "2\n"


versions = sorted(path.stem.removeprefix("schema-") for path in fixtures.glob("schema-*.db"))
with tempfile.TemporaryDirectory() as folder:
    for version in versions:
        check(version, pathlib.Path(folder))
print(f"databases of version {', '.join(versions)} are looked at unchanged, migrated at the first write, and lose nothing")
