#!/usr/bin/env python3
"""serve_torture.py WEIR [--seconds N] [--clients N]: clients of `weir serve` write, wait and acknowledge, beside
processes of weir that do the same, while clients and the server are killed at any moment. Afterwards no answered message
is lost, and no message was new to two readers."""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from testing import Checks, Connection, LIMIT  # noqa: E402

arguments = argparse.ArgumentParser()
arguments.add_argument("weir")
arguments.add_argument("--seconds", type=float, default=8)
arguments.add_argument("--clients", type=int, default=24)
arguments = arguments.parse_args()
WEIR = os.path.abspath(arguments.weir)
checks = Checks()


class Run:
    def __init__(self, folder):
        self.database, self.path = os.path.join(folder, "t.db"), os.path.join(folder, "t.sock")
        self.lock = threading.Lock()
        self.over = False
        self.added, self.given, self.acknowledged, self.errors = set(), [], set(), []
        self.server = None

    def start(self):
        self.server = subprocess.Popen([WEIR, "--db", self.database, "serve", "--listen", f"unix:{self.path}"],
                                       stderr=subprocess.PIPE)
        if b"listening" not in self.server.stderr.readline():
            raise RuntimeError("the server does not start")

    def connect(self):
        while True:
            try:
                client = Connection(self.path)
                client.socket.settimeout(0.2 if self.over else LIMIT)
                return client
            except OSError:
                if self.over:
                    raise
                time.sleep(0.01)

    def note(self, what, ids):
        with self.lock:
            what.update(ids) if isinstance(what, set) else what.extend(ids)

    def client(self, act):
        """Acts until the end, whatever becomes of the server."""
        while not self.over:
            client = None
            try:
                client = self.connect()
                while not self.over:
                    act(client)
            except (OSError, EOFError):
                pass
            except Exception as error:  # told at the end
                self.note(self.errors, [repr(error)])
            if client is not None:
                try:
                    client.close()
                except OSError:
                    pass

    def write(self, client):
        count = random.choice((1, 1, 3, 50))
        if random.random() < 0.2:
            client.send([b"MULTI"])
            for _ in range(count):
                client.send([b"XADD", b"t", b"*", b"n", b"1"])
            client.send([b"EXEC"])
            client.flush()
            for _ in range(count + 1):
                client.reply()
            self.note(self.added, [reply[1] for reply in client.reply()[1]])
            return
        for _ in range(count):
            client.send([b"XADD", b"t", b"*", b"n", b"1"])
        client.flush()
        for _ in range(count):
            self.note(self.added, [client.reply()[1]])
        time.sleep(random.random() / 50)

    def read(self, name):
        def act(client):
            reply = client.ask("XREADGROUP", "GROUP", "g", name, "COUNT", random.choice((1, 10)), "BLOCK",
                               random.choice((0, 5, 300)), "STREAMS", "t", ">")
            if reply[0] == "-":
                raise RuntimeError(reply[1])
            ids = [entry[1][0][1] for entry in reply[1][0][1][1][1]] if reply[1] else []
            self.note(self.given, ids)
            if ids and random.random() < 0.9:
                client.ask("XACK", "t", "g", *ids)
                self.note(self.acknowledged, ids)
            if random.random() < 0.02:
                # Gone while it waits.
                client.send([b"XREADGROUP", b"GROUP", b"g", name.encode(), b"BLOCK", b"0", b"STREAMS", b"t", b">"])
                client.flush()
                time.sleep(random.random() / 100)
                raise EOFError
        return act

    def shell(self):
        while not self.over:
            done = subprocess.run([WEIR, "--db", self.database, "xadd", "t", "n=1"], capture_output=True)
            self.note(self.added, done.stdout.split())
            done = subprocess.run([WEIR, "--db", self.database, "xreadgroup", "t", "--group", "g", "--consumer", "shell",
                                   "--block", "50", "-o", "tsv", "--fields", "id", "--no-header"], capture_output=True)
            self.note(self.given, done.stdout.split())


def main():
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder)
        run.start()
        control = run.connect()
        control.ask("XGROUP", "CREATE", "t", "g", "0", "MKSTREAM")
        control.close()
        threads = [threading.Thread(target=run.client, args=(run.write if n % 3 == 0 else run.read(f"c{n}"),))
                   for n in range(arguments.clients)] + [threading.Thread(target=run.shell)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + arguments.seconds
        while time.monotonic() < end:
            time.sleep(random.uniform(0.5, 2))
            if random.random() < 0.5:
                run.server.kill()
                run.server.wait()
                run.server.stderr.close()
                run.start()
        control = run.connect()
        run.over = True
        pending = {entry[1][0][1] for entry in control.ask("XPENDING", "t", "g", "-", "+", "1000000")[1]}
        control.close()
        run.server.terminate()
        for thread in threads:
            thread.join()
        run.server.wait()
        run.server.stderr.close()
        verified = subprocess.run([WEIR, "--db", run.database, "verify"], capture_output=True, text=True)
        checks.expect(verified.returncode == 0, "the file is sound", verified.stdout)
        there = set(subprocess.run([WEIR, "--db", run.database, "xrange", "t", "-", "+", "-o", "tsv", "--fields", "id", "--no-header"],
                                   capture_output=True, check=True).stdout.split())
        checks.expect(not run.errors, "clients fail only where they are cut off", run.errors[:3])
        checks.expect(not run.added - there, "what was answered is there", sorted(run.added - there)[:5])
        checks.expect(len(run.given) == len(set(run.given)), "nothing new is given twice", len(run.given), len(set(run.given)))
        checks.expect(not set(run.given) - there, "what was given is there")
        print(f"{len(run.added)} added, {len(run.given)} given, {len(run.acknowledged)} acknowledged, {len(pending)} pending at the end")
        checks.expect(len(run.given) > 100, "the run did something")


main()
checks.end()
