#!/usr/bin/env python3
"""serve_bounds_test.py WEIR: how many clients `weir serve` has, of whom, and what they cost."""
import contextlib
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from testing import Checks, Connection, LIMIT, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
checks = Checks()
expect, same = checks.expect, checks.same


@contextlib.contextmanager
def serving(folder, *options):
    """A server, and its socket."""
    path = os.path.join(folder, "p.sock")
    process = subprocess.Popen([WEIR, "--db", os.path.join(folder, "p.db"), "--lock-timeout", "1s", "serve", "--listen", f"unix:{path}", *options],
                               stderr=subprocess.PIPE)
    process.stderr.readline()
    yield process, path
    process.terminate()
    process.wait()
    process.stderr.close()


def password():
    with tempfile.TemporaryDirectory() as folder:
        secret = os.path.join(folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("open sesame\n")
        with serving(folder, "--password-file", secret) as (_, path):
            client = Connection(path)
            expect(client.ask("XLEN", "s")[1].startswith(b"NOAUTH"), "a client that has not said the password")
            expect(client.ask("AUTH", "open")[1].startswith(b"WRONGPASS"), "a wrong one")
            same([client.ask("AUTH", "default", "open sesame"), client.ask("XLEN", "s")], [("+", b"OK"), (":", 0)], "the right one")
            client.close()
            client = Connection(path)
            client.socket.sendall(b"*11\r\n")
            expect(b"invalid multibulk length" in client.source.read(), "a stranger may send little")
            client.close()


def crowded():
    """More clients, or more of what they send, than the server is to have."""
    megabyte = 1024 * 1024
    with tempfile.TemporaryDirectory() as folder, serving(folder, "--max-clients", "3", "--max-buffers",
                                                          str(16 * megabyte)) as (process, path):
        good, kept, hog = (Connection(path) for _ in range(3))
        for client in (good, kept, hog):
            client.ask("PING")
        one_more = Connection(path)
        same(one_more.source.read(), b"-ERR max number of clients reached\r\n", "one client too many")
        one_more.close()
        kept.ask("CLIENT", "NO-EVICT", "ON")
        unfinished = b"*3\r\n$4\r\nXADD\r\n$1\r\ns\r\n$100000000\r\n"
        kept.socket.sendall(unfinished + b"x" * 5 * megabyte)
        for sent in (unfinished + b"x" * 40 * megabyte, b"*1048576\r\n" + b"$0\r\n\r\n" * 1_000_000):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                hog.socket.sendall(sent)
                hog.source.read()
            told = process.stderr.readline().decode()
            expect("is dropped: what all clients have sent and have to take is more than --max-buffers" in told,
                   "who was dropped", told)
            hog.close()
            hog = Connection(path)
        left = {line.split()[0] for line in good.ask("CLIENT", "LIST")[1].decode().splitlines()}
        first = good.ask("CLIENT", "ID")[1]
        expect({f"id={first}", f"id={first + 1}"} <= left, "the others stay, one that asked to stay among them", left)
        for client in (good, kept, hog):
            client.close()


def many():
    """The system allows few descriptors, unless it is asked for more."""
    few, most = 64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.sock")
        process = subprocess.Popen([WEIR, "--db", os.path.join(folder, "m.db"), "serve", "--listen", f"unix:{path}"],
                                   stderr=subprocess.PIPE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, most)))
        process.stderr.readline()
        clients = [Connection(path) for _ in range(2 * few)]
        for client in clients:
            same(client.ask("PING"), ("+", b"PONG"), "every one of many clients is answered")
        for client in clients:
            client.close()
        process.terminate()
        process.wait()
        process.stderr.close()


def held_up():
    """Another program keeps the file to itself for longer than --lock-timeout."""
    with tempfile.TemporaryDirectory() as folder, serving(folder) as (_, path):
        client = Connection(path)
        client.ask("XADD", "s", "*", "a", "b")
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "p.db"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(2 * LIMIT):
                client.send([b"XADD", b"s", b"*", b"a", b"b"])
            client.flush()
            told = {client.reply()[1].split(b": ")[1] for _ in range(2 * LIMIT)}
        same(told, {b"busy"}, "all that was sent meanwhile is refused at once when the time is over, not one after the other")
        same(client.ask("XLEN", "s"), (":", 1), "and none of it is done")
        expect(client.ask("XADD", "s", "*", "a", "b")[0] == "$", "it goes on when the file is free")
        client.close()


def idle():
    """When clients have nothing to say the server sleeps, whether they have said something before or half of it."""
    with tempfile.TemporaryDirectory() as folder, serving(folder) as (process, path):
        clients = [Connection(path) for _ in range(10)]
        for client in clients:
            client.ask("PING")
            client.socket.sendall(b"*2\r\n$4\r\nEC")

        def woken():
            with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
                return next(line for line in status if line.startswith("voluntary_ctxt_switches"))

        def sleeps():
            before = woken()
            time.sleep(2)
            return woken() == before

        wait_until(sleeps, "the server to sleep")
        for client in clients:
            client.socket.sendall(b"HO\r\n$1\r\na\r\n")
            same(client.reply(), ("$", b"a"), "it wakes for the other half")
            client.close()


for part in (password, crowded, many, held_up, idle):
    part()
checks.end()
