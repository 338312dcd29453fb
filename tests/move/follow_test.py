#!/usr/bin/env python3
"""`weir copy --follow`: each message is in the other store once, and in order, although processes are killed, stopped or moved.

usage: follow_test.py WEIR
"""

import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, Server, answers, environment, server_command, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
FOLDER = os.path.realpath(tempfile.mkdtemp())
checks = Checks()
started = []
expect = checks.expect


def weir(database, *words, given=None):
    return subprocess.run([WEIR, "--db", database, *words], input=given, capture_output=True, text=True,
                          env=environment(FOLDER), cwd=FOLDER, timeout=LIMIT)


def add(database, stream, *fields):
    return weir(database, "xadd", stream, *fields).stdout.strip()


def entries(database, stream):
    return [json.loads(line) for line in weir(database, "xrange", stream).stdout.splitlines()]


def length(database, stream):
    return int(weir(database, "xlen", stream).stdout or 0)


def group(database, stream, name="weir-copy"):
    """What `info groups` says of it."""
    found = [json.loads(line) for line in weir(database, "info", "groups", stream).stdout.splitlines()]
    return next((each for each in found if each["name"] == name), None)


def is_drained(database, stream, name="weir-copy"):
    info = group(database, stream, name)
    return info is not None and info["lag"] == 0 and info["pending"] == 0


class Copier:
    """A `weir copy --follow` that runs."""

    def __init__(self, *words, options=()):
        self.error = open(tempfile.mkstemp(dir=FOLDER)[1], "w+", encoding="utf-8")
        self.process = subprocess.Popen([WEIR, *options, "copy", *words, "--follow"], stdout=subprocess.PIPE,
                                        stderr=self.error, text=True, env=environment(FOLDER), cwd=FOLDER)
        started.append(self.process)

    def told(self):
        with open(self.error.name, encoding="utf-8") as error:
            return error.read()

    def end(self, number=signal.SIGTERM):
        """Its lines, after the signal."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        out = self.process.communicate(timeout=LIMIT)[0]
        self.error.close()
        return [json.loads(line) for line in out.splitlines()]


class OwnServer:
    """One that keeps what it answered, and can be killed and started again."""

    def __init__(self, name):
        self.folder = os.path.join(FOLDER, name)
        os.mkdir(self.folder)
        self.path = os.path.join(self.folder, "redis.sock")
        self.url = "unix://" + self.path
        self.start()

    def start(self, *options):
        command = server_command("redis-server", self.folder, "--port", "0", "--unixsocket", self.path, "--appendonly",
                                 "yes", "--appendfsync", "always", *options)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        started.append(self.process)
        wait_until(lambda: answers(self.path), "a server that answers")

    def kill(self):
        self.process.kill()
        self.process.wait()


def follows_what_comes():
    for number in range(3):
        add("a.db", "s", f"n={number}")
    copier = Copier("a.db", "b.db", "s", "later", "x*")
    wait_until(lambda: is_drained("a.db", "s"), "what was there")
    add("a.db", "s", "n=3", "typed=é")
    add("a.db", "xylophone", "n=0")
    add("a.db", "later", "n=0")
    add("a.db", "unasked", "n=0")
    for stream in ("s", "xylophone", "later"):
        wait_until(lambda: entries("a.db", stream) == entries("b.db", stream), f"{stream} in the copy")
        wait_until(lambda: is_drained("a.db", stream), "all acknowledged")
    expect(weir("b.db", "exists", "unasked").returncode == 1, "nothing else is copied")
    weir("a.db", "xadd", "s", "--in", "100ms", "n=4")
    wait_until(lambda: length("b.db", "s") == 5, "a delayed one that became due")
    told = copier.end()
    expect(copier.process.returncode == -signal.SIGTERM, "a signal ends it", copier.process.returncode)
    expect({each["stream"]: each["copied"] for each in told} == {"s": 5, "xylophone": 1, "later": 1}, "it says what it did", told)
    expect(copier.told() == "", "and nothing else", copier.told())
    expect(group("b.db", "s") is None, "the group stays in the source")
    weir("a.db", "keep", "s", "--acked")
    weir("a.db", "keep", "--apply")
    expect(length("a.db", "s") == 0, "with keep --acked the buffer is empty")


def every_message_is_there_once_whoever_is_killed():
    """Two files into one stream of a server. Copiers and the server are killed at any moment."""
    server = OwnServer("killed")
    sources = ["one.db", "two.db"]
    most, rounds = 1500, 40
    producers = []
    for name in sources:
        lines = "".join(json.dumps({"from": name, "n": str(n)}) + "\n" for n in range(most))
        script = f'while read -r line; do printf "%s\\n" "$line"; done | "{WEIR}" --db {name} xadd jobs --quiet'
        producers.append(subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, env=environment(FOLDER), cwd=FOLDER, text=True))
        producers[-1].stdin.write(lines)
        producers[-1].stdin.close()
    copiers = {name: Copier(name, server.url, "jobs", "--new-ids") for name in sources}
    luck = random.Random(int(os.environ.get("SEED", "1")))
    for number in range(rounds):
        time.sleep(luck.random() * 0.05)
        name = luck.choice(sources)
        copiers[name].end(signal.SIGKILL)
        if number % 8 == 7:
            server.kill()
            server.start()
        copiers[name] = Copier(name, server.url, "jobs", "--new-ids")
    for producer in producers:
        producer.wait()
    for name in sources:
        wait_until(lambda: is_drained(name, "jobs"), f"all of {name}")
    for copier in copiers.values():
        copier.end()
    arrived = [entry["fields"] for entry in entries(server.url, "jobs")]
    for name in sources:
        numbers = [int(fields["n"]) for fields in arrived if fields["from"] == name]
        expect(numbers == list(range(most)), f"each of {name} once, in their order", len(numbers),
               [n for n, count in collections.Counter(numbers).items() if count > 1][:9])
    server.kill()


def ids_are_kept_whoever_is_killed():
    with open(os.path.join(FOLDER, "lines"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"n": n, "text": "x" * (n % 97)}) + "\n" for n in range(20_000))
    with open(os.path.join(FOLDER, "lines"), encoding="utf-8") as file:
        subprocess.run([WEIR, "--db", "c.db", "xadd", "s", "--quiet"], stdin=file, env=environment(FOLDER), cwd=FOLDER, check=True)
    luck = random.Random(int(os.environ.get("SEED", "2")))
    longest = 0.1
    while not is_drained("c.db", "s"):
        copier = Copier("c.db", "d.db")
        time.sleep(luck.random() * longest)
        longest *= 1.02  # where a process needs that long only to start, too, one of them comes to the end
        copier.end(signal.SIGKILL)
        held = weir("d.db", "xrevrange", "s", "+", "-", "COUNT", "3")  # a worker takes some of it away at once
        ids = [json.loads(line)["id"] for line in held.stdout.splitlines()]
        if ids and len(taken) < 100:
            taken.extend(ids)
            weir("d.db", "xdel", "s", *ids)
    expected = [entry for entry in entries("c.db", "s") if entry["id"] not in taken]
    expect(entries("d.db", "s") == expected, "the same entries, and none that was deleted comes again", len(expected))
    for database in ("c.db", "d.db"):
        expect(weir(database, "verify").returncode == 0, "the file is sound", weir(database, "verify").stdout)


taken = []


def two_at_once_share():
    given = "".join(json.dumps({"n": str(n)}) + "\n" for n in range(3000))
    copiers = [Copier("e.db", "f.db", "s", "--new-ids") for _ in range(2)]
    for start in range(0, 3000, 300):
        lines = "".join(given.splitlines(keepends=True)[start:start + 300])
        weir("e.db", "xadd", "s", "--quiet", given=lines)
        add("e.db", "other", "n=1")
        if start == 1500:
            copiers[0].end(signal.SIGKILL)
            copiers[0] = Copier("e.db", "f.db", "s", "--new-ids")
    wait_until(lambda: is_drained("e.db", "s"), "all of it")
    for copier in copiers:
        copier.end()
    expect([int(entry["fields"]["n"]) for entry in entries("f.db", "s")] == list(range(3000)), "each once, in their order")


def goes_on_when_a_side_is_back():
    server = OwnServer("restarted")
    add("g.db", "s", "n=0")
    copier = Copier("g.db", server.url, "s")
    wait_until(lambda: is_drained("g.db", "s"), "the first")
    server.kill()
    add("g.db", "s", "n=1")
    wait_until(lambda: "trying again" in copier.told(), "that the server is lost")
    add("g.db", "s", "n=2")
    server.start()
    wait_until(lambda: is_drained("g.db", "s"), "all that waited")
    wait_until(lambda: "TO is back" in copier.told(), "that the server is back")
    expect(copier.told().count("\n") == 2, "a line when it was lost, and one when it was back", copier.told())
    expect(length(server.url, "s") == 3, "each is there once", length(server.url, "s"))

    os.rename(os.path.join(FOLDER, "g.db"), os.path.join(FOLDER, "away.db"))
    wait_until(lambda: "there is no such database; trying again" in copier.told(), "that the file is lost")
    expect(not os.path.exists(os.path.join(FOLDER, "g.db")), "nothing is made in its place")
    os.rename(os.path.join(FOLDER, "away.db"), os.path.join(FOLDER, "g.db"))
    wait_until(lambda: "FROM is back" in copier.told(), "that the file is back")
    add("g.db", "s", "n=3")
    wait_until(lambda: length(server.url, "s") == 4, "what comes then")
    copier.end()

    # Back into a file, which goes away.
    copier = Copier(server.url, "h.db", "s")
    wait_until(lambda: is_drained(server.url, "s"), "all of the server")
    os.rename(os.path.join(FOLDER, "h.db"), os.path.join(FOLDER, "away.db"))
    add(server.url, "s", "n=4")
    wait_until(lambda: "trying again" in copier.told(), "that the file is lost")
    os.rename(os.path.join(FOLDER, "away.db"), os.path.join(FOLDER, "h.db"))
    wait_until(lambda: [entry["fields"]["n"] for entry in entries("h.db", "s")] == list("01234"), "the whole stream")
    copier.end()
    server.kill()


def a_copier_may_come_first():
    copier = Copier("first.db", "last.db")
    wait_until(lambda: "there is no such database; trying again" in copier.told(), "that there is none")
    add("first.db", "s", "n=0")
    wait_until(lambda: length("last.db", "s") == 1, "its first message")
    copier.end()


def what_was_copied_before_is_known():
    for number in range(5):
        add("i.db", "s", f"n={number}")
    weir("i.db", "copy", "i.db", "j.db")
    add("i.db", "s", "n=5")
    copier = Copier("i.db", "j.db")
    wait_until(lambda: is_drained("i.db", "s"), "all of it")
    expect(entries("i.db", "s") == entries("j.db", "s"), "what an earlier copy brought is not added again")
    add("j.db", "s", "n=other")
    add("i.db", "s", "n=6")
    time_of = entries("j.db", "s")[-1]["id"]
    wait_until(lambda: copier.process.poll() is not None or length("j.db", "s") == 8, "an end, or the next entry")
    if copier.process.poll() is None:  # its ID was greater: put one there that is greater than any
        weir("j.db", "xadd", "s", str(int(time_of.split("-")[0]) + 10_000_000) + "-0", "n", "other")
        add("i.db", "s", "n=7")
    copier.wait()
    expect(copier.process.returncode == 3 and "--new-ids" in copier.told(), "IDs that do not fit are refused", copier.told())
    expect(group("i.db", "s")["pending"] == 1, "and what could not be added is not acknowledged")
    copier = Copier("i.db", "j.db", "--new-ids")
    wait_until(lambda: is_drained("i.db", "s"), "the rest, under new IDs")
    copier.end()


def streams_that_are_made_anew():
    copier = Copier("k.db", "l.db", "s", "--new-ids")
    wait_until(lambda: os.path.exists(os.path.join(FOLDER, "k.db")) or "no such" in copier.told(), "a start")
    for number in range(3):
        weir("k.db", "xadd", "s", f"{9 - number}-1", "n", str(number))
        wait_until(lambda: length("l.db", "s") == number + 1, "a stream that begins with small IDs again")
        wait_until(lambda: is_drained("k.db", "s"), "all acknowledged")
        weir("k.db", "del", "s")
    add("k.db", "s", "n=3")
    wait_until(lambda: length("l.db", "s") == 4, "the next")
    weir("k.db", "group", "destroy", "s", "weir-copy")
    weir("l.db", "del", "s")
    add("k.db", "s", "n=4")
    wait_until(lambda: length("l.db", "s") >= 1, "a stream that was deleted in the target")
    copier.end()


def another_stream_takes_its_name():
    """What the other holds was never copied as far as the one that was followed: nothing of it is passed over."""
    server = OwnServer("renamed")
    for source, target in (("w.db", "x.db"), (server.url, "y.db")):
        add(source, "b", "n=1")
        copier = Copier(source, target, "b", "--new-ids")
        wait_until(lambda: is_drained(source, "b"), "the one that comes later")
        copier.end()
        copier = Copier(source, target, "a", "--new-ids")
        add(source, "b", "n=2")
        add(source, "b", "n=3")
        add(source, "a", "n=0")
        wait_until(lambda: is_drained(source, "a"), "the one that is followed")
        weir(source, "rename", "b", "a")
        add(source, "a", "n=4")
        wait_until(lambda: is_drained(source, "a"), "all of the other")
        copier.end()
        expect([entry["fields"]["n"] for entry in entries(target, "a")] == list("0234"), "each that was acknowledged is there",
               entries(target, "a"))
    server.kill()


def another_client_takes_it_away():
    """One that knows nothing of what weir keeps beside a stream: the stream that is made anew is another one."""
    with Server() as server:
        url = "unix://" + server.path
        for words in (("DEL", "s"), ("RENAME", "s", "elsewhere")):
            target = words[0] + ".db"
            copier = Copier(url, target, "s")
            for number in range(2):
                add(url, "s", f"n={number}")
                wait_until(lambda: copier.process.poll() is not None or length(target, "s") == number + 1, "a message, or an end")
                wait_until(lambda: copier.process.poll() is not None or is_drained(url, "s"), "all acknowledged, or an end")
                server.connect().ask(*words)
                wait_until(lambda: copier.process.poll() is not None or group(url, "s"), "the stream that is made anew, or an end")
            copier.end()
            expect(copier.process.returncode == -signal.SIGTERM and copier.told() == "", f"{words[0]} does not end the copy",
                   copier.process.returncode, copier.told())


def its_group_is_set_back():
    """What was copied is passed over, and what is new is copied."""
    with Server() as server:
        for source in ("unix://" + server.path, "back.db"):
            copier = Copier(source, "setback.db", "s", "--new-ids")
            for number in range(3):
                add(source, "s", f"n={number}")
            wait_until(lambda: length("setback.db", "s") == 3 and is_drained(source, "s"), "all of it")
            weir(source, "group", "setid", "s", "weir-copy", "0")
            add(source, "s", "n=3")
            wait_until(lambda: copier.process.poll() is not None or length("setback.db", "s") == 4, "the new one, or an end")
            copier.end()
            expect(copier.process.returncode == -signal.SIGTERM, "setting the group back does not end the copy",
                   source, copier.process.returncode, copier.told())
            weir("setback.db", "del", "s")


def another_client_puts_one_in_its_place():
    """Its older messages are not taken for those that were copied."""
    with Server() as server:
        url = "unix://" + server.path
        for options in ((), ("--new-ids",)):
            old = add(url, "b", "n=old")
            weir(url, "group", "create", "b", "weir-copy", "0")
            wait_until(lambda: add(url, "a", "n=0") > old, "a later one")
            target = f"replaced{len(options)}.db"
            copier = Copier(url, target, "a", *options)
            wait_until(lambda: length(target, "a") > 0 and is_drained(url, "a"), "the one that is followed")
            server.connect().ask("RENAME", "b", "a")
            copier.wait()
            expect(copier.process.returncode == 3 and "another client" in copier.told(), "it is told", copier.told())
            expect(not is_drained(url, "a"), "and what is not copied is not acknowledged")
            server.connect().ask("DEL", "a")


def two_streams_change_names():
    server = OwnServer("swapped")
    for source, target in (("w2.db", "x2.db"), (server.url, "y2.db")):
        copier = Copier(source, target, "s*", "--new-ids")
        for number in range(200):
            add(source, f"s{number % 2}", f"n={number}")
            if number % 5 == 4:
                weir(source, "batch", given="MULTI\nRENAME s0 swap\nRENAME s1 s0\nRENAME swap s1\nEXEC\n")
        for stream in ("s0", "s1"):
            wait_until(lambda: is_drained(source, stream), f"all of {stream}")
        copier.end()
        arrived = {int(entry["fields"]["n"]) for stream in ("s0", "s1") for entry in entries(target, stream)}
        expect(arrived == set(range(200)), "each that was acknowledged is there", sorted(set(range(200)) - arrived))
    server.kill()


def held_up():
    """A paused group is given nothing, and what somebody else holds comes before what is newer."""
    weir("m.db", "group", "create", "s", "weir-copy", "0", "--mkstream")
    weir("m.db", "pause", "s", "weir-copy")
    for number in range(3):
        add("m.db", "s", f"n={number}")
    copier = Copier("m.db", "n.db", "s", "t")
    add("m.db", "t", "n=0")
    wait_until(lambda: length("n.db", "t") == 1, "the other stream")
    expect(length("n.db", "s") == 0, "nothing of a group that is paused")
    weir("m.db", "resume", "s", "weir-copy")
    wait_until(lambda: length("n.db", "s") == 3, "all, when it goes on")
    copier.end()
    for number in range(3, 6):
        add("m.db", "s", f"n={number}")
    weir("m.db", "xreadgroup", "s", "--group", "weir-copy", "--consumer", "somebody", "--count", "1")
    copier = Copier("m.db", "n.db", "s", "t")
    wait_until(lambda: is_drained("m.db", "s"), "all of it")
    expect(entries("m.db", "s") == entries("n.db", "s"), "in its order")
    copier.end()


def a_clone_is_refused():
    copier = Copier("o.db", "p.db", "s", "--new-ids")
    wait_until(lambda: "no such" in copier.told(), "a start")
    add("o.db", "s", "n=0")
    wait_until(lambda: is_drained("o.db", "s"), "all of it")
    copier.end()
    shutil.copy(os.path.join(FOLDER, "o.db"), os.path.join(FOLDER, "clone.db"))
    copier = Copier("o.db", "p.db", "s", "--new-ids")
    add("o.db", "s", "n=1")
    wait_until(lambda: is_drained("o.db", "s"), "all of it")
    copier.end()
    add("clone.db", "s", "n=2")
    copier = Copier("clone.db", "p.db", "s", "--new-ids")
    copier.wait()
    expect(copier.process.returncode == 3 and "cloned" in copier.told(), "it is not taken for the other", copier.told())


def a_target_that_lost_some_is_told():
    """The target is put back as it was: what it had since, and was acknowledged, is not lost in silence."""
    for options in ((), ("--new-ids",)):
        source, target = f"u{len(options)}.db", f"v{len(options)}.db"
        for number in range(3):
            lost = add(source, "s", f"n={number}")
            copier = Copier(source, target, "s", *options)
            wait_until(lambda: is_drained(source, "s"), "all of it")
            copier.end()
            expect(copier.told() == "", "nothing is said of a target that has all", copier.told())
            if number == 1:
                weir(target, "backup", target + ".kept")
        for end in ("-wal", "-shm"):
            os.unlink(os.path.join(FOLDER, target + end))
        os.rename(os.path.join(FOLDER, target + ".kept"), os.path.join(FOLDER, target))
        copier = Copier(source, target, "s", *options)
        wait_until(lambda: "restored from a backup" in copier.told(), "that it is told")
        expect(lost in copier.told(), "which was the first", copier.told())
        add(source, "s", "n=3")
        wait_until(lambda: length(target, "s") == 3, "what comes then")
        copier.end()


def a_target_that_lost_all_is_told():
    server = OwnServer("emptied")
    for target, options in ((server.url, ()), ("emptied.db", ("--new-ids",))):
        source = f"full{len(options)}.db"
        for number in range(3):
            last = add(source, "s", f"n={number}")
        for _ in range(2):
            copier = Copier(source, target, "s", *options)
            wait_until(lambda: is_drained(source, "s"), "all of it")
            copier.end()
            expect(copier.told() == "", "nothing is said of a target that has all", copier.told())
        weir(target, "flushall", "--force")
        copier = Copier(source, target, "s", *options)
        wait_until(lambda: "TO has nothing" in copier.told(), "that it is told")
        expect(last in copier.told() and copier.told().count("\n") == 1, "which was the last", copier.told())
        add(source, "s", "n=3")
        wait_until(lambda: length(target, "s") == 1, "what comes then")
        copier.end()

        # A group that begins at the end has no entries that are missed.
        add(source, "new", "n=0")
        weir(source, "group", "create", "new", "weir-copy", "$")
        for number in range(2):
            copier = Copier(source, target, "new", "sign", *options)
            add(source, "sign", f"n={number}")
            wait_until(lambda: length(target, "sign") == number + 1, "that it copies")
            copier.end()
            expect(copier.told() == "", "nothing is said of what was not to be copied", copier.told())
    server.kill()


def what_does_not_pass_ends_it():
    with Server() as server:
        url = "unix://" + server.path
        client = server.connect()
        client.ask("SET", "s", "no stream")
        add("q.db", "s", "n=0")
        with open(os.path.join(FOLDER, "text"), "w", encoding="utf-8") as file:
            file.write("This is no database.\n")
        for words, status, said in ((("q.db", url, "s"), 3, "WRONGTYPE"),
                                    (("q.db", "unix://:wrong@" + server.path), 5, "AUTH"),
                                    (("q.db", "q.db"), 2, "the same"),
                                    (("q.db", os.path.join(FOLDER, ".", "q.db")), 2, "the same"),
                                    (("q.db", "r.db", "--append"), 2, "--append"),
                                    (("text", "r.db"), 5, "not a SQLite database")):
            copier = Copier(*words)
            copier.wait()
            expect(copier.process.returncode == status and said in copier.told(), f"{words} is refused", copier.told())
        client.ask("ACL", "SETUSER", "default", "-eval", "-evalsha")
        copier = Copier("q.db", url, "s")
        copier.wait()
        expect(copier.process.returncode == 5 and "NOPERM" in copier.told(), "who may not do it is told", copier.told())


try:
    for part in (follows_what_comes, every_message_is_there_once_whoever_is_killed, ids_are_kept_whoever_is_killed,
                 two_at_once_share, goes_on_when_a_side_is_back, a_copier_may_come_first,
                 what_was_copied_before_is_known, streams_that_are_made_anew,
                 another_stream_takes_its_name, another_client_takes_it_away, its_group_is_set_back,
                 another_client_puts_one_in_its_place, two_streams_change_names, held_up, a_clone_is_refused,
                 a_target_that_lost_some_is_told, a_target_that_lost_all_is_told, what_does_not_pass_ends_it):
        if len(sys.argv) < 3 or part.__name__ in sys.argv[2:]:
            begun = time.monotonic()
            part()
            print(f"{part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
finally:
    for each in started:
        each.kill()
    shutil.rmtree(FOLDER, ignore_errors=True)
checks.end()
