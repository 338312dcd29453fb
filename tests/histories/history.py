"""Reads a recorded history, and puts it in order for the checks.

If an operation took effect, it did so at one moment between "from" and "to". A check reports a fault only if there is a
fault whatever those moments were. An operation without an answer may or may not have been done: the check assumes what
explains the other records. So a check may miss a fault, but every fault that it reports is real.
"""
import bisect
import collections
import json

NEVER = 1 << 62
SLACK_MS = 20  # what lies between a reading of the clock and what is made of it


def number(id):
    ms, _, seq = id.partition("-")
    return int(ms), int(seq)


class Op:
    """What was asked, and what is known of the answer."""

    def __init__(self, record):
        self.__dict__.update(record)
        self.start, self.end = record["from"], record["to"]
        self.answered = "got" in record

    def __getattr__(self, name):
        """What a record does not have."""
        return None

    def __repr__(self):
        shown = {name: value for name, value in self.__dict__.items() if name not in ("start", "end", "answered")}
        return json.dumps(shown)[:400]


class Clock:
    """The store's clock, in milliseconds: the machine's, and by how much the history has moved it."""

    def __init__(self, history, steps):
        self.base = history.offset
        self.steady = abs(history.moved) < 5_000_000  # nobody set the machine's own
        steps = sorted(steps, key=lambda op: op.start)
        self.from_ = [0] + [op.start for op in steps]
        self.to = [op.end for op in steps] + [NEVER]
        self.by = [0] + [op.offset for op in steps]

    def parts(self, start, end):
        """From when, until when, and by how much it may have been moved between the two. It may be either while it is
        being moved."""
        first = bisect.bisect_left(self.to, start)
        last = bisect.bisect_right(self.from_, end)
        return [(max(start, self.from_[i]), min(end, self.to[i]), self.by[i]) for i in range(first, last)]

    def most(self, start, end):
        return max((self.base + to) / 1e6 + by * 1000 for _, to, by in self.parts(start, end)) + SLACK_MS

    def least(self, start, end):
        return min((self.base + from_) / 1e6 + by * 1000 for from_, _, by in self.parts(start, end)) - SLACK_MS


class Entry:
    """A message of a stream: when it may have been appended at the earliest, and by when it was at the latest."""

    def __init__(self, id, token, after):
        self.id, self.token, self.after, self.by = id, token, after, NEVER


class History:
    def __init__(self, folder):
        self.ops = []
        for path in sorted(folder.glob("*.jsonl")):
            with open(path, encoding="utf-8") as file:
                self.ops += [Op(json.loads(line)) for line in file]
        self.ops.sort(key=lambda op: op.start)
        self.by_kind = collections.defaultdict(list)
        for op in self.ops:
            self.by_kind[op.do].append(op)
        self.about = self.by_kind["history"][0]
        self.clock = Clock(self.about, self.by_kind["clock"])
        self.runs = {path.suffix[1:]: path.read_text(encoding="utf-8") for path in folder.glob("runs.*")}
        self.problems = []

    def of(self, do, stream, group=None):
        return [op for op in self.by_kind[do] if op.stream == stream and (group is None or op.group == group)]

    def problem(self, promise, what, *ops):
        self.problems.append((promise, what, ops))

    def index(self, stream):
        """Each entry that anybody saw or was told of, by its ID; and the tokens of those that nobody did."""
        asked = {}  # token: the first time that it was asked for
        for op in self.of("add", stream) + self.of("delay", stream) + self.of("unique", stream):
            if op.token not in asked or op.start < asked[op.token]:
                asked[op.token] = op.start
        entries, ids = {}, {}

        def see(id, token, op):
            key = number(id)
            if key not in entries:
                if token not in asked:
                    self.problem("nothing is there that nobody asked for", f"{id} {token}", op)
                if ids.setdefault(token, id) != id:
                    self.problem("an append is done once", f"{token} has {ids[token]} and {id}", op)
                entries[key] = Entry(key, token, asked.get(token, 0))
            entry = entries[key]
            if entry.token != token:
                self.problem("a reported append is there", f"{id} is {entry.token}, and {token}", op)
            entry.by = min(entry.by, op.end)

        for op in self.of("add", stream):
            if op.answered and op.got is not True:
                see(op.got, op.token, op)
        for do in ("range", "read", "claim", "again", "follow", "stood"):
            for op in self.of(do, stream):
                for id, token, *_ in op.got or op.part or []:
                    if token is not None:
                        see(id, token, op)
        unseen = [token for token in asked if token not in ids]
        return entries, ids, unseen, asked
