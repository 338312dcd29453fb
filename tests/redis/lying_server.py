#!/usr/bin/env python3
"""Servers that lie, or are no Redis at all: whatever they answer, weir ends with an error and status 5, in bounded memory,
and logs in to no server to which it was not sent.

    lying_server.py WEIR
"""

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, environment  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
MEMORY = 1500 * 1024 * 1024


def bulk(text):
    return b"$%d\r\n%s\r\n" % (len(text), text)


def array(*parts):
    return b"*%d\r\n" % len(parts) + b"".join(parts)


def entry(number, fields=array(bulk(b"f"), bulk(b"v"))):
    return array(bulk(b"%d-0" % number), fields)


class Fake:
    """Answers each command with `answer(words, send)`: bytes to send, or nothing more on this connection (None)."""

    def __init__(self, answer, address=None):
        self.answer, self.seen = answer, []
        self.listener = socket.socket(socket.AF_UNIX if address else socket.AF_INET)
        self.listener.bind(address or ("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = None if address else self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as lines:
            try:
                while head := lines.readline():
                    words = []
                    for _ in range(int(head[1:])):
                        size = int(lines.readline()[1:])
                        words.append(lines.read(size + 2)[:-2])
                    self.seen.append(words)
                    reply = self.answer(words, peer.sendall)
                    if reply is None:
                        lines.read()
                        return
                    peer.sendall(reply)
            except OSError:
                pass

    def url(self):
        return f"redis://127.0.0.1:{self.port}"


def answering(replies, other=b"+OK\r\n"):
    """By the command's first word, or its first two; a reply may be a function of (words, send)."""
    def answer(words, send):
        name = words[0].upper()
        reply = replies.get(b" ".join(words[:2]).upper(), replies.get(name, other))
        return reply(words, send) if callable(reply) else reply
    return answer


def run(*line, stdin=""):
    begin = time.monotonic()
    done = subprocess.run([WEIR, *line], input=stdin, capture_output=True, text=True, timeout=LIMIT, cwd=FOLDER,
                          preexec_fn=MEMORY and (lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))),
                          env=environment(FOLDER))
    done.took = time.monotonic() - begin
    return done


checks = Checks()


def check(what, good, run):
    checks.expect(good, what, run.returncode, f"after {run.took:.1f} s", run.stdout[:200], run.stderr[:400])


def refused(what, server, *line, stdin="", says="", within=30):
    try:
        done = run(*line, stdin=stdin)
    except subprocess.TimeoutExpired as slow:
        slow.returncode, slow.took, slow.stdout, slow.stderr = "none", LIMIT, "", ""
        return check(what, False, slow)
    told = done.stderr.splitlines()
    good = done.returncode == 5 and told and told[0].startswith("weir: ") and says in done.stderr and done.took < within
    return check(what, good, done)


def endless(piece):
    def send_on(_, send):
        while True:
            send(piece * 1000)
    return send_on


def info(length, first, last):
    return array(bulk(b"length"), b":%d\r\n" % length, bulk(b"last-generated-id"), bulk(b"9-0"),
                 bulk(b"groups"), b":0\r\n", bulk(b"first-entry"), first, bulk(b"last-entry"), last)


def shapes():
    """Counts that do not agree, nil where something must be, pages that lead nowhere."""
    ten_errors = array(*[b"-ERR no\r\n"] * 10)
    nil_fields = entry(1, b"*-1\r\n")
    # A transaction of two, refused with an array longer than it is, and with one that ends in no refusal.
    for reply in (array(b":1\r\n", *[b"-ERR no\r\n"] * 10), array(b":1\r\n", b":5\r\n"), array(b":1\r\n"),
                  array(b":0\r\n", *[bulk(b"1-0")] * 9), array(b":0\r\n"), b":7\r\n", b"$-1\r\n"):
        server = Fake(answering({b"EVAL": reply}))
        refused(f"EVAL {reply[:40]!r}", server, "--db", server.url(), "batch", "--atomic",
                stdin="XADD s * a b\nXADD s * a b\n")
    for reply in (array(*[bulk(b"1-0")] * 9), array(bulk(b"1-0")), ten_errors, array(), b"$-1\r\n", b":1\r\n"):
        server = Fake(answering({b"EVAL": reply}))
        refused(f"many entries, {reply[:40]!r}", server, "--db", server.url(), "xadd", "s", "--keep-ids",
                stdin='{"id":"1-0","fields":{"a":1}}\n{"id":"2-0","fields":{"a":1}}\n')
    for error in (b"WRONGTYPE a key (weir serve has y)", b"ERR unknown command 'XADD', with args beginning with: ' (weir serve has y'"):
        done = run("--db", (server := Fake(answering({b"XADD": b"-%s\r\n" % error}))).url(), "xadd", "s", "a=b")
        check(f"weir serve's words in {error}", done.returncode == (2 if error.startswith(b"ERR") else 3)
              and "`weir serve`" not in done.stderr, done)
    server = Fake(answering({b"XADD": b"$-1\r\n"}))
    refused("an entry without ID", server, "--db", server.url(), "xadd", "s", "a=b")
    for page in (array(nil_fields), array(entry(2), entry(1)), array(entry(1), entry(1)), b":5\r\n", bulk(b"x"),
                 array(bulk(b"1-0")), array(array(bulk(b"x"), array()))):
        server = Fake(answering({b"XRANGE": page, b"XLEN": b":9\r\n", b"EXISTS": b":1\r\n"}))
        refused(f"xrange {page[:40]!r}", server, "--db", server.url(), "xrange", "s")
    same_page = array(*[entry(n) for n in range(1, 4097)])
    server = Fake(answering({b"XRANGE": same_page}))
    refused("a page that comes again and again", server, "--db", server.url(), "xrange", "s")
    server = Fake(answering({b"XAUTOCLAIM": array(bulk(b"5-0"), array(), array()), b"EXEC": array(
        array(bulk(b"5-0"), array(), array()), array())}))
    refused("a cursor that comes again", server, "--db", server.url(), "autoclaim", "s", "g", "c", "0")
    for length, first, last in ((5, b"*-1\r\n", b"*-1\r\n"), (5, entry(1), b"*-1\r\n"), (5, b"*-1\r\n", entry(5)),
                                (5, nil_fields, entry(5)), (5, entry(1), nil_fields)):
        lie = {b"XINFO STREAM": info(length, first, last), b"TYPE": b"+stream\r\n", b"EXISTS": b":1\r\n",
               b"XRANGE": array(), b"CLUSTER": b"-ERR This instance has cluster support disabled\r\n",
               b"INFO": bulk(b"master_replid:0\r\n"), b"SCAN": array(bulk(b"0"), array(bulk(b"s"))),
               b"XINFO GROUPS": array()}
        server = Fake(answering(lie))
        run("--db", f"c{server.port}.db", "xadd", "s", "--id", "1-0", "f=v")
        refused(f"copy from {first[:12]!r}, {last[:12]!r}", server, "copy", server.url(), f"c{server.port}.db", "s")
        refused(f"copy to {first[:12]!r}, {last[:12]!r}", server, "copy", f"c{server.port}.db", server.url(), "s")


def claimed():
    """No lie: what CLAIM takes comes in the order of its idle times, not of its IDs."""
    first, then = (array(bulk(b"%d-0" % n), array(bulk(b"f"), bulk(b"v")), b":%d\r\n" % (9000 * n), b":1\r\n") for n in (2, 1))
    server = Fake(answering({b"XREADGROUP": array(array(bulk(b"s"), array(first, then))),
                             b"EVAL": b"-NOPERM this user has no permissions to run the 'eval' command\r\n"}))
    done = run("--db", server.url(), "xreadgroup", "s", "--group", "g", "--consumer", "c", "--claim", "1s")
    check("the longest idle first", done.returncode == 0 and [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["2-0", "1-0"], done)


def without_end():
    for what, reply in (("a line", endless(b"x")), ("a status", lambda w, send: send(b"+") or endless(b"x")(w, send)),
                        ("digits", lambda w, send: send(b":") or endless(b"1")(w, send)),
                        ("elements", lambda w, send: send(b"*200000000\r\n")),
                        ("elements that come", lambda w, send: send(b"*200000000\r\n") or endless(b":1\r\n")(w, send)),
                        ("elements within elements", lambda w, send: send(b"*33554432\r\n*33554432\r\n*3\r\n"))):
        server = Fake(answering({b"XRANGE": reply}))
        refused(f"{what} without end", server, "--db", server.url(), "--lock-timeout", "2s", "xrange", "s", within=20)
    server = Fake(answering({b"SCAN": array(bulk(b"7"), array()), b"CLUSTER":
                             b"-ERR This instance has cluster support disabled\r\n"}))
    refused("SCAN without end", server, "--db", server.url(), "ls", says="SCAN")


def pushes():
    """What RESP3 has for those who subscribed, weir did not ask for. Where its hiredis knows no RESP3 it is no reply."""
    push = b">2\r\n+invalidate\r\n*0\r\n"
    server = Fake(answering({b"XLEN": push + b":3\r\n"}))
    done = run("--db", server.url(), "xlen", "s")
    knows = [b"HELLO", b"3"] in server.seen
    check("a push is passed over", done.stdout == "3\n" if knows else done.returncode == 5, done)
    server = Fake(answering({b"XLEN": endless(push)}))
    refused("pushes without end", server, "--db", server.url(), "--lock-timeout", "2s", "xlen", "s", within=20)


def redirects():
    foreign = Fake(answering({}))
    for kind in (b"MOVED", b"ASK"):
        to = b"-%s 1 127.0.0.1:%d\r\n" % (kind, foreign.port)
        path = f"{FOLDER}/{kind.decode()}.sock"
        server = Fake(answering({name: to for name in (b"XADD", b"XRANGE", b"XREAD", b"XLEN")}), path)
        at = f"unix://joe:secret@{path}"
        refused(f"{kind} from a socket", server, "--db", at, "xadd", "s", "a=b", says="redis://HOST:PORT")
        refused(f"{kind} from a socket", server, "--db", at, "xlen", "s", says="redis://HOST:PORT")
        refused(f"{kind} of many from a socket", server, "--db", at, "xadd", "s", stdin='{"a":1}\n' * 5,
                says="redis://HOST:PORT")
        if kind == b"MOVED":
            refused("... of a blocked read", server, "--db", at, "xread", "s", "--block", "5s", says="redis://HOST:PORT")
    for nodes in (b"-NOPERM no\r\n", array(), bulk(b"abc 127.0.0.1:1@2 myself,master - 0 0 1 connected 0-16383\n")):
        to = b"-MOVED 1 127.0.0.1:%d\r\n" % foreign.port
        server = Fake(answering({b"XLEN": to, b"CLUSTER NODES": nodes, b"CLUSTER SLOTS": array()}))
        refused("to a node that is not listed", server, "--db", server.url().replace("//", "//joe:secret@"), "xlen", "s",
                says="not among the nodes")
    nobody = run("--version")
    check("nobody logs in where it was not sent", foreign.seen == [], nobody)
    for where in ("SLOTS", "NODES"):
        target = Fake(answering({b"XLEN": b":42\r\n"}))
        lists = {b"CLUSTER SLOTS": array(array(b":0\r\n", b":16383\r\n", array(bulk(b"127.0.0.1"), b":%d\r\n" % target.port))),
                 b"CLUSTER NODES": bulk(b"abc 127.0.0.1:%d@2 master - 0 0 1 connected\n" % target.port)}
        server = Fake(answering({b"XLEN": b"-MOVED 1 127.0.0.1:%d\r\n" % target.port,
                                 f"CLUSTER {where}".encode(): lists[f"CLUSTER {where}".encode()]}, b"-ERR no\r\n"))
        done = run("--db", server.url(), "xlen", "s")
        check(f"a node of CLUSTER {where} is followed", done.stdout == "42\n", done)
    replies = {}
    server = Fake(answering(replies))
    replies[b"CLUSTER SLOTS"] = array(array(b":0\r\n", b":16383\r\n", array(bulk(b"127.0.0.1"), b":%d\r\n" % server.port)))
    for name in (b"XLEN", b"XREAD", b"XADD"):
        replies[name] = b"-MOVED 1 127.0.0.1:%d\r\n" % server.port
    for line in (["xlen", "s"], ["xread", "s", "--block", "30s"], ["xadd", "s", "a=b"]):
        refused(f"{line[0]} sent from node to node", server, "--db", server.url(), *line, says="without an end")


def blocked_reads():
    """A read that waits, on what is no Redis, is loading, or says nothing: it keeps its time and says why."""
    kinds = {"no Redis": (b"HTTP/1.1 400 Bad Request\r\n\r\n", 10), "loading": (b"-LOADING data\r\n", 15),
             "silent": (None, 20), "hangs up": (lambda w, send: b"", 20)}
    lines = {"xread": ("xread", "s", "--after", "1-0", "--block", "300"),
             "xreadgroup": ("xreadgroup", "s", "--group", "g", "--block", "300")}
    for kind, (reply, within) in kinds.items():
        for name, line in lines.items():
            server = Fake(answering({}, reply))
            refused(f"{name} where the server is {kind}", server, "--db", server.url(), *line, within=within)
    server = Fake(answering({}, b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    refused("a read without time-out of what is no Redis", server, "--db", server.url(), "xread", "s", "--after", "1-0",
            "--block", "0", says="does not answer as a Redis server")


def lost_reads():
    """What only looked says that the connection was lost; not that it may have been done. --lock-timeout is the limit."""
    server = Fake(answering({}, None))
    for line in (("xlen", "s"), ("xrange", "s"), ("info", "stream", "s"), ("ls",)):
        done = run("--db", server.url(), "--lock-timeout", "300ms", *line)
        good = done.returncode == 5 and "was lost" in done.stderr and "not known" not in done.stderr
        check(f"{line[0]} without an answer", good, done)
    done = run("--db", server.url(), "--lock-timeout", "300ms", "xadd", "s", "a=b")
    check("xadd without an answer", done.returncode == 5 and "not known whether" in done.stderr, done)
    for line in (("xadd", "s", "a=b"), ("xread", "s", "--block", "10m"), ("work", "s", "--group", "g", "--", "true")):
        done = run("--db", server.url() + "/1", "--lock-timeout", "300ms", *line)
        told = f"weir: cannot log in to the server at 127.0.0.1:{server.port}: no answer within 300 ms"
        check(f"{line[0]} where the log-in is not answered", (done.returncode, done.stderr.strip()) == (5, told), done)


def newer():
    """Fields that weir does not know are shown as they are, in every output, and do no harm there."""
    extra = [bulk(b"later-duration"), b":100\r\n", bulk(b"esc\x1b[31m"), bulk(b'"\x1b[2J'), bulk(b"none"), b"$-1\r\n",
             bulk(b"list"), array(b":1\r\n", bulk(b"two"), array())]
    members = {"later-duration": 100, "esc\x1b[31m": '"\x1b[2J', "none": None, "list": [1, "two", []]}
    entry_of_pel = array(bulk(b"1-0"), bulk(b"c"), b":5\r\n", b":1\r\n")
    consumer = array(bulk(b"name"), bulk(b"c"), bulk(b"seen-time"), b":5\r\n", bulk(b"pel-count"), b":0\r\n", *extra)
    group = array(bulk(b"name"), bulk(b"g"), bulk(b"last-delivered-id"), bulk(b"1-0"), bulk(b"pel-count"), b":1\r\n",
                  bulk(b"pel"), array(entry_of_pel), bulk(b"consumers"), array(consumer), *extra)
    head = [bulk(b"length"), b":0\r\n", bulk(b"last-generated-id"), bulk(b"1-0"), bulk(b"groups")]
    full = array(*head, array(group), bulk(b"entries"), array(), *extra)
    groups = array(array(bulk(b"name"), bulk(b"g"), bulk(b"consumers"), b":0\r\n", bulk(b"pending"), b":0\r\n",
                         bulk(b"last-delivered-id"), bulk(b"1-0"), *extra))
    consumers = array(array(bulk(b"name"), bulk(b"c"), bulk(b"pending"), b":0\r\n", bulk(b"idle"), b":1\r\n", *extra))
    within = {"stream": lambda told: [told], "stream --full": lambda told: [
        told, told["groups"][0], told["groups"][0]["consumers"][0]], "groups": lambda told: [told],
        "consumers": lambda told: [told]}
    for what, reply in (("stream", array(*head, b":0\r\n", *extra)), ("stream --full", full), ("groups", groups),
                        ("consumers", consumers)):
        server = Fake(answering({b"XINFO " + what.split()[0].upper().encode(): reply}))
        line = ("--db", server.url(), "info", *what.split(), "s", *(["g"] if what == "consumers" else []))
        done = run(*line, "-o", "jsonl")
        told = json.loads(done.stdout or "{}")
        check(f"info {what} as JSON", told and all(
            {name: each.get(name) for name in members} == members for each in within[what](told)), done)
        done = run(*line, "-o", "resp")
        check(f"info {what} as RESP", done.stdout.replace("\n", "\r\n").encode().count(b"".join(extra)) ==
              len(within[what](told)), done)
        done = run(*line, "-o", "redis")
        check(f"info {what} as redis-cli has it", '"later-duration"' in done.stdout and "\x1b" not in done.stdout, done)
        done = run(*line, "-o", "table")
        check(f"info {what} as a table", "later-duration" in done.stdout.lower().replace(" ", "-")
              and "[1, two, []]" in done.stdout and "\x1b" not in done.stdout, done)


def newer_lies():
    """A field that weir does not know excuses nothing: what is around it has to have its shape, and its size an end."""
    def group(*more, pending=b":0\r\n"):
        return array(array(bulk(b"name"), bulk(b"g"), bulk(b"consumers"), b":0\r\n", bulk(b"pending"), pending,
                           bulk(b"last-delivered-id"), bulk(b"1-0"), *more))
    deep = b"*1\r\n" * 1_000_000 + b":1\r\n"
    for what, reply in (("a name without a value", group(bulk(b"new"))), ("a name that is a number", group(b":1\r\n", b":1\r\n")),
                        ("a name that is nil", group(b"$-1\r\n", b":1\r\n")),
                        ("an error as a value", group(bulk(b"new"), b"-ERR no\r\n")),
                        ("an error in a list", group(bulk(b"new"), array(b"-ERR no\r\n"))),
                        ("a known name with a list", group(bulk(b"new"), b":1\r\n", pending=array(b":1\r\n"))),
                        ("a known name with text", group(bulk(b"new"), b":1\r\n", pending=bulk(b"many"))),
                        ("lists in lists without end", group(bulk(b"new"), deep))):
        server = Fake(answering({b"XINFO": reply}))
        for form in ("jsonl", "redis", "resp", "resp3", "table"):
            refused(f"XINFO with {what}, {form}", server, "--db", server.url(), "info", "groups", "s", "-o", form)
    server = Fake(answering({b"XINFO": group(bulk(b"new"), b":1\r\n", bulk(b"new"), b":2\r\n", bulk(b"pending"), b":3\r\n")}))
    done = run("--db", server.url(), "info", "groups", "s", "-o", "jsonl")
    check("of a name that comes again the first is taken", done.stdout.count('"new"') == 1 and '"new":1' in done.stdout
          and '"pending":0' in done.stdout and done.stdout.count('"pending"') == 1, done)
    many = [part for n in range(50_000) for part in (bulk(b"n%d" % n), b":1\r\n")]
    server = Fake(answering({b"XINFO": group(*many)}))
    for form in ("jsonl", "redis", "resp", "resp3", "table"):
        done = run("--db", server.url(), "info", "groups", "s", "-o", form)
        check(f"very many new fields, {form}", done.returncode == 0 and "n49999" in done.stdout and done.took < 10, done)


with tempfile.TemporaryDirectory() as FOLDER:
    if run("--version").returncode != 0:
        print("this build needs very much memory by itself: run without a limit of it")
        MEMORY = None
    for part in (shapes, claimed, without_end, pushes, redirects, blocked_reads, lost_reads, newer, newer_lies):
        part()
checks.end()
