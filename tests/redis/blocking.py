#!/usr/bin/env python3
"""Readers that block, several at once: connections to a redis-server on one side, `weir batch` processes on one
database on the other. Both sides go through the same scenarios and have to answer the same.

Nothing here waits for a time to pass: a step goes on when the readers are known to be blocked, or have answered.
usage: blocking.py WEIR [SCENARIO…]"""

import fcntl
import os
import select
import struct
import sys
import tempfile
import time

from known_differences import normal
from side_by_side import Server, Weir, shown

PATIENCE = 30  # seconds until a step counts as failed
F_OFD_GETLK = 36


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.002)


class Side:
    """One of the two. `ask` is answered at once; `block` returns when the reader waits; `reply` is what it gets."""

    def __init__(self):
        self.clients = {}

    def client(self, name):
        if name not in self.clients:
            self.clients[name] = self.connect()
        return self.clients[name]

    def ask(self, *words):
        return self.client("writer").ask(*words)

    def transaction(self, *commands):
        self.ask("MULTI")
        for command in commands:
            self.ask(*command.split())
        return self.ask("EXEC")

    def block(self, name, line):
        blocked = self.blocked()
        self.start(name, line)
        wait_until(lambda: self.blocked() > blocked, f"{name} to be blocked in: {line}")

    def start(self, name, line):
        client = self.client(name)
        client.send([w.encode() for w in line.split()])
        client.flush()

    def reply(self, name):
        client = self.client(name)
        if not select.select([client], [], [], PATIENCE)[0]:
            return "-", f"TIMEOUT {name} is still blocked".encode()
        return client.reply()

    def close(self):
        for client in self.clients.values():
            client.close()


class RedisSide(Side):
    def __init__(self, server):
        super().__init__()
        self.connect = server.connect

    def blocked(self):
        info = self.client("observer").ask("INFO", "clients")[1].decode()
        return int(info.partition("blocked_clients:")[2].split()[0])

    def kill(self, name):
        """Ends a client; returns when it is gone."""
        blocked = self.blocked()
        self.clients.pop(name).close()
        wait_until(lambda: self.blocked() < blocked, f"{name} to be gone")


class WeirSide(Side):
    def __init__(self, program, folder):
        super().__init__()
        self.database = os.path.join(folder, "w.db")
        self.connect = lambda: Weir(program, self.database)
        self.ask("PING")
        self.ask("XADD", "before", "1-1", "a", "1")
        self.lock_file = os.open(self.database + "-lock", os.O_RDWR)

    def blocked(self):
        """How many locks of waiting readers there are on the lock file: readers of a group hold one each for each
        stream; readers that watch the bell share the lock on byte 1, which counts once."""
        return self.locks(1, 2**62)

    def locks(self, first, last):
        if first > last:
            return 0
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, first, last - first + 1, 0)
        kind, _, start, length, _ = struct.unpack("hhqqi4x", fcntl.fcntl(self.lock_file, F_OFD_GETLK, asked))
        if kind == fcntl.F_UNLCK:
            return 0
        return 1 + self.locks(first, start - 1) + self.locks(start + length, last)

    def kill(self, name):
        client = self.clients.pop(name)
        client.process.kill()
        client.process.wait()

    def close(self):
        os.close(self.lock_file)
        super().close()


# Scenarios: each yields replies, which are compared. "$" is used only by a reader that `block` can see to be blocked.

def xread_wakes(side):
    side.ask("XADD", "s", "1-1", "a", "1")
    side.block("r", "XREAD BLOCK 0 STREAMS s $")
    yield side.ask("XADD", "s", "2-1", "b", "2")
    yield side.reply("r")


def xread_of_a_missing_stream(side):
    side.block("r", "XREAD BLOCK 0 STREAMS s t $ $")
    yield side.ask("XADD", "t", "2-1", "b", "2")
    yield side.reply("r")


def xread_with_data_does_not_block(side):
    side.ask("XADD", "s", "1-1", "a", "1")
    side.start("r", "XREAD BLOCK 0 STREAMS s t 0 0")
    yield side.reply("r")


def xread_wakes_all(side):
    for name in "abc":
        side.start(name, "XREAD BLOCK 0 STREAMS s 1-1")
    yield side.ask("XADD", "s", "1-1", "too", "early")
    yield side.ask("XADD", "s", "2-1", "b", "2")
    for name in "abc":
        yield side.reply(name)


def xread_lives_through_del(side):
    side.ask("XADD", "s", "5-1", "a", "1")
    side.block("r", "XREAD BLOCK 0 STREAMS s $")
    yield side.ask("DEL", "s")
    yield side.ask("XADD", "s", "1-1", "below", "what was last")
    yield side.ask("XADD", "s", "6-1", "a", "1")
    yield side.reply("r")


def xread_lives_through_flushall(side):
    side.ask("XADD", "s", "5-1", "a", "1")
    side.block("r", "XREAD BLOCK 0 STREAMS s $")
    yield side.ask("FLUSHALL")
    yield side.ask("XADD", "s", "6-1", "a", "1")
    yield side.reply("r")


def xread_count(side):
    side.block("r", "XREAD COUNT 1 BLOCK 0 STREAMS s $")
    yield side.transaction("XADD s 1-1 a 1", "XADD s 2-1 a 2")
    yield side.reply("r")


def xread_rename(side):
    side.ask("XADD", "s", "1-1", "a", "1")
    side.ask("XADD", "other", "7-1", "a", "1")
    side.block("r", "XREAD BLOCK 0 STREAMS s $")
    yield side.ask("RENAME", "other", "s")
    yield side.reply("r")


def stream_made_with_the_same_transaction(side):
    side.block("r", "XREAD BLOCK 0 STREAMS s $")
    yield side.transaction("XADD s 1-1 a 1", "DEL s", "XADD s 2-1 b 2")
    yield side.reply("r")


def xread_times_out(side):
    began = time.monotonic()
    side.start("r", "XREAD BLOCK 60 STREAMS s $")
    yield side.reply("r")
    yield "in time", time.monotonic() - began >= 0.06


def no_blocking_in_transactions(side):
    side.ask("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
    yield side.transaction("XREAD BLOCK 0 STREAMS s $", "XREADGROUP GROUP g c BLOCK 0 STREAMS s >")


def group(side, name="s"):
    side.ask("XGROUP", "CREATE", name, "g", "$", "MKSTREAM")


def group_reader(stream="s >", consumer="c", options="BLOCK 0"):
    return f"XREADGROUP GROUP g {consumer} {options} STREAMS {stream}"


def group_wakes(side):
    group(side)
    side.block("r", group_reader())
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("r")
    yield side.ask("XPENDING", "s", "g")


def group_first_come_first_served(side):
    group(side)
    for name in "abc":
        side.block(name, group_reader(consumer=name))
    for at, name in enumerate("abc", 1):
        yield side.ask("XADD", "s", f"{at}-1", "a", "1")
        yield side.reply(name)
    yield side.ask("XPENDING", "s", "g")


def group_count_leaves_the_rest_to_the_next(side):
    group(side)
    for name in "abc":
        side.block(name, group_reader(consumer=name, options="COUNT 1 BLOCK 0"))
    yield side.transaction("XADD s 1-1 a 1", "XADD s 2-1 a 1", "XADD s 3-1 a 1")
    for name in "abc":
        yield side.reply(name)


def group_the_first_takes_all(side):
    group(side)
    for name in "ab":
        side.block(name, group_reader(consumer=name))
    yield side.transaction("XADD s 1-1 a 1", "XADD s 2-1 a 1")
    yield side.reply("a")
    yield side.ask("XADD", "s", "3-1", "a", "1")
    yield side.reply("b")


def group_reader_that_died(side):
    group(side)
    for name in "abc":
        side.block(name, group_reader(consumer=name))
    side.kill("a")
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("b")
    yield side.ask("XADD", "s", "2-1", "a", "1")
    yield side.reply("c")


def group_reader_that_died_in_the_line(side):
    group(side)
    for name in "abc":
        side.block(name, group_reader(consumer=name))
    side.kill("b")
    yield side.transaction("XADD s 1-1 a 1")
    yield side.reply("a")
    yield side.ask("XADD", "s", "2-1", "a", "1")
    yield side.reply("c")


def group_time_out_in_the_line(side):
    group(side)
    side.block("a", group_reader(consumer="a"))
    side.start("b", group_reader(consumer="b", options="BLOCK 50"))
    yield side.reply("b")
    side.block("c", group_reader(consumer="c"))
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("a")
    yield side.ask("XADD", "s", "2-1", "a", "1")
    yield side.reply("c")


def group_time_out_at_the_head(side):
    group(side)
    side.start("a", group_reader(consumer="a", options="BLOCK 200"))
    side.start("b", group_reader(consumer="b"))
    yield side.reply("a")
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("b")


def group_deadline_stays_the_first_one(side):
    group(side)
    began = time.monotonic()
    side.block("a", group_reader(consumer="a"))
    side.start("b", group_reader(consumer="b", options="BLOCK 300"))
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("a")
    yield side.reply("b")
    yield "in time", 0.3 <= time.monotonic() - began < PATIENCE


def two_groups_of_a_stream(side):
    group(side)
    side.ask("XGROUP", "CREATE", "s", "h", "$")
    side.block("a", group_reader())
    side.block("b", "XREADGROUP GROUP h c BLOCK 0 STREAMS s >")
    side.start("c", "XREAD BLOCK 0 STREAMS s 0-1")
    yield side.ask("XADD", "s", "1-1", "a", "1")
    for name in "abc":
        yield side.reply(name)


def group_of_two_streams(side):
    group(side)
    group(side, "t")
    side.block("a", group_reader("s t > >", "a"))
    side.block("b", group_reader("t >", "b"))
    yield side.ask("XADD", "t", "1-1", "a", "1")
    yield side.reply("a")
    yield side.ask("XADD", "t", "2-1", "a", "1")
    yield side.reply("b")


def group_same_stream_twice(side):
    group(side)
    side.block("a", group_reader("s s > >", "a"))
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("a")


def group_noack(side):
    group(side)
    side.block("a", group_reader(options="NOACK BLOCK 0"))
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("a")
    yield side.ask("XPENDING", "s", "g")
    yield side.ask("XINFO", "GROUPS", "s")


def group_history_does_not_block(side):
    group(side)
    side.start("a", group_reader("s 0"))
    yield side.reply("a")
    side.block("b", group_reader(consumer="b"))
    side.start("a", group_reader("s 0"))
    yield side.reply("a")
    yield side.ask("XADD", "s", "1-1", "a", "1")
    yield side.reply("b")


def group_that_ran_dry(side):
    group(side)
    yield side.ask("XADD", "s", "666-0", "a", "1")
    yield side.ask(*group_reader().split())
    side.start("a", group_reader(options="BLOCK 10"))
    yield side.reply("a")
    yield side.ask("XADD", "s", "665-0", "a", "1")
    yield side.ask("XDEL", "s", "666-0")
    side.start("a", group_reader(options="BLOCK 10"))
    yield side.reply("a")


def gone(reply):
    """7.0.15 says UNBLOCKED where a stream went, and has other words for a group that did."""
    kind, text = reply
    return (kind, b"gone") if kind == "-" and text.split()[0] in (b"UNBLOCKED", b"NOGROUP") else reply


def gone_by(change, *ready):
    def scenario(side):
        group(side)
        for line in ready:
            side.ask(*line.split())
        for name in "ab":
            side.block(name, group_reader(consumer=name))
        yield side.transaction(*change) if isinstance(change, tuple) else side.ask(*change.split())
        for name in "ab":
            yield gone(side.reply(name))
        group(side)
        side.block("a", group_reader())
        side.ask("XADD", "s", "9-1", "a", "1")
        yield side.reply("a")
    return scenario


del_while_blocked = gone_by("DEL s")
flushall_while_blocked = gone_by("FLUSHALL")
destroy_while_blocked = gone_by("XGROUP DESTROY s g")
rename_away_while_blocked = gone_by("RENAME s t")
rename_onto_without_group = gone_by("RENAME other s", "XADD other 1-1 a 1")
del_and_add_in_a_transaction = gone_by(("DEL s", "XADD s 1-1 a 1"))


def made_anew(*change):
    """A group that goes and comes in one transaction has not gone, for those who wait."""
    def scenario(side):
        group(side)
        for name in "ab":
            side.block(name, group_reader(consumer=name))
        yield side.transaction(*change)
        yield side.ask("XADD", "s", "5-1", "a", "1")
        yield side.reply("a")
        yield side.ask("XADD", "s", "6-1", "a", "1")
        yield side.reply("b")
    return scenario


destroy_and_create_in_a_transaction = made_anew("XGROUP DESTROY s g", "XGROUP CREATE s g 0")
del_and_create_in_a_transaction = made_anew("DEL s", "XGROUP CREATE s g 0 MKSTREAM")
flushall_and_create_in_a_transaction = made_anew("FLUSHALL", "XGROUP CREATE s g $ MKSTREAM")


def made_anew_with_data(side):
    group(side)
    side.block("a", group_reader())
    yield side.transaction("XGROUP DESTROY s g", "XGROUP CREATE s g 0", "XADD s 1-1 a 1")
    yield side.reply("a")


def rename_onto_with_data(side):
    group(side)
    side.ask("XADD", "other", "5-1", "a", "1")
    side.ask("XGROUP", "CREATE", "other", "g", "0")
    side.block("a", group_reader())
    yield side.ask("RENAME", "other", "s")
    yield side.reply("a")


def rename_onto_without_data(side):
    group(side)
    group(side, "other")
    side.block("a", group_reader())
    yield side.ask("RENAME", "other", "s")
    yield side.ask("XADD", "s", "5-1", "a", "1")
    yield side.reply("a")


def one_of_two_streams_goes(side):
    group(side)
    group(side, "t")
    side.block("a", group_reader("s t > >"))
    yield side.ask("DEL", "t")
    yield gone(side.reply("a"))


def consumer_deleted_while_blocked(side):
    group(side)
    side.block("a", group_reader())
    yield side.ask("XGROUP", "DELCONSUMER", "s", "g", "c")
    yield side.ask("XADD", "s", "5-1", "a", "1")
    yield side.reply("a")
    yield side.ask("XPENDING", "s", "g")


def another_group_destroyed(side):
    group(side)
    side.ask("XGROUP", "CREATE", "s", "h", "0")
    side.block("a", group_reader())
    yield side.ask("XGROUP", "DESTROY", "s", "h")
    yield side.ask("XADD", "s", "5-1", "a", "1")
    yield side.reply("a")


def taken_by_one_that_does_not_block(side):
    group(side)
    side.block("a", group_reader(consumer="a"))
    yield side.transaction("XADD s 1-1 a 1", "XREADGROUP GROUP g x STREAMS s >")
    yield side.ask("XADD", "s", "2-1", "a", "1")
    yield side.reply("a")


def set_beyond_what_comes(side):
    group(side)
    side.block("a", group_reader())
    yield side.ask("XGROUP", "SETID", "s", "g", "5-0")
    yield side.ask("XADD", "s", "4-1", "a", "1")
    yield side.ask("XADD", "s", "5-1", "a", "1")
    yield side.reply("a")


def many_readers_of_a_group(side):
    group(side)
    names = [f"r{i}" for i in range(12)]
    for name in names:
        side.block(name, group_reader(consumer=name, options="COUNT 1 BLOCK 0"))
    for i in range(0, 12, 3):
        yield side.transaction(*(f"XADD s {i + j}-1 a 1" for j in (1, 2, 3)))
    for name in names:
        yield side.reply(name)


# 7.0.15 wakes a reader with an empty array where all that came is gone again, which later versions do not do. So these
# are not compared: weir has to answer what stands here last.

def added_and_deleted_at_once(side):
    side.block("r", "XREAD BLOCK 0 STREAMS s $")
    side.transaction("XADD s 1-1 a 1", "XDEL s 1-1")
    side.transaction("XADD s 2-1 a 1", "DEL s")
    side.transaction("XADD s 3-1 a 1", "XTRIM s MAXLEN 0")
    side.ask("XADD", "s", "MAXLEN", "0", "4-1", "a", "1")
    side.transaction("XADD s 5-1 a 1", "XADD s 6-1 a 2", "XDEL s 5-1")
    return side.reply("r"), entries("s", "6-1", "a", "2")


def added_and_deleted_at_once_for_a_group(side):
    group(side)
    side.block("a", group_reader())
    side.transaction("XADD s 1-1 a 1", "XDEL s 1-1")
    side.ask("XADD", "s", "MAXLEN", "0", "2-1", "a", "1")
    side.ask("XADD", "s", "3-1", "a", "1")
    return side.reply("a"), entries("s", "3-1", "a", "1")


def entries(stream, id, *fields):
    """The reply that has one entry."""
    texts = [("$", word.encode()) for word in (stream, id, *fields)]
    return "*", [("*", [texts[0], ("*", [("*", [texts[1], ("*", texts[2:])])])])]


OURS_ONLY = [added_and_deleted_at_once, added_and_deleted_at_once_for_a_group]
SCENARIOS = [value for value in list(globals().values()) if getattr(value, "__code__", None) and value.__code__.co_varnames[:1] == ("side",)
             and value.__code__.co_argcount == 1 and value.__code__.co_flags & 0x20]


def name_of(scenario):
    return next(name for name, value in globals().items() if value is scenario)


def answers(scenario, side):
    out = []
    try:
        for reply in scenario(side):
            out.append(reply)
    except (TimeoutError, EOFError) as error:
        out.append(("-", f"FAILED {error}".encode()))
    return out


def main():
    weir = os.path.abspath(sys.argv[1])
    wrong = 0
    chosen = [s for s in SCENARIOS if not sys.argv[2:] or name_of(s) in sys.argv[2:]]
    with Server() as server:
        for scenario in chosen:
            with tempfile.TemporaryDirectory() as folder:
                redis, ours = RedisSide(server), WeirSide(weir, folder)
                redis.ask("FLUSHALL")
                theirs, mine = answers(scenario, redis), answers(scenario, ours)
                same = len(theirs) == len(mine) and all(
                    normal([b"XINFO"] if a[0] == "*" else [b""], a) == normal([b"XINFO"] if b[0] == "*" else [b""], b) for a, b in zip(theirs, mine))
                if not same:
                    wrong += 1
                    print(f"{name_of(scenario)}:")
                    for side, replies in (("redis-server", theirs), ("weir", mine)):
                        print(f"-- {side} --", *(shown(r) if r[0] in "+-:$*" else r for r in replies), sep="\n")
                for side in (redis, ours):
                    for name in [n for n in side.clients if n not in ("writer", "observer")]:
                        if select.select([side.clients[name]], [], [], 0)[0] or not same:
                            side.clients.pop(name).close() if side is redis else side.kill(name)
                    side.close()
    for scenario in OURS_ONLY:
        with tempfile.TemporaryDirectory() as folder:
            ours = WeirSide(weir, folder)
            answer, right = scenario(ours)
            if answer != right:
                wrong += 1
                print(f"{name_of(scenario)}:\n-- weir --\n{shown(answer)}\n-- right --\n{shown(right)}")
                ours.kill("r" if "r" in ours.clients else "a")
            ours.close()
    print(f"{len(chosen) + len(OURS_ONLY)} scenarios, {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
