"""Processes that read: alone, or in a group, where they get, claim, give back and acknowledge messages."""
import json
import os
import select
import signal
import subprocess
import time

from actors import LAST
from record import now


def entries_of(got):
    return [[entry["id"], entry["fields"]["k"] if entry["fields"] else None, entry.get("deliveries")] for entry in got]


def noted_read(r, stream, group, consumer, count, block=None, claim=None, noack=False):
    start = now()
    lines_only = r.random.random() < 0.02
    if lines_only:
        lines, well = r.command("xreadgroup", stream, "--group", group, "--consumer", consumer, "--count", str(count),
                                *(["--block", f"{block}ms"] if block else []), *(["--claim", f"{claim}ms"] if claim else []),
                                *(["--noack"] if noack else []))
        got = entries_of([json.loads(line) for line in lines])
    else:
        got = r.ask("XREADGROUP", "GROUP", group, consumer, "COUNT", str(count),
                    *(["BLOCK", str(block)] if block else []), *(["CLAIM", str(claim)] if claim else []),
                    *(["NOACK"] if noack else []), "STREAMS", stream, ">")
        well = got is not None
        got = entries_of(got or [])
    answered = {"got": got} if well else {"part": got}
    r.note("read", start, stream=stream, group=group, consumer=consumer, count=count, block=block, min_idle=claim, **answered)
    return got


def noted_ack(r, stream, group, ids):
    start = now()
    if r.random.random() < 0.02:
        lines, well = r.command("ack", stream, group, *ids)
        got = int(lines[0]) if well and lines else None
    else:
        got = r.ask("XACK", stream, group, *ids)
    r.note("ack", start, stream=stream, group=group, ids=ids, **({} if got is None else {"got": got}))


def noted_pending(r, stream, group, **what):
    start = now()
    got = r.ask("XPENDING", stream, group, "-", "+", str(LAST))
    answered = {} if got is None else {"got": [[p["id"], p.get("consumer"), p["deliveries"]] for p in got]}
    r.note("pending", start, stream=stream, group=group, **what, **answered)


def claimed(got, justid):
    """With JUSTID there is no message, nor how often it was delivered."""
    return [[id, None, None] for id in got] if justid else entries_of(got)


def noted_claim(r, stream, group, consumer, min_idle, *, ids=None, start_at="0-0", count=10):
    start = now()
    justid = r.random.random() < 0.2
    option = ["JUSTID"] if justid else []
    what = {"ids": ids} if ids else {"start_at": start_at, "count": count}
    if ids:
        got = r.ask("XCLAIM", stream, group, consumer, str(min_idle), *ids, *option)
        answered = {} if got is None else {"got": claimed(got, justid)}
    elif r.random.random() < 0.05:
        what = {"start_at": "0-0", "count": None}
        justid = False
        lines, well = r.command("autoclaim", stream, group, consumer, str(min_idle))
        got = entries_of([json.loads(line) for line in lines])
        # The whole walk is several steps: the moment at which each entry was looked at is within it.
        answered = {"got": got, "cursor": "0-0"} if well else {"part": got}
    else:
        got = r.ask("XAUTOCLAIM", stream, group, consumer, str(min_idle), start_at, "COUNT", str(count), *option)
        answered = {} if got is None else {"got": claimed(got["entries"], justid), "cursor": got["cursor"]}
    r.note("claim", start, stream=stream, group=group, consumer=consumer, min_idle=min_idle, justid=justid, **what, **answered)
    return answered.get("got", []), answered.get("cursor", "0-0")


def consumer_of(stream, *groups, rest=0):
    """Rests for up to so many seconds after each thing that it does, so that it holds its messages for longer."""
    def consumer(r):
        held = {group: [] for group in groups}
        while not r.over():
            group = r.random.choice(groups)
            mine = held[group]
            chance = r.random.random()
            if chance < 0.5 and len(mine) < 60:
                mine += noted_read(r, stream, group, r.name, r.random.randint(1, 20), r.random.choice([None, None, 50]),
                                   r.random.choice([100, 400] + [None] * 30))
            elif chance < 0.53:
                start = now()
                got = r.ask("XREADGROUP", "GROUP", group, r.name, "COUNT", "10", "STREAMS", stream, "0")
                answered = {} if got is None else {"got": entries_of(got)}
                r.note("again", start, stream=stream, group=group, consumer=r.name, **answered)
            elif chance < 0.6 and mine:
                entry = mine.pop(r.random.randrange(len(mine)))
                start = now()
                wait = r.random.choice([0, 0, 30, 300])
                if wait:
                    lines, well = r.command("nack", stream, group, entry[0], "--in", f"{wait}ms")
                    got = int(lines[0]) if well and lines else None
                else:
                    got = r.ask("XNACK", stream, group, "FAIL", "IDS", "1", entry[0])
                r.note("nack", start, stream=stream, group=group, ids=[entry[0]], wait=wait,
                       **({} if got is None else {"got": got}))
            elif mine:
                some = [mine.pop(0)[0] for _ in range(min(len(mine), r.random.choice([1, 1, 2, 10, 30])))]
                noted_ack(r, stream, group, some)
            time.sleep(r.random.random() * rest)
        for group in groups:
            if held[group]:
                noted_ack(r, stream, group, [entry[0] for entry in held[group]])
    return consumer


def taker_of(stream, group, noack=False):
    """Does with a message at once what is to be done with it, but has other things to do, too."""
    def taker(r):
        while not r.over():
            got = noted_read(r, stream, group, r.name, r.random.randint(1, 5), r.random.choice([None, 50]), noack=noack)
            if got and not noack:
                noted_ack(r, stream, group, [entry[0] for entry in got])
            if r.random.random() < 0.2:
                noted_pending(r, stream, group)
            time.sleep(r.random.random() * 0.05)
    return taker


def claimer_of(stream, *groups):
    def claimer(r):
        cursor = "0-0"
        while not r.over():
            group = r.random.choice(groups)
            min_idle = r.random.choice([0, 20, 100, 100, 400])
            got, cursor = noted_claim(r, stream, group, r.name, min_idle, start_at=cursor,
                                      count=r.random.choice([1, 5, 20]))
            if got and r.random.random() < 0.3:
                # From another, or anew.
                again, _ = noted_claim(r, stream, group, r.name + "'", r.random.choice([0, 50]),
                                       ids=[entry[0] for entry in got[:3]])
                got += again
            if got:
                noted_ack(r, stream, group, list({entry[0] for entry in got}))
            time.sleep(r.random.random() * 0.02)
    return claimer


def looker(r):
    """Looks at all of a short stream, at parts of the long one, at what is pending."""
    seen = "0-0"
    while not r.over():
        start = now()
        chance = r.random.random()
        stream = r.random.choice("amtk")
        if chance < 0.3:
            got = r.ask("XLEN", stream)
            r.note("length", start, stream=stream, **({} if got is None else {"got": got}))
        elif chance < 0.5:
            group = r.random.choice(["a g", "p g", "k g1", "k g2"]).split()
            noted_pending(r, *group)
        elif stream == "a":
            # All that has come since the last look at its end.
            got = r.ask("XREAD", "STREAMS", "a", seen)
            r.note("range", start, stream="a", after=seen, **({} if got is None else {"got": entries_of(got)}))
            if got:
                seen = got[-1]["id"] if r.random.random() < 0.9 else got[0]["id"]
        else:
            got = r.ask("XRANGE", stream, "-", "+")
            r.note("range", start, stream=stream, after=None, **({} if got is None else {"got": entries_of(got)}))
        time.sleep(r.random.random() * 0.01)


def follower(r):
    """Reads on for ever, from the last entry that it knows of."""
    last = "0-0"
    while not r.over():
        start = now()
        process = r.start("xread", "a", "--follow", "--after", last, stdin=subprocess.DEVNULL)
        end = min(r.until, now() + int(r.random.uniform(0.2, 3) * 1e9))
        os.set_blocking(process.stdout.fileno(), False)
        fate = r.fate(kills=0.5, stops=0.3)
        text, began = b"", last
        got = []
        while True:
            if now() >= end and process.poll() is None:
                if fate:
                    r.strike(process, fate)
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                end = LAST * 10**12
            if select.select([process.stdout], [], [], 0.01)[0]:
                piece = os.read(process.stdout.fileno(), 65536)
                if not piece:
                    break
                text += piece
                *lines, text = text.split(b"\n")
                got += entries_of([json.loads(line) for line in lines])
        process.wait()
        process.stdout.close()
        process.stderr.close()
        if got:
            last = got[-1][0]
        r.note("follow", start, stream="a", after=began, got=got)
