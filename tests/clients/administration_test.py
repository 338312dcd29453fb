#!/usr/bin/env python3
"""Questions of clients about the server and each other: CLIENT, MONITOR, INFO, HELLO, COMMAND, with several clients at once.
usage: administration_test.py WEIR [weir|redis]"""

import re
import sys
import tempfile

from killable_server import KillableServer
from testing import Checks, Connection, wait_until

WEIR, KIND = (sys.argv[1:] + ["weir"])[:2]
checks = Checks()


def listed(connection, *options):
    """The lines of CLIENT LIST, as names and values."""
    text = connection.ask("CLIENT", "LIST", *options)[1].decode()
    return [dict(word.split("=", 1) for word in line.split(" ")) for line in text.splitlines()]


def is_gone(connection):
    try:
        return connection.reply()[0] == "never"
    except (EOFError, ConnectionError):
        return True


def lists(server):
    one, two = Connection(server.port), Connection(server.port)
    checks.expect(one.ask("CLIENT", "SETNAME", "one") == ("+", b"OK"), "a name is taken")
    two.ask("SELECT", "0")
    own = one.ask("CLIENT", "ID")[1]
    checks.expect(two.ask("CLIENT", "ID")[1] > own, "ids grow")
    lines = listed(one)
    checks.expect(len(lines) == 2, "both are listed", lines)
    mine = [line for line in lines if line["id"] == str(own)][0]
    checks.expect(mine["name"] == "one" and mine["cmd"] == "client|list" and mine["resp"] == "2", "what one is", mine)
    checks.expect(mine["addr"] == "127.0.0.1:%d" % one.socket.getsockname()[1], "from where", mine)
    checks.expect(mine["laddr"] == f"127.0.0.1:{server.port}", "to where", mine)
    checks.expect({"N"} == {line["flags"] for line in lines}, "nobody waits", lines)
    checks.expect(listed(two, "ID", own, 987654321, own)[0]["name"] == "one", "one may ask for some")
    checks.expect(listed(two, "TYPE", "pubsub") == [], "there are no others")
    two.ask("MULTI")
    two.ask("PING")
    line = listed(one, "ID", two.ask("DISCARD") and listed(one)[1]["id"])[0]
    checks.expect(line["multi"] == "-1", "not in a transaction", line)
    two.ask("MULTI")
    two.ask("PING")
    line = [each for each in listed(one) if each["id"] != str(own)][0]
    checks.expect(line["multi"] == "1" and line["flags"] == "x", "in a transaction", line)
    checks.expect(two.ask("x y\nid=7 addr=here")[0] == "-", "what is no command")
    checks.expect(len(listed(one)) == 2, "it is not listed", listed(one))
    two.ask("DISCARD")
    checks.expect(two.ask("x y\nid=7 addr=here")[0] == "-", "what is no command")
    checks.expect([line["cmd"] for line in listed(one)] == ["client|list", "NULL"], "it is not listed", listed(one))
    two.ask("MULTI")
    two.ask("PING")
    two.ask("CLIENT", "LIST")
    checks.expect(b"name=one" in two.ask("EXEC")[1][1][1], "the list in a transaction")
    if KIND == "weir":
        two.ask("CLIENT", "SETINFO", "lib-name", "test")
        two.ask("CLIENT", "SETINFO", "LIB-VER", "1.2")
        checks.expect(two.ask("CLIENT", "SETINFO", "lib-name", "a b")[0] == "-", "a library's name is one word")
        checks.expect(two.ask("CLIENT", "SETINFO", "nothing", "x")[1] == b"ERR Unrecognized option 'nothing'", "what is not known of a library")
        line = listed(one)[1]
        checks.expect((line["lib-name"], line["lib-ver"]) == ("test", "1.2"), "the library", line)
    one.close()
    two.close()


def kills(server):
    one, two, three, four = (Connection(server.port) for _ in range(4))
    ids = [each.ask("CLIENT", "ID")[1] for each in (one, two, three, four)]
    checks.expect(one.ask("CLIENT", "KILL", "ID", ids[1]) == (":", 1), "one is killed")
    checks.expect(is_gone(two), "and gone")
    address = "127.0.0.1:%d" % three.socket.getsockname()[1]
    checks.expect(one.ask("CLIENT", "KILL", address) == ("+", b"OK"), "by its address, as of old")
    checks.expect(is_gone(three), "and gone, too")
    checks.expect(one.ask("CLIENT", "KILL", "ID", ids[0]) == (":", 0), "not oneself")
    if KIND == "weir":
        checks.expect(one.ask("CLIENT", "TRACKING", "OFF") == ("+", b"OK") and b"tracked" in one.ask("CLIENT", "TRACKING", "ON")[1],
                      "tracking is refused")
        checks.expect(b"weir pause" in one.ask("CLIENT", "PAUSE", "1000")[1], "so is a pause, and what there is instead is named")
    checks.expect(one.ask("CLIENT", "KILL", "ID", ids[0], "ADDR", "1.2.3.4:5", "SKIPME", "no") == (":", 0), "all filters hold")
    four.send([b"XREAD", b"BLOCK", b"0", b"STREAMS", b"s", b"$"])
    four.flush()
    wait_until(lambda: any(line["flags"] == "b" for line in listed(one)), "one waits")
    one.send([b"CLIENT", b"KILL", b"TYPE", b"normal", b"SKIPME", b"no"])
    one.send([b"PING"])
    one.flush()
    checks.expect(one.reply() == (":", 2), "all, oneself included, are killed")
    checks.expect(is_gone(one), "after the answer, and before the next")
    checks.expect(is_gone(four), "one who waits, too")
    for each in one, two, three, four:
        each.close()


def unblocks(server):
    one, two = Connection(server.port), Connection(server.port)
    id = two.ask("CLIENT", "ID")[1]
    checks.expect(one.ask("CLIENT", "UNBLOCK", id) == (":", 0), "who does not wait")
    one.ask("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM")
    for wait in ([b"XREAD", b"BLOCK", b"0", b"STREAMS", b"s", b"$"],
                 [b"XREADGROUP", b"GROUP", b"g", b"c", b"BLOCK", b"0", b"STREAMS", b"s", b">"]):
        for how, answer in ([], ("*", None)), (["TIMEOUT"], ("*", None)), (["error"], ("-", b"UNBLOCKED client unblocked via CLIENT UNBLOCK")):
            two.send(wait)
            two.flush()
            wait_until(lambda: any(line["flags"] == "b" for line in listed(one)), "one waits")
            checks.expect(one.ask("CLIENT", "UNBLOCK", id, *how) == (":", 1), "it is unblocked")
            checks.expect((told := two.reply()) == answer, "and told so", how, told)
    checks.expect(two.ask("PING") == ("+", b"PONG"), "and goes on")
    one.ask("DEL", "s")
    one.close()
    two.close()


def replies(server):
    one = Connection(server.port)
    for words in (["CLIENT", "REPLY", "OFF"], ["PING"], ["XADD", "s", "1-1", "a", "b"], ["nothing"], ["CLIENT", "REPLY", "SKIP"],
                  ["CLIENT", "REPLY", "ON"], ["ECHO", "first"], ["CLIENT", "REPLY", "SKIP"], ["ECHO", "skipped"],
                  ["ECHO", "second"], ["CLIENT", "REPLY", "SKIP"], ["XLEN", "s"], ["XLEN", "s"]):
        one.send([word.encode() for word in words])
    one.flush()
    told = [one.reply() for _ in range(4)]
    checks.expect(told == [("+", b"OK"), ("$", b"first"), ("$", b"second"), (":", 1)], "what was answered", told)
    checks.expect(one.ask("PING") == ("+", b"PONG"), "nothing else was")
    one.ask("DEL", "s")
    one.close()


def monitors(server):
    one, two = Connection(server.port), Connection(server.port)
    one.ask("MULTI")
    one.ask("MONITOR")
    one.ask("PING")
    told = one.ask("EXEC")
    checks.expect(told == ("*", [("-", b"ERR MONITOR isn't allowed for DENY BLOCKING client"), ("+", b"PONG")]),
                  "it does not begin in a transaction", told)
    two.ask("PING")
    checks.expect(one.ask("ECHO", "x") == ("$", b"x"), "nor after it")
    checks.expect(one.ask("MONITOR") == ("+", b"OK"), "it begins")
    two.ask("XADD", "s", "1-1", "a", "two words\r\n\"\\\x07\xff".encode("latin-1"))
    two.ask("hello", "2", "auth", "default", "my-secret")
    two.ask("auth", "my-secret")
    if KIND == "weir":  # Redis shows it where it does not belong
        two.ask("hello", "auth", "default", "my-secret")
        two.ask("config", "set", "requirepass", "my-secret")
    two.ask("nothing", "x")
    two.ask("MULTI")
    two.ask("XLEN", "s")
    two.ask("CLIENT", "GETNAME")
    two.ask("EXEC")
    two.ask("DEL", "s")
    port = two.socket.getsockname()[1]

    def next_line():
        kind, line = one.reply()
        found = re.fullmatch(rb'\d{10}\.\d{6} \[0 127.0.0.1:(\d+)\] (.*)', line)
        checks.expect(kind == "+" and found and int(found[1]) == port, "who and when", line)
        return found[2] if found else line
    lines = []
    while not lines or lines[-1] != b'"DEL" "s"':
        lines.append(next_line())
    checks.expect(lines[0] == b'"XADD" "s" "1-1" "a" "two words\\r\\n\\"\\\\\\a\\xff"', "it is on one line, and plain", lines[0])
    checks.expect(not any(b"my-secret" in line for line in lines), "no password is shown", lines)
    checks.expect(b'"MULTI"' in lines and b'"XLEN" "s"' in lines and b'"CLIENT" "GETNAME"' in lines and b'"EXEC"' in lines, "transactions", lines)
    two.send([b"PING", b"x" * 1_000_000])
    two.send([b"DEL", *[b"s"] * 50_000])
    two.flush()
    if KIND == "weir":
        checks.expect(b"... (934464 more bytes)" in (line := next_line()), "what is long is cut", line[-100:])
        checks.expect(b" more words)" in (line := next_line()), "so are many words", line[-100:])
    two.reply()
    two.reply()
    checks.expect(any("O" in line["flags"] for line in listed(two)), "it is listed")
    one.ask("QUIT")
    one.close()
    two.close()


def infos(server):
    one, two = Connection(server.port), Connection(server.port)

    def figures(*sections):
        return dict(line.split(":", 1) for line in one.ask("INFO", *sections)[1].decode().split("\r\n") if ":" in line)
    before = figures()
    two.ask("XADD", "s", "1-1", "a", "b")
    for _ in range(9):
        two.ask("PING")
    after = figures()
    checks.expect(int(after["process_id"]) == server.process.pid, "the process", after)
    checks.expect(int(after["tcp_port"]) == server.port, "the port", after)
    checks.expect(after["connected_clients"] == "2", "the clients", after)
    commands = int(after["total_commands_processed"]) - int(before["total_commands_processed"])
    checks.expect(commands == 11, "commands are counted", commands)
    checks.expect(int(after["total_net_input_bytes"]) > int(before["total_net_input_bytes"]), "bytes are counted")
    checks.expect(after["role"] == "master" and after["loading"] == "0" and after["redis_mode"] == "standalone", "what clients look for", after)
    checks.expect(int(after["used_memory"]) > 0, "memory", after)
    checks.expect(after["db0"].startswith("keys=1,"), "how many streams", after)
    checks.expect(set(figures("clients", "CPU")) >= {"connected_clients", "used_cpu_user"} and "role" not in figures("clients", "CPU"), "some of it")
    checks.expect(figures("nothing") == {}, "nothing of it")
    two.send([b"XREAD", b"BLOCK", b"0", b"STREAMS", b"s", b"$"])
    two.flush()
    wait_until(lambda: figures("clients")["blocked_clients"] == "1", "who waits is counted")
    one.ask("DEL", "s")
    one.close()
    two.close()


def commandstats(server):
    one, two = Connection(server.port), Connection(server.port)

    def figures():
        lines = one.ask("INFO", "commandstats")[1].decode().split("\r\n")
        checks.expect(lines[0] == "# Commandstats", "a section of its own", lines)
        return {name[len("cmdstat_"):]: dict(each.split("=") for each in rest.split(","))
                for name, _, rest in (line.partition(":") for line in lines[1:] if line)}

    def counted():
        """Calls, those that failed, and what was rejected before."""
        return {name: tuple(int(each[kind]) for kind in ("calls", "failed_calls", "rejected_calls")) for name, each in figures().items()}
    checks.expect(one.ask("CONFIG", "RESETSTAT") == ("+", b"OK"), "it begins again")
    checks.expect(counted() == {"config|resetstat": (1, 0, 0)}, "from nothing", counted())
    for words in (["XADD", "s", "1-1", "a", "b"], ["XADD", "s", "1-1", "a", "b"], ["XADD", "s"], ["XLEN"], ["XGROUP", "CREATE", "s", "g", "0"],
                  ["XGROUP", "CREATE", "s", "g"], ["XRANGE", "s", "x", "+"], ["nothing"], ["SELECT", "77"], ["TIME", "x"], ["EXEC"], ["PING"], ["ECHO", "x"]):
        two.ask(*words)
    for _ in range(20):
        two.send([b"XADD", b"t", b"*", b"a", b"b"])
    two.flush()
    for _ in range(20):
        two.reply()
    for words in (["MULTI"], ["XLEN", "s"], ["XADD", "s", "1-1", "a", "b"], ["SCAN", "0"], ["CLIENT", "ID"], ["EXEC"], ["MULTI"], ["XDEL"], ["XDEL", "s", "1-1"], ["EXEC"],
                  ["MULTI"], ["XDEL", "s", "1-1"], ["DISCARD"], ["XREAD", "BLOCK", "1", "STREAMS", "t", "$"], ["XTRIM", "t", "MAXLEN", "0"], ["DEL", "s", "t"]):
        two.ask(*words)
    told = counted()
    for name, wanted in {"xadd": (23, 2, 1), "xlen": (1, 0, 1), "xgroup|create": (1, 0, 1), "xrange": (1, 1, 0), "select": (1, 1, 0), "time": (0, 0, 1),
                         "exec": (3, 2, 0), "ping": (1, 0, 0), "echo": (1, 0, 0), "multi": (3, 0, 0), "discard": (1, 0, 0), "scan": (1, 0, 0), "client|id": (1, 0, 0),
                         "xdel": (0, 0, 1), "xread": (1, 0, 0), "xtrim": (1, 0, 0), "del": (1, 0, 0)}.items():
        checks.expect(told.get(name) == wanted, "what was counted", name, told.get(name), wanted)
    checks.expect("nothing" not in told, "what is no command is not counted", told)
    of_xadd = figures()["xadd"]
    checks.expect(list(of_xadd) == ["calls", "usec", "usec_per_call", "rejected_calls", "failed_calls"], "as tools read it", of_xadd)
    checks.expect(int(of_xadd["usec"]) > 0 and abs(float(of_xadd["usec_per_call"]) * 23 - int(of_xadd["usec"])) < 1, "the time it took", of_xadd)
    for sections, there in ([], False), (["default"], False), (["all"], True), (["everything"], True):
        checks.expect((b"# Commandstats" in one.ask("INFO", *sections)[1]) == there, "only if asked for", sections)
    one.close()
    two.close()


def hellos(server):
    one = Connection(server.port)
    one.ask("XADD", "s", "*", "a", "b")
    one.ask("MULTI")
    one.ask("INFO", "keyspace")
    checks.expect(b"db0:keys=1" in one.ask("EXEC")[1][0][1], "how many streams, in a transaction")
    one.ask("DEL", "s")
    kind, greeting = one.ask("HELLO", "3", "SETNAME", "me")
    names = [value for _, value in greeting[::2]]
    checks.expect(kind == "%" and names == [b"server", b"version", b"proto", b"id", b"mode", b"role", b"modules"], "a map", greeting)
    checks.expect(one.ask("XINFO", "GROUPS", "nothing")[0] == "-", "errors are as they were")
    checks.expect(one.ask("XREAD", "STREAMS", "nothing", "0") == ("_", None), "nil has a sign of its own")
    checks.expect(one.ask("HELLO", "4")[1].startswith(b"NOPROTO") and one.ask("CLIENT", "GETNAME") == ("$", b"me"), "it stays as it was")
    one.ask("MULTI")
    queued = one.ask("HELLO", "2")
    if queued == ("+", b"QUEUED"):
        kind, answers = one.ask("EXEC")
        checks.expect(kind == "*" and len(answers) == 1, "HELLO in a transaction", answers)
    checks.expect(one.ask("PING") == ("+", b"PONG"), "and it goes on")
    one.ask("RESET")
    checks.expect(one.ask("CLIENT", "GETNAME") == ("$", None), "RESET forgets")
    one.close()


def thousand(server):
    crowd = [Connection(server.port) for _ in range(1000)]
    for number, each in enumerate(crowd):
        each.send([b"CLIENT", b"SETNAME", b"n%d" % number])
        each.flush()
    for each in crowd:
        each.reply()
    names = {line["name"] for line in listed(crowd[0])}
    checks.expect(names == {f"n{number}" for number in range(1000)}, "a thousand are listed", len(names))
    checks.expect(crowd[0].ask("CLIENT", "KILL", "TYPE", "normal") == (":", 999), "and killed")
    checks.expect(all(is_gone(each) for each in crowd[1:]), "and gone")
    checks.expect(len(listed(crowd[0])) == 1, "one is left")
    for each in crowd:
        each.close()


def commands(server):
    one = Connection(server.port)
    all_of_them = one.ask("COMMAND")[1]
    checks.expect(one.ask("COMMAND", "COUNT") == (":", len(all_of_them)), "they are counted")
    by_name = {command[1][0][1]: [value for _, value in command[1]] for command in all_of_them}
    names = {name for _, name in one.ask("COMMAND", "LIST")[1]}
    with_subs = set(by_name) | {sub[1][0][1] for command in by_name.values() for sub in command[9]}
    checks.expect(names == with_subs, "they are listed", names ^ with_subs)
    for name, arity, first, last, step in ((b"xadd", -5, 1, 1, 1), (b"del", -2, 1, -1, 1), (b"rename", 3, 1, 2, 1), (b"xreadgroup", -7, 0, 0, 0),
                                           (b"ping", -1, 0, 0, 0), (b"client", -2, 0, 0, 0), (b"xgroup", -2, 0, 0, 0), (b"watch", -2, 1, -1, 1)):
        told = by_name[name]
        checks.expect([told[1], *told[3:6]] == [arity, first, last, step], "how many words, and where the streams are", told)
    groups = [sub[1][0][1] for sub in by_name[b"xgroup"][9]]
    checks.expect(b"xgroup|create" in groups, "subcommands", groups)
    flags = {name: {flag for _, flag in by_name[name][2]} for name in (b"xadd", b"xrange", b"xread", b"xreadgroup")}
    checks.expect(b"write" in flags[b"xadd"] and b"readonly" in flags[b"xrange"] and flags[b"xread"] >= {b"readonly", b"blocking", b"movablekeys"}
                  and flags[b"xreadgroup"] >= {b"write", b"blocking", b"movablekeys"}, "what they do", flags)
    for name in names if KIND == "weir" else []:
        (_, told), (_, docs) = one.ask("COMMAND", "DOCS", name)[1]
        docs = dict(zip([value for _, value in docs[::2]], docs[1::2]))
        checks.expect(told == name and docs[b"summary"][1] and docs[b"group"][1], "each is described", name, docs)
    one.close()


def memory(server):
    one = Connection(server.port)
    for n in range(100):
        one.ask("XADD", "s", "*", "text", "x" * 1000)
    size = one.ask("MEMORY", "USAGE", "s")
    checks.expect(size[0] == ":" and 90_000 < size[1] < 300_000, "about what was added", size)
    checks.expect(one.ask("MEMORY", "USAGE", "s", "SAMPLES", "0")[0] == ":", "by all entries")
    checks.expect(one.ask("MEMORY", "USAGE", "nothing") == ("$", None), "no stream")
    checks.expect(one.ask("MEMORY", "USAGE", "s", "nothing") == ("-", b"ERR syntax error"), "a wrong option")
    checks.expect(one.ask("MEMORY", "nothing")[1] == b"ERR unknown subcommand 'nothing'. Try MEMORY HELP.", "a wrong subcommand")
    one.ask("DEL", "s")
    one.close()


def passwords(server):
    def refused(connection, *words):
        kind, text = connection.ask(*words)
        return kind == "-" and text.split(b" ")[0].decode()
    one = Connection(server.port)
    for words in ["PING"], ["CLIENT", "LIST"], ["CLIENT", "ID"], ["CLIENT", "SETNAME", "x"], ["INFO"], ["COMMAND"], ["MONITOR"], ["CONFIG", "GET", "*"], ["XLEN", "s"], ["WATCH", "s"], ["HELLO"], ["HELLO", "3"], ["HELLO", "3", "SETNAME", "x"]:
        checks.expect(refused(one, *words) == "NOAUTH", "a stranger is refused", words)
    checks.expect(refused(one, "HELLO", "3", "AUTH", "default", "wrong") == "WRONGPASS", "a wrong password")
    checks.expect(refused(one, "HELLO", "3", "AUTH", "nobody", "right") == "WRONGPASS", "a wrong name")
    checks.expect(refused(one, "AUTH", "wrong") == "WRONGPASS", "a wrong password")
    checks.expect(refused(one, "AUTH", "righ") == "WRONGPASS", "a part of it")
    checks.expect(refused(one, "AUTH", "") == "WRONGPASS", "no password")
    checks.expect(one.ask("HELLO", "3", "AUTH", "default", "right", "SETNAME", "me")[0] == "%", "the right one")
    checks.expect(one.ask("CLIENT", "GETNAME") == ("$", b"me"), "and a name")
    checks.expect(b"right" not in one.ask("CONFIG", "GET", "*pass*")[1] or KIND == "redis", "it is told to nobody")
    one.ask("RESET")
    checks.expect(refused(one, "PING") == "NOAUTH", "a stranger again")
    checks.expect(one.ask("AUTH", "right") == ("+", b"OK") and one.ask("PING") == ("+", b"PONG"), "AUTH")
    checks.expect(one.ask("AUTH", "default", "right") == ("+", b"OK"), "AUTH with a name")
    checks.expect(refused(one, "AUTH", "wrong") == "WRONGPASS" and one.ask("PING") == ("+", b"PONG"), "who was let in stays")
    one.close()


with tempfile.TemporaryDirectory() as folder:
    server = KillableServer(WEIR, KIND, folder, password="right")
    try:
        passwords(server)
    finally:
        server.end()
with tempfile.TemporaryDirectory() as folder:
    server = KillableServer(WEIR, KIND, folder)
    try:
        for scene in lists, kills, unblocks, replies, monitors, infos, commandstats, hellos, memory, thousand, commands:
            wait_until(lambda: server.ask("CLIENT", "LIST").count(b"\n") == 1, "the others are gone")
            scene(server)
    finally:
        server.end()
checks.end()
