#!/usr/bin/env python3
"""weir backup while other processes write: each backup is in order and holds every ID that was printed before it began, the
writers go on, the log stays short, and a killed backup leaves the previous one in place.

    backup_test.py WEIR [SECONDS]
"""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, environment, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 6
WRITERS = 8
FAST = 3000  # so many messages each writer appends as fast as it can; then the file has the size that it needs
MOST_LOG = 128 * 1024 * 1024  # from 64 MiB on writers wait for who moves it
FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures")
checks = Checks()


def weir(folder, *words, stdin=None, **settings):
    return subprocess.run([WEIR, *words], input=stdin, cwd=folder, capture_output=True, timeout=LIMIT,
                          env=environment(folder, **{"WEIR_DB": "w.db", "WEIR_DURABILITY": "normal"} | settings))


class Writer:
    """Appends, and notes what was printed. Every other one deletes what it has added, and keeps a group busy."""

    def __init__(self, folder, number):
        self.stream = f"s{number}"
        self.printed = []
        self.process = subprocess.Popen([WEIR, "batch"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment(folder, WEIR_DB="w.db", WEIR_DURABILITY="normal"))
        self.over = False
        self.thread = threading.Thread(target=self.run, args=(number,))
        self.thread.start()

    def ask(self, *words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def run(self, number):
        pad = "x" * (200 * number)
        self.ask("XGROUP", "CREATE", self.stream, "g", "0", "MKSTREAM")
        while not self.over:
            self.printed.append(self.ask("XADD", self.stream, "*", "pad", pad))
            if len(self.printed) > FAST:
                time.sleep(0.005)
            if number % 2 and len(self.printed) % 5 == 0:
                self.ask("XREADGROUP", "GROUP", "g", "c", "COUNT", "5", "STREAMS", self.stream, ">")
                self.ask("XACK", self.stream, "g", self.printed[-2])

    def end(self):
        self.over = True
        self.thread.join()
        self.process.stdin.close()
        return self.process.wait()


def ids_in(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as db:
        found = {}
        for stream, entry in db.execute("SELECT stream, id FROM weir_messages"):
            found.setdefault(stream, set()).add(entry)
    return found


with tempfile.TemporaryDirectory() as folder:
    weir(folder, "xadd", "s", "n=1")
    none = weir(folder, "check", "--backup", "1h")
    checks.expect(none.returncode == 2 and b"no backup has been made" in none.stdout, "none has been made", none)
    checks.expect(b"backup" not in weir(folder, "metrics").stdout, "none is measured")
    weir(folder, "backup", "b.db")
    made = weir(folder, "check", "--backup", "1h")
    checks.expect(made.returncode == 0 and b" backup=" in made.stdout, "one has been made", made)
    checks.expect(weir(folder, "check", "--warn-backup", "0ms", "--backup", "1h").returncode == 1, "it is too old")
    checks.expect(b"\nweir_last_backup_timestamp_seconds " in weir(folder, "metrics").stdout, "it is measured")

# Those of every day are moved away, whoever has looked at them.
with tempfile.TemporaryDirectory() as folder:
    weir(folder, "xadd", "s", "n=1")
    weir(folder, "backup", "daily.db")
    weir(folder, "--db", "daily.db", "verify")
    os.rename(folder + "/daily.db", folder + "/daily.1.db")
    checks.expect(os.path.exists(folder + "/daily.db-wal"), "who looked has left a log of no length")
    made = weir(folder, "backup", "daily.db")
    checks.expect(made.returncode == 0, "which is not in the way", made.stderr)
    checks.expect(weir(folder, "--db", "daily.db", "xadd", "s", "n=2").returncode == 0, "the backup is written to")
    checks.expect(weir(folder, "--db", "daily.db", "xlen", "s").stdout == b"2\n", "and read")
    weir(folder, "backup", "held.db")
    with contextlib.closing(sqlite3.connect(folder + "/held.db")) as db:
        db.execute("SELECT count(*) FROM weir_streams").fetchone()
        os.rename(folder + "/held.db", folder + "/held.1.db")
        held = weir(folder, "backup", "held.db")
        checks.expect(held.returncode == 5 and b"moved away" in held.stderr, "one that somebody has open is", held.stderr)

# Before a newer weir migrates the file is when one wants a backup of it.
with tempfile.TemporaryDirectory() as folder:
    shutil.copy(FIXTURES + "/schema-1.db", folder + "/w.db")
    before = weir(folder, "ls", "--json").stdout
    made = weir(folder, "backup", "b.db")
    checks.expect(made.returncode == 0, "a file of an older version is backed up", made.stderr)
    checks.expect(weir(folder, "--db", "b.db", "ls", "--json").stdout == before != b"", "and the same is in the backup")
    with contextlib.closing(sqlite3.connect(folder + "/b.db")) as db:
        versions = db.execute("SELECT value FROM weir_meta WHERE key = 'version'").fetchall()
        checks.expect(versions == [(1,)], "which is of that version, too", versions)



def made_by_another(of_group):
    """The rights of a backup that a user of no account makes of a database of root and group 12345, 0664 or 0660."""
    rights = []
    for mode in (0o660, 0o664):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            theirs = folder + "/theirs"
            os.mkdir(theirs)
            weir(folder, "xadd", "s", "a=1")
            for end in ("", "-wal", "-shm", "-lock"):
                os.chown(folder + "/w.db" + end, 65534 if not of_group else 0, 12345)
                os.chmod(folder + "/w.db" + end, mode)
            os.chown(theirs, 65534, 65534)
            groups = ["--groups", "12345"] if of_group else ["--clear-groups"]
            made = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", *groups, WEIR, "--db", folder + "/w.db",
                                   "backup", theirs + "/b.db"], env=environment(theirs), capture_output=True, check=False)
            checks.expect(made.returncode == 0, "another user makes a backup", made)
            found = os.stat(theirs + "/b.db")
            rights.append((oct(stat.S_IMODE(found.st_mode)), found.st_gid))
    return rights


if os.getuid() == 0 and shutil.which("setpriv"):
    rights = made_by_another(True)
    checks.expect(rights == [("0o660", 12345), ("0o664", 12345)], "a backup has the group of the database", rights)
    rights = made_by_another(False)
    checks.expect(rights == [("0o600", 65534), ("0o644", 65534)], "and without it lets in no other group", rights)
else:
    print("not tried: a backup by another user (needs root and setpriv)")

with tempfile.TemporaryDirectory() as folder:
    weir(folder, "xadd", "base", "--quiet", stdin=b"".join(b'{"n":%d,"pad":"%s"}\n' % (n, b"y" * 300) for n in range(60000)))
    os.chmod(folder + "/w.db", 0o640)
    writers = [Writer(folder, number) for number in range(1, WRITERS + 1)]
    longest = 0
    end = time.monotonic() + SECONDS
    count = 0
    progress = []
    while time.monotonic() < end or count < 3:
        before = [list(writer.printed) for writer in writers]
        made = weir(folder, "backup", "b.db")
        progress.append(sum(len(writer.printed) for writer in writers) - sum(map(len, before)))
        longest = max(longest, os.path.getsize(folder + "/w.db-wal"))
        if made.returncode != 0:
            checks.expect(False, "a backup", made.stderr)
            break
        count += 1
        found = ids_in(folder + "/b.db")
        lost = sum(len(set(ids) - found.get(writer.stream, set())) for writer, ids in zip(writers, before))
        checks.expect(lost == 0, f"backup {count} holds what was printed before it began", lost)
        looked = subprocess.run([WEIR, "--db", "b.db", "verify"], cwd=folder, capture_output=True, timeout=LIMIT,
                                env=environment(folder), check=False)
        checks.expect(looked.returncode == 0, f"backup {count} is in order", looked.stdout)
    checks.expect(all(progress), "writers went on meanwhile", progress)
    print(f"{count} backups, log at most {longest >> 20} MiB, {sum(progress)} entries came meanwhile")
    checks.expect(longest < MOST_LOG, "the log stayed short", longest)
    checks.expect(stat.S_IMODE(os.stat(folder + "/b.db").st_mode) == 0o640, "who may read the file may read the backup")

    # Killed at any moment: the backup that there was is whole, and the next one takes what is left.
    for delay in (0.0, 0.01, 0.03, 0.1):
        doomed = subprocess.Popen([WEIR, "backup", "b.db"], cwd=folder, env=environment(folder, WEIR_DB="w.db"))
        time.sleep(delay)
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
        whole = weir(folder, "--db", "b.db", "verify")
        checks.expect(whole.returncode == 0, "killed, it leaves the backup that there was", whole.stderr)
    checks.expect(weir(folder, "backup", "b.db").returncode == 0, "the next one is made")
    checks.expect(not os.path.exists(folder + "/b.db.partial"), "and nothing is left")

    # Told to end, it leaves nothing.
    told = subprocess.Popen([WEIR, "backup", "told.db"], cwd=folder, env=environment(folder, WEIR_DB="w.db"), stderr=subprocess.PIPE)
    wait_until(lambda: os.path.exists(folder + "/told.db.partial") or told.poll() is not None, "it has begun")
    told.send_signal(signal.SIGTERM)
    told.communicate()
    checks.expect(told.returncode in (0, -signal.SIGTERM), "a signal ends it", told.returncode)
    checks.expect(not os.path.exists(folder + "/told.db.partial"), "and nothing is left")

    # To a pipe.
    piped = weir(folder, "backup", "-")
    with open(folder + "/piped.db", "wb") as file:
        file.write(piped.stdout)
    checks.expect(weir(folder, "--db", "piped.db", "verify").returncode == 0, "to a pipe")
    os.mkdir(folder + "/tmp")
    with open("/dev/full", "wb") as full:
        said = subprocess.run([WEIR, "backup", "-"], cwd=folder, stdout=full, stderr=subprocess.PIPE, timeout=LIMIT,
                              env=environment(folder, WEIR_DB="w.db", TMPDIR=folder + "/tmp"), check=False)
    checks.expect(said.returncode == 5 and b"disk is full" in said.stderr, "a full pipe is told", said)
    checks.expect(os.listdir(folder + "/tmp") == [], "and nothing is left where it was put together")
    for end in ("the pipe is closed", "it is killed"):
        doomed = subprocess.Popen([WEIR, "backup", "-"], cwd=folder, stdout=subprocess.PIPE,
                                  env=environment(folder, WEIR_DB="w.db", TMPDIR=folder + "/tmp"))
        doomed.stdout.read(1)  # there is more than the pipe holds
        if end == "it is killed":
            doomed.kill()
        doomed.stdout.close()
        ended = -doomed.wait()
        checks.expect(ended in (signal.SIGPIPE, signal.SIGKILL), f"{end}: a signal ends it", ended)
        checks.expect(os.listdir(folder + "/tmp") == [], f"{end}: and nothing is left either", os.listdir(folder + "/tmp"))

    statuses = [writer.end() for writer in writers]
    checks.expect(statuses == [0] * WRITERS, "no writer failed", statuses)
    checks.expect(weir(folder, "verify").returncode == 0, "the file itself is in order")

    # What it does not write over.
    with open(folder + "/text", "w") as file:
        file.write("mine")
    os.mkfifo(folder + "/fifo")
    for name in ("old.db-wal", "older.db-journal"):
        with open(folder + "/" + name, "w") as file:
            file.write("not empty")
    for target, status, why in (("w.db", 2, "the database itself"), ("./w.db-journal", 2, "the database itself"),
                                ("text", 5, "not a SQLite database"), ("fifo", 5, "fifo"), ("/dev/null", 5, "no database"),
                                ("old.db", 5, "old.db-wal is in the way"),
                                ("older.db", 5, "older.db-journal is in the way"), ("missing/b.db", 5, "cannot write")):
        refused = weir(folder, "backup", target)
        checks.expect(refused.returncode == status and why in refused.stderr.decode(), f"{target} is refused", refused.stderr)
    os.symlink("text", folder + "/l.db.partial")
    refused = weir(folder, "backup", "l.db")
    checks.expect(refused.returncode == 5 and open(folder + "/text").read() == "mine", "a link is not followed", refused.stderr)
    with contextlib.closing(sqlite3.connect(folder + "/b.db")) as db:
        db.execute("SELECT count(*) FROM weir_streams").fetchone()
        busy = weir(folder, "backup", "b.db")
        checks.expect(busy.returncode == 5 and b"is in use" in busy.stderr, "nor a backup that somebody has open", busy.stderr)
    with contextlib.closing(sqlite3.connect(folder + "/w.db")) as db:
        db.execute("UPDATE weir_streams SET length = length + 1 WHERE name = 'base'")
        db.commit()
    broken = weir(folder, "backup", "b.db")
    checks.expect(broken.returncode == 5 and b"length" in broken.stderr, "what is not in order is not kept", broken.stderr)
    checks.expect(weir(folder, "--db", "b.db", "verify").returncode == 0, "and the backup before it is")
checks.end()
