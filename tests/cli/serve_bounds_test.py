#!/usr/bin/env python3
"""serve_bounds_test.py WEIR: how many clients `weir serve` accepts, from which users, and what they cost."""
import contextlib
import os
import resource
import select
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


@contextlib.contextmanager
def guarded():
    """The socket of a server that wants a password."""
    with tempfile.TemporaryDirectory() as folder:
        secret = os.path.join(folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("open sesame\n")
        with serving(folder, "--password-file", secret) as (_, path):
            yield path


def password():
    with guarded() as path:
        client = Connection(path)
        expect(client.ask("XLEN", "s")[1].startswith(b"NOAUTH"), "a client that has not said the password")
        begun = time.monotonic()
        expect(client.ask("AUTH", "open")[1].startswith(b"WRONGPASS"), "a wrong one")
        expect(time.monotonic() - begun > 0.4, "whoever guesses is told later")
        same([client.ask("AUTH", "default", "open sesame"), client.ask("XLEN", "s")], [("+", b"OK"), (":", 0)], "the right one")
        client.close()
        client = Connection(path)
        client.socket.sendall(b"*11\r\n")
        expect(b"invalid multibulk length" in client.source.read(), "a stranger may send little")
        client.close()


def guesses():
    """Whoever guesses passwords and does not wait for the answer keeps nobody's place."""
    with guarded() as path:
        friend = Connection(path)
        friend.ask("AUTH", "open sesame")

        def gone_before_they_are_answered():
            begun = time.monotonic()
            guessing = [Connection(path) for _ in range(10)]
            for client in guessing:
                client.send([b"AUTH", b"open"])
                client.flush()
            wait_until(lambda: friend.ask("CLIENT", "LIST")[1].count(b"cmd=auth") == len(guessing), "their guesses")
            for client in guessing:
                client.close()
            wait_until(lambda: friend.ask("CLIENT", "LIST")[1].count(b"cmd=") == 1, "the others to be gone")
            return time.monotonic() - begun < 0.5
        expect(any(gone_before_they_are_answered() for _ in range(20)), "who has closed its connection is gone at once")
        friends = []

        def answered_at_once():
            friends.append(Connection(path))
            friends[-1].send([b"AUTH", b"open sesame"])
            friends[-1].flush()
            return select.select([friends[-1]], [], [], 0.2)[0]
        wait_until(answered_at_once, "nobody guesses any more, so who knows the password need not wait, however many come")
        for each in friends:
            each.close()
        friend.close()


def gone_while_it_tries():
    """A client whose blocked read just tries, while another program keeps the file to itself, is dropped; then its time
    is over, and then the file is free. What it sent after the read is not done, and others notice nothing."""
    def dropped_in_time(path, database, slowness):
        """False: it was given something before the file was taken, and needs more time for that."""
        other = Connection(path)
        other.ask("DEL", "s", "after")
        other.ask("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM")
        other.ask("XADD", "s", "*", "a", "b")
        reader = Connection(path)
        name = reader.ask("CLIENT", "ID")[1]
        other.ask("XREADGROUP", "GROUP", "g", "holder", "STREAMS", "s", ">")
        begun = time.monotonic()
        reader.send([b"XREADGROUP", b"GROUP", b"g", b"c", b"BLOCK", b"%d" % (900 * slowness), b"CLAIM", b"%d" % (300 * slowness),
                     b"STREAMS", b"s", b">"])
        reader.send([b"XADD", b"after", b"*", b"a", b"b"])
        reader.flush()
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as program:
            # Where it takes long its time may be over by then.
            wait_until(lambda: select.select([reader.socket], [], [], 0)[0] or "flags=b" in other.ask("CLIENT", "LIST", "ID", name)[1].decode(),
                       "it to wait")
            program.execute("BEGIN IMMEDIATE")
            time.sleep(max(0.0, begun + 0.5 * slowness - time.monotonic()))  # it tries since the message may be claimed
            with contextlib.suppress(OSError):
                reader.socket.sendall(b"*3\r\n$4\r\nXADD\r\n$1\r\ns\r\n$100000000\r\n" + b"x" * 8_000_000)
            told = b""
            with contextlib.suppress(OSError):
                while piece := reader.source.read1():
                    told += piece
            time.sleep(max(0.0, begun + 1.2 * slowness - time.monotonic()))
            program.rollback()
        if not told:
            same(other.ask("EXISTS", "after"), (":", 0), "nothing more is done for it")
            expect(f"id={name} " not in other.ask("CLIENT", "LIST")[1].decode(), "it is listed no more")
            wait_until(lambda: other.ask("XREADGROUP", "GROUP", "g", "d", "CLAIM", "0", "STREAMS", "s", ">")[1], "another to take the message")
        reader.close()
        other.close()
        return not told
    with tempfile.TemporaryDirectory() as folder, serving(folder, "--max-buffers", "4000000", "--lock-timeout", "30s") as (_, path):
        expect(any(dropped_in_time(path, os.path.join(folder, "p.db"), slowness) for slowness in (1, 1, 2, 2, 4, 4, 8, 8, 16, 16)),
               "it is dropped, and gone at once")


def threads():
    """Where the system allows no more threads it says so, and leaves nothing behind."""
    if os.geteuid() != 0:
        print("threads: skipped, since only root can become a user who has no processes")
        return
    with open(WEIR, "rb") as program:
        built = program.read()
    if b"__asan_init" in built or b"__tsan_init" in built:
        print("threads: skipped, since a sanitizer has threads of its own")
        return
    nobody = 54321
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)

        def become():
            os.setgroups([])
            os.setgid(nobody)
            os.setuid(nobody)
            resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
        for limit in (1, 2, 3):
            ended = subprocess.run([WEIR, "--db", os.path.join(folder, "p.db"), "serve", "--listen", f"unix:{folder}/p.sock"], capture_output=True, text=True,
                                   preexec_fn=become, timeout=LIMIT, check=False)
            expect(ended.returncode == 5 and ended.stderr.startswith("weir: cannot start its threads: "), "too few threads", limit, ended)
            expect("p.sock" not in os.listdir(folder), "the socket is gone", limit)


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


for part in (password, guesses, gone_while_it_tries, threads, crowded, many, held_up, idle):
    part()
checks.end()
