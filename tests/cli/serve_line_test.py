#!/usr/bin/env python3
"""serve_line_test.py WEIR: clients of `weir serve` and other waiting processes stand in one line of a group."""
import fcntl
import json
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from testing import Checks, Server, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
F_OFD_GETLK = 36
FLOCK = "hhqqi4x"  # of a system of 64 bits
TICKET_BITS = 32  # see src/sqlite/file/lock_file.h
FIRST_FOR_CLAIMS = 1 << 30
checks = Checks()
same = checks.same


class Client:
    """A client of the server that waits for one message. `claim`: or for what was held for so many milliseconds."""

    def __init__(self, scene, consumer, claim=None, streams=("s",)):
        self.socket = scene.server.connect()
        before = scene.blocked()
        self.socket.send([b"XREADGROUP", b"GROUP", b"g", consumer.encode(), b"COUNT", b"1", b"BLOCK", b"0",
                          *([b"CLAIM", b"%d" % claim] if claim is not None else []),
                          b"STREAMS", *(stream.encode() for stream in streams), *[b">"] * len(streams)])
        self.socket.flush()
        wait_until(lambda: scene.blocked() > before, "the client waits")

    def got(self):
        reply = self.socket.reply()
        return reply[1].decode() if reply[0] == "-" else reply[1][0][1][1][1][0][1][1][1][1][1].decode()

    def end(self):
        self.socket.close()


class Process:
    """A process of its own, likewise."""

    def __init__(self, scene, consumer, claim=None, streams=("s",)):
        before = scene.places()
        self.process = subprocess.Popen([WEIR, "--db", scene.database, "xreadgroup", *streams, "--group", "g", "--consumer", consumer,
                                         "--count", "1", "--block", "0", *(["--claim", str(claim)] if claim is not None else [])],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(lambda: scene.places() >= before + (1 if claim is None else 2) * len(streams), "the process waits")

    def got(self):
        out, err = self.process.communicate()
        return json.loads(out)["fields"]["n"] if out else err.decode()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class Scene:
    def __init__(self, server):
        self.server = server
        self.database = os.path.join(server.folder.name, "weir.db")
        self.control = server.connect()
        self.sent = 0
        self.waiting = []

    def begin(self):
        self.control.ask("DEL", "s", "other")
        for stream in ("s", "other"):
            self.control.ask("XGROUP", "CREATE", stream, "g", "$", "MKSTREAM")

    def end(self):
        for each in self.waiting:
            each.end()
        self.waiting.clear()
        wait_until(lambda: self.places() == 0, "nobody waits any more")

    def add(self, kind, *details, **named):
        self.waiting.append(kind(self, f"c{len(self.waiting)}", *details, **named))
        return self.waiting[-1]

    def blocked(self):
        info = self.control.ask("INFO", "clients")[1].decode()
        return int(next(line for line in info.splitlines() if line.startswith("blocked_clients:")).split(":")[1])

    def places(self, first=1, end=1 << 31):
        """How many places are taken in the lines of all groups."""
        with open(self.database + "-lock", "rb") as file:
            taken, at = 0, first << TICKET_BITS
            while True:
                asked = struct.pack(FLOCK, fcntl.F_RDLCK, os.SEEK_SET, at, (end << TICKET_BITS) - at, 0)
                kind, _, start, _, _ = struct.unpack(FLOCK, fcntl.fcntl(file, F_OFD_GETLK, asked))
                if kind == fcntl.F_UNLCK:
                    return taken
                taken, at = taken + 1, start + 1

    def send(self, outside=False, stream="s"):
        self.sent += 1
        if outside:
            subprocess.run([WEIR, "--db", self.database, "xadd", stream, f"n={self.sent}"], check=True, stdout=subprocess.DEVNULL)
        else:
            self.control.ask("XADD", stream, "*", "n", str(self.sent))
        return str(self.sent)


def mixed(scene):
    """Whoever came first is first, whoever adds and in whatever order they came."""
    chance = random.Random(16)
    for _ in range(6):
        kinds = [chance.choice((Client, Process)) for _ in range(8)]
        readers = [scene.add(kind) for kind in kinds]
        sent = [scene.send(outside=chance.random() < 0.5) for _ in readers]
        same([reader.got() for reader in readers], sent, f"each what was its turn: {[kind.__name__ for kind in kinds]}")
        scene.end()


def again_and_again(scene):
    """Clients alone, whose messages come one by one as fast as can be."""
    for _ in range(40):
        readers = [scene.add(Client) for _ in range(8)]
        sent = [scene.send() for _ in readers]
        same([reader.got() for reader in readers], sent, "each what was its turn")
        scene.end()


def many_at_once(scene):
    """Likewise where all messages come in one command."""
    readers = [scene.add(kind) for kind in (Client, Process, Client, Client, Process, Client)]
    scene.control.ask("MULTI")
    sent = [scene.send() for _ in readers]
    scene.control.ask("EXEC")
    same([reader.got() for reader in readers], sent, "in one transaction")


def who_comes_later(scene):
    """Who would wait goes to the end of the line, even where something lies there."""
    first = scene.add(Process)
    first.process.send_signal(signal.SIGSTOP)
    sent = scene.send()
    late = scene.add(Client)
    first.process.send_signal(signal.SIGCONT)
    same(first.got(), sent, "who was there first has it, though it was stopped for a moment")
    sent = scene.send()
    same(late.got(), sent, "who came later has the next")


def stopped_ahead(scene):
    """One that is stopped is not waited for."""
    first, second = scene.add(Process), scene.add(Client)
    first.process.send_signal(signal.SIGSTOP)
    sent = scene.send()
    same(second.got(), sent, "a client goes before a process that is stopped")
    sent = scene.send()
    first.process.send_signal(signal.SIGCONT)
    same(first.got(), sent, "which has the next")


def killed_ahead(scene):
    first, second = scene.add(Process), scene.add(Client)
    first.process.send_signal(signal.SIGSTOP)
    sent = scene.send(outside=True)
    first.process.kill()
    same(second.got(), sent, "a client goes on where the one ahead was killed")


def stopped_server(scene):
    first, second = scene.add(Client), scene.add(Process)
    scene.server.process.send_signal(signal.SIGSTOP)
    try:
        sent = scene.send(outside=True)
        same(second.got(), sent, "a process goes before a server that is stopped")
    finally:
        scene.server.process.send_signal(signal.SIGCONT)
    sent = scene.send()
    same(first.got(), sent, "whose client has the next")


def two_streams(scene):
    """Of each stream it is given what is its turn there."""
    first, second = scene.add(Process), scene.add(Client, streams=("s", "other"))
    third = scene.add(Process, streams=("other",))
    one, other = scene.send(), scene.send(stream="other")
    same([first.got(), second.got()], [one, other], "the one stream goes to who came first, the other to the client")
    sent = scene.send(stream="other")
    same(third.got(), sent, "and then to who stood behind it")


def among_clients(scene):
    """Clients of the server likewise: of each stream, and where one comes together with a message."""
    both, one = scene.add(Client, streams=("s", "other")), None
    scene.control.ask("XGROUP", "CREATE", "third", "g", "$", "MKSTREAM")
    one = scene.add(Client, streams=("third",))
    last = scene.add(Client, streams=("s", "third"))
    scene.control.ask("MULTI")
    sent = [scene.send(), scene.send(stream="third"), scene.send()]
    scene.control.ask("EXEC")
    same([both.got(), one.got(), last.got()], sent, "of the stream in which it stood first, and no other")
    waits = scene.add(Client)
    late = scene.server.connect()
    scene.sent += 1
    late.send([b"XADD", b"s", b"*", b"n", b"%d" % scene.sent])
    late.send([b"XREADGROUP", b"GROUP", b"g", b"late", b"BLOCK", b"1", b"STREAMS", b"s", b">"])
    late.flush()
    same(waits.got(), str(scene.sent), "who waited has it, not who adds it and reads in one go")
    late.reply()
    same(late.reply(), ("*", None), "for whom there is nothing")
    late.close()


def claims(scene):
    """What is pending is for who came first of those who claim."""
    scene.control.ask("XADD", "s", "*", "n", "left")
    scene.control.ask("XREADGROUP", "GROUP", "g", "dead", "STREAMS", "s", ">")
    plain = scene.add(Process)
    first, second = scene.add(Process, claim=300_000), scene.add(Client, claim=300_000)
    entry = scene.control.ask("XPENDING", "s", "g")[1][1][1].decode()
    scene.control.ask("XCLAIM", "s", "g", "dead", "0", entry, "IDLE", "400000", "JUSTID")
    same(first.got(), "left", "the process that claims came before the client")
    scene.control.ask("XCLAIM", "s", "g", "dead", "0", entry, "IDLE", "400000", "JUSTID")
    same(second.got(), "left", "the client is the next")
    sent = scene.send()
    same(plain.got(), sent, "who does not claim has what is new")


def claims_at_once(scene):
    """Who claims is given what is released before the next command, though others who may not claim it stand ahead."""
    take = ["XREADGROUP", "GROUP", "g", "late", "CLAIM", "300000", "STREAMS", "s", ">"]
    release = ["XNACK", "s", "g", "FAIL", "IDS", "1", "1-1"]
    age = ["XCLAIM", "s", "g", "dead", "0", "1-1", "IDLE", "400000", "JUSTID"]
    refused = ["XADD", "s", "1-1", "too", "small"]
    for ahead in ({}, {"claim": 600_000}):
        for commands in ([age],) if ahead else ([release], [age], [["MULTI"], release, ["EXEC"]], [refused, release], [release, refused]):
            for following in (take, ["XACK", "s", "g", "1-1"], ["XDEL", "s", "1-1"]):
                scene.begin()
                scene.control.ask("XADD", "s", "1-1", "n", "left")
                scene.control.ask("XREADGROUP", "GROUP", "g", "dead", "STREAMS", "s", ">")
                first, second, third = scene.add(Client, **ahead), scene.add(Client, claim=300_000), scene.add(Client, claim=300_000)
                for words in (*commands, following, ["XADD", "s", "2-1", "n", "1"], ["XADD", "s", "3-1", "n", "2"]):
                    scene.control.send([word.encode() for word in words])
                scene.control.flush()
                same([each.got() for each in (second, first, third)], ["left", "1", "2"],
                     f"behind {ahead or 'who does not claim'}: {commands}, and then {following[0]}")
                for _ in range(len(commands) + 3):
                    scene.control.reply()
                scene.end()
    scene.begin()
    first, second = scene.add(Client), scene.add(Client, claim=300_000)
    for words in (["XNACK", "s", "g", "FAIL", "IDS", "1", "9-9"], ["XADD", "s", "1-1", "n", "1"], ["XADD", "s", "2-1", "n", "2"]):
        scene.control.send([word.encode() for word in words])
    scene.control.flush()
    same([first.got(), second.got()], ["1", "2"], "who tried to claim in vain goes before nobody")
    for _ in range(3):
        scene.control.reply()


def group_anew(scene):
    """A group of the same name is another one."""
    waiting = [scene.add(Client), scene.add(Process)]
    scene.control.send([b"XGROUP", b"DESTROY", b"s", b"g"])
    scene.control.send([b"XGROUP", b"CREATE", b"s", b"g", b"$"])
    scene.control.flush()
    same([scene.control.reply(), scene.control.reply()], [(":", 1), ("+", b"OK")], "destroyed, and made anew at once")
    for each in waiting:
        checks.expect("NOGROUP" in each.got(), "who waited is told that the group is gone")


def renamed(scene):
    """A stream that is renamed onto the name serves, in the order of its own line."""
    first = scene.add(Client, streams=("s",))
    scene.control.ask("DEL", "s")
    same("NOGROUP" in first.got(), True, "a stream that is deleted ends the wait")
    scene.control.ask("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
    first = scene.add(Client, streams=("s",))
    sent = scene.send(stream="other")
    scene.control.ask("RENAME", "other", "s")
    same(first.got(), sent, "another stream under its name serves")
    scene.begin()
    first, second, of_other = scene.add(Client), scene.add(Client), scene.add(Process, streams=("other",))
    sent = scene.send(stream="other")
    same(of_other.got(), sent, "a process waits for the other stream")
    of_other = scene.add(Process, streams=("other",))
    scene.control.ask("RENAME", "other", "s")
    sent = [scene.send(), scene.send()]
    same(("NOGROUP" in of_other.got(), first.got(), second.got()), (True, *sent), "and is told that it is gone, and keeps nothing from others")


def read_that_fails(scene):
    """What comes for a client whose read the store refuses is added all the same."""
    reader = scene.add(Client)
    database = sqlite3.connect(scene.database, isolation_level=None)
    database.execute("CREATE TRIGGER refuses BEFORE INSERT ON weir_pending BEGIN SELECT RAISE(ABORT, 'no more of these'); END")
    reply = scene.control.ask("XADD", "s", "1-1", "n", "1")
    same(reply, ("$", b"1-1"), "the message is added")
    checks.expect("no more of these" in reader.got(), "the client is told why its read failed")
    database.execute("DROP TRIGGER refuses")
    database.close()


with Server(WEIR) as server:
    scene = Scene(server)
    for part in (mixed, again_and_again, many_at_once, who_comes_later, stopped_ahead, killed_ahead, stopped_server, two_streams, among_clients,
                 claims, claims_at_once, group_anew, renamed, read_that_fails):
        scene.begin()
        part(scene)
        scene.end()
    scene.control.close()
checks.end()
