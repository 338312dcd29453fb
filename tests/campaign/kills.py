"""Ten kinds of processes on one file, killed and stopped at random while they run."""
import itertools
import json
import os
import random
import signal
import subprocess
import time

from checks import Weir, broken_rules

LIMIT = 120
ROUNDS = 300


class Crowd:
    """Runs one of each kind, again and again; what each printed is kept in a file of its own."""

    def __init__(self, program, folder):
        self.weir = Weir(program, folder / "q.db")
        self.folder = folder
        self.numbers = itertools.count()
        self.running = {}
        self.stopped = []
        self.outputs = {}
        self.problems = []
        self.runs = folder / "runs"
        self.runs.touch()

    def arguments(self, kind):
        name = f"c{next(self.numbers)}"
        return {
            "bulk append": ("xadd", "s"),
            "one-shot": ("xadd", "s", f"n={next(self.numbers)}"),
            "follower": ("xread", "s", "--follow"),
            "group reader": ("xreadgroup", "s", "--group", "g", "--consumer", name, "--block", "1s", "--count", "7"),
            "reader of two": ("xreadgroup", "t", "s", "--group", "g", "--consumer", name, "--block", "1s", "--count",
                              "3"),
            "ack": ("ack", "s", "g"),
            "work": ("work", "s", "--group", "w", "--consumer", name, "--min-idle", "2s", "--", "sh", "-c",
                     'echo "$1" >>"$WEIR_CAMPAIGN_LOG"', "sh", "{n}"),
            "autoclaim": ("autoclaim", "s", "g", "claimer", "1m"),
            "trim": ("xtrim", "t", "--maxlen", "5"),
            "look": ("info", "stream", "s"),
        }[kind]

    def read_ids(self):
        """What the group's readers have printed, in whole lines."""
        ids = []
        for kind in ("group reader", "reader of two"):
            for path in self.outputs.get(kind, []):
                for line in path.read_text().splitlines(keepends=True):
                    if line.endswith("\n"):
                        entry = json.loads(line)
                        if entry["stream"] == "s":
                            ids.append(entry["id"])
        return ids

    def start(self, kind):
        text = ""
        if kind == "bulk append":
            text = "".join(f'{{"n":{next(self.numbers)}}}\n' for _ in range(50))
        elif kind == "ack":
            text = "".join(id + "\n" for id in random.sample(ids, min(len(ids), 20))) if (ids := self.read_ids()) else ""
            if not text:
                return
        path = self.folder / f"{kind.replace(' ', '-')}.{next(self.numbers)}"
        given = path.with_suffix(".in" + path.suffix)
        given.write_text(text)
        with open(given, encoding="utf-8") as stdin, open(path, "w", encoding="utf-8") as out:
            self.running[kind] = self.weir.start(*self.arguments(kind), stdin=stdin, stdout=out, stderr=subprocess.PIPE,
                                                 env=dict(os.environ, WEIR_CAMPAIGN_LOG=str(self.runs)))
        self.outputs.setdefault(kind, []).append(path)

    def ended(self, kind, process):
        error = process.stderr.read().decode()
        process.stderr.close()
        if process.returncode not in (0, 1, -signal.SIGKILL, -signal.SIGTERM):
            self.problems.append(f"{kind} ended with {process.returncode}: {error}")

    def tend(self, kinds):
        for kind in kinds:
            process = self.running.get(kind)
            if process is not None and process.poll() is not None:
                self.ended(kind, process)
                del self.running[kind]
            if kind not in self.running:
                self.start(kind)

    def strike(self, how):
        kind, process = random.choice(list(self.running.items()))
        if how == signal.SIGKILL:
            process.kill()
        else:
            process.send_signal(signal.SIGSTOP)
            self.stopped.append(process)
        while len(self.stopped) > 2 or (self.stopped and how == signal.SIGKILL and random.random() < 0.2):
            self.stopped.pop(0).send_signal(signal.SIGCONT)
        return kind

    def end(self):
        for process in self.stopped:
            process.send_signal(signal.SIGCONT)
        for kind, process in self.running.items():
            process.terminate()
            try:
                process.wait(LIMIT)
                self.ended(kind, process)
            except subprocess.TimeoutExpired:
                process.kill()
                self.problems.append(f"{kind} does not end")

    def check(self):
        weir = self.weir
        there = weir.ids("s")
        printed = [id for kind in ("bulk append", "one-shot") for path in self.outputs[kind]
                   for id in path.read_text().splitlines(keepends=True) if id.endswith("\n")]
        if lost := {id.strip() for id in printed} - set(there):
            self.problems.append(f"printed and not there: {sorted(lost)[:5]}")
        read = self.read_ids()
        if len(read) != len(set(read)):
            self.problems.append("an entry was new to two readers of a group")
        done = weir.run("work", "s", "--group", "w", "--until-empty", "--min-idle", "100ms", "--", "sh", "-c",
                        f'echo "$1" >>{self.runs}', "sh", "{n}", timeout=10 * LIMIT)
        if done.returncode not in (0, 1):
            self.problems.append(f"the last worker ends with {done.returncode}: {done.stderr}")
        if weir.pending("s", "w"):
            self.problems.append("messages are left that no worker gets")
        ran = set(self.runs.read_text().splitlines())
        numbers = {str(entry["fields"]["n"]) for entry in weir.lines("xrange", "s")}
        if missing := numbers - ran:
            self.problems.append(f"acknowledged and never run: {sorted(missing)[:5]}")
        self.problems += broken_rules(weir.db)


KINDS = ["bulk append", "one-shot", "follower", "group reader", "reader of two", "ack", "work", "autoclaim", "trim",
         "look"]


def campaign(program, _shim, folder, every, _offset, report):
    crowd = Crowd(program, folder)
    for stream in "st":
        crowd.weir.run("group", "create", stream, "g", "0", "--mkstream")
    crowd.weir.run("group", "create", "s", "w", "0")
    struck = dict.fromkeys(KINDS, 0)
    rounds = max(30, ROUNDS // every)
    for _ in range(rounds):
        crowd.tend(KINDS)
        # They shall be anywhere in what they do when it comes.
        time.sleep(random.random() * 0.05)
        struck[crowd.strike(random.choice([signal.SIGKILL, signal.SIGSTOP]))] += 1
    crowd.end()
    crowd.check()
    for kind, times in struck.items():
        report(f"killed or stopped: {kind}", times, {})
    report("all of them", rounds, {"the end": crowd.problems} if crowd.problems else {})
    return len(crowd.problems)
