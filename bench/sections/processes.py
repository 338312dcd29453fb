"""Many processes: one for each message, several that write, many that wait."""

import json
import os
import re
import shlex
import subprocess

from measure import ROOT, Table, output, remove

from .redis import redis_server

SECTIONS = ["one_shot", "writers", "wake", "fan_out", "idle_line"]


def instructions(command):
    """The instructions of the program itself. They are the same each time, so one run is enough."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], capture_output=True, text=True, check=True)
    return {"instructions": int(re.search(r"refs:\s+([\d,]+)", done.stderr)[1].replace(",", "")) / 1e6}


def one_process(command):
    """The median time of ten runs."""
    subprocess.run(["hyperfine", "-N", "-w", "1", "-r", "10", "--export-json", "times.json", shlex.join(command)], capture_output=True, check=True)
    with open("times.json", encoding="utf-8") as file:
        times = json.load(file)["results"][0]
    return {"ms": times["median"] * 1000, "processor": times["user"] + times["system"]}


def one_shot(bench):
    programs = {"shared": ("minimal C++ program, C++ runtime shared", [bench.program("plain_insert_shared"), "one.shared", "to=x"]),
                "plain": ("the same, C++ runtime inside", [bench.program("plain_insert"), "one.plain", "to=x"]),
                "sqlite": ("sqlite3 shell", ["sqlite3", "one.sqlite", "INSERT INTO plain(line) VALUES ('to=x')"])}
    for name in programs:
        remove(f"one.{name}")
        output(["sqlite3", f"one.{name}", "PRAGMA journal_mode = WAL; CREATE TABLE plain(id INTEGER PRIMARY KEY, line TEXT)"])
    archived = os.path.join(ROOT, "build", "static", "weir")
    if os.path.exists(archived):  # scripts/archive makes it
        programs["archive"] = ("weir xadd s to=x, of the archive", [archived, "--db", "one.archive", "xadd", "s", "to=x"])
        output(programs["archive"][1])

    def prepare(weir):
        output(weir("one", "xadd", "s", "to=x"))

    yield Table("Instructions of one process that stores one message durably", [
        *(side for name, (label, command) in programs.items() for side in bench.theirs(name, label, lambda command=command: instructions(command))),
        *bench.ours("weir", "weir xadd s to=x", lambda weir: instructions(weir("one", "xadd", "s", "to=x")), prepare)], rounds=1)
    with redis_server("always") as redis:
        yield Table("One process that stores one message durably: medians of 10", [
            *(side for name, (label, command) in programs.items() for side in bench.theirs(name, label, lambda command=command: one_process(command))),
            *bench.ours("weir", "weir xadd s to=x", lambda weir: one_process(weir("one", "xadd", "s", "to=x"))),
            *bench.theirs("redis", "redis-cli XADD, appendfsync always", lambda: one_process(redis.cli("xadd", "s", "*", "to", "x")))],
            rounds=bench.many(30, 1))


def writers(bench):
    answers = bench.many(8000)

    def ping_pong(processes, command):
        words = output([bench.program("ping_pong"), str(processes), str(answers), *command]).split()
        return dict(zip(("rate", "answer-ms", "slowest-ms"), map(float, words)))

    def plain(processes):
        remove("plain.db")
        output([bench.program("plain_writer"), "plain.db"])  # one writer alone makes the file, so that making it is not measured
        settle(bench)
        return ping_pong(processes, [bench.program("plain_writer"), "plain.db"])

    def weirs(processes, weir):
        remove(weir.db("writers"))
        output(weir("writers", "xadd", "s", "a=b"))
        settle(bench)
        return ping_pong(processes, weir("writers", "xadd", "s"))

    for processes in (1, 2) if bench.quick else (1, 2, 4, 8, 16, 32):
        yield Table(f"{processes} processes that each wait for their printed ID before the next line: commits", [
            *bench.theirs(f"plain.{processes}", "plain C++ with sqlite3_busy_timeout", lambda processes=processes: plain(processes)),
            *bench.ours(f"weir.{processes}", "weir xadd s", lambda weir, processes=processes: weirs(processes, weir))])


def settle(bench):
    """While a folder is very new, each answer looks at every file in it: see src/system/folder_mark.h."""
    if not bench.quick:
        subprocess.run(["sleep", "2.5"], check=True)


def wake(bench):
    def run(weir):
        remove(weir.db("wake"))
        output(weir("wake", "xadd", "other", "a=b"))
        words = output([bench.program("wake"), str(bench.many(500)), weir.path, weir.db("wake")]).split()
        return dict(zip(("ms", "late-ms", "idle-core"), map(float, words)))

    yield Table("From a line given to one process to the line printed by a waiting one, 20 ms apart (median, 99th percentile)",
                bench.ours("weir", "weir xadd, weir xread --follow", run), rounds=1 if len(bench.builds) == 1 else 5)


def fan_out(bench):
    messages = bench.many(30, 5)

    def run(readers, weir):
        remove(weir.db("fan"))
        total = float(output([bench.program("fan_out"), str(readers), str(messages), weir.path, weir.db("fan")]))
        return {"ms": total, "each-ms": total / readers}

    for readers in (2,) if bench.quick else (10, 50, 100):
        yield Table(f"{readers} processes that wait on one stream, 10 messages a second: processor time of all, a message",
                    bench.ours(f"weir.{readers}", "weir xread --follow", lambda weir, readers=readers: run(readers, weir)), rounds=min(bench.rounds, 3))


def idle_line(bench):
    def run(readers, weir):
        remove(weir.db("line"))
        return {"core": float(output([bench.program("idle_line"), str(readers), weir.path, weir.db("line")]))}

    for readers in (2,) if bench.quick else (50, 200, 500):
        yield Table(f"{readers} processes that wait in line for messages of one group, while nothing comes: all of them",
                    bench.ours(f"weir.{readers}", "weir xreadgroup --block 0", lambda weir, readers=readers: run(readers, weir)), rounds=1)
