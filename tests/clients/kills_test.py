#!/usr/bin/env python3
"""A thousand connections, of producers and of workers of several groups, while clients and the server are killed at any
moment: no answered message is lost, no message is new to two readers, no acknowledged message comes again.

usage: kills_test.py WEIR [--kind redis] [--seconds N] [--connections N] [--seed N]
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time

from killable_server import KillableServer
from testing import Checks, to_bytes

parser = argparse.ArgumentParser()
parser.add_argument("weir")
parser.add_argument("--kind", default="weir")
parser.add_argument("--seconds", type=float, default=20)
parser.add_argument("--connections", type=int, default=1000)
parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
options = parser.parse_args()

STREAMS = [f"s{n}" for n in range(3)]
GROUPS = ["g0", "g1"]
MIN_IDLE = 2000  # ms
LOST = (OSError, EOFError, asyncio.IncompleteReadError)

dice = random.Random(options.seed)
checks = Checks()
added = {stream: {} for stream in STREAMS}  # ID: number, of what was answered
read_new = {}  # (stream, group, ID): consumers
acknowledged = {}  # (stream, group, ID): when that was answered
came_again = []  # what was asked for, and came, after it had been acknowledged
refused = []
connections = set()
counts = {"server killed": 0, "client killed": 0, "added": 0, "acknowledged": 0, "claimed": 0}
adding = working = True


class Connected:
    """A connection, which anyone may kill."""

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", server.port)
        connections.add(self)
        return self

    async def __aexit__(self, *_):
        connections.discard(self)
        self.writer.transport.abort()

    def kill(self):
        """In the middle of what it sends, now and then."""
        if dice.random() < 0.3:
            self.writer.write(dice.choice([b"*5\r\n$4\r\nXADD\r\n$2\r\ns0\r\n", b"*2\r\n$100\r\nx", b"XADD s0 * n half", b"*"]))
        self.writer.transport.abort()

    async def ask(self, *words):
        encoded = [to_bytes(word) for word in words]
        self.writer.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded))
        return await self.reply()

    async def reply(self):
        line = await self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            if not rest.startswith(b"LOADING"):
                refused.append(rest)
            raise EOFError
        if kind in b"+-":
            return rest
        number = int(rest)
        if kind == b":" or number == -1:
            return number if kind == b":" else None
        if kind == b"$":
            return (await self.reader.readexactly(number + 2))[:-2]
        return [await self.reply() for _ in range(number)]


async def as_long_as(goes_on, act):
    """Connects, acts, and begins again when the connection is lost."""
    while goes_on():
        try:
            async with Connected() as connection:
                while goes_on():
                    await act(connection)
        except LOST:
            await asyncio.sleep(0.05 * dice.random())


async def produce(number):
    sent = 0

    async def act(connection):
        nonlocal sent
        sent += 1
        stream = dice.choice(STREAMS)
        value = f"{number}.{sent}"
        added[stream][await connection.ask("XADD", stream, "*", "n", value)] = value
        counts["added"] += 1
        await asyncio.sleep(dice.random())
    await as_long_as(lambda: adding, act)


async def work(number):
    stream, group, consumer = STREAMS[number % 3], GROUPS[number % 2], f"c{number}"

    async def settle(connection, entries, asked):
        for id, _ in entries:
            if acknowledged.get((stream, group, id), asked) < asked:
                came_again.append((stream, group, id))
            if await connection.ask("XACK", stream, group, id) == 1:
                acknowledged[stream, group, id] = time.monotonic()
                counts["acknowledged"] += 1

    async def act(connection):
        asked = time.monotonic()
        if dice.random() < 0.1:
            claimed = (await connection.ask("XAUTOCLAIM", stream, group, consumer, MIN_IDLE, "0-0", "COUNT", 20))[1]
            counts["claimed"] += len(claimed)
            await settle(connection, claimed, asked)
        asked = time.monotonic()
        for _, entries in await connection.ask("XREADGROUP", "GROUP", group, consumer, "COUNT", 3, "BLOCK", 1000, "STREAMS", stream, ">") or []:
            for id, _ in entries:
                read_new.setdefault((stream, group, id), []).append(consumer)
            await settle(connection, entries, asked)
    await as_long_as(lambda: working, act)


def is_done():
    for stream in STREAMS:
        for _, group in server.ask("XINFO", "GROUPS", stream):
            figures = {name: value for (_, name), (_, value) in zip(group[::2], group[1::2])}
            if figures[b"pending"] or figures[b"lag"]:
                return False
    return True


async def main():
    global adding, working
    for stream in STREAMS:
        for group in GROUPS:
            server.ask("XGROUP", "CREATE", stream, group, "$", "MKSTREAM")
    tasks = [asyncio.create_task((produce if number % 10 < 3 else work)(number)) for number in range(options.connections)]
    end = time.monotonic() + options.seconds
    next_kill = time.monotonic() + 3
    while time.monotonic() < end:
        await asyncio.sleep(0.1 * dice.random())
        if connections and dice.random() < 0.7:
            dice.choice(list(connections)).kill()
            counts["client killed"] += 1
        if time.monotonic() > next_kill:
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(dice.random() / 5)
            await asyncio.to_thread(server.start)
            counts["server killed"] += 1
            next_kill = time.monotonic() + 1 + 4 * dice.random()
    adding = False
    limit = time.monotonic() + 60
    while time.monotonic() < limit and not await asyncio.to_thread(is_done):
        await asyncio.sleep(0.1)
    checks.expect(await asyncio.to_thread(is_done), "all groups come to the end")
    working = False
    await asyncio.wait(tasks, timeout=60)
    checks.expect(all(task.done() for task in tasks), "each read ends at its time-out")
    for task in tasks:
        if task.done() and task.exception():
            raise task.exception()


with tempfile.TemporaryDirectory() as folder:
    server = KillableServer(options.weir, options.kind, folder)
    try:
        asyncio.run(main())
        for stream in STREAMS:
            stored = {entry[1][0][1]: entry[1][1][1][1][1].decode() for entry in server.ask("XRANGE", stream, "-", "+")}
            lost = {id: value for id, value in added[stream].items() if stored.get(id) != value}
            checks.expect(not lost, "what was answered is in the stream", lost)
    finally:
        server.end()
twice = {key: consumers for key, consumers in read_new.items() if len(consumers) > 1}
checks.expect(not twice, "nothing is new to two readers", twice)
checks.expect(not refused, "nothing is refused", refused)
checks.expect(not came_again, "what was acknowledged does not come again", came_again)
checks.expect(counts["server killed"] >= 2 and counts["client killed"] and counts["added"] and counts["acknowledged"],
              "it happened", counts)
print(f"seed {options.seed}:", counts)
checks.end()
