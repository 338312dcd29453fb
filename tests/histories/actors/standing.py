"""Blocked readers of one group, in a line."""
import fcntl
import json
import os
import select
import struct
import subprocess

from actors.reading import entries_of
from record import now

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
