"""Records the questions to weir and its answers, with times, while its processes are killed and stopped.

A record is a line of JSON: the operation ("do"), the process that did it, its begin and end (nanoseconds of the monotonic
clock, which all processes of a machine share), and the answer ("got"). Without "got" nobody knows whether the operation
was done; but it was not done before "from", nor after "to", when the process was gone or had reported a failure.
"""
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from testing import Connection

now = time.monotonic_ns


class Recorder:
    """One process's part of a history, in a file of its own."""

    def __init__(self, folder, name, program, db, env, strikes=True, until=None):
        self.name = name
        self.program = program
        self.db = db
        self.env = env
        self.until = until
        self.random = random.Random(f"{env['WEIR_HISTORY_SEED']} {name}")
        self.strikes = strikes
        self.file = open(folder / f"{name}.jsonl", "w", encoding="utf-8")
        self.batch = None

    def over(self):
        return now() >= self.until

    def note(self, do, start, **what):
        self.file.write(json.dumps({"do": do, "by": self.name, "from": start, "to": now(), **what}) + "\n")
        self.file.flush()

    def fate(self, kills=0.006, stops=0.003):
        """What is to happen to the process that is asked next, if anything."""
        if not self.strikes:
            return None
        chance = self.random.random()
        return "kill" if chance < kills else "stop" if chance < kills + stops else None

    def strike(self, process, fate):
        """Kills or stops it, anywhere in what it does."""
        select.select([process.stdout], [], [], 10 ** self.random.uniform(-4.3, -1.5))
        if fate == "kill":
            process.kill()
        else:
            process.send_signal(signal.SIGSTOP)
            time.sleep(10 ** self.random.uniform(-2.5, -0.2))
            process.send_signal(signal.SIGCONT)
        self.note(fate, now())

    def start(self, *arguments, **options):
        # Whoever holds the turn may be stopped, on a machine that is busy: nobody is to give up.
        return subprocess.Popen([self.program, "--db", self.db, "-o", "jsonl", "--lock-timeout", "10m", *arguments], env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def command(self, *arguments, input="", fate=""):
        """A process for one command. The lines that it printed whole, and whether it ended as it should."""
        fate = self.fate(kills=0.04, stops=0.01) if fate == "" else fate
        process = self.start(*arguments, stdin=subprocess.PIPE)
        try:
            process.stdin.write(input.encode())
            process.stdin.close()
        except BrokenPipeError:
            pass
        if fate:
            self.strike(process, fate)
        text = process.stdout.read().decode()
        error = process.stderr.read().decode()
        status = process.wait()
        process.stdout.close()
        process.stderr.close()
        if status not in (0, 1, -signal.SIGKILL):
            self.note("failed", now(), command=arguments, status=status, error=error)
        return [line for line in text.splitlines(keepends=True) if line.endswith("\n")], status in (0, 1)

    def ask(self, *words):
        """A command of `batch`. Its answer; None if there was none, or it reports a failure."""
        if self.batch is None:
            self.batch = self.start("batch", stdin=subprocess.PIPE)
        process = self.batch
        fate = self.fate()
        answer = ""
        try:
            process.stdin.write(json.dumps(words).encode() + b"\n")
            process.stdin.flush()
            if fate:
                self.strike(process, fate)
            answer = process.stdout.readline().decode()
        except BrokenPipeError:
            pass
        if fate == "kill" or not answer.endswith("\n"):
            self.leave()
        if not answer.endswith("\n"):
            return None
        answer = json.loads(answer)
        if isinstance(answer, dict) and "error" in answer:
            self.note("failed", now(), command=words, error=answer["error"])
            return None
        return answer if answer is not None else []

    def leave(self):
        """Ends the batch, and waits until it is gone."""
        process, self.batch = self.batch, None
        if process is None:
            return
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        process.stdout.read()
        error = process.stderr.read().decode()
        status = process.wait()
        process.stdout.close()
        process.stderr.close()
        if status < 0 and status != -signal.SIGKILL:
            self.note("failed", now(), command="batch", status=status, error=error)

    def token(self):
        """What marks a message, like no other."""
        self.tokens = getattr(self, "tokens", 0) + 1
        return f"{self.name}.{self.tokens}"


class Served(Recorder):
    """Whose commands go through `weir serve`, which is another's process to kill. A connection that ends means that the
    server has: nothing that it had not answered can be done after that."""

    def __init__(self, *arguments, socket, **options):
        super().__init__(*arguments, **options)
        self.socket = socket
        self.connection = None

    def connect(self):
        while not self.over():
            try:
                connection = Connection(self.socket)
                connection.socket.settimeout(None)
                return connection
            except OSError:
                time.sleep(0.01)  # it is being started
        return None

    def ask(self, *words):
        self.connection = self.connection or self.connect()
        if self.connection is None:
            return None
        try:
            kind, value = self.connection.ask(*words)
        except (OSError, EOFError):
            self.leave()
            return None
        if kind == "-":
            self.note("failed", now(), command=words, error=value.decode())
            return None
        return as_batch_says_it(words, value)

    def leave(self):
        connection, self.connection = self.connection, None
        if connection is not None:
            try:
                connection.close()
            except OSError:
                pass  # what was still to be sent


def entry_of(reply, deliveries=None):
    (_, id), (_, fields), *before = reply
    if before:  # idle time and deliveries before an XREADGROUP with CLAIM
        deliveries = before[1][1] + 1
    pairs = [value.decode() for _, value in fields] if fields is not None else None
    return {"id": id.decode(), "fields": pairs and dict(zip(pairs[::2], pairs[1::2])), "deliveries": deliveries}


def as_batch_says_it(words, value):
    """A reply in RESP as `batch` would print it. How often something was delivered is not in it, but new is new."""
    match words[0]:
        case "XREAD" | "XREADGROUP":
            deliveries = 1 if words[-1] == ">" else None
            return [entry_of(entry, deliveries) for _, (_, (_, entries)) in value or [] for _, entry in entries]
        case "XRANGE":
            return [entry_of(entry) for _, entry in value]
        case "XPENDING":
            return [{"id": id.decode(), "consumer": consumer.decode() or None, "deliveries": count}
                    for _, ((_, id), (_, consumer), _, (_, count)) in value]
    return value.decode() if isinstance(value, bytes) else value


def shim_environment(folder, shim, seed):
    """Nothing of who runs the test; the clock is that of the store, if the shim is there."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "WEIR_HISTORY_SEED": str(seed)}
    env.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
    if shim:
        env |= {"LD_PRELOAD": str(shim), "WEIR_CLOCK": str(folder / "clock")}
    return env
