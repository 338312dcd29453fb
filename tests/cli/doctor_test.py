#!/usr/bin/env python3
"""weir doctor: it names each fault around a database and its remedy, changes nothing, and leaves nothing behind.

    doctor_test.py WEIR FIXTURES [SHIM]

SHIM is the campaign's library, which sets the clock. Cases that this system does not permit (mounts, other users) are
skipped, and the test says so.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, Server, environment  # noqa: E402

WEIR, FIXTURES = (os.path.abspath(each) for each in sys.argv[1:3])
NOBODY = 65534
checks = Checks()
expect = checks.expect


def skip(what, why):
    print(f"SKIPPED: {what}: {why}", flush=True)


class Told:
    """What doctor said: `findings` by what was looked at."""

    def __init__(self, done, what):
        self.status = done.returncode
        try:
            self.lines = [json.loads(line) for line in done.stdout.splitlines()]
        except ValueError:
            self.lines = []
        expect(self.lines and done.stderr == "", f"{what}: lines of JSON", done.stdout, done.stderr)
        for line in self.lines:
            expect(line["state"] in ("ok", "warn", "bad") and line["check"] and line["found"], f"{what}: whole lines", line)
            expect((line["state"] == "ok") or "do" in line, f"{what}: what is not ok says what to do", line)
        worst = any(line["state"] == "bad" for line in self.lines)
        expect(self.status == (5 if worst else 0), f"{what}: status", self.status, self.lines)
        self.what = what

    def of(self, check):
        return [line for line in self.lines if line["check"] == check]

    def has(self, check, state, *words):
        found = [line for line in self.of(check) if line["state"] == state
                 and all(word in line["found"] + "; " + line.get("do", "") for word in words)]
        expect(found, f"{self.what}: {check} is {state}, {words}", self.of(check) or self.lines)

    def has_no(self, state, *but):
        wrong = [line for line in self.lines if line["state"] == state and line["check"] not in but]
        expect(not wrong, f"{self.what}: nothing else is {state}", wrong)


def run(*words, folder, user=None, **variables):
    around = environment(folder, **{"LC_ALL": "C.UTF-8", **variables})
    extra = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
    return subprocess.run(words, env=around, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", timeout=LIMIT, check=False, **extra)


def doctor(folder, what, database="q.db", **more):
    return Told(run(WEIR, "--db", database, "doctor", "--json", folder=folder, **more), what)


def add(folder, database="q.db", *words, **more):
    done = run(WEIR, "--db", database, "xadd", "s", *(words or ("a=1",)), folder=folder, **more)
    expect(done.returncode == 0, "a message is added", done.stderr)


def state_of(folder):
    """Every file, with what is in it and when it was written. The index of the log is no content: who looks writes it."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            status = os.stat(path)
            found[path] = (status.st_mode, status.st_uid)
            if not name.endswith("-shm"):
                with open(path, "rb") as file:
                    found[path] += (hashlib.sha256(file.read()).hexdigest(), status.st_mtime_ns)
    return found


def unchanged(folder, what, *words, **more):
    before = state_of(folder)
    told = doctor(folder, what, *words, **more)
    expect(state_of(folder) == before, f"{what}: nothing is changed or left", sorted(set(state_of(folder)) ^ set(before)))
    return told


# What depends on the machine, not on the test.
OF_MACHINE = ("clock", "completion", "sync", "file system", "space")


def good_and_missing(folder):
    told = unchanged(folder, "no database yet")
    told.has("database", "ok", "not there yet")
    told.has("locks", "ok")
    told.has("shared memory", "ok")
    told.has_no("bad")
    told = unchanged(folder, "no folder yet", "a/b/q.db")
    told.has("folder", "ok", "not there yet")
    told.has_no("bad")
    expect(not os.path.exists(os.path.join(folder, "a")), "the folder is not made")

    add(folder)
    told = unchanged(folder, "a database at rest")
    told.has_no("warn", *OF_MACHINE)
    told.has_no("bad", *OF_MACHINE)
    told.has("versions", "ok", "weir ", "SQLite ")
    told.has("database", "ok", "schema 2", "made by weir ")
    told.has("lock file", "ok")
    sync = told.of("sync")[0]
    expect(0 < sync["median_us"] <= sync["worst_us"], "the cost of a sync", sync)
    expect(told.of("space")[0]["free_bytes"] > 0, "the room", told.of("space"))

    alone = os.path.join(folder, "alone")
    os.mkdir(alone)
    shutil.copy(os.path.join(folder, "q.db"), alone)
    told = unchanged(alone, "the file alone")
    told.has("database", "ok", "schema 2")
    for name in ("%41?#.db", "file:q.db"):
        shutil.copy(os.path.join(folder, "q.db"), os.path.join(alone, name))
        unchanged(alone, f"a file that is called {name}", "./" + name).has("database", "ok", "schema 2")
    shutil.copy(os.path.join(folder, "q.db-wal"), alone)
    unchanged(alone, "with a log, as after a crash").has("database", "ok", "log is to be put in order first")


def in_use(folder):
    add(folder)
    run(WEIR, "--db", "q.db", "group", "create", "s", "g", "0", folder=folder)
    waiting = subprocess.Popen([WEIR, "--db", "q.db", "xread", "s", "--after", "$", "--follow"], cwd=folder,
                               stdout=subprocess.PIPE, encoding="utf-8")
    with subprocess.Popen([WEIR, "--db", "q.db", "batch"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          encoding="utf-8") as writer:
        for number in range(3):
            told = doctor(folder, "a database in use")
            told.has_no("bad", *OF_MACHINE)
            writer.stdin.write(f"XADD s * n {number}\n")
            writer.stdin.flush()
            expect(writer.stdout.readline().strip(), "the writer goes on")
        with sqlite3.connect(os.path.join(folder, "q.db"), isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            doctor(folder, "while another program writes").has("database", "ok", "schema 2")
            other.execute("ROLLBACK")
        other.close()
        writer.stdin.close()
    expect(run(WEIR, "--db", "q.db", "xlen", "s", folder=folder).stdout == "4\n", "what was written is there")
    waiting.kill()
    waiting.wait()
    waiting.stdout.close()


def old_schema(folder):
    shutil.copy(os.path.join(FIXTURES, "schema-1.db"), os.path.join(folder, "q.db"))
    told = unchanged(folder, "an older file")
    told.has("database", "ok", "schema 1", "brings it to schema 2")
    with sqlite3.connect(os.path.join(folder, "n.db")) as newer:
        newer.executescript("CREATE TABLE weir_meta(key TEXT PRIMARY KEY, value); INSERT INTO weir_meta VALUES ('version', 99)")
    newer.close()
    unchanged(folder, "a newer file", "n.db").has("database", "bad", "newer weir")


def not_ours(folder):
    with open(os.path.join(folder, "junk.db"), "wb") as file:
        file.write(b"no database at all" * 1000)
    unchanged(folder, "junk", "junk.db").has("database", "bad", "not a SQLite database")
    with sqlite3.connect(os.path.join(folder, "app.db")) as app:
        app.execute("CREATE TABLE orders(n)")
    app.close()
    unchanged(folder, "another program's database", "app.db").has("database", "ok", "no streams in it")
    add(folder)
    add(folder, "other.db")
    add(folder, "other.db")
    shutil.copy(os.path.join(folder, "other.db"), os.path.join(folder, "q.db"))
    unchanged(folder, "a file in the place of another").has("database", "bad", "another file was put in the place", "q.db-wal")
    doctor(folder, "a long name", "n" * 200 + "/" + "n" * 200 + "/" + "n" * 200 + ".db").has("names", "bad", "long")
    open(os.path.join(folder, "empty.db"), "wb").close()
    unchanged(folder, "an empty file", "empty.db").has("database", "ok", "no streams in it")
    os.mkdir(os.path.join(folder, "folder"))
    doctor(folder, "a folder", "folder").has("names", "bad", "is a folder")
    doctor(folder, "below a file", "junk.db/q.db").has("names", "bad", "Not a directory")
    os.mkfifo(os.path.join(folder, "pipe"))
    doctor(folder, "a pipe", "pipe").has("names", "bad", "not a plain file")


def names(folder):
    add(folder)
    os.link(os.path.join(folder, "q.db"), os.path.join(folder, "other.db"))
    doctor(folder, "a hard link").has("names", "bad", "second name", "find -samefile")
    os.remove(os.path.join(folder, "other.db"))
    os.symlink("q.db", os.path.join(folder, "link.db"))
    doctor(folder, "a symbolic link", "link.db").has("names", "ok", os.path.join(folder, "q.db"), "link.db")
    os.mkdir(os.path.join(folder, "there"))
    os.symlink("q.db-wal", os.path.join(folder, "there", "q.db-wal"))
    doctor(folder, "a log that is a link", "there/q.db").has("names", "bad", "symbolic link", "rm ")
    os.chmod(os.path.join(folder, "there"), 0o777)
    os.remove(os.path.join(folder, "there", "q.db-wal"))
    doctor(folder, "a folder for everybody", "there/q.db").has("folder", "warn", "everybody", "chmod o-w")
    os.chmod(os.path.join(folder, "there"), 0o1777)
    doctor(folder, "a folder for everybody's own files", "there/q.db").has("folder", "warn", "make files in it", "use a folder")
    os.chmod(os.path.join(folder, "q.db"), 0o666)
    os.chmod(os.path.join(folder, "q.db-lock"), 0o666)
    told = doctor(folder, "a file for everybody")
    told.has("database", "warn", "everybody", "chmod o-w")
    if os.geteuid() != 0:
        return
    told.has("log", "bad", "shuts out", "chmod 666")


def hostile(folder):
    where = os.path.join(folder, "a\nb\x1b[31mc d")
    os.mkdir(where)
    database = os.path.join(where, "q.db")
    add(folder, database)
    told = doctor(folder, "a hostile name", database)
    told.has("names", "ok", database)
    plain = run(WEIR, "--db", database, "doctor", folder=folder)
    expect("\x1b" not in plain.stdout and "a\\nb\\x1b[31mc d/q.db" in plain.stdout, "nothing raw in text", plain.stdout)
    expect(len(plain.stdout.splitlines()) == len(told.lines), "a line for each", plain.stdout)
    expect(all(re.match(r"(ok  |warn|bad )  [a-z ]+: ", line) for line in plain.stdout.splitlines()), "lines of one form", plain.stdout)
    os.chmod(os.path.join(where, "q.db"), 0o646)
    told = doctor(folder, "a hostile name in a command", database)
    told.has("log" if os.geteuid() == 0 else "database", "bad" if os.geteuid() == 0 else "warn", f"'{database}")


def outputs(folder):
    for words, what in ((["doctor", "q.db"], "takes no words"), (["doctor", "--repair"], "unknown option"),
                        (["--db", ":memory:", "doctor"], "gone when the command ends"), (["--db", "http://x", "doctor"], "no store at"),
                        (["--db", "redis:secret@h", "doctor"], "begins with redis://")):
        done = run(WEIR, *words, folder=folder)
        expect(done.returncode == 2 and what in done.stderr and "secret" not in done.stderr, f"weir {words} is refused", done)
    add(folder)
    array = json.loads(run(WEIR, "--db", "q.db", "doctor", "-o", "json", folder=folder).stdout)
    expect([line["check"] for line in array][:2] == ["versions", "names"], "an array", array)
    for words, variables in ((["--json"], {}), ([], {"WEIR_OUTPUT": "jsonl"})):
        line = run(WEIR, "--db", "q.db", "doctor", *words, folder=folder, **variables).stdout.splitlines()[1]
        expect(json.loads(line)["check"] == "names", "lines of JSON", line)
    silent = run(WEIR, "--db", "q.db/x", "doctor", "--quiet", folder=folder)
    expect((silent.returncode, silent.stdout, silent.stderr) == (5, "", ""), "the status alone", silent)
    columns = run(WEIR, "--db", "q.db", "doctor", "-o", "tsv", "--fields", "check,state", folder=folder).stdout
    expect("\nnames\tok\n" in columns, "columns", columns)
    colored = run(WEIR, "--db", "q.db", "doctor", "-o", "table", "--color", "always", folder=folder).stdout
    expect("\x1b[32mok  \x1b[0m  names: " in colored, "colours where they are asked for", colored)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([WEIR, "--db", "q.db", "doctor"], cwd=folder, stdout=full, stderr=subprocess.PIPE, check=False)
        expect(done.returncode == 5 and b"the disk is full" in done.stderr, "output that fails is told", done)


def killed(folder):
    """Wherever it is killed."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600))
    except (AttributeError, OSError) as error:
        skip("kill -9", f"files have a name here for a moment: {error}")
        return
    add(folder)
    whole = len(doctor(folder, "before it is killed").lines)
    before = state_of(folder)
    for lines in range(whole):
        with subprocess.Popen([WEIR, "--db", "q.db", "doctor"], cwd=folder, stdout=subprocess.PIPE) as process:
            for _ in range(lines):
                process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            process.stdout.read()
        expect(state_of(folder) == before, f"nothing is left when it is killed after {lines} lines", os.listdir(folder))


def clock(folder):
    add(folder, "q.db", "--id", f"{int(time.time() + 7200) * 1000}-0", "a=1")
    told = unchanged(folder, "an ID of the future")
    told.has("clock", "warn", "last ID of s is ", " later", "timedatectl")
    expect(7_000_000 < told.of("clock")[0]["behind_ms"] < 7_300_000, "by how much", told.of("clock"))
    add(folder, "far.db", "--id", "18446744073709551615-1", "a=1")
    expect("last ID" not in str(doctor(folder, "an ID that is no time", "far.db").of("clock")), "an ID that is no time is none")
    add(folder, "late.db")
    ahead = time.time() + 90_000
    os.utime(os.path.join(folder, "late.db"), (ahead, ahead))
    doctor(folder, "a file of the future", "late.db").has("clock", "warn", "written 1d later", "timedatectl")

    if not sys.argv[3:4] or not sys.argv[3]:
        skip("a clock that is off", "there is no shim for this build")
        return
    off = os.path.join(folder, "off")
    around = {"LD_PRELOAD": os.path.abspath(sys.argv[3]), "WEIR_CLOCK": off}
    add(folder, "now.db")
    day = 86_400
    for seconds, state, words in ((0, None, ()), (-2 * day - 3600, "warn", ("last ID of s is 2d later", "set back")),
                                  (-20 * 365 * day, "bad", ("which cannot be",))):
        with open(off, "wb") as file:
            file.write(struct.pack("=q", seconds))
        told = doctor(folder, f"a clock that is {seconds} s off", "now.db", **around)
        if state:
            told.has("clock", state, *words, "timedatectl")
        else:
            expect("last ID" not in str(told.of("clock")), "a clock that is right", told.of("clock"))


def shells(folder):
    programs = os.path.join(folder, "bin")
    os.mkdir(programs)
    around = {"PATH": programs, "XDG_DATA_DIRS": os.path.join(folder, "share")}
    expect(not doctor(folder, "no shell", **around).of("completion"), "a shell that is not there is not spoken of")
    for shell in ("bash", "zsh", "fish"):
        os.symlink("/bin/true", os.path.join(programs, shell))
    fpath = os.path.join(folder, "zsh")
    told = doctor(folder, "no completion", FPATH=fpath, **around)
    told.has("completion", "warn", "bash", "weir completion bash")
    told.has("completion", "warn", "fish", "weir completion fish >")
    with open(os.path.join(folder, ".bashrc"), "w", encoding="utf-8") as file:
        file.write("# source <(weir completion bash)\n")
    doctor(folder, "a comment", **around).has("completion", "warn", "bash")
    with open(os.path.join(folder, ".bashrc"), "a", encoding="utf-8") as file:
        file.write("source <(weir completion bash)\n")
    # What the remedy says is done.
    remedy = [line["do"] for line in told.of("completion") if "fish" in line["found"]][0]
    subprocess.run(["sh", "-c", remedy.replace("weir completion", f"{WEIR} completion")], env=environment(folder), check=True)
    os.mkdir(fpath)
    open(os.path.join(fpath, "_weir"), "wb").close()
    told = doctor(folder, "completions", FPATH=fpath, **around)
    for shell in ("bash", "zsh", "fish"):
        told.has("completion", "ok", shell)


def long_log(folder):
    add(folder)
    os.truncate(os.path.join(folder, "q.db-wal"), 200 << 20)
    told = unchanged(folder, "a long log")
    told.has("log", "warn", "200 MiB", "fuser -v")
    told.has("database", "ok", "schema 2")
    expect(run(WEIR, "--db", "q.db", "xlen", "s", folder=folder).stdout == "1\n", "it is read all the same")


def limits(folder):
    add(folder)
    done = run("sh", "-c", f"ulimit -f 0; exec '{WEIR}' --db q.db doctor --json | cat", folder=folder)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    expect(any(line["check"] == "space" and line["state"] == "bad" and "ulimit -f" in line["do"] for line in told), "ulimit -f 0", told)
    done = run("sh", "-c", f"ulimit -n 4; exec '{WEIR}' --db new.db doctor", folder=folder)
    expect("warn  locks: could not be tried: too many files" in done.stdout, "ulimit -n 4", done)


def other_users(folder):
    if os.geteuid() != 0:
        skip("owners", "takes root")
        return
    os.chmod(folder, 0o755)
    try:
        os.chown(folder, NOBODY, NOBODY)
        run("true", folder=folder, user=NOBODY)
    except OSError as error:  # root of a container may have few rights
        skip("owners", error)
        return
    theirs = os.path.join(folder, "theirs")
    os.mkdir(theirs)
    os.chown(theirs, NOBODY, NOBODY)
    add(theirs, user=NOBODY)
    doctor(theirs, "nobody's", user=NOBODY).has_no("bad", *OF_MACHINE)
    doctor(theirs, "nobody's, seen by root").has_no("bad", *OF_MACHINE)

    lock = os.path.join(theirs, "q.db-lock")
    os.chown(lock, 0, 0)
    for told in (doctor(theirs, "root's lock file, seen by the owner", user=NOBODY), doctor(theirs, "root's lock file")):
        told.has("lock file", "bad", f"chown {NOBODY}:{NOBODY}", "chmod 600")
    remedy = told.of("lock file")[0]["do"]
    expect(run(WEIR, "--db", "q.db", "xadd", "s", "a=2", folder=theirs, user=NOBODY).returncode == 5, "it keeps the owner out")
    subprocess.run(["sh", "-c", remedy.removeprefix("as root: ")], check=True)
    doctor(theirs, "as it said", user=NOBODY).has("lock file", "ok")
    add(theirs, user=NOBODY)
    os.chown(lock, 1234, 1234)
    doctor(theirs, "a stranger's lock file").has("lock file", "bad", "rm -f ")
    os.remove(lock)
    unchanged(theirs, "no lock file", user=NOBODY).has("lock file", "ok", "next writer makes it")

    os.chown(os.path.join(theirs, "q.db-wal"), 0, 0)
    unchanged(theirs, "root's log").has("log", "bad", "q.db-wal", f"chown {NOBODY}:{NOBODY}")
    os.chown(os.path.join(theirs, "q.db-wal"), NOBODY, NOBODY)

    os.chmod(os.path.join(theirs, "q.db-wal"), 0o644)
    unchanged(theirs, "a log for all").has("log", "warn", "q.db-wal: lets in others", "chmod 600")
    os.chmod(os.path.join(theirs, "q.db-wal"), 0o600)
    os.chown(os.path.join(theirs, "q.db-shm"), 1234, 1234)
    os.chmod(os.path.join(theirs, "q.db-shm"), 0o666)
    unchanged(theirs, "a stranger's index").has("names", "bad", "q.db-shm: belongs to user 1234", "rm -f ")
    os.chown(os.path.join(theirs, "q.db-shm"), NOBODY, NOBODY)
    os.chmod(os.path.join(theirs, "q.db-shm"), 0o600)

    told = unchanged(theirs, "another's", user=1234)
    told.has("database", "bad", "may not read it", "run weir as ")
    told.has("folder", "warn", "cannot make files")
    for name in ("q.db", "q.db-wal", "q.db-shm"):
        os.chown(os.path.join(theirs, name), 0, 0)
    told = unchanged(theirs, "root's, in a folder of this user's", user=NOBODY)
    told.has("database", "bad", "may not read it", f"as root: chown {NOBODY}:{NOBODY} ")
    for name in ("q.db", "q.db-wal", "q.db-shm"):
        os.chown(os.path.join(theirs, name), NOBODY, NOBODY)
        os.chmod(os.path.join(theirs, name), 0o644)
    told = unchanged(theirs, "only to be read", user=1234)
    told.has("database", "warn", "may only look at it")
    told.has_no("bad")
    doctor(theirs, "no place for a new one", "new.db", user=1234).has("folder", "bad", "cannot make files", "--db")
    os.chmod(theirs, 0o700)
    doctor(theirs, "behind a closed door", os.path.join(theirs, "q.db"), user=1234).has("names", "bad", "Permission denied")


def may_mount():
    for words in (["unshare", "-m"], ["unshare", "-rm"]):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", folder], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        if done.returncode == 0:
            return words, ""
    return None, done.stdout.strip()


def mounts(folder):
    own, why = may_mount()
    if own is None:
        skip("tmpfs, overlayfs, read-only and bind mounts, full disks, no /proc", why)
        return

    def mounted(what, script, database="m/q.db"):
        """With what the script mounts; nothing if it cannot (that is its status 77)."""
        where = tempfile.mkdtemp(dir=folder)
        add(where, "real.db")
        os.mkdir(os.path.join(where, "m"))
        done = run(*own, "sh", "-c", script + f"\n'{WEIR}' --db '{database}' doctor --json\nstatus=$?\nls -A m > listed\nexit $status", folder=where)
        if done.returncode == 77:
            skip(what, done.stderr.strip())
            return None
        with open(os.path.join(where, "listed"), encoding="utf-8") as file:
            return Told(done, what), file.read().split()

    if found := mounted("tmpfs", "mount -t tmpfs -o size=100m tmpfs m || exit 77"):
        found[0].has("file system", "warn", "tmpfs", "memory")
        found[0].has("locks", "ok")
        found[0].has_no("bad")
        expect(found[1] == [], "nothing is left", found[1])
    if found := mounted("a name with blanks", "mkdir 'm/a b'; mount -t tmpfs tmpfs 'm/a b' || exit 77", "m/a b/q.db"):
        found[0].has("file system", "warn", "tmpfs", "m/a b")
    if found := mounted("overlayfs", "mkdir l u w; cp real.db l/q.db; mount -t overlay -o lowerdir=l,upperdir=u,workdir=w overlay m || exit 77"):
        found[0].has("file system", "warn", "overlay", "volume")
        found[0].has("database", "ok", "schema 2")
        expect(found[1] == ["q.db"], "nothing is left", found[1])
    if found := mounted("a read-only mount", "cp real.db m/q.db; mount --bind m m && mount -o remount,ro,bind m || exit 77"):
        found[0].has("file system", "bad", "read-only", "--db")
        found[0].has("database", "ok", "schema 2")
        expect(found[1] == ["q.db"], "nothing is left", found[1])
    if found := mounted("a read-only mount without a database", "mount --bind m m && mount -o remount,ro,bind m || exit 77"):
        found[0].has("file system", "bad", "read-only")
    if found := mounted("a file that is mounted alone", ": > m/q.db; mount --bind real.db m/q.db || exit 77"):
        found[0].has("names", "bad", "mounted here as a single file", "mount the folder")
    full = "mount -t tmpfs -o size=1m tmpfs m || exit 77\ncp real.db m/q.db; "
    if found := mounted("a full disk", full + "dd if=/dev/zero of=m/rest bs=4096 2> /dev/null"):
        found[0].has("space", "bad", "the disk is full", "make room")
        found[0].has("locks", "warn", "could not be tried")
        found[0].has("sync", "warn", "could not be measured")
        found[0].has("database", "ok", "schema 2")
        expect(found[1] == ["q.db", "rest"], "nothing is left", found[1])
    if found := mounted("a disk with little room", full):
        found[0].has("space", "bad", "KiB free", "make room")
    if found := mounted("a disk with some room", "mount -t tmpfs -o size=20m tmpfs m || exit 77"):
        found[0].has("space", "warn", "the log alone can take 64 MiB")
    if found := mounted("a disk without names to be had", "mount -t tmpfs -o nr_inodes=8 tmpfs m || exit 77"):
        found[0].has("space", "bad", "more file", "remove files")
    with open(WEIR, "rb") as program:
        sanitized = b"__asan_init" in program.read()
    if sanitized:
        skip("no /proc", "AddressSanitizer needs it")
    elif found := mounted("no /proc", "cp real.db m/q.db; mount -t tmpfs tmpfs /proc || exit 77"):
        found[0].has("locks", "ok")
        found[0].has("file system", "ok", "does not tell")
        expect(found[1] == ["q.db"], "nothing is left", found[1])


def servers(folder):
    with Server() as server:
        url = f"unix://{server.path}"
        told = doctor(folder, "a server", url)
        told.has("server", "ok", "answers in ")
        told.has("role", "ok", "master")
        told.has("persistence", "warn", "append-only file", "appendfsync always")
        told.has("memory", "ok", "noeviction")
        told.has("scripts", "ok")
        told.has("clock", "ok")
        told.has_no("bad")
        ask = server.connect().ask
        ask("CONFIG", "SET", "appendonly", "yes")
        ask("CONFIG", "SET", "appendfsync", "always")
        doctor(folder, "an append-only file", url).has("persistence", "ok", "synced always")
        ask("CONFIG", "SET", "maxmemory", "100mb")
        ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        doctor(folder, "streams that go", url).has("memory", "bad", "allkeys-lru", "noeviction")
        ask("ACL", "SETUSER", "low", "on", ">pw", "~*", "+ping")
        told = doctor(folder, "a user of few rights", f"unix://low:pw@{server.path}")
        told.has("scripts", "warn", "NOPERM", "EVAL")
        told.has("role", "warn", "INFO")
        doctor(folder, "a wrong password", f"unix://low:secret@{server.path}").has("server", "bad", "WRONGPASS")
        ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
        ask("REPLICAOF", "127.0.0.1", "1")
        doctor(folder, "a replica", url).has("role", "bad", "replica", "127.0.0.1:1")
    doctor(folder, "a server that is gone", url).has("server", "bad", "cannot reach")
    expect(os.listdir(folder) == [], "nothing is made here", os.listdir(folder))


for part in (good_and_missing, in_use, old_schema, not_ours, names, hostile, outputs, killed, clock, shells, long_log, limits, other_users,
             mounts, servers):
    with tempfile.TemporaryDirectory() as place:
        part(os.path.realpath(place))
checks.end()
