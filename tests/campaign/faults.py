"""In each of six kinds of runs each system call fails once, in each way in which it can fail."""
import contextlib
import errno
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from checks import Weir, broken_rules

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import family_of, wait_until  # noqa: E402

LINES = [f'{{"n":{n}}}' for n in range(300)]
STORED = 20
# What ends by itself within a moment; a busy machine may take long.
LIMIT = 60

# CLI11 makes objects of its own before `main` begins, where nothing can be caught.
BEFORE_MAIN = 16

WRITING = "write,pwrite,ftruncate,fallocate,open,link"
ALL = "open,read,write,pread,pwrite,ftruncate,fsync,fallocate,link,unlink,mmap,lock,poll,pipe,fork,thread,close_range"
# Locks are tried, never waited for in the kernel: no signal interrupts them.
# Name, the calls it strikes, how. After what is harmless, a run ends as without it.
FAULTS = [
    ("ENOSPC once", WRITING, str(errno.ENOSPC), False),
    ("ENOSPC from then on", WRITING, str(errno.ENOSPC) + "+", False),
    ("EIO", "read,write,pread,pwrite,fsync,ftruncate,fallocate,unlink,mmap", str(errno.EIO), False),
    ("failing fsync", "fsync", str(errno.EIO), False),
    ("EINTR", "open,read,write,pread,pwrite,poll", str(errno.EINTR), True),
    ("EMFILE from then on", "open,pipe", str(errno.EMFILE) + "+", False),
    ("ENOMEM", "mmap,fork,thread", str(errno.ENOMEM), False),
    ("EAGAIN", "fork,thread", str(errno.EAGAIN), False),
    ("ENOSYS", "close_range", str(errno.ENOSYS), True),
    ("no memory", "malloc", str(errno.ENOMEM), False),
    ("short reads and writes", "read,write,pread,pwrite", "short", True),
    ("SIGKILL", ALL, "kill", False),
    ("SIGSTOP", ALL, "stop", False),
]


class Scenario:
    """A run that is disturbed: what it starts from, and what must be true of it after."""

    name = ""
    arguments = ()
    text = ""
    warm = True
    step = 1
    # For how long it may go on where a fault lasts.
    patience = LIMIT

    def __init__(self, program, folder):
        self.folder = folder
        self.program = program
        self.template = folder / "template.db"
        weir = Weir(program, self.template)
        weir.run("xadd", "s", input="\n".join(f'{{"n":{n}}}' for n in range(STORED)))
        weir.run("group", "create", "s", "g", "0")
        weir.run("xreadgroup", "s", "--group", "g", "--consumer", "c", "--count", "5")
        self.all = weir.ids("s")

    def prepare(self, db):
        if self.warm:
            shutil.copy(self.template, db)
            Weir(self.program, db).run("xadd", "other", "a=b")

    def problems(self, weir, done):
        raise NotImplementedError

    def environment(self, _db):
        return {}


class Append(Scenario):
    name = "bulk append"
    arguments = ("xadd", "new")
    text = "\n".join(LINES)

    def problems(self, weir, done):
        printed = done.stdout.splitlines()
        if done.signalled and printed and not done.stdout.endswith("\n"):
            printed.pop()
        stored = weir.lines("xrange", "new") if weir.ids("new") else []
        found = []
        if [entry["id"] for entry in stored][:len(printed)] != printed:
            found.append(f"{len(printed)} IDs printed, which are not the first of the {len(stored)} stored")
        if [entry["fields"] for entry in stored] != [json.loads(line) for line in LINES[:len(stored)]]:
            found.append("what is stored is not the beginning of the input")
        if done.status == 0 and len(printed) != len(LINES):
            found.append(f"ended well with {len(printed)} of {len(LINES)} IDs")
        return found


class OneShot(Scenario):
    name = "one-shot"
    arguments = ("xadd", "new", "a=b")

    def problems(self, weir, done):
        stored = weir.ids("new")
        printed = done.stdout.split() if done.stdout.endswith("\n") else []
        if done.status == 0 and len(printed) != 1:
            return ["ended well without an ID"]
        return [] if len(stored) <= 1 and set(printed) <= set(stored) else [f"printed {printed}, stored {stored}"]


class FirstShot(OneShot):
    name = "first of a file"
    warm = False


class Read(Scenario):
    name = "group read"
    arguments = ("xreadgroup", "s", "--group", "g", "--consumer", "one", "--count", "10")

    def problems(self, weir, done):
        printed = [json.loads(line)["id"] for line in done.stdout.splitlines(keepends=True) if line.endswith("\n")]
        others = [entry["id"] for entry in weir.lines("xreadgroup", "s", "--group", "g", "--consumer", "two")]
        found = []
        if twice := set(printed) & set(others):
            found.append(f"new to two readers: {sorted(twice)}")
        if sorted(weir.pending("s", "g")) != sorted(self.all):
            found.append("a message is neither pending nor to be read")
        if done.status == 0 and len(printed) != 10:
            found.append(f"ended well with {len(printed)} of 10")
        return found


class Ack(Scenario):
    name = "ack"

    def __init__(self, program, folder):
        super().__init__(program, folder)
        self.arguments = ("ack", "s", "g", *self.all[:5])

    def problems(self, weir, done):
        left = weir.pending("s", "g")
        if done.stdout == "5\n" and left:
            return [f"acknowledged and still pending: {left}"]
        if done.status == 0 and done.stdout != "5\n":
            return [f"ended well with {done.stdout!r}"]
        return [] if set(left) <= set(self.all[:5]) else [f"pending what nobody was given: {left}"]


class Work(Scenario):
    name = "work"
    # It does the same for each message. Where nothing can be stored it goes on trying until its lease ends; where no
    # command can be started, until it is told to end.
    step = 5
    patience = 10
    arguments = ("work", "s", "--group", "w", "--until-empty", "--min-idle", "3s", "--",
                 "sh", "-c", 'echo "$1" >>"$WEIR_CAMPAIGN_LOG"', "sh", "{n}")

    def environment(self, db):
        return {"WEIR_CAMPAIGN_LOG": str(db) + ".runs"}

    def problems(self, weir, done):
        log = pathlib.Path(str(weir.db) + ".runs")
        ran = [int(line) for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        known = "w" in [group["name"] for group in weir.lines("info", "groups", "s")]
        left = weir.pending("s", "w") if known else []
        unread = [entry["id"] for entry in weir.lines("xreadgroup", "s", "--group", "w", "--consumer", "z", "--create")]
        dead = weir.lines("dead", "ls", "s") if weir.ids("s.dead") else []
        done_with = [n for n, id in enumerate(self.all) if id not in left and id not in unread]
        found = []
        if missing := [n for n in done_with if n not in ran and not dead]:
            found.append(f"acknowledged and never run: {missing}")
        if done.status == 0 and len(done_with) != STORED:
            found.append(f"ended well, but {STORED - len(done_with)} are left")
        if len(ran) != len(set(ran)):
            found.append("run twice by one worker")
        return found


SCENARIOS = [Append, OneShot, FirstShot, Read, Ack, Work]


class Done:
    def __init__(self, status, stdout, stderr):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.signalled = status < 0

    def without_input(self):
        """Its input could not be read, which is an error of the input, and it says so."""
        return self.status == 4 and self.stderr.startswith("weir: cannot read standard input: ")


def go_on_beside(weir, process, fault):
    """While one is stopped in the middle of what it does, others are told who holds them up, within a time."""
    found = []
    wait_until(lambda: process.poll() is not None or fault.exists(), "a process that is stopped, or ends")
    if process.poll() is not None:
        return found
    began = time.monotonic()
    other = weir.run("--lock-timeout", "300ms", "xadd", "beside", "a=b", timeout=LIMIT)
    if other.returncode not in (0, 5) or (other.returncode == 5 and len(other.stderr.splitlines()) > 2):
        found.append(f"another that comes meanwhile ends with {other.returncode}: {other.stderr}")
    if time.monotonic() - began > LIMIT / 2:
        found.append("another that comes meanwhile waits without end")
    # One that it has started may be what was struck, before it became another program.
    for each in family_of(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGCONT)
    return found


def strike(scenario, shim, number, fault, db):
    """One run with one fault. Whether there was one, and the problems."""
    _name, calls, how, harmless = fault
    weir = Weir(scenario.program, db)
    scenario.prepare(db)
    struck = db.with_suffix(".struck")
    at = f"{number}+" if how.endswith("+") else str(number)
    env = dict(os.environ, LD_PRELOAD=str(shim), WEIR_FAULT=f"{calls}:{at}:{how.rstrip('+')}",
               WEIR_FAULT_DONE=str(struck), **scenario.environment(db))
    with open(db.with_suffix(".in"), "w+", encoding="utf-8") as given:
        given.write(scenario.text)
        given.seek(0)
        process = weir.start(*scenario.arguments, env=env, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True)
    found = go_on_beside(weir, process, struck) if how == "stop" else []
    told_to_end = False
    try:
        try:
            out, err = process.communicate(timeout=scenario.patience if how.endswith("+") else LIMIT)
        except subprocess.TimeoutExpired:
            if scenario.patience == LIMIT:
                raise
            told_to_end = True
            process.terminate()
            out, err = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        for each in family_of(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        process.communicate()
        return True, found + ["it hangs"]
    done = Done(1 if told_to_end and process.returncode == 0 else process.returncode, out, err)
    if told_to_end and done.status in (1, -signal.SIGTERM):
        return True, found + scenario.problems(weir, done) + broken_rules(db)
    if done.signalled and how != "kill":
        found.append(f"ended by signal {-done.status}: {err}")
    elif not done.signalled and done.status not in (0, 5) and not done.without_input():
        found.append(f"status {done.status}: {err}")
    elif done.status == 5 and (not err.startswith("weir: ") or len(err.splitlines()) > 2 or "not an error" in err):
        if not (how.rstrip("+").isdigit() and "write" in calls):
            found.append(f"says: {err!r}")
    if harmless and done.status != 0:
        found.append(f"status {done.status} after what is harmless: {err}")
    found += scenario.problems(weir, done) + broken_rules(db)
    return struck.exists(), found


def campaign(program, shim, folder, every, offset, report):
    """Strikes each call, or each `every`th from `offset` on. Returns the number of failures."""
    failures = 0
    for kind in SCENARIOS:
        place = folder / kind.name.replace(" ", "-")
        place.mkdir()
        scenario = kind(program, place)
        any_struck = False
        for fault in FAULTS:
            # There are ten times as many allocations as calls to the system, and stopping takes its time.
            step = every * kind.step * {"no memory": 40, "SIGSTOP": 5}.get(fault[0], 1)
            number = 1 + offset % step + (BEFORE_MAIN if fault[0] == "no memory" else 0)
            struck = 0
            bad = {}
            while True:
                run = place / "run"
                run.mkdir()
                hit, found = strike(scenario, shim, number, fault, run / "q.db")
                if found:
                    bad[number] = found
                    run.rename(place / f"{fault[0]} {number}")
                else:
                    shutil.rmtree(run)
                if not hit:
                    break
                struck += 1
                number += step
            any_struck = any_struck or struck > 0
            report(f"{kind.name}: {fault[0]}", struck, bad)
            failures += len(bad)
        if not any_struck:
            report(kind.name, 0, {"the start": [f"no fault reached {program}: it has to be named weir"]})
            failures += 1
    return failures
