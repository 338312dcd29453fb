"""Blocked readers that stand in the line of one group."""
import fcntl
import json
import os
import re
import select
import struct
import subprocess
import time

from actors.reading import entries_of
from record import entry_of, now
from testing import Connection

F_OFD_GETLK = 36
PATIENCE = 2  # seconds


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

    def __init__(self, consumer):
        self.consumer = consumer
        self.placed = self.got = self.served = None
        self.start = now()
        self.words = ["XREADGROUP", "GROUP", "g", consumer, "COUNT", "1", "BLOCK", "60000", "STREAMS", "l", ">"]

    def take_answer(self):
        self.got = self.answer()
        self.served = now()

    def note(self, r, turn):
        r.note("stood", self.start, stream="l", group="g", turn=turn, count=1, placed=self.placed, served=self.served, client=self.client,
               consumer=self.consumer, **({"got": entries_of(self.got)} if isinstance(self.got, list) else {}))


class Process(Standing):
    """One that is a process of its own; it is seen in the lock file."""

    client = False

    def __init__(self, r, consumer, places):
        super().__init__(consumer)
        self.places, self.before = places, places()
        self.process = r.start("batch", stdin=subprocess.PIPE)
        self.out = self.process.stdout
        self.process.stdin.write(json.dumps(self.words).encode() + b"\n")
        self.process.stdin.flush()

    def stands(self):
        return self.places() > self.before

    def answer(self):
        text = self.out.readline()
        return json.loads(text) if text else None

    def leave(self):
        self.process.kill()
        self.end()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stderr.read()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class Client(Standing):
    """One that is a client of a server, which has a place for several that stand one after the other; it says itself how
    many clients wait. Fails with OSError or EOFError where there is no server."""

    client = True

    def __init__(self, socket, consumer):
        super().__init__(consumer)
        self.socket = socket
        self.before = self.blocked()
        self.out = Connection(socket)
        self.out.socket.settimeout(None)
        self.start = now()
        self.out.send([word.encode() for word in self.words])
        self.out.flush()

    def blocked(self):
        asked = Connection(self.socket)
        try:
            _, info = asked.ask("INFO", "clients")
        finally:
            asked.close()
        return int(re.search(rb"blocked_clients:(\d+)", info)[1])

    def stands(self):
        try:
            return self.blocked() > self.before
        except (OSError, EOFError):
            return False  # the server is gone, and so is the reader's connection

    def answer(self):
        try:
            kind, value = self.out.reply()
        except (OSError, EOFError):
            return None
        if kind == "-":
            return None  # the server says that it ends
        return [entry_of(entry, 1) for _, (_, (_, entries)) in value or [] for _, entry in entries]

    def leave(self):
        self.end()
        until = time.monotonic() + PATIENCE
        try:
            while self.blocked() > self.before and time.monotonic() < until:
                pass
        except (OSError, EOFError):
            pass

    def end(self):
        try:
            self.out.close()
        except OSError:
            pass  # what was still to be sent


def stand(r, consumer, socket, places):
    if r.random.random() < 0.5:
        try:
            return Client(socket, consumer)
        except (OSError, EOFError):
            pass  # it is being started
    return Process(r, consumer, places)


def line(r, group, socket):
    """Readers that block one after the other, each once the one before it is seen to stand in the line. The server is
    nobody else's."""
    file = open(f"{r.db}-lock", "rb")  # not weir's own descriptor: it holds nothing
    first, last = group << 32, (group << 32) + (1 << 32) - 1
    turn = 0
    while not r.over():
        turn += 1
        readers = []
        for i in range(r.random.randint(2, 5)):
            reader = stand(r, f"{r.name}.{i}", socket, lambda: in_line(file, first, last))
            readers.append(reader)
            until = time.monotonic() + PATIENCE
            # What an append left behind that nobody knows of may serve it at once.
            while not select.select([reader.out], [], [], 0.0005)[0] and time.monotonic() < until:
                if reader.stands():
                    reader.placed = now()
                    break
            if reader.placed is None:
                break  # it may come to stand at any time: nobody else's place could be told from its
        if r.random.random() < 0.3:
            gone = readers.pop(r.random.randrange(len(readers)))
            start = now()
            gone.leave()
            r.note("kill", start)
            gone.note(r, turn)
        for _ in readers:
            append(r)
        waiting = {reader.out: reader for reader in readers}
        while waiting:
            answered = select.select(list(waiting), [], [], PATIENCE)[0]
            if not answered:
                append(r)  # one message more, for one that was given to somebody who has gone
            for out in answered:
                waiting.pop(out).take_answer()
        for reader in readers:
            reader.end()
            reader.note(r, turn)
    file.close()


def append(r):
    got = None
    while got is None:
        token = r.token()
        start = now()
        got = r.ask("XADD", "l", "*", "k", token)
        r.note("add", start, stream="l", token=token, **({} if got is None else {"got": got}))
