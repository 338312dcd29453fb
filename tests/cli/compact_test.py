#!/usr/bin/env python3
"""weir compact: the file shrinks while others write, no deleted data is found in it, and no message is lost while processes
read, write, are killed or fill the disk.

    compact_test.py WEIR [SECONDS]
"""

import contextlib
import ctypes
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, environment  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 5
checks = Checks()


def weir(folder, *words, stdin=None, **settings):
    return subprocess.run([WEIR, *words], input=stdin, cwd=folder, capture_output=True, timeout=LIMIT,
                          env=environment(folder, **{"WEIR_DB": "w.db", "WEIR_DURABILITY": "normal"} | settings))


def compact(folder, *words):
    done = weir(folder, "compact", *words)
    checks.expect(done.returncode == 0, "weir compact " + " ".join(words), done.stderr)
    return json.loads(done.stdout or b"{}")


def append(folder, stream, messages):
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    return weir(folder, "xadd", stream, stdin=lines.encode()).stdout.decode().split()


def delete(folder, stream, ids):
    weir(folder, "xdel", stream, stdin="\n".join(ids).encode())


def in_order(folder, when):
    looked = weir(folder, "verify")
    checks.expect(looked.returncode == 0, "in order " + when, looked.stdout)


def files_of(folder):
    return b"".join(open(folder + "/" + name, "rb").read() for name in ("w.db", "w.db-wal", "w.db-lock"))


def on_file(folder, sql):
    with contextlib.closing(sqlite3.connect(folder + "/w.db", isolation_level=None)) as db:
        return db.execute(sql).fetchall()


class Batch:
    """A process that has the file open, and has read and written most of its pages."""

    def __init__(self, folder):
        self.process = subprocess.Popen([WEIR, "batch"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment(folder, WEIR_DB="w.db", WEIR_DURABILITY="normal"))

    def ask(self, *words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        return self.process.wait()


class Running:
    """Does something again and again in a thread, until it is ended."""

    def __init__(self, work):
        self.over = False
        self.count = 0
        self.thread = threading.Thread(target=self.run, args=(work,))
        self.thread.start()

    def run(self, work):
        while not self.over:
            work(self.count)
            self.count += 1

    def end(self):
        self.over = True
        self.thread.join()
        return self.count


def a_million():
    with tempfile.TemporaryDirectory() as folder:
        weir(folder, "xadd", "s", "--quiet", stdin=b"".join(b'{"n":%d}\n' % n for n in range(1_000_000)))
        weir(folder, "xtrim", "s", "MAXLEN", "10")
        others = Batch(folder)
        writer = Running(lambda n: others.ask("XADD", "others", "*", "n", str(n)))
        told = json.loads(weir(folder, "compact", "--dry-run").stdout)
        checks.expect(told["way"] == "rewrite" and told["free"] > 9 * told["bytes"] // 10, "what it would do", told)
        done = compact(folder)
        writer.end()
        others.end()
        checks.expect(os.path.getsize(folder + "/w.db") < 1_000_000, "1,000,000 trimmed to 10 are under 1 MB", done)
        checks.expect(done["after"] < 1_000_000 < done["before"], "and it says so", done)
        checks.expect(weir(folder, "xlen", "s").stdout == b"10\n", "the ten are there")
        in_order(folder, "after a million")


def step_by_step():
    """Much that lives, half of it deleted here and there: no turn is as long as writing it all anew takes."""
    with tempfile.TemporaryDirectory() as folder:
        rng = random.Random(1)
        ids = append(folder, "s", ({"n": n, "pad": "x" * rng.randrange(500, 6000)} for n in range(20_000)))
        gone = rng.sample(ids, len(ids) // 2)
        delete(folder, "s", gone)
        for name in ("w.db", "w.db-wal"):
            shutil.copy(folder + "/" + name, folder + "/copy" + name[1:])
        others = Batch(folder)
        writer = Running(lambda n: others.ask("XADD", "others", "*", "n", str(n)))
        done = compact(folder)
        writer.end()
        others.end()
        print("in steps:", done, "others wrote", writer.count)
        checks.expect(done["after"] < 0.7 * done["before"], "it shrinks", done)
        size = os.path.getsize(folder + "/w.db")  # the other wrote until now
        checks.expect(done["after"] <= size < done["after"] + 1000 * (writer.count + 100), "to what it says", done, size)
        checks.expect(on_file(folder, "PRAGMA freelist_count") == [(0,)], "nothing is free")
        at_once = compact(folder, "--db", "copy.db", "--at-once")
        checks.expect(done["longest-turn-ms"] < at_once["longest-turn-ms"], "no turn is long", done, at_once)
        left = weir(folder, "xrange", "s").stdout.decode().splitlines()
        checks.expect({json.loads(line)["id"] for line in left} == set(ids) - set(gone), "what was not deleted is there")
        in_order(folder, "after steps")


def fill_with_secrets(folder):
    """Of what is deleted here each piece has GONE in it, of what stays KEPT."""
    sizes = (8, 60, 300, 1500, 5000, 30_000)
    ids = append(folder, "s", ({"text": ("GONE " if n % 3 else "KEPT ") * (sizes[n % 6] // 5 + n % 7)} for n in range(600)))
    delete(folder, "s", [entry for n, entry in enumerate(ids) if n % 3])
    for n in range(48):
        what = "GONE" if n % 4 else "KEPT"
        weir(folder, "xadd", f"{what} stream {n}", f"a={what}")
        weir(folder, "xadd", "u", "--unique", f"{what} key {n}", "a=b")
        weir(folder, "xadd", "o", "--once", f"{what} once {n}", "a=b")
        weir(folder, "xadd", "later", "--in", "1d", f"a={what} {n}")
        weir(folder, "group", "create", "u", f"{what} group {n}", "0")
    batch = []
    for n in range(48):
        if n % 4:
            batch += [["DEL", f"GONE stream {n}"], ["XGROUP", "DESTROY", "u", f"GONE group {n}"]]
        else:
            for m in range(20):
                batch += [["XGROUP", "CREATECONSUMER", "u", f"KEPT group {n}", f"GONE consumer {m}"],
                          ["XREADGROUP", "GROUP", f"KEPT group {n}", f"GONE consumer {m}", "COUNT", "2", "STREAMS", "u", ">"]]
            batch += [["XGROUP", "DELCONSUMER", "u", f"KEPT group {n}", f"GONE consumer {m}"] for m in range(20)]
    weir(folder, "batch", stdin="".join(json.dumps(line) + "\n" for line in batch).encode())
    delayed = weir(folder, "delayed", "ls", "later").stdout.decode().splitlines()
    gone = [json.loads(line)["id"] for line in delayed if "GONE" in line]
    weir(folder, "delayed", "cancel", "later", *gone)
    weir(folder, "del", "u", "o")
    return {entry for n, entry in enumerate(ids) if n % 3 == 0}


def no_secrets(kind, full, kept):
    """`full` is a folder with a database of secrets, all but `kept` deleted."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(full, folder, dirs_exist_ok=True)
        if kind == "shared":
            on_file(folder, "CREATE TABLE notes(text)")
        if kind == "at-once":
            with contextlib.closing(sqlite3.connect(folder + "/w.db", isolation_level=None)) as db:
                db.execute("PRAGMA auto_vacuum = NONE")
                db.execute("VACUUM")
                db.execute("CREATE TABLE notes(text)")
        # They know of pages as they were before.
        others = [Batch(folder) for _ in range(3)]
        for other in others:
            for stream in ("s", "base", "later"):
                other.ask("XRANGE", stream, "-", "+")
        if kind != "at-once":
            checks.expect(b"GONE" in files_of(folder), f"{kind}: the test can fail")
        told = json.loads(weir(folder, "compact", "--dry-run").stdout)
        checks.expect(told["way"] == kind.replace("shared", "in-steps"), "the way", kind, told)
        if kind == "at-once":
            refused = weir(folder, "compact")
            checks.expect(refused.returncode == 3 and b"--at-once" in refused.stderr, "it says what to do", refused.stderr)
        writers = [Running(lambda n, other=other: other.ask("XADD", "s", "*", "n", str(n))) for other in others[:2]]
        compact(folder, *(["--at-once"] if kind == "at-once" else []))
        for writer in writers:
            writer.end()
        for other in others:
            other.ask("XADD", "s", "*", "n", "1")
            other.ask("XADD", "later", "*", "n", "1")
        found = files_of(folder)
        at = found.find(b"GONE")
        checks.expect(at < 0, f"{kind}: nothing is left of what was deleted", at, found[max(0, at - 60):at + 60])
        checks.expect(b"KEPT" in found, f"{kind}: what was not deleted is there")
        for other in others:
            checks.expect(other.end() == 0, "nobody fails")
        left = {json.loads(line)["id"] for line in weir(folder, "xrange", "s").stdout.decode().splitlines()}
        checks.expect(kept <= left, f"{kind}: no message is lost", len(kept - left))
        checks.expect(on_file(folder, "PRAGMA auto_vacuum") == [(2,)], f"{kind}: from now on it can be done in steps")
        in_order(folder, f"without secrets, {kind}")


def disturbed():
    """Readers, writers of two kinds and checks all the while; compact is killed now and then."""
    with tempfile.TemporaryDirectory() as folder:
        rng = random.Random(2)
        size = {}
        base = append(folder, "base", ({"pad": "x" * 900} for _ in range(8000)))
        for n, entry in enumerate(append(folder, "s", ({"n": n, "pad": str(n) * (n % 900)} for n in range(3000)))):
            size[entry] = n
        on_file(folder, "CREATE TABLE notes(n, text)")
        wrong = []

        def write(n):
            ids = append(folder, "busy", ({"pad": "y" * rng.randrange(9000)} for _ in range(60)))
            delete(folder, "busy", rng.sample(ids, 50))

        def read(n):
            lines = weir(folder, "xrange", "s").stdout.decode().splitlines()
            for line in lines:
                entry = json.loads(line)
                number = size.get(entry["id"])
                fields = entry.get("fields", entry)
                if number is None or str(fields["pad"]) != str(number) * (number % 900):
                    wrong.append(line[:200])
            if len(lines) != len(size):
                wrong.append(f"{len(lines)} of {len(size)}")

            # Not beside each other: in the moment between two of them compact can empty the log.
            looked = weir(folder, "verify")
            if looked.returncode != 0:
                wrong.append(looked.stdout + looked.stderr)
            if n % 4 == 3:
                copied = weir(folder, "backup", "b.db")
                if copied.returncode != 0:
                    wrong.append(copied.stderr)

        def note(n):
            with contextlib.closing(sqlite3.connect(folder + "/w.db", timeout=LIMIT, isolation_level=None)) as db:
                db.execute("BEGIN IMMEDIATE")
                for m in range(20):
                    db.execute("INSERT INTO notes VALUES (?, ?)", (n * 20 + m, "z" * rng.randrange(9000)))
                db.execute("DELETE FROM notes WHERE n < ?", (n * 20 - 40,))
                db.execute("COMMIT")
            time.sleep(0.02)  # who knows of no turns leaves room for others

        def run(n):
            doomed = subprocess.Popen([WEIR, "compact", "--lock-timeout", "3s"], cwd=folder, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, env=environment(folder, WEIR_DB="w.db"))
            if n % 2:
                time.sleep(rng.random() * 0.2)
                doomed.send_signal(signal.SIGKILL)
            told = doomed.communicate()[1]
            if doomed.returncode not in (0, -signal.SIGKILL) and b"reading it" not in told and b"busy" not in told:
                wrong.append(told)

        running = [Running(work) for work in (write, read, note, run)]
        time.sleep(SECONDS)
        counts = [each.end() for each in running]
        print("writes, reads, notes, compactions:", counts)
        checks.expect(not wrong, "nobody sees anything wrong", wrong[:3])
        checks.expect(all(counts), "everybody went on", counts)
        compact(folder)
        checks.expect(weir(folder, "xlen", "base").stdout == b"%d\n" % len(base), "nothing is lost")
        in_order(folder, "when all is over")


def killed_alone():
    """Nobody else is there to put in order what it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        for attempt, delay in enumerate((0, 0.003, 0.006, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08, 0.12)):
            ids = append(folder, "s", ({"pad": "x" * 3000} for _ in range(1500)))
            delete(folder, "s", ids[::2])
            doomed = subprocess.Popen([WEIR, "compact"], cwd=folder, env=environment(folder, WEIR_DB="w.db"),
                                      stdout=subprocess.DEVNULL)
            time.sleep(delay)
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()
            count = weir(folder, "xlen", "s")
            checks.expect(count.stdout == b"%d\n" % (750 * (attempt + 1)), "killed, it loses nothing", delay, count.stderr)
            in_order(folder, "after a kill")
        compact(folder)


def refusals():
    with tempfile.TemporaryDirectory() as folder:
        missing = weir(folder, "compact")
        checks.expect(missing.returncode == 5 and not os.path.exists(folder + "/w.db"), "none is made", missing.stderr)
        server = weir(folder, "--db", "redis://localhost:1", "compact")
        checks.expect(server.returncode == 2 and b"for a file" in server.stderr, "a server is refused", server.stderr)
        ids = append(folder, "s", ({"pad": "GONE" * 100} for _ in range(5000)))
        with contextlib.closing(sqlite3.connect(folder + "/w.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM weir_entries").fetchone()
            delete(folder, "s", ids[10:])
            kept = weir(folder, "compact", "--lock-timeout", "300ms")
            checks.expect(kept.returncode == 5 and b"reading it" in kept.stderr, "a reader is in the way", kept.stderr)
            checks.expect(reader.execute("SELECT count(*) FROM weir_entries").fetchone() == (5000,), "who sees what it saw")
        compact(folder)
        checks.expect(os.path.getsize(folder + "/w.db") < 1_000_000, "once it has ended, the file shrinks")
        checks.expect(weir(folder, "xlen", "s").stdout == b"10\n", "the ten are there")
        if os.getuid() == 0 and shutil.which("setpriv"):
            os.chmod(folder, 0o755)
            os.chmod(folder + "/w.db", 0o644)
            os.chmod(folder + "/w.db-lock", 0o644)
            refused = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", WEIR, "--db", folder + "/w.db", "compact"],
                                     capture_output=True, env=environment(folder), timeout=LIMIT)
            checks.expect(refused.returncode == 5 and refused.stderr.startswith(b"weir: ") and refused.stdout == b"",
                          "who may only read is told so", refused.stderr)
        else:
            print("not tried: who may only read (needs root and setpriv)")


def full_disk():
    """A disk that becomes full at some moment of it."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_namespace, private = 0x00020000, (1 << 14) | (1 << 18)
    with tempfile.TemporaryDirectory() as folder:
        if not (libc.unshare(new_namespace) == 0 and libc.mount(b"none", b"/", None, private, None) == 0 and
                libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, b"size=64m") == 0):
            print("NOT TRIED: a full disk (mounting is not permitted)")
            return
        ids = append(folder, "s", ({"pad": "x" * 3000} for _ in range(3000)))
        delete(folder, "s", ids[::2])
        failed = 0
        for leave in (0, 4096, 20_000, 60_000, 200_000, 600_000):
            with open(folder + "/fill", "wb", buffering=0) as file:
                with contextlib.suppress(OSError):
                    while file.write(b"x" * 4096) == 4096:
                        pass
                file.truncate(max(0, file.tell() - leave))
            done = weir(folder, "compact")
            failed += done.returncode == 5 and b"full" in done.stderr
            checks.expect(done.returncode == 0 or (done.returncode == 5 and b"full" in done.stderr), "a full disk", done.stderr)
            os.remove(folder + "/fill")
            checks.expect(weir(folder, "xlen", "s").stdout == b"1500\n", "a full disk loses nothing")
            in_order(folder, f"when the disk had {leave} bytes")
        checks.expect(failed > 0, "it was full")
        compact(folder)
        libc.umount2(os.fsencode(folder), 2)


def stopped_one_is_named():
    """Who is in the way for ever is named, and how to go on."""
    hold = "import fcntl, sys; file = open('w.db-shm', 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX, 1, 121); print(flush=True); sys.stdin.read()"
    with tempfile.TemporaryDirectory() as folder:
        append(folder, "s", [{"n": 1}])
        others = Batch(folder)
        others.ask("xlen", "s")
        holder = subprocess.Popen([sys.executable, "-c", hold], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holder.stdout.readline()
        holder.send_signal(signal.SIGSTOP)
        os.waitpid(holder.pid, os.WUNTRACED)
        for words in (["compact"], ["backup", "b.db"]):
            refused = weir(folder, "--lock-timeout", "100ms", *words)
            checks.expect(refused.returncode == 5 and f"kill -CONT {holder.pid}" in refused.stderr.decode(),
                          f"{words[0]} names who is stopped", refused.stderr)
        holder.kill()
        holder.communicate()
        checks.expect(others.end() == 0, "the others went on")
        compact(folder)


def timed(part, *given):
    begun = time.monotonic()
    part(*given)
    print(f"{part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)


timed(a_million)
timed(step_by_step)
with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
    stays = fill_with_secrets(small)
    for each in ("rewrite", "shared", "at-once"):
        timed(no_secrets, each, small, stays)
    append(large, "base", ({"pad": "x" * 700} for _ in range(12_000)))
    timed(no_secrets, "in-steps", large, fill_with_secrets(large))
for each in (disturbed, killed_alone, refusals, full_disk, stopped_one_is_named):
    timed(each)
checks.end()
