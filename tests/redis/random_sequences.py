#!/usr/bin/env python3
"""Random sequences of commands, through `weir batch` and through redis-server, both in RESP2 or RESP3: each reply is the
same, but for the differences in known_differences.py. If a reply differs otherwise, the shortest sequence that still
shows this is printed.

usage: random_sequences.py WEIR [--seed N] [--sequences N] [--length N] [--protocol 2|3] [--serve]
--serve: through `weir serve`, not `weir batch`."""

import argparse
import os
import random
import sys
import tempfile

from known_differences import Judge, consumer_may_be_absent, same
from lag import wrong_lags
from sequences import CONSUMERS, GROUPS, KEYS, Sequence, Step

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Served, Server, Weir, command_text, shown  # noqa: E402

CLOCK_IS_BEFORE = 4_000_000_000_000  # milliseconds: the year 2096
LAST_OF_ALL = (2**64 - 1, 2**64 - 1)
COUNTERS_SET = {b"XDEL", b"XTRIM", b"XSETID", b"XDELEX", b"XACKDEL"}


class Different(Exception):
    def __init__(self, words, redis, weir, why=""):
        super().__init__(words)
        self.words, self.redis, self.weir, self.why = words, redis, weir, why

    def kind(self):
        return self.words[0].upper(), self.why


def last_state():
    """Commands that show all there is, for the end of a sequence."""
    for key in KEYS:
        yield Step([[b"XRANGE", key, b"-", b"+"]])
        yield Step([[b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"]])
        yield Step([[b"XINFO", b"STREAM", key]])
        for group in GROUPS:
            yield Step([[b"XPENDING", key, group]])
            yield Step([[b"XPENDING", key, group, b"-", b"+", b"1000"]])
            yield from (Step([[b"XPENDING", key, group, b"-", b"+", b"1000", consumer]]) for consumer in CONSUMERS)


class Runner:
    def __init__(self, redis, weir):
        self.redis, self.weir = redis, weir
        self.judge = Judge(redis)

    def run(self, steps, seed, sizes=(1, 5, 30)):
        """Runs a sequence on empty stores, so many commands at a time as `sizes` say. Raises Different."""
        chunks = random.Random(seed)
        self.counters_set = False  # then lag is no longer compared with 7.0.15
        self.queue = None
        for side in (self.redis, self.weir):
            side.ask("DISCARD")
            side.ask("FLUSHALL")
        chunk, room = [], 0
        for step in steps:
            if step.needs or room == 0:
                self.run_chunk(chunk)
                chunk, room = [], chunks.choice(sizes)
            if not step.needs or self.queue is None and self.allowed(step):
                chunk.append(step)
                room -= 1
        self.run_chunk(chunk)

    def allowed(self, step):
        """Whether both sides can be expected to agree on it, as things stand."""
        key = step.commands[0][1]
        kind, info = self.redis.ask("XINFO", "STREAM", key)
        if kind == "-":
            return step.needs != "future"
        fields = {info[i][1]: info[i + 1][1] for i in range(0, len(info), 2)}
        last = tuple(map(int, fields[b"last-generated-id"].split(b"-")))
        if step.needs == "future":
            # Redis counts the producer of an entry for which there was no ID left.
            idempotent = any(word.upper().startswith(b"IDMP") for word in step.commands[0])
            return last[0] > CLOCK_IS_BEFORE and not (idempotent and last == LAST_OF_ALL)
        # 7.0.15 accepts an XSETID below the current max-deleted-entry-id.
        deleted = tuple(map(int, fields[b"max-deleted-entry-id"].split(b"-")))
        wanted = step.commands[0][2].partition(b"-")
        try:
            return (int(wanted[0]), int(wanted[2] or 0)) >= deleted
        except ValueError:
            return True

    def run_chunk(self, chunk):
        for side in (self.redis, self.weir):
            for step in chunk:
                for words in step.commands:
                    side.send(words)
            side.flush()
        asked = [(step, at) for step in chunk for at in range(len(step.commands))]
        first = None
        for step, at in asked:
            redis = self.redis.reply()
            try:
                weir = self.weir.reply()
            except (EOFError, ValueError) as error:
                raise Different(step.commands[at], redis, ("-", b""), f"weir: {error}")
            if first is None:
                try:
                    self.look(step, at, redis, weir)
                except Different as different:
                    first = different  # the replies to the rest of the chunk are still to be read
        if first is not None:
            raise first

    def look(self, step, at, redis, weir):
        words = step.commands[at]
        command = words[0].upper()
        if command == b"EXEC" and redis[0] == "*" and weir[0] == "*" and len(redis[1]) == len(weir[1]) == len(self.queue):
            for (step, at), theirs, ours in zip(self.queue, redis[1], weir[1]):
                self.compare(step, at, theirs, ours)
            self.queue = None
            return
        self.compare(step, at, redis, weir)
        if command == b"MULTI" and redis[0] == "+":
            self.queue = []
        elif command in (b"EXEC", b"DISCARD"):
            self.queue = None
        elif self.queue is not None and redis == ("+", b"QUEUED"):
            self.queue.append((step, at))

    def compare(self, step, at, redis, weir):
        words = step.commands[at]
        upper = {w.upper() for w in words[:1]} | {w.upper() for w in words[2:]}
        if upper & COUNTERS_SET or words[0].upper() == b"XADD" and upper & {b"MAXLEN", b"MINID"} or b"ENTRIESREAD" in upper:
            self.counters_set = True
        if at == 0 and step.settles:
            self.settled_by = weir
        elif step.settles and redis == (":", 1) and weir == (":", 0) and consumer_may_be_absent(step.commands[0], self.settled_by, words[2]):
            return
        if not same(self.judge, words, redis, weir, not self.counters_set):
            raise Different(words, redis, weir)
        if weir[0] in "*%" and [w.upper() for w in words[:2] + words[3:4]] == [b"XINFO", b"STREAM", b"FULL"]:
            for name, told, right in wrong_lags(weir):
                raise Different(words, redis, weir, f"lag of {name}: weir tells {told}, right is {right}")


def shortest(steps, fails):
    """Delta debugging: leaves out what is not needed for `fails` to hold."""
    size = len(steps) // 2
    while size >= 1:
        at, smaller = 0, False
        while at < len(steps):
            rest = steps[:at] + steps[at + size:]
            if fails(rest):
                steps, smaller = rest, True
            else:
                at += size
        size = size if smaller and size == 1 else size // 2
    return steps


def report(runner, steps, seed, different):
    def fails(rest, sizes):
        nonlocal different
        try:
            runner.run(rest, seed, sizes)
        except Different as again:
            if again.kind() == different.kind():
                different = again
                return True
        return False

    if not different.why.startswith("weir: "):
        # If possible with commands sent one by one, or all at once: then what is left out changes nothing else.
        for sizes in ((1,), (len(steps),), (1, 5, 30)):
            if fails(steps, sizes):
                break
        steps = shortest(steps, lambda rest: fails(rest, sizes))
        fails(steps, sizes)
    print(f"seed {seed}:")
    for step in steps:
        for words in step.commands:
            print("  " + command_text(words))
    print(f"differs at: {command_text(different.words)}\n{different.why}\nredis-server:\n{shown(different.redis)}\nweir:\n{shown(different.weir)}\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("weir")
    arguments.add_argument("--seed", type=int, default=1, help="of the first sequence")
    arguments.add_argument("--sequences", type=int, default=150)
    arguments.add_argument("--length", type=int, default=150, help="steps in a sequence")
    arguments.add_argument("--protocol", type=int, choices=(2, 3), default=2)
    arguments.add_argument("--serve", action="store_true")
    arguments = arguments.parse_args()
    program = os.path.abspath(arguments.weir)
    commands = failures = 0
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        redis = server.connect()
        weir = (Served(program, arguments.protocol) if arguments.serve else
                Weir(program, os.path.join(folder, "w.db"), protocol=arguments.protocol))
        runner = Runner(redis, weir)
        redis.ask("HELLO", arguments.protocol)
        for seed in range(arguments.seed, arguments.seed + arguments.sequences):
            judge = runner.judge
            sequence = Sequence(seed, arguments.length, references=judge.has_references, claim=judge.has_claim,
                                producers=judge.has_producers, nested=not judge.valkey)
            steps = sequence.steps + [Step([[b"DISCARD"]]), *last_state()]
            commands += sum(len(step.commands) for step in steps)
            try:
                runner.run(steps, seed)
            except Different as different:
                failures += 1
                report(runner, steps, seed, different)
                if failures == 3 or different.why.startswith("weir: "):
                    break
        weir.close()
    print(f"{commands} commands, {failures} differences; {runner.judge.name}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
