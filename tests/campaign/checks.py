"""What must hold in any weir database, whatever happened to it, and further checks of the tests."""
import json
import sqlite3
import subprocess

BITS = 42

# Appending leaves a stream's row as it is: what stands from `tail` on is to be counted besides.
COUNTED = """(SELECT name, stream, length + more AS length, iif(more, e.ms, last_ms) AS last_ms, iif(more, e.seq, last_seq) AS last_seq
    FROM (SELECT *, ifnull((SELECT max(n) FROM weir_entries WHERE n >= tail AND n < (stream + 1) << 42) + 1 - tail, 0) AS more
      FROM weir_streams) LEFT JOIN weir_entries e ON n = tail + more - 1)"""
# Each gives rows only where something is wrong.
RULES = {
    "a stream's length is not the number of its entries": f"""
        SELECT s.name, s.length, (SELECT count(*) FROM weir_entries e WHERE e.n >= s.stream << 42
          AND e.n < (s.stream + 1) << 42) AS there FROM {COUNTED} s WHERE s.length <> there""",
    "an entry belongs to no stream": """
        SELECT n FROM weir_entries e WHERE NOT EXISTS (SELECT 1 FROM weir_streams s WHERE s.stream = e.n >> 42)""",
    "IDs do not grow with positions": """
        SELECT n FROM (SELECT n, ms, seq, lag(ms) OVER w AS ms0, lag(seq) OVER w AS seq0 FROM weir_entries
          WINDOW w AS (PARTITION BY n >> 42 ORDER BY n)) WHERE (ms0, seq0) >= (ms, seq)""",
    "an entry is after its stream's last ID": f"""
        SELECT e.n FROM weir_entries e JOIN {COUNTED} s ON s.stream = e.n >> 42
          WHERE (e.ms, e.seq) > (s.last_ms, s.last_seq)""",
    "a pending entry has no group": "SELECT * FROM weir_pending WHERE grp NOT IN (SELECT grp FROM weir_groups)",
    "a pending entry has no consumer": """
        SELECT * FROM weir_pending WHERE consumer IS NOT NULL AND consumer NOT IN (SELECT consumer FROM weir_consumers)""",
    "a consumer's count is not the number of its pending entries": """
        SELECT c.name, c.pending FROM weir_consumers c WHERE c.pending <>
          (SELECT count(*) FROM weir_pending p WHERE p.consumer = c.consumer)""",
    "a group's count of released entries is not their number": """
        SELECT g.name, g.released FROM weir_groups g WHERE g.released <>
          (SELECT count(*) FROM weir_pending p WHERE p.grp = g.grp AND p.consumer IS NULL)""",
    "a group has no stream": "SELECT * FROM weir_groups WHERE stream NOT IN (SELECT stream FROM weir_streams)",
    "a consumer has no group": "SELECT * FROM weir_consumers WHERE grp NOT IN (SELECT grp FROM weir_groups)",
    "a table has rows of a stream whose flags do not say so": """
        SELECT t, stream FROM (SELECT 1 AS t, stream FROM weir_extras UNION SELECT 2, stream FROM weir_delayed
          UNION SELECT 4, stream FROM weir_keys
          UNION SELECT 8, stream FROM weir_serial LEFT JOIN weir_groups USING (grp))
        LEFT JOIN weir_streams USING (stream) WHERE coalesce(flags & t, 0) = 0""",
    "a pending entry is after what its group was given": """
        SELECT p.n FROM weir_pending p JOIN weir_groups g USING (grp) WHERE p.n >= g.next""",
}


def broken_rules(db):
    """The rules that the database breaks, a sentence each."""
    if not db.exists():
        return []
    connection = sqlite3.connect(db, timeout=20)
    try:
        problems = [f"integrity_check: {row[0]}" for row in connection.execute("PRAGMA integrity_check")
                    if row[0] != "ok"]
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'weir_streams'").fetchone():
            return problems
        for rule, sql in RULES.items():
            if wrong := connection.execute(sql).fetchmany(3):
                problems.append(f"{rule}: {wrong}")
        return problems
    finally:
        connection.close()


class Weir:
    """Runs weir on one database."""

    def __init__(self, program, db):
        self.program = program
        self.db = db

    def start(self, *arguments, env=None, **options):
        return subprocess.Popen([self.program, "--db", self.db, *arguments], env=env, **options)

    def run(self, *arguments, input="", env=None, timeout=60):
        return subprocess.run([self.program, "--db", self.db, *arguments], input=input, text=True, capture_output=True,
                              env=env, timeout=timeout, check=False)

    def lines(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode in (0, 1), (arguments, done.returncode, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ids(self, stream):
        if not self.db.exists() or self.run("exists", stream).returncode != 0:
            return []
        return [entry["id"] for entry in self.lines("xrange", stream)]

    def pending(self, stream, group):
        return [entry["id"] for entry in self.lines("pending", stream, group, "-", "+", "100000")]
