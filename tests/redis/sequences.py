"""Makes random sequences of commands with three streams, two groups, three consumers and few IDs. A sequence is a list of
steps, a step is a list of commands that belong together, and a command is a list of bytes."""

import random
from dataclasses import dataclass

KEYS = [b"s", b"t\xff\x00", b"u v"]
GROUPS = [b"g", b"h\x00\xfe"]
CONSUMERS = [b"c", b"", b"d\n\xff"]
EDGES = [0, 1, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]
EVERY_BYTE = bytes(range(256))
VALUES = [b"", b"x", b"1", b"-0.50", b"null", b"true", b'{"a":1}', b"\xff", b"\xc3\xa9", b"\xed\xa0\x80", b"\x00", b"a b\r\n", b"\"\\", EVERY_BYTE]
LONG_AGO = 100_000_000  # milliseconds idle, against which no run of the test counts


@dataclass
class Step:
    commands: list
    needs: str = ""  # "future": the last ID of the stream is past the clock; "kept": its last ID is not after a deleted one
    settles: bool = False  # the commands after the first make consumers, so that both sides have the same


class Sequence:
    def __init__(self, seed, length, references=False, claim=False, producers=False, nested=True):
        """`references`: with KEEPREF, DELREF, ACKED, and the commands that came with them in 8.2. `claim`: with XREADGROUP
        CLAIM, of 8.4. `producers`: with IDMP, IDMPAUTO and XCFGSET, of 8.6. `nested`: with MULTI within MULTI."""
        self.references, self.claim, self.producers, self.nested = references, claim, producers, nested
        self.random = random.Random(seed)
        self.deletes = self.random.random() < 0.7  # without deletions lag can be compared in full
        self.at = self.random.choice([0, 0, 0, 0, 2**63 - 40, 2**64 - 400])  # about where IDs are
        self.steps = []
        while len(self.steps) < length:
            self.steps.extend(self.transaction() if self.chance(0.03) else [self.step()])

    # Parts of commands.

    def chance(self, probability):
        return self.random.random() < probability

    def key(self):
        return self.random.choices(KEYS, [8, 3, 1])[0]

    def group(self):
        return self.random.choices(GROUPS, [3, 1])[0]

    def consumer(self):
        return self.random.choices(CONSUMERS, [3, 2, 1])[0]

    def word(self, text):
        """A keyword, in either case."""
        return "".join(self.random.choice((c.upper(), c.lower())) if self.chance(0.1) else c for c in text).encode()

    def edge(self):
        return self.random.choice(EDGES)

    def id(self):
        """One that may be in the stream."""
        if self.chance(0.08):
            return f"{self.edge()}-{self.edge()}"
        at = max(0, self.at - int(self.random.expovariate(0.12)) + self.random.randrange(3))
        ms, seq = min(at // 3, 2**64 - 1) if self.at < 2**63 - 40 else min(at, 2**64 - 1), self.random.randrange(4)
        return str(ms) if self.chance(0.1) else f"{ms}-{seq}"

    def bound(self):
        id = self.random.choice(["-", "+"]) if self.chance(0.4) else self.id()
        return "(" + id if self.chance(0.2) else id

    def new_id(self):
        if self.chance(0.02):
            return self.id()
        if self.chance(0.01):
            return f"{self.edge()}-*"
        self.at += self.random.randrange(1, 4)
        ms = min(self.at // 3, 2**64 - 1) if self.at < 2**63 - 40 else min(self.at, 2**64 - 1)
        return f"{ms}-*" if self.chance(0.3) else f"{ms}-{self.random.randrange(4)}" if self.chance(0.9) else str(ms)

    def count(self, options=(0, 1, 1, 2, 3, 5, 100, -1)):
        return [self.word("COUNT"), str(self.random.choice(options))]

    def sometimes(self, probability, *words):
        return list(words) if self.chance(probability) else []

    def reference(self):
        return self.word(self.random.choice(["KEEPREF", "DELREF", "ACKED"]))

    def trim(self):
        trim = self.plain_trim()
        if self.references and self.chance(0.3):
            trim.insert(0, self.reference()) if self.chance(0.5) else trim.append(self.reference())
        return trim

    def plain_trim(self):
        if self.chance(0.5):
            # `~` only where it has no effect: what it may keep is a named difference.
            if self.chance(0.2):
                return [self.word("MAXLEN"), "~", "1000"] + self.sometimes(0.3, self.word("LIMIT"), str(self.random.choice([0, 5, 1000])))
            return [self.word("MAXLEN")] + self.sometimes(0.3, "=") + [str(self.random.choice([0, 1, 2, 3, 5, 10, 1000]))]
        return [self.word("MINID")] + self.sometimes(0.3, "=") + [self.id()]

    def fields(self):
        out = []
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            out += [self.random.choice([b"f", b"f", b"g", b"f\xff"]) if self.chance(0.95) else b"", self.random.choice(VALUES)]
        return out

    def ids(self):
        return [self.id() for _ in range(self.random.choice([1, 1, 2, 3, 5]))]

    # Commands.

    def step(self, in_transaction=False):
        kinds = {self.xadd: 24, self.xrange: 8, self.xread: 6, self.xreadgroup: 16, self.xack: 6, self.xpending: 8, self.xclaim: 8,
                 self.xautoclaim: 6, self.xinfo: 8, self.xgroup: 7, self.whole: 2.5, self.malformed: 1}
        if self.producers:
            kinds |= {self.xcfgset: 1}
        if self.deletes:
            kinds |= {self.xdel: 6, self.xtrim: 2}
            if self.references:
                kinds |= {self.xdelex: 4, self.xackdel: 4}
            if not in_transaction:
                kinds |= {self.xsetid: 1.5}
        made = self.random.choices(list(kinds), list(kinds.values()))[0](in_transaction)
        step = made if isinstance(made, Step) else Step([made])
        step.commands = [[w if isinstance(w, bytes) else str(w).encode() for w in command] for command in step.commands]
        return step

    def transaction(self):
        """MULTI to EXEC: its commands can be left out one by one, but not its ends."""
        inside = [self.step(in_transaction=True) for _ in range(self.random.randrange(6))]
        if self.chance(0.1) and self.nested:
            inside.append(Step([[b"MULTI"]]))
        return [Step([[b"MULTI"]]), *inside, Step([[b"DISCARD" if self.chance(0.15) else b"EXEC"]])]

    def xadd(self, in_transaction):
        key = self.key()
        options = self.sometimes(0.05, self.word("NOMKSTREAM")) + (self.trim() if self.deletes and self.chance(0.15) else [])
        if not in_transaction and self.chance(0.15 if self.producers else 0.03):
            return Step([["XADD", key, *options, *self.producer(), "*", *self.fields()]], needs="future")
        return ["XADD", key, *options, self.new_id(), *self.fields()]

    def producer(self):
        if not self.producers or self.chance(0.2):
            return []
        name = self.random.choice([b"p", b"q\xff"])
        if self.chance(0.3):
            return [self.word("IDMPAUTO"), name]
        return [self.word("IDMP"), name, self.random.choice([b"1", b"2", b"3\x00", b"4"])]

    def xcfgset(self, _):
        options = [[self.word("IDMP-DURATION"), self.random.choice([100, 100, 200, 86400, 0, 86401])],
                   [self.word("IDMP-MAXSIZE"), self.random.choice([100, 2, 1, 10000, 0, 10001])]]
        self.random.shuffle(options)
        return ["XCFGSET", self.key(), *sum(options[:self.random.choice([0, 1, 1, 1, 2])], [])]

    def xdel(self, _):
        return ["XDEL", self.key(), *self.ids()]

    def some_ids(self):
        option = self.sometimes(0.6, self.reference())
        ids = self.ids()
        words = [self.word("IDS"), str(len(ids)), *ids]
        return option + words if self.chance(0.7) else words + option

    def xdelex(self, _):
        return ["XDELEX", self.key(), *self.some_ids()]

    def xackdel(self, _):
        return ["XACKDEL", self.key(), self.group(), *self.some_ids()]

    def xtrim(self, _):
        return ["XTRIM", self.key(), *self.trim()]

    def xsetid(self, _):
        key = self.key()
        more = []
        if self.chance(0.5):
            more = [self.word("ENTRIESADDED"), self.random.choice([0, 1, 5, 50, 2**63 - 1, -1]), self.word("MAXDELETEDID"), self.id()]
        return Step([["XSETID", key, self.id(), *more]], needs="kept")

    def xrange(self, _):
        if self.chance(0.15):
            return ["XLEN", self.key()]
        command = self.random.choice(["XRANGE", "XREVRANGE"])
        return [command, self.key(), self.bound(), self.bound(), *(self.count() if self.chance(0.4) else [])]

    def xread(self, _):
        keys = [self.key() for _ in range(self.random.choice([1, 1, 2, 3]))]
        after = ["$" if self.chance(0.1) else self.id() if self.chance(0.7) else "0" for _ in keys]
        wait = self.sometimes(0.02, self.word("BLOCK"), 1)
        return ["XREAD", *(self.count() if self.chance(0.4) else []), *wait, self.word("STREAMS"), *keys, *after]

    def settled(self, command, keys, group, consumer):
        return Step([command] + [["XGROUP", "CREATECONSUMER", key, group, consumer] for key in dict.fromkeys(keys)], settles=True)

    def xreadgroup(self, _):
        group, consumer = self.group(), self.consumer()
        keys = [self.key() for _ in range(self.random.choice([1, 1, 1, 2]))]
        after = [">" if self.chance(0.8) else "0" if self.chance(0.5) else self.id() for _ in keys]
        options = [self.count() if self.chance(0.7) else [], self.sometimes(0.1, self.word("NOACK")), self.sometimes(0.02, self.word("BLOCK"), 1)]
        if self.claim and self.chance(0.4):
            options.append([self.word("CLAIM"), self.min_idle()])
        self.random.shuffle(options)
        options = sum(options, [])
        return self.settled(["XREADGROUP", self.word("GROUP"), group, consumer, *options, self.word("STREAMS"), *keys, *after], keys, group, consumer)

    def xack(self, _):
        return ["XACK", self.key(), self.group(), *self.ids()]

    def xpending(self, _):
        words = ["XPENDING", self.key(), self.group()]
        if self.chance(0.3):
            return words
        words += self.sometimes(0.3, self.word("IDLE"), self.random.choice([0, LONG_AGO // 2]))
        words += [self.bound(), self.bound(), self.random.choice([0, 1, 2, 10, 100, -1])]
        return words + self.sometimes(0.4, self.consumer())

    def min_idle(self):
        return self.random.choice([0, 0, LONG_AGO // 2, 2 * LONG_AGO, -1])

    def xclaim(self, _):
        key, group, consumer = self.key(), self.group(), self.consumer()
        options = [self.sometimes(0.25, self.word("FORCE")), self.sometimes(0.25, self.word("JUSTID")),
                   self.sometimes(0.2, self.word("RETRYCOUNT"), self.random.choice([0, 1, 7, 2**62])),  # one more than 2**63 - 1 is negative in Redis
                   self.sometimes(0.15, self.word("LASTID"), self.id())]
        options.append(self.sometimes(0.2, self.word("IDLE"), self.random.choice([0, LONG_AGO, -5, 2**62])) or
                       self.sometimes(0.1, self.word("TIME"), self.random.choice([0, 1, 10**12, 10**17, -1])))
        self.random.shuffle(options)
        return self.settled(["XCLAIM", key, group, consumer, self.min_idle(), *self.ids(), *sum(options, [])], [key], group, consumer)

    def xautoclaim(self, _):
        key, group, consumer = self.key(), self.group(), self.consumer()
        start = self.bound() if self.chance(0.5) else "0"
        options = (self.count((1, 1, 2, 3, 10)) if self.chance(0.6) else []) + self.sometimes(0.3, self.word("JUSTID"))
        return self.settled(["XAUTOCLAIM", key, group, consumer, self.min_idle(), start, *options], [key], group, consumer)

    def xinfo(self, _):
        key = self.key()
        return self.random.choice([["XINFO", self.word("STREAM"), key], ["XINFO", "STREAM", key, self.word("FULL")],
                                   ["XINFO", "STREAM", key, "FULL", *self.count((0, 1, 2, 100))],
                                   ["XINFO", self.word("GROUPS"), key], ["XINFO", self.word("CONSUMERS"), key, self.group()]])

    def xgroup(self, _):
        key, group = self.key(), self.group()
        start = "$" if self.chance(0.3) else self.id() if self.chance(0.3) else "0"
        read = self.sometimes(0.2, self.word("ENTRIESREAD"), self.random.choice([-1, 0, 1, 3, 10, 2**63 - 1])) if self.deletes else []
        create = ["XGROUP", self.word("CREATE"), key, group, start, *self.sometimes(0.5, self.word("MKSTREAM")), *read]
        if self.claim:
            create = self.in_turn(create)
        return self.random.choices([create, ["XGROUP", self.word("SETID"), key, group, start, *read],
                                    ["XGROUP", self.word("DESTROY"), key, group],
                                    ["XGROUP", self.word("CREATECONSUMER"), key, group, self.consumer()],
                                    ["XGROUP", self.word("DELCONSUMER"), key, group, self.consumer()]], [12, 3, 1, 2, 2])[0]

    def in_turn(self, create):
        """A group, in a stream that was read with CLAIM before the group is given anything: a file does not keep the
        order of what was given in one millisecond before that (known_differences.py)."""
        key = create[2]
        return Step([create, ["XGROUP", "CREATE", key, "turns", "$"],
                     ["XREADGROUP", "GROUP", "turns", "c", "CLAIM", LONG_AGO, "STREAMS", key, ">"], ["XGROUP", "DESTROY", key, "turns"]])

    def whole(self, _):
        """Commands on whole streams."""
        keys = [self.key() for _ in range(self.random.choice([1, 1, 2]))]
        return self.random.choices([["DEL", *keys], ["EXISTS", *keys, *keys], ["TYPE", keys[0]], ["RENAME", self.key(), self.key()],
                                    ["KEYS", self.random.choice(["*", "s", "[t-z]*", "?", "*\\ *", "[^s]*", b"t\xff*"])], ["FLUSHALL"]],
                                   [1, 2, 2, 2, 2, 0.3])[0]

    def malformed(self, in_transaction):
        """A command with a word too many, too few, or other than it should be."""
        step = self.step(in_transaction)
        command = step.commands[0]
        if step.settles or step.needs or b"BLOCK" in [w.upper() for w in command]:
            return ["PING"]
        at = self.random.randrange(1, len(command)) if len(command) > 1 else 0
        change = self.random.randrange(3)
        if change == 0 and at > 0:
            del command[at]
        elif change == 1:
            command.insert(at + 1, self.random.choice(command))
        elif at > 0:
            command[at] = self.random.choice([b"", b"x", b"-1", b"0", b"+", b"-", b"(", b"18446744073709551616", b"\xff"])
        if b"*" in command or b"~" in command or b"$" in command[-1:] or command[0] == b"XREAD" and b"+" in command:
            return ["PING"]  # what needs a look at the stream first, or 7.0.15 has not
        return step
