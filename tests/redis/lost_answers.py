#!/usr/bin/env python3
"""A read from a group gets messages, but its answer is lost on the way: weir reports these messages, or takes them up again
at once, and not only after --min-idle. A connection that is lost while nothing was given is not reported.

    lost_answers.py WEIR
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, Server, environment, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
FOLDER = os.path.realpath(tempfile.mkdtemp())
checks = Checks()
expect = checks.expect


class Proxy:
    """Before a server. Closes the connection on which an answer would come that has `word` in it, once; of the answers
    after that so many as `silent` says are kept back."""

    def __init__(self, server):
        self.server, self.word, self.cut, self.sockets, self.silent = server, None, 0, [], 0
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.url = f"redis://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server.path)
            self.sockets += [client, server]
            threading.Thread(target=self.carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, True), daemon=True).start()

    def carry(self, source, target, is_answer):
        try:
            while data := source.recv(65536):
                if is_answer and self.word is not None and self.word in data:
                    self.word, self.cut = None, self.cut + 1
                    break
                if is_answer and self.word is None and self.silent > 0:
                    self.silent -= 1
                    continue
                target.sendall(data)
        except OSError:
            pass
        close(source, target)

    def close_all(self):
        sockets, self.sockets = self.sockets, []
        close(*sockets)


def close(*sockets):
    for each in sockets:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def started(database, *words):
    return subprocess.Popen([WEIR, "--db", database, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=environment(FOLDER), cwd=FOLDER)


def weir(database, *words):
    return subprocess.run([WEIR, "--db", database, *words], capture_output=True, text=True, env=environment(FOLDER),
                          cwd=FOLDER, timeout=LIMIT)


def wait_for_reader():
    wait_until(lambda: any(b" flags=b" in line and b" cmd=xreadgroup " in line
                           for line in asking.ask("CLIENT", "LIST")[1].splitlines()), "a reader")


def pending(stream, group):
    return [json.loads(line) for line in weir(direct, "pending", stream, group, "-", "+", "10").stdout.splitlines()]


with Server() as server:
    direct = "unix://" + server.path
    asking = server.connect()
    proxy = Proxy(server)

    reader = started(proxy.url, "xreadgroup", "one", "--group", "g", "--consumer", "c", "--create", "--block", "60s")
    wait_for_reader()
    proxy.word = b"first-lost"
    weir(direct, "xadd", "one", "n=first-lost")
    out, error = reader.communicate(timeout=LIMIT)
    expect(reader.returncode == 5 and out == "", "a read that waits ends with 5 where its answer is lost", reader.returncode, out, error)
    expect("it is not known" in error and "--after 0" in error, "and says where to look", error)
    expect([each["deliveries"] for each in pending("one", "g")] == [1], "what it was given is pending", pending("one", "g"))

    reader = started(proxy.url, "xreadgroup", "two", "--group", "g", "--consumer", "c", "--create", "--follow")
    wait_for_reader()
    weir(direct, "xadd", "two", "n=1")
    line = reader.stdout.readline()
    expect('"1"' in line, "who follows shows what comes", line)
    wait_for_reader()
    proxy.close_all()
    weir(direct, "xadd", "two", "n=2")
    line = reader.stdout.readline()
    expect('"2"' in line, "who follows goes on where a connection was lost and nothing was given", line)
    wait_for_reader()
    proxy.word = b"second-lost"
    weir(direct, "xadd", "two", "n=second-lost")
    out, error = reader.communicate(timeout=LIMIT)
    expect(reader.returncode == 5 and "--after 0" in error, "and ends with 5 where an answer was", reader.returncode, error)

    reader = started(proxy.url, "--lock-timeout", "200ms", "xreadgroup", "five", "--group", "g", "--consumer", "c", "--create", "--follow")
    wait_for_reader()
    proxy.word, proxy.silent = b"fifth-lost", 3
    weir(direct, "xadd", "five", "n=fifth-lost")
    out, error = reader.communicate(timeout=LIMIT)
    expect(reader.returncode == 5 and "--after 0" in error and proxy.silent == 0, "and where that could not be found out at once",
           reader.returncode, error, proxy.silent)

    copier = started(proxy.url, "copy", proxy.url, "copied.db", "three", "--follow")
    wait_for_reader()
    proxy.word = b"third-lost"
    weir(direct, "xadd", "three", "n=third-lost")
    wait_until(lambda: "third-lost" in weir("copied.db", "xrange", "three").stdout, "what was lost to be copied all the same")
    expect(proxy.cut == 4, "its answer was lost", proxy.cut)
    copier.terminate()
    copier.communicate(timeout=LIMIT)

    worker = started(proxy.url, "work", "four", "--group", "g", "--min-idle", "1h", "--max-messages", "1", "--", "echo", "{n}")
    wait_for_reader()
    proxy.word = b"fourth-lost"
    weir(direct, "xadd", "four", "n=fourth-lost")
    out, error = worker.communicate(timeout=LIMIT)
    expect(out == "fourth-lost\n" and proxy.cut == 5, "a worker takes up at once what it was given and has not heard of", out, error)
    expect(pending("four", "g") == [], "and it is done", pending("four", "g"))

checks.end()
