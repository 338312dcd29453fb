#!/usr/bin/env python3
"""serve_test.py WEIR: `weir serve` as its clients see it."""
import os
import select
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from testing import Checks, LIMIT, Server, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
checks = Checks()
expect, same = checks.expect, checks.same


def raw(server, sent):
    """What is answered to these bytes until the server closes the connection."""
    client = server.connect()
    client.socket.sendall(sent)
    answer = client.source.read()
    client.close()
    return answer


def first_id(reply):
    """Of the first entry of the first stream that a read has given."""
    return reply[1][0][1][1][1][0][1][0][1] if reply[0] == "*" and reply[1] else reply


def weir(server, *words):
    return subprocess.run([WEIR, "--db", os.path.join(server.folder.name, "weir.db"), *words], capture_output=True,
                          text=True, timeout=LIMIT)


def protocol(server):
    same(raw(server, b"PING\r\nping \"a b\"\r\n\r\n*0\r\n*1\r\n$4\r\nQUIT\r\nPING\r\n"),
         b"+PONG\r\n$3\r\na b\r\n+OK\r\n", "words on a line, RESP, and nothing after QUIT")
    for sent, error in ((b"*1\r\n!4\r\n", b"expected '$', got '!'"), (b"*x\r\n", b"invalid multibulk length"),
                        (b"*1\r\n$-3\r\n", b"invalid bulk length"), (b"*1\r\n$99999999999\r\n", b"invalid bulk length"),
                        (b"*1048577\r\n", b"invalid multibulk length"), (b"a \"b\r\n", b"unbalanced quotes in request"),
                        (b"*1\n$4\nPING\n*1\r\n", b"invalid multibulk length"),
                        (b"*0\nPING\r\n", b"invalid multibulk length"), (b"*1\r\n$4\nPING\r\n", b"invalid bulk length"),
                        (b"x" * 70000, b"too big inline request"), (b"*" + b"1" * 70000, b"too big mbulk count string")):
        same(raw(server, sent), b"-ERR Protocol error: " + error + b"\r\n", f"what is told after {sent[:20]!r}")
    for sent in (b"POST / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n"):
        expect(b"$" not in raw(server, sent + b"XADD web * a b\r\n"), f"nothing is done for a page in a browser: {sent}")
    same([raw(server, b"SELECT %d\r\nQUIT\r\n" % number) for number in (2**31, -2**31 - 1, 2**31 - 1)],
         [b"-ERR value is out of range, value must between -2147483648 and 2147483647\r\n+OK\r\n"] * 2
         + [b"-ERR DB index is out of range\r\n+OK\r\n"], "what is told of a database's number")
    answers = set()
    for _ in range(200):
        client = server.connect()
        client.socket.sendall(b"XREAD BLOCK 100 STREAMS s $\r\nPING\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        answers.add(client.source.read())
        client.close()
    same(answers, {b""}, "of one that sends no more, nothing is answered in the place of a read that waits")
    client = server.connect()
    for byte in b"*3\r\n$4\r\nXADD\r\n$1\r\ns\r\n":
        client.socket.sendall(bytes([byte]))
    client.socket.sendall(b"$1\r\n*\r\n")
    expect(client.reply()[1].startswith(b"ERR wrong number"), "a command may come byte by byte")
    client.close()


def order(server):
    client = server.connect()
    count = 3000
    for n in range(1, count + 1):
        client.send([b"XADD", b"order", b"%d-0" % n, b"n", b"%d" % n])
        client.send([b"XLEN", b"order"])
        if n % 100 == 0:
            client.send([b"XADD", b"order", b"1-0", b"too", b"small"])
            client.send([b"XRANGE", b"order", b"%d" % n, b"+"])
            client.send([b"PING", b"%d" % n])
    client.flush()
    good = True
    for n in range(1, count + 1):
        good = good and client.reply() == ("$", b"%d-0" % n) and client.reply() == (":", n)
        if n % 100 == 0:
            good = good and client.reply()[0] == "-" and len(client.reply()[1]) == 1
            good = good and client.reply() == ("$", b"%d" % n)
    expect(good, "what one client sends is answered in its order, and it sees what it wrote")
    same(weir(server, "xlen", "order").stdout, f"{count}\n", "weir sees it, too")
    client.close()


def much_at_once(server):
    """Whoever takes answers as fast as they come gets all of them, though nothing more is sent, not even the end."""
    for n in range(1, 5):
        weir(server, "xadd", "much", f"value={n}{'x' * 100_000}")
    times = 400

    def take(client, size, taken):
        while taken[0] < size and (piece := client.socket.recv(4 * 1024 * 1024)):
            taken[0] += len(piece)

    for commands in (b"COMMAND\r\n", b"XRANGE much - +\r\nCOMMAND COUNT\r\n", b"XRANGE much - +\r\nXDEL much 9-9\r\n"):
        for ends in (False, True):
            size = times * (len(raw(server, commands + b"QUIT\r\n")) - len(b"+OK\r\n"))
            client = server.connect()
            taken = [0]
            taker = threading.Thread(target=take, args=(client, size, taken))
            taker.start()
            client.socket.sendall(commands * times)
            if ends:
                client.socket.shutdown(socket.SHUT_WR)
            taker.join()
            same(taken, [size], f"all answers to {commands}, {times} times{', and the end' if ends else ''}")
            client.close()


def long_work(server):
    """What takes long for one client stops no other that asks for little."""
    subprocess.run([WEIR, "--db", os.path.join(server.folder.name, "weir.db"), "xadd", "long", "--quiet"],
                   input=b'{"n":1}\n' * 100_000, check=True)
    one, other = server.connect(), server.connect()
    one.ask("XGROUP", "CREATE", "long", "g", "0")
    names = [b"%d-1" % n for n in range(1, 100_001)]

    def others_are_answered(what, commands, replies=1):
        """While one does it."""
        def ask():
            with one.socket.makefile("wb") as sink:
                sink.write(commands)
        asking = threading.Thread(target=ask)
        asking.start()
        answered = 0
        while asking.is_alive() or not select.select([one], [], [], 0)[0]:
            other.ask("PING")
            answered += not asking.is_alive()
        asking.join()
        expect(answered > 5, f"others are answered while {what}", answered)
        for _ in range(replies):
            one.reply()

    def words(*each):
        return b"*%d\r\n" % len(each) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in each)

    others_are_answered("a hundred thousand messages are given to one",
                        words(b"XREADGROUP", b"GROUP", b"g", b"c", b"COUNT", b"100000", b"STREAMS", b"long", b">"))
    others_are_answered("their consumer goes", words(b"XGROUP", b"DELCONSUMER", b"long", b"g", b"c"))
    others_are_answered("the first addition that trims removes as many", words(b"XADD", b"long", b"MAXLEN", b"1", b"*", b"the", b"last"))
    one.ask("MULTI")
    for at in range(0, len(names), 1000):
        one.socket.sendall(b"".join(words(b"XADD", b"many", name, b"a", b"b") for name in names[at:at + 1000]))
        for _ in range(1000):
            one.reply()
    others_are_answered("as many are added in a transaction", words(b"EXEC"))
    others_are_answered("as many are removed by their IDs", words(b"XDEL", b"many", *names))
    one.close()
    other.close()


def transactions(server):
    a, b = server.connect(), server.connect()
    same([a.ask("MULTI"), a.ask("XADD", "m", "1-1", "a", "b"), a.ask("XADD", "m", "1-1", "a", "b"), a.ask("DBSIZE"),
          a.ask("TIME")[0], a.ask("EXEC", )[1][0]],
         [("+", b"OK"), ("+", b"QUEUED"), ("+", b"QUEUED"), ("+", b"QUEUED"), "+", ("$", b"1-1")], "MULTI")
    same(a.ask("XLEN", "m"), (":", 1), "a refusal in EXEC leaves the rest")
    for name, change in (("by another client", lambda: b.ask("XADD", "m", "*", "x", "y")),
                         ("by another process", lambda: weir(server, "xadd", "m", "x=y")),
                         ("by a new group", lambda: b.ask("XGROUP", "CREATE", "m", "g", "$"))):
        a.ask("WATCH", "m")
        change()
        a.ask("MULTI")
        a.ask("XADD", "never", "*", "a", "b")
        same(a.ask("EXEC"), ("*", None), f"EXEC after what is watched was changed {name}")
    same(a.ask("EXISTS", "never"), (":", 0), "nothing of it was done")
    for words in ["DEL", "again"], ["RENAME", "brief", "again"], ["FLUSHALL"]:
        for change in ["XADD", "brief", "1-1", "a", "b"], ["XADD", "again", "1-1", "a", "b"]:
            a.ask(*change)
        a.ask("WATCH", "again")
        for change in words, ["DEL", "again"], ["XADD", "again", "1-1", "other", "data"]:
            b.ask(*change)
        a.ask("MULTI")
        a.ask("XRANGE", "again", "-", "+")
        same(a.ask("EXEC"), ("*", None), f"EXEC after what is watched went by {words[0]} and was made again, with the same ID")
        a.ask("DEL", "again", "brief")
    for _ in range(3):
        a.ask("XADD", "m", "*", "x", "y")
    a.ask("WATCH", "m")
    b.ask("XADD", "another", "*", "x", "y")
    a.ask("MULTI")
    same(a.ask("WATCH", "m")[1], b"ERR WATCH inside MULTI is not allowed", "WATCH in MULTI")
    a.ask("XLEN", "m")
    same(a.ask("EXEC"), ("*", [(":", 3)]), "EXEC after another stream was changed")
    a.ask("MULTI")
    a.ask("NOSUCH")
    expect(a.ask("EXEC")[1].startswith(b"EXECABORT"), "a transaction with a command that there is not")
    a.close()
    b.close()


def blocking(server):
    control = server.connect()
    control.ask("XGROUP", "CREATE", "w", "g", "$", "MKSTREAM")
    readers = [server.connect() for _ in range(50)]
    for n, reader in enumerate(readers):
        reader.send([b"XREADGROUP", b"GROUP", b"g", b"c%d" % n, b"COUNT", b"1", b"BLOCK", b"0", b"STREAMS", b"w", b">"])
        reader.flush()
        if n % 10 == 9:  # those before it are in line
            wait_until(lambda: control.ask("XINFO", "CONSUMERS", "w", "g")[1][n:], "readers in line")
    watchers = [server.connect() for _ in range(20)]
    for watcher in watchers:
        watcher.send([b"XREAD", b"BLOCK", b"0", b"STREAMS", b"w", b"0-0"])
        watcher.flush()
    for n in range(25):
        control.ask("XADD", "w", f"{n + 1}-0", "a", "b")
    weir(server, "xadd", "w", "--id", "26-0", "a=b")
    for _ in range(24):
        control.send([b"XADD", b"w", b"*", b"a", b"b"])
    control.flush()
    ids = [control.reply()[1] for _ in range(24)]
    given = [first_id(reader.reply()) for reader in readers]
    same(sorted(given), sorted([b"%d-0" % (n + 1) for n in range(26)] + ids), "each message wakes one reader")
    for watcher in watchers:
        same(first_id(watcher.reply()), b"1-0", "all who read without a group are woken")
    same(control.ask("XREADGROUP", "GROUP", "g", "c", "BLOCK", "10", "STREAMS", "w", ">"), ("*", None), "a time-out")
    # One who is gone takes nothing.
    gone = server.connect()
    gone.send([b"XREADGROUP", b"GROUP", b"g", b"gone", b"BLOCK", b"0", b"STREAMS", b"w", b">"])
    gone.flush()
    wait_until(lambda: len(control.ask("XINFO", "CONSUMERS", "w", "g")[1]) == 52, "a reader in line")
    gone.close()
    stays = server.connect()
    stays.send([b"XREADGROUP", b"GROUP", b"g", b"stays", b"BLOCK", b"0", b"STREAMS", b"w", b">"])
    stays.flush()
    wait_until(lambda: len(control.ask("XINFO", "CONSUMERS", "w", "g")[1]) == 53, "a reader in line")
    control.ask("XADD", "w", "*", "last", "one")
    expect(stays.reply()[1] is not None, "who comes after one that is gone is served")
    waits = server.connect()
    waits.send([b"XREADGROUP", b"GROUP", b"g", b"waits", b"BLOCK", b"0", b"STREAMS", b"w", b">"])
    waits.flush()
    wait_until(lambda: len(control.ask("XINFO", "CONSUMERS", "w", "g")[1]) == 54, "a reader in line")
    control.ask("XGROUP", "DESTROY", "w", "g")
    expect(waits.reply()[1].startswith(b"NOGROUP"), "a group that goes is told to those who wait")
    for client in (control, stays, waits, *readers, *watchers):
        client.close()


def wakeups(server):
    """Each message wakes somebody, whoever wrote it: none lies there while readers wait."""
    control = server.connect()
    control.ask("XGROUP", "CREATE", "u", "g", "$", "MKSTREAM")
    shell = subprocess.Popen([WEIR, "--db", os.path.join(server.folder.name, "weir.db"), "batch"], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL)
    given, over = [], []

    def read(name):
        client = server.connect()
        while not over:
            reply = client.ask("XREADGROUP", "GROUP", "g", name, "COUNT", "1", "BLOCK", "0", "STREAMS", "u", ">")
            given.append(first_id(reply))
        client.close()

    def fan(name):
        client, last = server.connect(), b"$"
        while not over:
            last = first_id(client.ask("XREAD", "BLOCK", "0", "COUNT", "1", "STREAMS", "u", last))
        client.close()

    readers = [threading.Thread(target=read, args=(f"c{n}",)) for n in range(6)]
    readers += [threading.Thread(target=fan, args=(f"f{n}",)) for n in range(2)]
    for reader in readers:
        reader.start()
    added = 0
    for turn in range(300):
        for n in range(turn % 4 + 1):
            added += 1
            if (turn + n) % 2:
                control.send([b"XADD", b"u", b"*", b"n", b"1"])
                control.flush()
                control.reply()
            else:
                shell.stdin.write(b"XADD u * n 1\n")
                shell.stdin.flush()
        wait_until(lambda: len(given) >= added, f"message {added} to be given to somebody")
    same((len(given), len(set(given))), (added, added), "each once")
    over.append(True)
    for _ in range(40):
        control.ask("XADD", "u", "*", "the", "end")
    shell.stdin.close()
    shell.wait()
    while any(reader.is_alive() for reader in readers):
        control.ask("XADD", "u", "*", "the", "end")
    control.close()


def as_a_server(server):
    """weir itself, with the URL of a server where the file would do."""
    url = "unix://" + server.path
    run = subprocess.run([WEIR, "--db", url, "keep", "s", "--maxlen", "1"], capture_output=True, text=True, timeout=LIMIT)
    same((run.returncode, run.stderr.splitlines()[0][:60], "`weir serve`" in run.stderr.splitlines()[1]),
         (2, "weir: ERR unknown command 'EVAL'", True), "what takes a script is refused, and the file named")


with Server(WEIR) as server:
    for part in (protocol, order, much_at_once, long_work, transactions, blocking, wakeups, as_a_server):
        part(server)
checks.end()
