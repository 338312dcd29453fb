#!/usr/bin/env python3
"""Tests the checker on histories made by hand: it is silent if some order explains a history, else names the right promise."""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import check_history
from history import number
from testing import Checks

STREAMS, GROUPS = "atmkpljnoqsuv", ["a g", "k g1", "k g2", "p g", "l g", "n g", "q g", "u g", "s g", "j w", "o w"]
MS = 1_000_000
checks = Checks()


class Story:
    """A history, told from what was done; times are in milliseconds. At its end all that is left is looked at."""

    def __init__(self):
        self.ops = []
        self.left = {stream: [] for stream in STREAMS}
        self.parts = {"r": []}  # what is left under which name
        self.runs = {}

    def tell(self, do, start, end, **what):
        self.ops.append({"do": do, "by": "someone", "from": start * MS, "to": end * MS, **what})
        return self

    def add(self, start, end, id, token, stream="a", left=True, **what):
        """`id` None: not answered."""
        if left:
            self.left[stream].append([left if isinstance(left, str) else id, token, None])
        return self.tell("add", start, end, stream=stream, token=token, **({"got": id} if id else {}), **what)

    def read(self, start, end, consumer, *given, stream="a", group="g", count=10, **what):
        return self.tell("read", start, end, stream=stream, group=group, consumer=consumer, count=count,
                         got=[[id, token, 1] for id, token in given], **what)

    def claim(self, start, end, consumer, min_idle, *given, stream="a", **what):
        return self.tell("claim", start, end, stream=stream, group="g", consumer=consumer, min_idle=min_idle,
                         got=list(given), **({"ids": [id for id, *_ in given]} | what))

    def ack(self, start, end, *ids, got=None, stream="a", group="g"):
        return self.tell("ack", start, end, stream=stream, group=group, ids=list(ids), got=len(ids) if got is None else got)

    def run(self, stream, *lines):
        """What commands wrote down: an ID, a delivery, who ran it, and whether it began or ended."""
        self.runs[stream] = "".join(line + "\n" for line in lines)
        return self

    def unique(self, start, end, id, token, key="z", left=True, stream="q", **what):
        """`left`: the ID under which it is, if that is another than what was told."""
        if left:
            self.left[stream].append([left if isinstance(left, str) else id, token, None])
        return self.tell("unique", start, end, stream=stream, token=token, key=key, **({"got": id} if id is not None else {}), **what)

    def broken(self):
        """The promises that the checker says are."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            late = 10_000
            for stream, left in self.left.items():
                left.sort(key=lambda entry: number(entry[0]))
                self.tell("range", late, late + 1, stream=stream, after=None, last=True, got=left)
            for each in GROUPS:
                stream, group = each.split()
                self.tell("pending", late, late + 1, stream=stream, group=group, last=True, got=[])
            self.tell("renamed", late, late, got=self.parts)
            for stream, text in self.runs.items():
                (folder / f"runs.{stream}").write_text(text)
            self.tell("verified", late, late, well=True, found=[])
            self.tell("history", 0, late, offset=0, moved=0, disk=False, processes=1)
            if not any(op["do"] == "copied" for op in self.ops):
                self.tell("copied", late, late, error="", got=self.left["a"])
            (folder / "all.jsonl").write_text("".join(json.dumps(op) + "\n" for op in self.ops))
            return set(check_history.check(folder)[1])


def explained(what, story):
    found = story.broken()
    checks.expect(not found, f"there is an order for this: {what}", found)


def impossible(promise, what, story):
    found = story.broken()
    checks.expect(promise in found, f"{what} breaks: {promise}", found)


def delivered(*readers, stream="a"):
    """Two messages, 5-0 and 6-0, given to these; and acknowledged, so that nothing is left."""
    story = Story().add(1, 2, "5-0", "x", stream=stream).add(3, 4, "6-0", "y", stream=stream)
    for reader in readers:
        story.read(*reader, stream=stream)
    return story


X, Y = ("5-0", "x"), ("6-0", "y")

# Appends and looks.
explained("nothing was answered, and one of two is there",
          Story().add(1, 9, None, "x", left="5-0").add(1, 9, None, "y", left=False).read(20, 21, "c", X).ack(22, 23, "5-0"))
explained("two appends at once, the later one first",
          Story().add(1, 9, "6-0", "y").add(2, 8, "5-0", "x").read(20, 21, "c", X, Y).ack(22, 23, "5-0", "6-0"))
impossible("a reported append is there", "an append that is lost", Story().add(1, 2, "5-0", "x", left=False))
impossible("an append is done once", "a second entry of the same message",
           Story().add(1, 9, None, "x", left="5-0").add(10, 12, "6-0", "x", once=True))
impossible("IDs grow", "a smaller ID later", Story().add(3, 4, "5-0", "x").add(1, 2, "6-0", "y"))
impossible("nothing is there that nobody asked for", "an unknown entry",
           Story().tell("range", 1, 2, stream="a", after=None, got=[["5-0", "z", None]]))
impossible("a look is a state", "a length without what was there before",
           delivered((20, 21, "c", X, Y)).tell("length", 8, 9, stream="a", got=1))
impossible("a look is a state", "a length with what comes later",
           delivered((20, 21, "c", X, Y)).tell("length", 1, 2, stream="a", got=2))
impossible("a look is a state", "a gap",
           delivered((20, 21, "c", X, Y)).tell("range", 8, 9, stream="a", after="0-0", got=[["6-0", "y", None]]))
impossible("a reader misses nothing", "a gap in what is followed",
           delivered((20, 21, "c", X, Y)).tell("follow", 8, 9, stream="a", after="0-0", got=[["6-0", "y", None]]))
impossible("a transaction is whole", "half of one",
           Story().add(1, 9, None, "x", left="5-0", whole="x").add(1, 9, None, "y", left=False, whole="x"))
impossible("a copy has each message once", "a copy with one missing",
           delivered((20, 21, "c", X, Y)).tell("copied", 9, 9, error="", got=[["5-0", "x", None]]))

# Trims.
many = [(f"{n}-0", f"n{n}") for n in range(1, 61)]


def trimmed(kept):
    story = Story()
    for n, (id, token) in enumerate(many):
        story.add(10 * n, 10 * n + 1, id, token, stream="t", left=n >= len(many) - kept)
    return story


explained("fifty of sixty are left", trimmed(50))
impossible("a trim removes no more than it says", "forty-nine of sixty are left", trimmed(49))
impossible("a trim does what it says", "fifty-one of sixty are left", trimmed(51))
explained("deleted by its ID", Story().add(1, 2, "5-0", "x", stream="m", left=False).tell("delete", 5, 6, stream="m", ids=["5-0"], got=1))
impossible("a trim removes no more than it says", "nobody deleted it", Story().add(1, 2, "5-0", "x", stream="m", left=False))
impossible("what was deleted is gone", "still there",
           Story().add(1, 2, "5-0", "x", stream="m").tell("delete", 5, 6, stream="m", ids=["5-0"], got=1))
kept = Story().add(1, 2, "5-0", "x", stream="k", left=False).ack(5, 6, "5-0", stream="k", group="g1")
impossible("keep --acked keeps what is not acknowledged", "gone after one of two groups", kept)
explained("gone after both groups", Story().add(1, 2, "5-0", "x", stream="k", left=False).ack(
    5, 6, "5-0", stream="k", group="g1").ack(5, 6, "5-0", stream="k", group="g2"))

# Delayed.
def delayed(id):
    story = Story().tell("delay", 1, 2, stream="a", token="x", wait=100, handle="@110-1")
    if id:
        story.left["a"].append([id, "x", None])
        story.read(200, 201, "c", (id, "x")).ack(202, 203, id)
    return story


explained("it is appended when it is due", delayed("112-0"))
impossible("nothing delayed is early", "its ID is of an earlier time", delayed("90-0"))
impossible("what was delayed is there when it is due", "it never comes", delayed(None))

# Groups.
impossible("a message is new to one consumer", "new to two", delivered((20, 21, "c", X, Y), (30, 31, "d", Y)))
impossible("no message is passed over", "the first is given to nobody", delivered((20, 21, "c", Y)))
explained("somebody who was killed had the first",
          delivered((20, 21, "c", Y)).tell("read", 10, 19, stream="a", group="g", consumer="d", count=1, part=[]).claim(
              50, 51, "c", 0, ["5-0", "x", 2]).ack(60, 61, "5-0", "6-0"))
explained("somebody who was killed had the last",
          delivered((20, 21, "c", X)).tell("read", 30, 39, stream="a", group="g", consumer="d", count=1, part=[]).claim(
              50, 51, "c", 0, ["6-0", "y", 2]).ack(60, 61, "5-0", "6-0"))
impossible("no message is passed over", "the last is given to nobody", delivered((20, 21, "c", X)))
impossible("new messages come in their order", "the second long before the first",
           delivered((20, 21, "c", Y), (30, 31, "d", X)))
impossible("a read finds what there is", "nothing, though there is something", delivered((9, 10, "c"), (20, 21, "c", X, Y)))
impossible("who waits waits to the end", "a wait that is too short", delivered((1, 3, "c"), (20, 21, "c", X, Y)).read(
    30, 35, "c", block=50))
impossible("each delivery is counted", "two second deliveries",
           delivered((20, 21, "c", X, Y)).claim(100, 101, "d", 0, ["5-0", "x", 2]).claim(200, 201, "e", 0, ["5-0", "x", 2]))
impossible("what is claimed was idle", "a claim too soon",
           delivered((20, 21, "c", X, Y)).claim(120, 121, "d", 500, ["5-0", "x", 2]))
explained("the clock stepped meanwhile",
          delivered((20, 21, "c", X, Y)).tell("clock", 50, 51, offset=1).claim(120, 121, "d", 500, ["5-0", "x", 2]).ack(
              200, 201, "5-0", "6-0"))
impossible("what is acknowledged stays so", "a claim of what is done",
           delivered((20, 21, "c", X, Y)).ack(30, 31, "5-0").claim(100, 101, "d", 0, ["5-0", "x", 2]))
impossible("what is pending can be acknowledged", "an acknowledgement that does nothing",
           delivered((20, 21, "c", X, Y)).ack(30, 31, "5-0", got=0))
impossible("what is pending is seen as it is", "XPENDING without it",
           delivered((20, 21, "c", X, Y)).tell("pending", 30, 31, stream="a", group="g", got=[["5-0", "c", 1]]))
impossible("who claims a message holds it", "XPENDING with another owner",
           delivered((20, 21, "c", X)).tell("pending", 30, 31, stream="a", group="g", got=[["5-0", "d", 1]]))
back = {"stream": "a", "group": "g", "ids": ["5-0"], "got": 1}
impossible("what is given back is nobody's", "still its last owner's",
           delivered((20, 21, "c", X)).tell("nack", 30, 31, wait=0, **back).tell("pending", 40, 41, stream="a", group="g", got=[["5-0", "c", 1]]))
impossible("what was given back waits", "a claim before then",
           delivered((20, 21, "c", X)).tell("nack", 30, 31, wait=500, **back).claim(100, 101, "d", 0, ["5-0", "x", 2]))
explained("given back once more, to be had at once",
          delivered((20, 21, "c", X, Y)).ack(22, 23, "6-0").tell("nack", 30, 31, wait=500, **back).tell(
              "nack", 32, 33, wait=0, **back).claim(100, 101, "d", 0, ["5-0", "x", 2]).ack(110, 111, "5-0"))
explained("taken by a claim that is not counted, when it was due, before the clock went back",
          delivered((20, 21, "c", X, Y)).ack(22, 23, "6-0").tell("nack", 30, 31, wait=500, **back).tell("clock", 50, 51, offset=5).claim(
              60, 61, "d", 0, ["5-0", None, None], justid=True).tell("clock", 70, 71, offset=0).claim(100, 101, "e", 20, ["5-0", "x", 2]).ack(
                  110, 111, "5-0"))
impossible("autoclaim misses nothing", "its cursor is after what it did not take",
           delivered((20, 21, "c", X, Y)).claim(100, 101, "d", 0, ["6-0", "y", 2], ids=None, start_at="0-0", count=10, cursor="0-0"))
impossible("a paused group is given nothing", "a delivery in a pause",
           delivered((20, 21, "c", X, Y), stream="p").tell("pause", 10, 11, stream="p", group="g", got=True).tell(
               "resume", 30, 31, stream="p", group="g", got=True))


def standing(first, second):
    story = Story().add(100, 101, "5-0", "x", stream="l").add(102, 103, "6-0", "y", stream="l").ack(900, 901, "5-0", "6-0", stream="l")
    for i, (id, token) in enumerate((first, second)):
        story.tell("stood", 10 * i, 200, stream="l", group="g", turn=1, count=1, placed=(10 * i + 5) * MS, served=110 * MS,
                   consumer=f"c{i}", got=[[id, token, 1]])
    return story


explained("first come, first served", standing(X, Y))
impossible("first come, first served", "the second is served first", standing(Y, X))

# JUSTID and NOACK.
def just_taken(by):
    return delivered((20, 21, "c", X, Y)).claim(30, 31, by, 0, ["5-0", None, None], justid=True)


explained("a claim with JUSTID counts no delivery", just_taken("d").claim(40, 41, "e", 0, ["5-0", "x", 2]).ack(50, 51, "5-0", "6-0"))
impossible("each delivery is counted", "a claim with JUSTID that does", just_taken("d").claim(40, 41, "e", 0, ["5-0", "x", 3]))
impossible("each delivery is counted", "a look with more than there can have been",
           just_taken("d").tell("pending", 40, 41, stream="a", group="g", got=[["5-0", "d", 2], ["6-0", "c", 1]]))
explained("somebody who was killed was given it in between",
          just_taken("d").tell("claim", 32, 35, stream="a", group="g", consumer="e", min_idle=0, ids=["5-0"]).claim(
              40, 41, "e", 0, ["5-0", "x", 3]).ack(50, 51, "5-0", "6-0"))
explained("who takes it with JUSTID holds it",
          just_taken("d").tell("pending", 40, 41, stream="a", group="g", got=[["5-0", "d", 1], ["6-0", "c", 1]]).ack(50, 51, "5-0", "6-0"))
impossible("who claims a message holds it", "whoever had it before JUSTID",
           just_taken("d").tell("pending", 40, 41, stream="a", group="g", got=[["5-0", "c", 1], ["6-0", "c", 1]]))
impossible("what is acknowledged stays so", "a claim with JUSTID of what is done",
           delivered((20, 21, "c", X, Y)).ack(22, 23, "5-0", "6-0").claim(30, 31, "d", 0, ["5-0", None, None], justid=True))
explained("read with NOACK", delivered((20, 21, "c", X, Y), stream="n"))
impossible("what is read with NOACK is not pending", "a look with it",
           delivered((20, 21, "c", X, Y), stream="n").tell("pending", 30, 31, stream="n", group="g", got=[["5-0", "c", 1]]))
impossible("a message is new to one consumer", "to two with NOACK", delivered((20, 21, "c", X, Y), (30, 31, "d", Y), stream="n"))

# XSETID.
def moved(id):
    return Story().tell("setid", 1, 2, stream="s", id="50-0", got=True).add(3, 4, id, "x", stream="s").read(
        20, 21, "c", (id, "x"), stream="s").ack(22, 23, id, stream="s")


explained("an ID after the one that was set", moved("50-1"))
impossible("IDs are greater than what XSETID said", "one before it", moved("49-0"))

# RENAME.
def renamed(**parts):
    story = Story().add(1, 2, "5-0", "x", stream="r", left=False).add(11, 12, "3-0", "y", stream="r", left=False)
    story.tell("rename", 5, 6, number=1, got=True)
    story.parts = {"r": []} | {name.replace("_", "."): [[id, token, None] for id, token in part] for name, part in parts.items()}
    return story


Y3 = ("3-0", "y")
explained("the second is appended to a new stream", renamed(r_1=[X], r=[Y3]))
impossible("a rename loses and doubles nothing", "the first is gone", renamed(r=[Y3]))
impossible("a rename loses and doubles nothing", "the first is in both", renamed(r_1=[X], r=[Y3, X]))
impossible("a rename takes all that is there", "the first is left behind", renamed(r=[Y3, X]))
impossible("a rename takes all that is there", "the second has the new name", renamed(r_1=[Y3, X]))
impossible("a rename takes all that is there", "what its group held is not held",
           renamed(r_1=[X], r=[Y3]).tell("moved", 7, 8, number=1, held=[["5-0", "c", 1]], got=[]))

# Unique.
def of_one_key(*reads):
    story = Story().unique(1, 2, "5-0", "x")
    for start, *given in reads:
        story.read(start, start + 1, "c", *given, stream="q").ack(start + 2, start + 3, *(id for id, _ in given), stream="q")
    return story


explained("the first one's ID, while it waits", of_one_key((20, X)).unique(5, 6, "5-0", "y", left=False))
explained("nothing, while the first one waits", of_one_key((20, X)).unique(5, 6, "", "y", left=False, new_only=True))
explained("a second one, when the first is given", of_one_key((3, X), (20, Y)).unique(10, 11, "6-0", "y"))
impossible("--unique adds nothing while the first waits", "a second one before", of_one_key((20, X, Y)).unique(5, 6, "6-0", "y"))
impossible("--unique adds what nothing waits for", "the first one's ID, when it is given",
           of_one_key((3, X)).unique(10, 11, "5-0", "y", left=False))
impossible("--unique adds what nothing waits for", "nothing, when it is given",
           of_one_key((3, X)).unique(10, 11, "", "y", left=False, new_only=True))
impossible("a reported append is there", "an ID that is not there", of_one_key((20, X)).unique(5, 6, "7-0", "y", left=False))


def of_one_key_delayed(told="@50-1"):
    """Asked for at 1, for 40 milliseconds later: it is there at 60, and given at 70."""
    return Story().unique(1, 2, told, "x", stream="u", left="60-0", wait=40).read(70, 71, "c", ("60-0", "x"), stream="u").ack(
        72, 73, "60-0", stream="u")


def then(told, token="y", story=None, start=10, left=False, **what):
    story = (story or of_one_key_delayed()).unique(start, start + 1, told, token, stream="u", left=left, **what)
    return story.read(95, 96, "c", (left, token), stream="u").ack(97, 98, left, stream="u") if left else story


explained("the first one's handle, while it waits for its time", then("@50-1"))
explained("its handle, though it was not told", then("@50-1", story=of_one_key_delayed(None)))
explained("nothing, while it waits for its time", then("", new_only=True))
explained("its ID, when it is there, and not given yet", then("60-0", start=65))
explained("a second one, when the first is given", then("@90-2", start=75, left="92-0", wait=5))
impossible("--unique adds nothing while the first waits", "a second one before", then("@30-2", left="80-0", wait=5))
impossible("--unique adds what nothing waits for", "the first one's handle, when it is given", then("@50-1", start=75))
impossible("--unique adds what nothing waits for", "nothing, when it is given", then("", start=75, new_only=True))
impossible("a reported append is there", "a handle of nothing", then("@70-3"))
impossible("nothing delayed is early", "one that is there before its time", of_one_key_delayed("@61-1"))


def with_counts(added, deleted):
    """5-0 is there; then 50-0 is said to be the last of a hundred, and 60-0 comes."""
    return Story().add(1, 2, "5-0", "x", stream="s").tell("setid", 3, 4, stream="s", id="50-0", got="OK", added=100, deleted="40-0").add(
        5, 6, "60-0", "y", stream="s").read(7, 8, "c", X, ("60-0", "y"), stream="s").ack(9, 10, "5-0", "60-0", stream="s").tell(
        "counts", 20, 21, stream="s", got={"entries-added": added, "max-deleted-entry-id": deleted})


explained("what XSETID said, and one more", with_counts(101, "40-0"))
impossible("what XSETID says was added and deleted holds", "one too many", with_counts(102, "40-0"))
impossible("what XSETID says was added and deleted holds", "another one deleted", with_counts(101, "0-0"))

# Work.
def of_one_value(*lines):
    return Story().add(1, 2, "5-0", "x", stream="o", value="z").add(3, 4, "6-0", "y", stream="o", value="z").run("o", *lines)


explained("one after the other", of_one_value("5-0 1 w begin", "5-0 1 w end", "6-0 1 v begin", "6-0 1 v end"))
explained("the first again, whose worker was killed, and its command was not",
          of_one_value("5-0 1 w begin", "5-0 2 v begin", "5-0 2 v end", "6-0 1 v begin", "5-0 1 w end", "6-0 1 v end"))
impossible("--serial runs one at a time, in order", "both at once",
           of_one_value("5-0 1 w begin", "6-0 1 v begin", "5-0 1 w end", "6-0 1 v end"))
impossible("--serial runs one at a time, in order", "the second first",
           of_one_value("6-0 1 v begin", "6-0 1 v end", "5-0 1 w begin", "5-0 1 w end"))


def at_pace(*runs, start=0):
    return Story().tell("paced", start, 3000, stream="v", group="w", runs=[run * MS for run in runs])


explained("twenty a second", at_pace(*range(50, 1000, 50)))
explained("begun anew by a step of the clock", at_pace(*[100] * 7).tell("clock", 90, 91, offset=5))
impossible("--rate holds for the whole group", "seven at once", at_pace(*[100] * 7))
impossible("--rate holds for the whole group", "twenty a second of each of two workers",
           at_pace(*range(50, 1000, 50)).tell("paced", 0, 3000, stream="v", group="w", runs=[run * MS for run in range(50, 1000, 50)]))
checks.end()
