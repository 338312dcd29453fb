#!/usr/bin/env python3
"""Servers that forbid some of what weir needs, have no memory, or hold keys other than streams: weir says so before it
begins what it could not finish, and does what can be done.

    limited_server.py WEIR
"""

import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, Cluster, Server, environment, wait_until  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
FOLDER = os.path.realpath(tempfile.mkdtemp())
checks = Checks()
expect, same = checks.expect, checks.same


def weir(database, *words):
    return subprocess.run([WEIR, "--db", database, *words], capture_output=True, text=True, env=environment(FOLDER),
                          cwd=FOLDER, timeout=LIMIT)


def refused(done, status, text, what):
    expect(done.returncode == status and text in done.stderr, what, done.returncode, done.stdout, done.stderr)


def length(database, stream):
    return weir(database, "xlen", stream).stdout.strip()


def without_scripts(server, admin):
    """Who may not run scripts could not acknowledge what he has done."""
    admin.ask("ACL", "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-@scripting")
    url = "unix://plain:pw@" + server.path
    weir(direct, "xadd", "jobs", "n=1")
    done = weir(url, "work", "jobs", "--group", "g", "--until-empty", "--", "echo", "{n}")
    refused(done, 5, "EVAL", "a worker that could not acknowledge does not begin")
    same(done.stdout, "", "and runs nothing")
    weir("here.db", "xadd", "copied", "n=1")
    refused(weir("here.db", "copy", url, "there.db"), 5, "EVAL", "copy does not begin what it could not end")
    expect(not os.path.exists(os.path.join(FOLDER, "there.db")), "and makes nothing")
    done = weir("here.db", "copy", "here.db", url)
    expect(done.returncode == 0 and length(direct, "copied") == "1", "to such a server it copies", done.returncode, done.stderr)
    admin.ask("DEL", "jobs")


def through_serve():
    """`weir serve` is for clients of Redis: through it copy could not carry all, and --replace could delete the source."""
    weir("served.db", "xadd", "jobs", "n=1")
    place = os.path.join(FOLDER, "s")
    serving = subprocess.Popen([WEIR, "--db", "served.db", "serve", "--listen", "unix:" + place], cwd=FOLDER,
                               env=environment(FOLDER), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: os.path.exists(place), "the server")
    url = "unix://" + place
    for ends in ((url, "served.db"), ("served.db", url), (url, url + "?x=1"), ("here.db", url), (url, "here.db")):
        for how in (["--replace"], [], ["--follow"]):
            done = weir("served.db", "copy", *ends, *how)
            expect(done.returncode == 2, "copy does not go through weir serve", ends, how, done.returncode, done.stderr)
    same(length("served.db", "jobs"), "1", "and nothing is deleted")
    refused(weir(url, "work", "jobs", "--group", "g", "--until-empty", "--", "true"), 2, "weir serve", "nor does work")
    serving.send_signal(signal.SIGTERM)
    serving.wait(timeout=LIMIT)


def two_names(server, admin):
    """Where it cannot be known that two names are of one server nothing is replaced."""
    admin.ask("ACL", "SETUSER", "few", "on", ">pw", "~*", "&*", "+@all", "-info", "-cluster")
    weir(direct, "xadd", "jobs", "n=1")
    few = "unix://few:pw@" + server.path
    other = few.replace("redis.sock", "./redis.sock")
    refused(weir(direct, "copy", few, other, "--replace"), 3, "one server", "what may be the source is not replaced")
    same(length(direct, "jobs"), "1", "and it is there")
    admin.ask("DEL", "jobs")


def of_other_types(admin):
    admin.ask("HSET", "taken", "f", "v")
    weir("here.db", "xadd", "taken", "n=1")
    refused(weir("here.db", "copy", "here.db", direct, "taken", "--replace"), 3, "of type hash", "what is no stream is not replaced")
    same(admin.ask("HGET", "taken", "f")[1], b"v", "and it is there")


def left_behind(admin):
    """A policy of a stream that was deleted without weir is not for the next of that name."""
    weir(direct, "xadd", "kept", "n=1")
    weir(direct, "keep", "kept", "--maxlen", "3")
    admin.ask("DEL", "kept")
    subprocess.run([WEIR, "--db", "here.db", "xadd", "kept", "--quiet"], input='{"n":"1"}\n' * 2000, text=True, cwd=FOLDER,
                   env=environment(FOLDER), timeout=LIMIT, check=True)
    done = weir("here.db", "copy", "here.db", direct, "kept")
    expect(done.returncode == 0 and length(direct, "kept") == "2000", "all is copied", done.returncode, done.stderr, length(direct, "kept"))


def full(admin):
    """What there is is worked off by a server that takes no more."""
    for _ in range(20):
        weir(direct, "xadd", "full", "n=1")
    weir(direct, "group", "create", "full", "g", "0")
    admin.ask("CONFIG", "SET", "maxmemory", "1")
    done = weir(direct, "work", "full", "--group", "g", "--until-empty", "--", "echo", "{n}")
    expect(done.returncode == 0 and done.stdout == "1\n" * 20, "a worker works off what there is", done.returncode, done.stdout, done.stderr)
    admin.ask("CONFIG", "SET", "maxmemory", "0")
    pending = weir(direct, "pending", "full", "g").stdout
    expect('"pending":0' in pending, "and acknowledges it", pending)


def in_a_cluster():
    """There dead letters lie beside their stream: it is said where those that come from elsewhere are."""
    weir("dead.db", "xadd", "a", "n=1")
    weir("dead.db", "work", "a", "--group", "g", "--until-empty", "--quiet", "--", "sh", "-c", "exit 65")
    with Cluster(2) as cluster:
        url = f"redis://127.0.0.1:{cluster.ports[0]}"
        done = weir("dead.db", "copy", "dead.db", url)
        expect(done.returncode == 0 and "looked for in '{a}.dead'" in done.stderr, "copy says so", done.returncode, done.stderr)
        done = weir(url, "dead", "ls", "a", "--dead-letter", "a.dead")
        expect(done.returncode == 0 and "exit 65" in done.stdout, "and what it says helps", done.returncode, done.stdout, done.stderr)


with Server() as redis_server:
    direct = "unix://" + redis_server.path
    connection = redis_server.connect()
    without_scripts(redis_server, connection)
    through_serve()
    two_names(redis_server, connection)
    of_other_types(connection)
    left_behind(connection)
    full(connection)
in_a_cluster()

checks.end()
