#!/usr/bin/env python3
"""Readers that block, several at once: connections to a redis-server on one side, `weir batch` processes on one
database on the other. Both sides go through the same scenarios and have to answer the same.

The test never waits for a time to pass: a step goes on when the readers are known to be blocked, or have answered.
usage: blocking.py WEIR [--serve] [SCENARIO…]
--serve: clients of `weir serve`, not processes of `weir batch`."""

import os
import select
import sys
import tempfile

import blocking_scenarios
from blocking_scenarios import ONE_SERVER, OURS_ONLY, PATIENCE, SCENARIOS
from known_differences import Judge, same

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Server, Weir, shown, wait_until  # noqa: E402

# See src/sqlite/file/lock_file.h.
BELL = 1
FIRST_PLACE = 2**32


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

    def pipeline(self, *lines):
        """Commands that are sent together; the answers are one."""
        client = self.client("writer")
        for line in lines:
            client.send([w.encode() for w in line.split()])
        client.flush()
        return "*", [client.reply() for _ in lines]

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

    def block(self, name, line):
        blocked = self.blocked()
        self.start(name, line)
        wait_until(lambda: self.blocked() > blocked, f"{name} to be blocked in: {line}", PATIENCE)

    def blocked(self):
        info = self.client("observer").ask("INFO", "clients")[1].decode()
        return int(info.partition("blocked_clients:")[2].split()[0])

    def kill(self, name):
        """Ends a client; returns when it is gone."""
        blocked = self.blocked()
        self.clients.pop(name).close()
        wait_until(lambda: self.blocked() < blocked, f"{name} to be gone", PATIENCE)


class ServedSide(RedisSide):
    """Clients of `weir serve`."""

    def __init__(self, program, _folder):
        self.server = Server(program, "--durability", "off").__enter__()
        super().__init__(self.server)

    def close(self):
        super().close()
        self.server.__exit__()


class WeirSide(Side):
    def __init__(self, program, folder):
        super().__init__()
        self.database = os.path.join(folder, "w.db")
        self.connect = lambda: Weir(program, self.database)
        self.ask("PING")
        self.ask("XADD", "before", "1-1", "a", "1")
        self.lock_file = os.path.realpath(self.database + "-lock")

    def block(self, name, line):
        self.start(name, line)
        words = line.split()
        # A reader of a group has a place in the line of each of its streams, every other one watches the bell (byte 1).
        keys = words[words.index("STREAMS") + 1:]
        places = len(set(keys[:len(keys) // 2])) if words[0] == "XREADGROUP" else 0
        wait_until(lambda: self.is_blocked(name, places), f"{name} to be blocked in: {line}", PATIENCE)

    def is_blocked(self, name, places):
        held = self.locks(self.client(name).process.pid)
        return sum(first >= FIRST_PLACE for first in held) >= places if places else BELL in held

    def locks(self, pid):
        """The first bytes of what the process has locked in the lock file. Only its own: a process that is writing, or
        moves the log, holds locks too, and so does somebody who came earlier."""
        held = []
        for entry in os.scandir(f"/proc/{pid}/fd"):
            try:
                if os.path.realpath(entry.path) == self.lock_file:
                    with open(f"/proc/{pid}/fdinfo/{entry.name}") as info:
                        held += [int(line.split()[-2]) for line in info if line.startswith("lock:")]
            except FileNotFoundError:  # the process has closed it since
                continue
        return held

    def kill(self, name):
        client = self.clients.pop(name)
        client.process.kill()
        client.process.wait()


def name_of(scenario):
    return next(name for name, value in vars(blocking_scenarios).items() if value is scenario)


def answers(scenario, side):
    out = []
    try:
        for reply in scenario(side):
            out.append(reply)
    except (OSError, EOFError) as error:
        out.append(("-", f"FAILED {error}".encode()))
    return out


def main():
    weir = os.path.abspath(sys.argv[1])
    wrong = 0
    served = "--serve" in sys.argv
    named = [word for word in sys.argv[2:] if word != "--serve"]
    chosen = [s for s in SCENARIOS + (ONE_SERVER if served else []) if not named or name_of(s) in named]
    ours_only = [] if served else OURS_ONLY
    with Server() as server:
        judge = Judge(server.connect())
        for scenario in chosen:
            with tempfile.TemporaryDirectory() as folder:
                redis, ours = RedisSide(server), (ServedSide if served else WeirSide)(weir, folder)
                redis.ask("FLUSHALL")
                theirs, mine = answers(scenario, redis), answers(scenario, ours)
                alike = len(theirs) == len(mine) and all(
                    same(judge, [b"XINFO"] if a[0] == b[0] == "*" else [b""], a, b) for a, b in zip(theirs, mine))
                if not alike:
                    wrong += 1
                    print(f"{name_of(scenario)}:")
                    for side, replies in (("redis-server", theirs), ("weir", mine)):
                        print(f"-- {side} --", *(shown(r) if r[0] in "+-:$*" else r for r in replies), sep="\n")
                for side in (redis, ours):
                    for name in [n for n in side.clients if n not in ("writer", "observer")]:
                        if select.select([side.clients[name]], [], [], 0)[0] or not alike:
                            side.clients.pop(name).close() if isinstance(side, RedisSide) else side.kill(name)
                    side.close()
    for scenario in ours_only:
        with tempfile.TemporaryDirectory() as folder:
            ours = WeirSide(weir, folder)
            answer, right = scenario(ours)
            if answer != right:
                wrong += 1
                print(f"{name_of(scenario)}:\n-- weir --\n{shown(answer)}\n-- right --\n{shown(right)}")
                ours.kill("r" if "r" in ours.clients else "a")
            ours.close()
    print(f"{len(chosen) + len(ours_only)} scenarios, {wrong} wrong; {judge.name}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
