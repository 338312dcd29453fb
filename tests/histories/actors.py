"""The kinds of processes that use one file at once, each in a loop until the time is over.

Streams, each for what can be said of it for certain:
    a   only ever appended to, in every way there is: with a group of readers, claims and acknowledgements
    t   every append trims to MOST entries
    m   trimmed and deleted from, by others
    j   `work` runs a command for each
    k   `keep --acked`, with two groups
    p   its group is paused and resumed
    l   blocked readers stand in a line
"""
import fcntl
import json
import os
import select
import signal
import sqlite3
import struct
import subprocess
import time

from record import now

MOST = 50
TRIMMED_TO = 80
LAST = 10**9


def producer(r):
    """Appends one at a time; of what has a key, what was not answered, and some of the rest, is asked again."""
    key = 0
    while not r.over():
        stream = r.random.choice("aaaaaaaattttmmmmmkkkppj")
        token = r.token()
        words = ["XADD", stream]
        once = stream == "a" and r.random.random() < 0.4
        if once:
            key += 1
            words += ["IDMP", r.name, str(key)]
        if stream == "t":
            words += ["MAXLEN", "=", str(MOST)]
        start = now()
        if r.random.random() < 0.02:
            lines, _ = r.command(*words, "*", "k", token)
            got = lines[0].strip() if lines else None
        else:
            got = r.ask(*words, "*", "k", token)
        answered = {} if got is None else {"got": got}
        r.note("add", start, stream=stream, token=token, once=once, **answered)
        while once and (got is None or r.random.random() < 0.1) and not r.over():
            start = now()
            got = r.ask(*words, "*", "k", token)
            answered = {} if got is None else {"got": got}
            r.note("add", start, stream=stream, token=token, once=once, **answered)
        if stream == "k" or stream == "p":
            time.sleep(r.random.random() * 0.004)


def bulk(r):
    """JSON lines; with --atomic, all of them or none."""
    while not r.over():
        tokens = [r.token() for _ in range(r.random.randint(2, 40))]
        atomic = r.random.random() < 0.5
        start = now()
        lines, _ = r.command("xadd", "a", *(["--atomic"] if atomic else []),
                             input="".join(f'{{"k":"{token}"}}\n' for token in tokens),
                             fate=r.fate(kills=0.3, stops=0.05))
        for i, token in enumerate(tokens):
            answered = {"got": lines[i].strip()} if i < len(lines) else {}
            r.note("add", start, stream="a", token=token, whole=tokens[0] if atomic else None, **answered)
        time.sleep(r.random.random() * 0.1)


def transactions(r):
    """MULTI and EXEC: several appends, all of them or none."""
    while not r.over():
        tokens = [r.token() for _ in range(3)]
        start = now()
        words = [["MULTI"], *(["XADD", "a", "*", "k", token] for token in tokens), ["EXEC"]]
        lines, _ = r.command("batch", input="".join(json.dumps(each) + "\n" for each in words), fate=r.fate(kills=0.2, stops=0.05))
        got = json.loads(lines[-1]) if len(lines) == len(words) else None
        for i, token in enumerate(tokens):
            answered = {"got": got[i]} if isinstance(got, list) and len(got) == 3 else {}
            r.note("add", start, stream="a", token=token, whole=tokens[0], **answered)
        time.sleep(r.random.random() * 0.02)


def delayer(r):
    while not r.over():
        token = r.token()
        wait = r.random.choice([0, 5, 20, 100, 1000])
        start = now()
        lines, well = r.command("xadd", "--in", f"{wait}ms", "a", f"k={token}")
        got = {"handle": lines[0].strip()} if well and lines else {}
        r.note("delay", start, stream="a", token=token, wait=wait, **got)
        time.sleep(r.random.random() * 0.03)


def inbox(r):
    """Any SQLite client, for which nothing is promised but what SQLite promises."""
    connection = sqlite3.connect(r.db, timeout=20, isolation_level=None)
    while not r.over():
        token = r.token()
        start = now()
        try:
            connection.execute("INSERT INTO weir_inbox(stream, fields) VALUES ('a', json_object('k', ?))", (token,))
            got = {"got": True}
        except sqlite3.Error:
            got = {}
        r.note("add", start, stream="a", token=token, **got)
        time.sleep(r.random.random() * 0.02)
    connection.close()


def entries_of(got):
    return [[entry["id"], entry["fields"]["k"] if entry["fields"] else None, entry.get("deliveries")] for entry in got]


def noted_read(r, stream, group, consumer, count, block=None, claim=None):
    start = now()
    lines_only = r.random.random() < 0.02
    if lines_only:
        lines, well = r.command("xreadgroup", stream, "--group", group, "--consumer", consumer, "--count", str(count),
                                *(["--block", f"{block}ms"] if block else []), *(["--claim", f"{claim}ms"] if claim else []))
        got = entries_of([json.loads(line) for line in lines])
    else:
        got = r.ask("XREADGROUP", "GROUP", group, consumer, "COUNT", str(count),
                    *(["BLOCK", str(block)] if block else []), *(["CLAIM", str(claim)] if claim else []),
                    "STREAMS", stream, ">")
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


def noted_claim(r, stream, group, consumer, min_idle, *, ids=None, start_at="0-0", count=10):
    start = now()
    what = {"ids": ids} if ids else {"start_at": start_at, "count": count}
    if ids:
        got = r.ask("XCLAIM", stream, group, consumer, str(min_idle), *ids)
        answered = {} if got is None else {"got": entries_of(got)}
    elif r.random.random() < 0.05:
        what = {"start_at": "0-0", "count": None}
        lines, well = r.command("autoclaim", stream, group, consumer, str(min_idle))
        got = entries_of([json.loads(line) for line in lines])
        # The whole walk is several steps: the moment at which each entry was looked at is within it.
        answered = {"got": got, "cursor": "0-0"} if well else {"part": got}
    else:
        got = r.ask("XAUTOCLAIM", stream, group, consumer, str(min_idle), start_at, "COUNT", str(count))
        answered = {} if got is None else {"got": entries_of(got["entries"]), "cursor": got["cursor"]}
    r.note("claim", start, stream=stream, group=group, consumer=consumer, min_idle=min_idle, **what, **answered)
    return answered.get("got", []), answered.get("cursor", "0-0")


def consumer_of(stream, *groups):
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
        for group in groups:
            if held[group]:
                noted_ack(r, stream, group, [entry[0] for entry in held[group]])
    return consumer


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
            got = r.ask("XPENDING", *group, "-", "+", str(LAST))
            answered = {} if got is None else {"got": [[p["id"], p.get("consumer"), p["deliveries"]] for p in got]}
            r.note("pending", start, stream=group[0], group=group[1], **answered)
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


def trimmer(r):
    while not r.over():
        start = now()
        chance = r.random.random()
        if chance < 0.4:
            got = r.ask("XTRIM", "m", "MAXLEN", str(TRIMMED_TO))
            r.note("trim", start, stream="m", maxlen=TRIMMED_TO, **({} if got is None else {"got": got}))
        else:
            got = r.ask("XRANGE", "m", "-", "+", "COUNT", "40")
            if got:
                ids = [entry["id"] for entry in r.random.sample(got, min(len(got), 2))]
                start = now()
                if chance < 0.7:
                    got = r.ask("XDEL", "m", *ids)
                    r.note("delete", start, stream="m", ids=ids, **({} if got is None else {"got": got}))
                else:
                    got = r.ask("XTRIM", "m", "MINID", ids[0])
                    r.note("trim", start, stream="m", minid=ids[0], **({} if got is None else {"got": got}))
        time.sleep(r.random.random() * 0.02)


def keeper(r):
    """Appends apply the policy too; this does it at once."""
    while not r.over():
        r.command("keep", "--apply", "k")
        time.sleep(r.random.random() * 0.2)


def pauser(r):
    while not r.over():
        time.sleep(r.random.random() * 0.1)
        start = now()
        how = r.random.choice([[], [], ["--for", "200ms"]])
        _, well = r.command("pause", "p", "g", *how)
        r.note("pause", start, stream="p", group="g", limited=bool(how), **({"got": True} if well else {}))
        time.sleep(r.random.random() * 0.2)
        start = now()
        _, well = r.command("resume", "p", "g")
        r.note("resume", start, stream="p", group="g", **({"got": True} if well else {}))


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


def come_and_go(r, seconds, *words):
    """A process that runs until it is ended, for about so long, again and again."""
    while not r.over():
        process = r.start(*words, stdin=subprocess.DEVNULL)
        select.select([], [], [], min(seconds(), max(0, r.until - now()) / 1e9))
        fate = r.fate(kills=0.6, stops=0.3)
        if fate:
            r.strike(process, fate)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.stdout.read()
        process.stderr.read()
        process.wait()


def copier(r, target):
    come_and_go(r, lambda: r.random.uniform(0.1, 2), "copy", r.db, target, "a", "--follow")


def server(r, socket):
    """`weir serve`, which others are clients of."""
    come_and_go(r, lambda: r.random.uniform(0.5, 3), "serve", "--listen", f"unix:{socket}")


def worker(r, runs):
    """Its commands write down in one file, in the order in which it happens, what began and what was done."""
    script = f'echo "$WEIR_ID $WEIR_DELIVERIES $WEIR_CONSUMER begin" >>{runs}; echo "$WEIR_ID $WEIR_DELIVERIES $WEIR_CONSUMER end" >>{runs}'
    number = 0
    while not r.over():
        number += 1
        consumer = f"{r.name}.{number}"
        start = now()
        process = r.start("work", "j", "--group", "w", "--consumer", consumer, "--min-idle", "1s", "-j",
                          str(r.random.randint(1, 3)), "--", "sh", "-c", script, stdin=subprocess.DEVNULL)
        end = min(r.until, now() + int(r.random.uniform(0.2, 3) * 1e9))
        while now() < end:
            time.sleep(0.02)
        fate = r.fate(kills=0.5, stops=0.3)
        if fate:
            r.strike(process, fate)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.stdout.read()
        process.stderr.read()
        status = process.wait()
        r.note("worked", start, consumer=consumer, well=status == -signal.SIGTERM)


def clock(r, file):
    """Steps the store's clock, within an hour."""
    offset = 0
    while not r.over():
        time.sleep(r.random.uniform(0.05, 0.6))
        step = r.random.choice([-1, 1]) * r.random.choice([1, 1, 5, 60, 1800])
        if abs(offset + step) > 3600:
            continue
        offset += step
        start = now()
        file.seek(0)
        file.write(struct.pack("q", offset))
        file.flush()
        r.note("clock", start, offset=offset)


def filler(r, path):
    """Fills the disk, for moments."""
    while not r.over():
        time.sleep(r.random.uniform(0.2, 1.0))
        start = now()
        with open(path, "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 65536) == 65536:
                    pass
                while file.write(b"x" * 4096) == 4096:
                    pass
            except OSError:
                pass
            size = file.tell()
            time.sleep(r.random.uniform(0.02, 0.3))
            file.truncate(max(0, size - r.random.choice([0, 8192, 65536])))
            time.sleep(r.random.uniform(0.02, 0.3))
        os.unlink(path)
        r.note("full", start)


F_OFD_GETLK = 36


def in_line(file, first, last):
    """How many hold a byte from `first` to `last` of the lock file."""
    if first > last:
        return 0
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, first, last - first + 1, 0)
    kind, _, at, _, _ = struct.unpack("hhqqi4x", fcntl.fcntl(file, F_OFD_GETLK, asked))
    if kind == fcntl.F_UNLCK:
        return 0
    return 1 + in_line(file, first, at - 1) + in_line(file, at + 1, last)


class Standing:
    """A reader that waits for one message."""

    def __init__(self, r, consumer):
        self.consumer = consumer
        self.placed = self.got = self.served = None
        self.process = r.start("batch", stdin=subprocess.PIPE)
        self.start = now()
        words = ["XREADGROUP", "GROUP", "g", consumer, "COUNT", "1", "BLOCK", "60000", "STREAMS", "l", ">"]
        self.process.stdin.write(json.dumps(words).encode() + b"\n")
        self.process.stdin.flush()

    def take_answer(self):
        text = self.process.stdout.readline()
        self.got = json.loads(text) if text else None
        self.served = now()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stderr.read()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def note(self, r, turn):
        r.note("stood", self.start, stream="l", group="g", turn=turn, count=1, placed=self.placed, served=self.served,
               consumer=self.consumer, **({"got": entries_of(self.got)} if isinstance(self.got, list) else {}))


def line(r, group):
    """Readers that block one after the other, each once the one before it is seen to stand in the line."""
    file = open(f"{r.db}-lock", "rb")  # not weir's own descriptor: it holds nothing
    first, last = group << 32, (group << 32) + (1 << 32) - 1
    turn = 0
    while not r.over():
        turn += 1
        readers = []
        for i in range(r.random.randint(2, 5)):
            reader = Standing(r, f"{r.name}.{i}")
            # What an append left behind that nobody knows of may serve it at once.
            while not select.select([reader.process.stdout], [], [], 0.0005)[0]:
                if in_line(file, first, last) > sum(other.placed is not None for other in readers):
                    reader.placed = now()
                    break
            readers.append(reader)
        if r.random.random() < 0.3:
            gone = readers.pop(r.random.randrange(len(readers)))
            start = now()
            gone.process.kill()
            gone.end()
            r.note("kill", start)
            gone.note(r, turn)
        for _ in readers:
            got = None
            while got is None:
                token = r.token()
                start = now()
                got = r.ask("XADD", "l", "*", "k", token)
                r.note("add", start, stream="l", token=token, **({} if got is None else {"got": got}))
        waiting = {reader.process.stdout: reader for reader in readers}
        while waiting:
            for out in select.select(list(waiting), [], [])[0]:
                waiting.pop(out).take_answer()
        for reader in readers:
            reader.end()
            reader.note(r, turn)
    file.close()
