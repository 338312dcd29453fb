"""`weir work`: how fast it takes messages, what it costs while idle, how exact a rate is."""

import contextlib
import subprocess
import time

from measure import Table, output, per_second, remove, timed, write_lines

from .redis import redis_server
from .server import processor_time

SECTIONS = ["work", "pace"]


def fill(weir, count):
    remove(weir.db("work"))
    output(weir("work", "--durability", "normal", "xadd", "s", "--quiet"), text="".join(f'{{"n":{n}}}\n' for n in range(count)))


def work(bench):
    count = bench.many(10_000, 20)
    write_lines("numbers", map(str, range(count)))

    def run(weir, durability, *options):
        fill(weir, count)
        return per_second(count, timed(weir("work", "--durability", durability, "work", "s", "--group", "g", "-j", "2", "--until-empty",
                                            *options, "--", "/bin/true")))

    yield Table(f"{count:,} messages, /bin/true for each, two at once", [
        *bench.theirs("xargs", "xargs -n1 -P2", lambda: per_second(count, timed(["xargs", "-n1", "-P2", "/bin/true"], stdin="numbers"))),
        *bench.ours("normal", "weir work -j 2, durability normal", lambda weir: run(weir, "normal")),
        *bench.ours("full", "weir work -j 2, durability full", lambda weir: run(weir, "full")),
        *bench.ours("logged", "the same with --log", lambda weir: run(weir, "full", "--log", "runs"))], rounds=min(bench.rounds, 5))
    yield Table("An idle worker", bench.ours("idle", "weir work", lambda weir: idle(weir("idle"), 60 if not bench.quick else 2)), rounds=1)

    def memory(weir, total):
        fill(weir, total)
        return bench.peak(weir("work", "--durability", "normal", "work", "s", "--group", "g", "-j", "2", "--until-empty", "--", "/bin/true"))

    # SQLite's page cache grows up to its limit of 2 MB first.
    yield Table("Memory of a worker", [side for total in (2 * count, 4 * count) for side in bench.ours(
        f"memory.{total}", f"after {total:,} messages", lambda weir, total=total: memory(weir, total))], rounds=1)


@contextlib.contextmanager
def ended(process):
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def idle(weir, seconds, *options):
    with ended(subprocess.Popen([*weir, "work", "later", "--group", "g", *options, "--", "/bin/true"], stderr=subprocess.DEVNULL)) as worker:
        time.sleep(1)
        before = processor_time(worker.pid)
        time.sleep(seconds)
        return {"core": 100 * (processor_time(worker.pid) - before) / seconds}


def paced(weir, seconds):
    """Four workers of one group share a rate: the runs that there were, compared with the rate."""
    output([*weir, "del", "s"])
    output([*weir, "xadd", "s", "--quiet"], text="".join(f'{{"n":{n}}}\n' for n in range(seconds * 100)))
    with open("runs", "w", encoding="ascii"):
        workers = [subprocess.Popen([*weir, "work", "s", "--group", "g", "--rate", "50/s", "--max-time", f"{seconds}s", "--",
                                     "sh", "-c", "echo >> runs"]) for _ in range(4)]
    for worker in workers:
        worker.wait()
    with open("runs", encoding="ascii") as file:
        return {"runs-count": len(file.readlines())}


def pace(bench):
    seconds = bench.many(20, 2)
    with redis_server("no") as redis:
        def places(weir):
            return {"file": weir("pace"), "server": [weir.path, "--db", redis.url]}

        for place in ("file", "server"):
            yield Table(f"Four workers with --rate 50/s for {seconds} s, on a {place}: runs, of {50 * seconds:,}",
                        bench.ours(f"rate.{place}", "weir work", lambda weir, place=place: paced(places(weir)[place], seconds)), rounds=1)

            def delayed(weir, place=place):
                output([*places(weir)[place], "xadd", "later", "--in", "1d", "--quiet"], text="".join(f'{{"who":{n}}}\n' for n in range(bench.many(1000))))
                return idle(places(weir)[place], 60 if not bench.quick else 2, "--rate", "50/s", "--serial", "who", "--group-jobs", "4")

            yield Table(f"An idle worker with --rate, --serial, --group-jobs and 1,000 delayed messages, on a {place}",
                        bench.ours(f"idle.{place}", "weir work", delayed), rounds=1)
