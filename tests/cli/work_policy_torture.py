#!/usr/bin/env python3
"""Everything that `weir work` promises, at once: messages of which half are delayed by up to ten seconds, four workers
with --serial, --rate and --later-status, commands that fail, crash, are wrong or say "not now", messages with --unique,
producers that wait for the outcome, and workers killed with SIGKILL at random.

Afterwards each message has exactly one outcome; messages of one value began in their order; in no second did more
messages begin than the rate and its burst allow; no message began early; each waiting producer was told the truth.
usage: work_policy_torture.py WEIR file|server [MESSAGES]"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks, Server  # noqa: E402

WORKERS = 4
JOBS = 2
RATE = 300
BURST = RATE // 10
VALUES = 40
KEYS = 10
PATIENCE = 240  # seconds without any outcome

COMMAND = """#!/bin/sh
printf '%s %s %s\\n' "$WEIR_FIELD_n" "$WEIR_ID" "$(date +%s%3N)" >> "$BEGUN"
case $WEIR_FIELD_plan in
  once) [ "$WEIR_DELIVERIES" -gt 1 ] || exit 1 ;;
  crash) [ "$WEIR_DELIVERIES" -gt 1 ] || kill -9 $$ ;;
  never) exit 1 ;;
  wrong) exit 65 ;;
  later) [ $(($(od -An -N1 -tu1 /dev/urandom) % 2)) = 0 ] || exit 75 ;;
esac
printf '{"n":"%s"}\\n' "$WEIR_FIELD_n"
"""


class Torture:
    def __init__(self, weir, folder, database, messages):
        self.weir, self.folder, self.messages = weir, folder, messages
        self.begun = os.path.join(folder, "begun")
        self.command = os.path.join(folder, "command")
        with open(self.command, "w") as file:
            file.write(COMMAND)
        os.chmod(self.command, 0o755)
        open(self.begun, "w").close()
        self.environment = {**os.environ, "WEIR_DB": database, "WEIR_DURABILITY": "normal", "BEGUN": self.begun}
        self.random = random.Random(20261128)
        self.next = 0
        self.workers = []
        self.adding = []  # (process, what it reads, its messages' numbers)
        self.waiting = {}  # number: process
        self.printed = []  # (number, ID or handle)
        self.kills = 0

    def run(self, *words, text=""):
        done = subprocess.run([self.weir, *words], input=text, env=self.environment, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{words}: {done.stderr}")
        return done.stdout

    def message(self):
        self.next += 1
        fields = {"n": str(self.next),
                  "plan": self.random.choices(["ok", "once", "later", "crash", "wrong", "never"], [75, 8, 8, 3, 3, 3])[0]}
        if self.random.random() < 0.95:
            fields["who"] = f"customer {self.random.randrange(VALUES)}"
        return fields

    def add(self, count, *options):
        """Adds so many at once, from another process."""
        lines = [self.message() for _ in range(count)]
        source = tempfile.TemporaryFile("w+", dir=self.folder)
        source.writelines(json.dumps(line) + "\n" for line in lines)
        source.seek(0)
        process = subprocess.Popen([self.weir, "xadd", "jobs", *options], stdin=source, stdout=subprocess.PIPE,
                                   env=self.environment, text=True)
        self.adding.append((process, [line["n"] for line in lines]))

    def collect(self):
        for process, numbers in self.adding:
            ids = process.communicate()[0].split()
            if process.returncode != 0 or len(ids) != len(numbers):
                raise RuntimeError(f"{len(numbers)} messages got {len(ids)} IDs, status {process.returncode}")
            self.printed.append(list(zip(numbers, ids)))
        self.adding = []

    def add_unique(self, delayed):
        """With one of a few keys, at once or perhaps delayed: it is added, or the one that waits already is named."""
        fields = self.message()
        delay = ["--in", f"{self.random.randrange(1, 4)}s"] if delayed and self.random.random() < 0.3 else []
        words = [f"{name}={value}" for name, value in fields.items()]
        found = self.run("xadd", "jobs", *delay, "--unique", f"key {self.random.randrange(KEYS)}", *words).split()
        self.printed.append([(fields["n"], found[0])])

    def add_and_wait(self):
        fields = self.message()
        self.waiting[fields["n"]] = subprocess.Popen(
            [self.weir, "xadd", "jobs", "--wait", "g", *(f"{name}={value}" for name, value in fields.items())],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start_worker(self):
        self.workers.append(subprocess.Popen(
            [self.weir, "work", "jobs", "--group", "g", "-j", str(JOBS), "--serial", "who", "--rate", f"{RATE}/s",
             "--later-status", "75=50ms", "--backoff", "20ms..200ms", "--max-deliveries", "4", "--min-idle", "2s",
             "--into", "done", "--log", "runs", "--quiet", "--", self.command],
            env=self.environment, stdout=subprocess.DEVNULL))

    def kill_worker(self):
        worker = self.workers.pop(self.random.randrange(len(self.workers)))
        worker.kill()
        worker.wait()
        self.kills += 1
        self.start_worker()

    def entries(self, stream):
        return [json.loads(line) for line in self.run("xrange", stream, "-", "+").splitlines()]

    def numbers(self, stream):
        return [entry["fields"]["n"] for entry in self.entries(stream)]

    def settled(self):
        return sum(int(self.run("xlen", stream) or 0) for stream in ("done", "jobs.dead"))

    def is_left(self):
        """Something is delayed, new to the group, or pending."""
        group = json.loads(self.run("info", "groups", "jobs"))
        return self.run("delayed", "ls", "jobs") != "" or group["lag"] != 0 or group["pending"] != 0

    def go(self):
        for _ in range(10 * KEYS):  # nobody takes anything yet: one of each key
            self.add_unique(delayed=False)
        chunks = 25
        for chunk in range(chunks):
            self.add(self.messages // chunks // 2)
            self.add(self.messages // chunks // 2, "--in", f"{self.random.randrange(2000, 10000)}ms")
            if chunk == 0:
                self.collect()
                for _ in range(WORKERS):
                    self.start_worker()
            self.add_unique(delayed=True)
            self.add_and_wait()
            if chunk % 3 == 2:
                self.collect()
                self.kill_worker()
        self.collect()
        before, since = 0, time.monotonic()
        while self.is_left():
            if (now := self.settled()) != before:
                before, since = now, time.monotonic()
            elif time.monotonic() > since + PATIENCE:
                raise TimeoutError(f"stuck at {now}: {self.run('pending', 'jobs', 'g', '-', '+', '5')}")
            time.sleep(0.3)
            if self.random.random() < 0.2:
                self.kill_worker()
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait()
        self.workers = []

    def end(self):
        for process in [*self.workers, *self.waiting.values(), *(process for process, _ in self.adding)]:
            process.kill()
            process.wait()


def key(id):
    return tuple(int(part) for part in id.split("-"))


def judge(torture, checks):
    entries = {entry["fields"]["n"]: {**entry["fields"], "id": entry["id"]} for entry in torture.entries("jobs")}
    done, dead = torture.numbers("done"), torture.numbers("jobs.dead")
    with open(torture.begun) as file:
        begun = [line.split() for line in file]

    checks.expect(len(done) == len(set(done)), "none is done twice", len(done), len(set(done)))
    checks.expect(len(dead) == len(set(dead)), "none is dead twice", len(dead), len(set(dead)))
    checks.expect(not set(done) & set(dead), "none is done and dead", sorted(set(done) & set(dead))[:5])
    checks.expect(set(done) | set(dead) == set(entries), "each message has an outcome, and nothing else has",
                  sorted(set(entries) ^ (set(done) | set(dead)))[:5])
    pending = json.loads(torture.run("xpending", "jobs", "g"))
    checks.expect(pending["pending"] == 0, "nothing is pending", pending)
    for n, entry in entries.items():
        if entry["plan"] in ("wrong", "never"):
            checks.expect(n in dead, "what cannot be done is a dead letter", entry)

    # What was printed is there: an ID as it is, a handle as the message that it stood for.
    ids = {entry["id"]: n for n, entry in entries.items()}
    first = {}  # of each name that was printed, the first that it was printed for
    for batch in torture.printed:
        for n, name in batch:
            first.setdefault(name, n)
    for name, n in first.items():
        if name.startswith("@"):
            checks.expect(n in entries, "what was delayed is there", n, name)
        else:  # with --unique also that of a message whose handle was printed before
            checks.expect(ids.get(name) in first.values(), "whose ID was printed is there", n, name)
    for n in set(entries) - set(first.values()) - set(torture.waiting):
        checks.expect(False, "there is nothing that nobody was told of", entries[n])
    at_first = {name for batch in torture.printed[:10 * KEYS] for _, name in batch}
    checks.expect(len(at_first) == KEYS, "one of each unique key waits", len(at_first))

    starts = defaultdict(list)
    for n, id, at in begun:
        starts[n].append(int(at))
        checks.expect(entries[n]["id"] == id, "a message runs under its ID", n, id)
    for name, n in first.items():
        if name.startswith("@"):
            due = int(name[1:].split("-")[0])
            checks.expect(min(starts[n]) >= due, "nothing begins early", n, due, min(starts[n]))
            checks.expect(int(entries[n]["id"].split("-")[0]) >= due, "nor has it an earlier ID", n, due)
    for batch in torture.printed:
        delayed = sorted((key(name[1:]), first[name]) for _, name in batch if name.startswith("@"))
        order = [key(entries[n]["id"]) for _, n in delayed]
        checks.expect(order == sorted(order), "what was delayed comes in the order of its due times", order[:5])

    values = defaultdict(list)
    for n, id, _ in begun:
        if "who" in entries[n]:
            values[entries[n]["who"]].append(key(id))
    for value, order in values.items():
        checks.expect(order == sorted(order), "of one value, one begins after the other is settled", value,
                      next((pair for pair in zip(order, order[1:]) if pair[0] > pair[1]), None))

    # A run that began may say so late, by its own slowness: of each that runs at a time, one.
    times = sorted(int(at) for _, _, at in begun)
    most, left = 0, 0
    for right, at in enumerate(times):
        while times[left] <= at - 1000:
            left += 1
        most = max(most, right - left + 1)
    checks.expect(most <= RATE + BURST + WORKERS * JOBS, "no second sees more begin than the rate allows", most)

    for n, process in torture.waiting.items():
        status = process.wait()
        checks.expect(status == (0 if n in done else 3), "who waited was told the truth", n, status, entries[n])
    checks.expect(torture.kills >= 8, "workers were killed", torture.kills)
    print(f"{len(entries)} messages, {len(done)} done, {len(dead)} dead, {len(begun)} runs, at most {most} in a second, "
          f"{torture.kills} workers killed, {len(torture.waiting)} waited")


def main():
    weir, engine = os.path.abspath(sys.argv[1]), sys.argv[2]
    messages = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        def one(database):
            torture = Torture(weir, folder, database, messages)
            try:
                torture.go()
                judge(torture, checks)
            finally:
                torture.end()
        if engine == "server":
            with Server() as server:
                one("unix://" + server.path)
        else:
            one(os.path.join(folder, "weir.db"))
    checks.end()


if __name__ == "__main__":
    main()
