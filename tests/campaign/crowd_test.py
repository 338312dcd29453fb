#!/usr/bin/env python3
"""crowd_test.py WEIR SHIM [--seconds S] [--seed N] [--keep FOLDER]: many processes append at once, so that one of
them appends for the others that wait (src/sqlite/file/append_slots.h). One process after the other is killed or stopped at
one of its calls, or that call fails.

Afterwards each message whose ID was printed is there once, under that ID. No other message is there twice, and no
message that was reported as failed is there at all. The other processes went on meanwhile, unless the stopped process has
the turn to write."""

import argparse
import collections
import contextlib
import json
import os
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import time

CALLS = ("pwrite", "pread", "lock", "fsync", "pwrite,fsync", "pread,lock")
EIO, ENOMEM = "5", "12"
LONG = 60  # seconds in which something has to happen on the slowest machine


class Writer:
    """Sends the next line when it is told the ID of the last one."""

    def __init__(self, crowd, environment=None):
        self.crowd = crowd
        self.process = subprocess.Popen([crowd.weir, "--db", crowd.path, "--lock-timeout", "60s", "xadd", "s"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})
        self.asked = None
        self.told = 0

    def send(self):
        self.asked = f"m{len(self.crowd.sent)}"
        self.crowd.sent.append(self.asked)
        # Some do not fit where the others find them.
        filler = "x" * (2000 if len(self.crowd.sent) % 97 == 0 else len(self.crowd.sent) % 50)
        try:
            self.process.stdin.write(json.dumps({"m": self.asked, "x": filler}).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it was killed

    def hear(self):
        """False: it is over."""
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            return False
        self.crowd.told[self.asked] = json.loads(line) if line.startswith(b'"') else line.decode().strip()
        self.told += 1
        return True

    def end(self):
        self.process.stdin.close()
        rest = self.process.stdout.read()
        if rest.endswith(b"\n") and self.asked not in self.crowd.told:
            self.crowd.told[self.asked] = rest.decode().strip()
        error = self.process.stderr.read().decode()
        return self.process.wait(LONG), error


class Crowd:
    def __init__(self, weir, shim, folder, seed):
        self.weir, self.shim, self.folder = weir, shim, folder
        self.path = os.path.join(folder, "w.db")
        self.random = random.Random(seed)
        self.sent, self.told, self.failed = [], {}, {}
        self.selector = selectors.DefaultSelector()
        self.counted = collections.Counter()
        self.problems = []
        self.writers = [self.start() for _ in range(6)]

    def start(self, environment=None):
        writer = Writer(self, environment)
        self.selector.register(writer.process.stdout, selectors.EVENT_READ, writer)
        writer.send()
        return writer

    def leave(self, writer):
        self.selector.unregister(writer.process.stdout)
        return writer.end()

    def serve(self, until, limit=LONG):
        """Answers whoever is told an ID, until so is said. False: that took too long."""
        deadline = time.monotonic() + limit
        while not until():
            for key, _ in self.selector.select(0.02):
                writer = key.data
                if writer.hear():
                    writer.send()
                elif writer in self.writers:
                    self.writers.remove(writer)
                    self.problems.append(f"a writer that nobody harmed ended: {self.leave(writer)}")
                    self.writers.append(self.start())
                else:
                    self.selector.unregister(writer.process.stdout)
            if time.monotonic() > deadline:
                return False
        return True

    def strike(self):
        how = self.random.choice(("kill", "kill", "stop", EIO, EIO, EIO))
        # A lock cannot fail to be given up.
        calls = self.random.choice([each for each in CALLS if how != EIO or "lock" not in each])
        number = self.random.randrange(120, 1500)
        if how == EIO and self.random.random() < 0.3:
            calls, number, how = "malloc", self.random.randrange(3000, 9000), ENOMEM
        done = os.path.join(self.folder, "done")
        if os.path.exists(done):
            os.remove(done)
        victim = self.start({"LD_PRELOAD": self.shim, "WEIR_FAULT": f"{calls}:{number}:{how}", "WEIR_FAULT_DONE": done})
        name = f"{how} at {calls} {number}"
        if not self.serve(lambda: os.path.exists(done)):
            self.problems.append(f"{name}: never came to that")
        elif how in (EIO, ENOMEM):
            self.others_go_on(name)
        elif how == "kill":
            if not self.serve(lambda: victim.process.poll() is not None):
                self.problems.append(f"{name}: it was not killed")
            self.others_go_on(name)
        else:
            self.stopped(victim, name)
        if victim.process.stdout in {key.fileobj for key in self.selector.get_map().values()}:
            self.selector.unregister(victim.process.stdout)
        if how in (EIO, ENOMEM):
            self.serve(lambda: victim.process.poll() is not None or victim.process.stdin.closed, 0.1)
        if victim.process.poll() is None:
            victim.process.kill()
        status, error = victim.end()
        # After a sync that failed nobody knows; and there is memory to be had for an answer, too.
        if status == 5 and victim.asked not in self.told and how == EIO and "fsync" not in calls and "may be there" not in error:
            self.failed[victim.asked] = error
        if status not in (0, 5, -signal.SIGKILL):
            self.problems.append(f"{name}: ended with {status}: {error}")
        self.counted[{EIO: "failure", ENOMEM: "no memory"}.get(how, how)] += 1

    def others_go_on(self, name, limit=LONG):
        goals = {id(writer): writer.told + 3 for writer in self.writers}
        fine = self.serve(lambda: all(writer.told >= goals.get(id(writer), 0) for writer in self.writers), limit)
        if not fine and limit == LONG:
            self.problems.append(f"{name}: the others do not go on")
        return fine

    def stopped(self, victim, name):
        went_on = self.others_go_on(name, 0.5)
        self.counted["went on beside one that was stopped" if went_on else "waited for one that was stopped"] += 1
        if self.random.random() < 0.5:
            os.kill(victim.process.pid, signal.SIGCONT)
            told = victim.told
            if not self.serve(lambda: victim.told > told + 3):
                self.problems.append(f"{name}: does not go on when it may")
        else:
            victim.process.kill()
        self.others_go_on(name)

    def end(self):
        for writer in self.writers:
            status, error = self.leave(writer)
            if status or error:
                self.problems.append(f"ended with {status}: {error}")
        out = subprocess.run([self.weir, "--db", self.path, "xrange", "s", "-", "+"], check=True, capture_output=True).stdout
        found = collections.defaultdict(list)
        last = (0, 0)
        for line in out.splitlines():
            entry = json.loads(line)
            found[entry["fields"]["m"]].append(entry["id"])
            now = tuple(map(int, entry["id"].split("-")))
            if now <= last:
                self.problems.append(f"{entry['id']} after {last}")
            last = now
        for message, ids in found.items():
            if len(ids) > 1:
                self.problems.append(f"{message} is there {len(ids)} times: {ids}, told {self.told.get(message)}")
        for message, told in self.told.items():
            if found.get(message) != [told]:
                self.problems.append(f"{message} was told {told}, and is there as {found.get(message)}")
        for message, error in self.failed.items():
            if message in found:
                self.problems.append(f"{message} failed, and is there: {error}")
        if len(set(self.told.values())) != len(self.told):
            self.problems.append("an ID was told twice")
        checked = subprocess.run([self.weir, "--db", self.path, "verify"], capture_output=True, check=False)
        if checked.returncode:
            self.problems.insert(0, f"verify: {checked.stdout} {checked.stderr}")
        self.counted["told"] = len(self.told)
        self.counted["there, and not told"] = len(found) - len(self.told)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weir")
    parser.add_argument("shim")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", metavar="FOLDER", help="the database stays there")
    given = parser.parse_args()
    with contextlib.nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory(prefix="weir-crowd-") as folder:
        crowd = Crowd(os.path.abspath(given.weir), os.path.abspath(given.shim), folder, given.seed)
        end = time.monotonic() + given.seconds
        while time.monotonic() < end and len(crowd.problems) < 5:
            crowd.strike()
        crowd.end()
    print(", ".join(f"{what}: {count}" for what, count in crowd.counted.items()))
    print("\n".join(crowd.problems[:20]), f"and {len(crowd.problems) - 20} more" if len(crowd.problems) > 20 else "")
    return 1 if crowd.problems else 0


sys.exit(main())
