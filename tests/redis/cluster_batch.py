#!/usr/bin/env python3
"""`weir batch` on a cluster of two servers: a transaction over streams of two slots is answered as the server answers it,
and standard error says what that means.

    cluster_batch.py WEIR
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from side_by_side import Client

WEIR = os.path.abspath(sys.argv[1])
LIMIT = 60  # seconds, for what takes moments
BUS = 10000  # the port on which nodes talk to each other is so much higher
HALF = 8192  # of the slots


class Node(Client):
    def __init__(self, folder, port):
        self.port, self.socket = port, None
        os.mkdir(f"{folder}/{port}")
        self.process = subprocess.Popen(["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--cluster-enabled", "yes",
                                         "--save", "", "--dir", f"{folder}/{port}"], stdout=subprocess.DEVNULL)

    def connect(self):
        if self.process.poll() is not None:
            sys.exit(f"redis-server does not start on port {self.port}")
        try:
            self.socket = socket.create_connection(("127.0.0.1", self.port), LIMIT)
        except ConnectionRefusedError:
            return False
        self.source, self.sink = self.socket.makefile("rb"), self.socket.makefile("wb")
        return True

    def send(self, words):
        self.sink.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))

    def flush(self):
        self.sink.flush()

    def is_ready(self):
        return b"cluster_state:ok" in self.ask("CLUSTER", "INFO")[1]

    def has(self, stream):
        return self.ask("XLEN", stream)[0] == ":"

    def stop(self):
        for part in (self.source, self.sink, self.socket) if self.socket else ():
            part.close()
        self.process.kill()
        self.process.wait()


def is_free(port):
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def wait_for(what, condition):
    deadline = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not within {LIMIT} s")
        time.sleep(0.01)


def batch(node, *lines):
    return subprocess.run([WEIR, "--db", f"redis://127.0.0.1:{node.port}", "batch"], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, timeout=LIMIT)


wrong = 0


def check(what, good, run):
    global wrong
    if not good:
        wrong += 1
        print(f"{what}: status {run.returncode}, {run.stdout!r}, {run.stderr!r}")


def transactions(nodes):
    here, there = nodes
    names = [f"s{n}" for n in range(100)]
    near = next(name for name in names if here.has(name))
    far = next(name for name in names if there.has(name))
    for node in nodes:
        run = batch(node, "MULTI", f"XADD {near} 1-1 a b", f"XADD {far} 1-1 a b", "EXEC", f"XLEN {near}", f"XLEN {far}",
                    "MULTI", f"XLEN {near}", f"XLEN {{{near}}}", "EXEC")
        answers = run.stdout.splitlines()
        told = run.stderr.splitlines()
        check("two slots are refused, and nothing is done", answers[:3] == ['"OK"', '"QUEUED"', '"QUEUED"']
              and "".join(answers[3:4]).startswith('{"error":"MOVED ') and answers[4:6] == ["0", "0"], run)
        check("one slot goes on as ever", answers[6:] == ['"OK"', '"QUEUED"', '"QUEUED"', "[0,0]"], run)
        check("the status is that of a refusal", run.returncode == 3, run)
        check("what it means stands on standard error", len(told) == 2 and told[0].startswith("weir: MOVED ")
              and "streams of one slot" in told[1] and "{tag}" in told[1], run)


if shutil.which("redis-server") is None:
    sys.exit("there is no redis-server; on Debian: apt-get install redis-server")
with tempfile.TemporaryDirectory() as folder:
    start = 17000 + os.getpid() % 5000
    free = (port for port in range(start, start + 5000) if is_free(port) and is_free(port + BUS))
    nodes = []
    try:
        for first, last in ((0, HALF - 1), (HALF, 2 * HALF - 1)):
            node = Node(folder, next(free))
            nodes.append(node)
            wait_for("the start of a server", node.connect)
            node.ask("CLUSTER", "ADDSLOTS", *range(first, last + 1))
        nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", nodes[1].port)
        for node in nodes:
            wait_for("the cluster", node.is_ready)
        transactions(nodes)
    finally:
        for node in nodes:
            node.stop()
print(f"{wrong} checks failed")
sys.exit(1 if wrong else 0)
