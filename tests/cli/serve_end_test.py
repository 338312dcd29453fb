#!/usr/bin/env python3
"""serve_end_test.py WEIR: how `weir serve` ends, and what it leaves behind."""
import contextlib
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from testing import Checks, Connection, LIMIT, read_reply, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
checks = Checks()
expect, same = checks.expect, checks.same


def killed():
    """Nothing that was answered is lost, whenever the server is killed."""
    with tempfile.TemporaryDirectory() as folder:
        database, path = os.path.join(folder, "k.db"), os.path.join(folder, "k.sock")
        answered = []
        for _ in range(3):
            process = subprocess.Popen([WEIR, "--db", database, "serve", "--listen", f"unix:{path}"],
                                       stderr=subprocess.PIPE)
            process.stderr.readline()

            def write(name):
                client = Connection(path)
                try:
                    while True:
                        for _ in range(20):
                            client.send([b"XADD", b"k", b"*", b"n", name])
                        client.flush()
                        for _ in range(20):
                            answered.append(client.reply()[1])
                except (OSError, EOFError):
                    client.socket.close()

            before = len(answered)
            threads = [threading.Thread(target=write, args=(b"%d" % n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            wait_until(lambda: len(answered) > before + 1000, "answers")
            process.kill()
            for thread in threads:
                thread.join()
            process.wait()
            process.stderr.close()
        there = set(subprocess.run([WEIR, "--db", database, "xrange", "k", "-", "+", "-o", "tsv", "--fields", "id", "--no-header"],
                                   capture_output=True, check=True).stdout.split())
        same([each for each in answered if each not in there], [], "what was answered is there after a kill")


def drained():
    with tempfile.TemporaryDirectory() as folder:
        database, path = os.path.join(folder, "d.db"), os.path.join(folder, "d.sock")

        def start():
            process = subprocess.Popen([WEIR, "--db", database, "serve", "--listen", f"unix:{path}"],
                                       stderr=subprocess.PIPE, text=True)
            return process, process.stderr.readline()

        process, told = start()
        same(told, f"weir: serve: listening on unix:{path}\n", "what it says")
        same(oct(os.stat(path).st_mode & 0o777), "0o600", "the mode of the socket")
        second, told = start()
        same((told, second.wait()), (f"weir: cannot listen on unix:{path}: somebody serves there already\n", 5),
             "a second server")
        second.stderr.close()
        busy = os.path.join(folder, "busy.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(busy)
            done = subprocess.run([WEIR, "--db", database, "serve", "--listen", f"unix:{busy}"], stderr=subprocess.PIPE, timeout=LIMIT)
            expect(done.returncode == 5 and os.path.exists(busy), "a socket of another program stays", done)
        with socket.socket(socket.AF_UNIX) as named:
            named.bind(os.path.join(folder, "x addr=me\nid=1 addr=you"))
            named.connect(path)
            named.sendall(b"CLIENT INFO\r\n")
            with named.makefile("rb") as source:
                line = read_reply(source)[1].decode()
            claims = [each for each in ("addr=me", "addr=you") if each in line]
            expect(f" addr={path}:0 " in line and not claims, "who connects in the file system cannot call itself anything", line)
        client, waiting = Connection(path), Connection(path)
        waiting.send([b"XREAD", b"BLOCK", b"0", b"STREAMS", b"none", b"$"])
        waiting.flush()
        same(client.ask("XADD", "d", "1-1", "a", "b"), ("$", b"1-1"), "an answer")
        process.send_signal(signal.SIGTERM)
        same((client.source.read(), waiting.source.read()), (b"", b""), "what clients are told at the end")
        same(process.wait(), -signal.SIGTERM, "the status")
        process.stderr.close()
        expect(not os.path.exists(path), "its socket is gone")
        process, _ = start()
        process.kill()
        process.wait()
        process.stderr.close()
        expect(os.path.exists(path), "a socket that was left behind")
        process, told = start()
        same(told, f"weir: serve: listening on unix:{path}\n", "it is taken over")
        process.terminate()
        process.wait()
        process.stderr.close()
        with open(path, "w", encoding="utf-8") as other:
            other.write("something else")
        process, told = start()
        expect("there is something else of that name" in told and process.wait() == 5, "a file in its place", told)
        process.stderr.close()
        same(open(path, encoding="utf-8").read(), "something else", "which stays as it is")
        for place, word in (("0.0.0.0:0", "needs a password"), ("nonsense", "no place"), ("host.example:1", "no address")):
            done = subprocess.run([WEIR, "--db", database, "serve", "--listen", place], capture_output=True, text=True)
            expect(done.returncode == 2 and word in done.stderr, f"--listen {place}", done)


def ended_though_blocked():
    """A parent that has blocked the signals that end a server, or a wait, does not keep them from it."""
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def block():
        for each in signals:
            signal.signal(each, signal.SIG_DFL)  # a background job ignores some
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)

    with tempfile.TemporaryDirectory() as folder:
        database, path = os.path.join(folder, "b.db"), os.path.join(folder, "b.sock")
        subprocess.run([WEIR, "--db", database, "xadd", "s", "a=b"], check=True, capture_output=True)
        for words in (["serve", "--listen", f"unix:{path}"], ["xread", "s", "--after", "$", "--block", "0"],
                      ["copy", database, os.path.join(folder, "to.db"), "--follow"]):
            for each in signals:
                process = subprocess.Popen([WEIR, "--db", database, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                           preexec_fn=block)
                if words[0] == "serve":
                    process.stderr.readline()
                process.send_signal(each)
                try:
                    status = process.wait(LIMIT)
                except subprocess.TimeoutExpired:
                    process.kill()
                    status = f"still runs; killed: {process.wait()}"
                same(status, -each, f"{words[0]} after {each.name}, blocked by the parent")
                process.stderr.close()


def ended_while_held_up():
    """SIGTERM while another program keeps the file to itself, or one of weir's its turn, for longer than anybody waits."""
    def another_program(folder):
        other = sqlite3.connect(os.path.join(folder, "e.db"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return other

    def turn(folder):
        other = open(os.path.join(folder, "e.db-lock"), "r+b")
        fcntl.lockf(other, fcntl.LOCK_EX, 1)
        return other

    for keep in (another_program, turn):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "e.sock")
            process = subprocess.Popen([WEIR, "--db", os.path.join(folder, "e.db"), "--lock-timeout", "1h", "serve", "--listen",
                                        f"unix:{path}"], stderr=subprocess.PIPE)
            process.stderr.readline()
            client, looks = Connection(path), Connection(path)
            client.ask("XADD", "s", "1-1", "a", "b")
            with contextlib.closing(keep(folder)):
                client.send([b"XADD", b"s", b"*", b"a", b"b"])
                client.send([b"XLEN", b"s"])
                client.flush()
                wait_until(lambda: b"cmd=xlen" in looks.ask("CLIENT", "LIST")[1], "that both are waited for")
                process.terminate()
                told = client.reply()[1]
                expect(b"busy" in told, f"{keep.__name__}: what waits at the end is refused", told)
                same(client.source.read()[-1:], b"\n", f"{keep.__name__}: the rest is answered, too")
                same(process.wait(LIMIT), -signal.SIGTERM, f"{keep.__name__}: and it ends")
            process.stderr.close()
            client.close()
            looks.close()


def lost():
    """The database goes, or is replaced, under a server: it ends, whether anybody asks it something or only waits."""
    def removed(folder):
        os.remove(os.path.join(folder, "p.db"))

    def replaced(folder):
        subprocess.run([WEIR, "--db", os.path.join(folder, "o.db"), "xadd", "s", "n=other"], check=True, capture_output=True)
        os.replace(os.path.join(folder, "o.db"), os.path.join(folder, "p.db"))

    def asks(client):
        return client.ask("XADD", "s", "*", "a", "b")[0]

    def looks(client):
        return client.ask("XRANGE", "s", "-", "+")[0]

    def counts(client):
        return client.ask("XLEN", "s")[0]

    def waits(client):
        client.send([b"XREAD", b"BLOCK", b"0", b"STREAMS", b"t", b"$"])
        client.flush()

    for go, word in ((removed, "removed or renamed"), (replaced, "replaced by another file")):
        for act in (asks, looks, counts, waits):
            what = f"{go.__name__}, and a client {act.__name__}"
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "s")
                process = subprocess.Popen([WEIR, "--db", os.path.join(folder, "p.db"), "serve", "--listen", f"unix:{path}"],
                                           stderr=subprocess.PIPE, text=True)
                process.stderr.readline()
                client = Connection(path)
                client.ask("XADD", "s", "*", "a", "b")
                if act is waits:
                    waits(client)
                    go(folder)
                else:
                    go(folder)
                    wait_until(lambda: act(client) == "-", f"{what}: it is told")
                same(process.wait(LIMIT), 5, f"{what}: the server ends")
                expect(word in process.stderr.read(), f"{what}: and says why")
                process.stderr.close()
                client.close()


for part in (killed, drained, ended_though_blocked, ended_while_held_up, lost):
    part()
checks.end()
