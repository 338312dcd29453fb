"""Servers: weir and redis-cli on a redis-server, and `weir serve` beside a redis-server that syncs as often."""

import contextlib
import csv
import os
import resource
import subprocess
import tempfile
import time

from measure import Table, output, per_second, remove, timed, write_lines
from testing import Connection, wait_until

from .file import as_commands
from .processes import one_process
from .redis import redis_server

SECTIONS = ["server", "serve"]


def server(bench):
    count = bench.many(1_000_000)
    lines = write_lines("strings", (f'{{"to":"user{i:06}@example.org","subject":"Order {i:07}","amount":"{i % 900}"}}' for i in range(count)))
    commands = as_commands(lines)
    with redis_server("everysec") as redis:
        def emptied(command, **streams):
            output(redis.cli("flushall"))
            return per_second(count, timed(command, **streams))

        def on_server(weir, *words):
            return [weir.path, "--db", redis.url, *words]

        def back(weir):
            output(redis.cli("flushall"))
            output([weir.path, "copy", weir.db("source"), redis.url])
            remove(weir.db("back"))
            return per_second(count, timed([weir.path, "copy", redis.url, weir.db("back")]))

        def prepare(weir):
            remove(weir.db("source"))
            timed(weir("source", "xadd", "s", "--quiet"), stdin=lines)

        yield Table(f"Append {count:,} entries to a Redis server", [
            *bench.theirs("pipe", "redis-cli --pipe", lambda: emptied(redis.cli("--pipe"), stdin=commands)),
            *bench.ours("append", "weir --db unix://… xadd s, IDs printed", lambda weir: emptied(on_server(weir, "xadd", "s"), stdin=lines))])
        yield Table(f"Copy {count:,} entries, to a server and back", [
            *bench.ours("there", "file to server", lambda weir: emptied([weir.path, "copy", weir.db("source"), redis.url]), prepare),
            *bench.ours("back", "server to file", back)])
        yield Table("One process that adds one entry to a server: medians of 10", [
            *bench.theirs("one-redis", "redis-cli XADD", lambda: one_process(redis.cli("xadd", "one", "*", "to", "x"))),
            *bench.ours("one-weir", "weir xadd", lambda weir: one_process(on_server(weir, "xadd", "one", "to=x")))], rounds=bench.many(30, 1))


@contextlib.contextmanager
def weir_serve(weir):
    remove(weir.db("serve"))
    with tempfile.TemporaryDirectory(prefix="bench.") as sockets:
        path = os.path.join(sockets, "s")
        process = subprocess.Popen(weir("serve", "serve", "--listen", f"unix:{path}", "--max-clients", "20000"),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: os.path.exists(path), "weir serve to listen")
            yield process, path
        finally:
            process.terminate()
            process.wait()


def benchmark(path, clients, in_a_row, requests):
    done = output(["redis-benchmark", "-s", path, "-c", str(clients), "-P", str(in_a_row), "-n", str(requests),
                   "--csv", "XADD", "s", "*", "to", "user@example.org", "subject", "Order 1234567"])
    row = list(csv.DictReader(line for line in done.splitlines() if line.startswith('"')))[-1]
    return {"rate": float(row["rps"]), "p99-ms": float(row["p99_latency_ms"])}


def on_one_processor(pid, run):
    """Runs server and client on one processor: on several, the figures of two processes that sleep in turns vary too much."""
    every = os.sched_getaffinity(0)
    def confine(processors):
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(task), processors)
        os.sched_setaffinity(0, processors)  # for processes started from here on, too
    confine({max(every)})
    try:
        return run()
    finally:
        confine(every)


def group_reads(path, count, together=100):
    client = Connection(path)
    client.ask("DEL", "g")
    client.ask("XGROUP", "CREATE", "g", "workers", "0", "MKSTREAM")
    for _ in range(count // 100):
        for _ in range(100):
            client.send([b"XADD", b"g", b"*", b"to", b"user@example.org"])
        client.flush()
        for _ in range(100):
            client.reply()
    begun = time.monotonic()
    while reply := client.ask("XREADGROUP", "GROUP", "workers", "c", "COUNT", together, "STREAMS", "g", ">")[1]:
        client.ask("XACK", "g", "workers", *(entry[1][0][1] for entry in reply[0][1][1][1]))
    took = time.monotonic() - begun
    client.close()
    return {"rate": count / took}


def idle_clients(pid, path, count, seconds):
    """The memory of a server with `count` clients, and its cost while these do nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    clients = []
    while len(clients) < min(count, hard - 100):
        with contextlib.suppress(BlockingIOError):  # many clients are waiting to be accepted
            clients.append(Connection(path))
    for client in clients:
        client.ask("PING")
    time.sleep(3)
    before = processor_time(pid)
    time.sleep(seconds)
    used = processor_time(pid) - before
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        memory = next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))
    for client in clients:
        client.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return {"memory": memory, "core": 100 * used / seconds}


def processor_time(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serve(bench):
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(redis_server("always", "--maxclients", "15000"))
        serving = {weir.name: stack.enter_context(weir_serve(weir)) for weir in bench.builds}

        def table(title, key, run, **how):
            return Table(title, [*bench.theirs(f"redis{key}", "redis-server, appendfsync always", lambda: run(redis.process.pid, redis.socket)),
                                 *bench.ours(f"weir{key}", "weir serve", lambda weir: run(serving[weir.name][0].pid, serving[weir.name][1]))], **how)

        loads = [(2, 1, 200)] if bench.quick else [(1, 1, 10_000), (50, 1, 100_000), (500, 1, 100_000), (1, 16, 80_000), (50, 16, 400_000),
                                                   (500, 16, 400_000)]
        for clients, in_a_row, requests in loads:
            yield table(f"XADD by {clients} clients, {in_a_row} in a row", f".{clients}.{in_a_row}",
                        lambda _, path, load=(clients, in_a_row, requests): benchmark(path, *load), rounds=min(bench.rounds, 5))
        yield table("XADD by one client, which shares one processor with the server", ".one",
                    lambda pid, path: on_one_processor(pid, lambda: benchmark(path, *loads[0])), rounds=min(bench.rounds, 5))
        yield table("XREADGROUP COUNT 100 and XACK by one client: messages", ".group",
                    lambda _, path: group_reads(path, bench.many(20_000)), rounds=min(bench.rounds, 5))
        yield table("10,000 clients that do nothing", ".idle",
                    lambda pid, path: idle_clients(pid, path, bench.many(10_000), 2 if bench.quick else 20), rounds=1)
