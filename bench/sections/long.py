"""Sections that take minutes and gigabytes: one stream of very many messages, a cron queue over a year, the shipped files."""

import glob
import os
import shutil
import subprocess
import time

from measure import Table, output, remove, timed

from .file import commands

SECTIONS = ["large", "year", "size"]
DAY = 86_400


def large(bench):
    """One stream with messages of 100 days. 10^8 messages take some 15 GB of disk and half an hour."""
    many = 10_000 if bench.quick else bench.longest
    begin = (int(time.time()) - 100 * DAY) * 1000
    with open("many", "w", encoding="ascii") as file:
        file.writelines(f'{{"id":"{begin + i * 100 * DAY * 1000 // many}-{i % 10}","fields":{{"n":{i}}}}}\n' for i in range(many))
    middle = begin + 50 * DAY * 1000

    def row(key, label, count, *words, stdin=None):
        def run(weir):
            begun = time.monotonic()
            peak = bench.peak(weir("large", *words), stdin=stdin)
            took = time.monotonic() - begun
            return {"seconds": took, "rate": count / took, **peak}
        return bench.ours(key, label, run)

    def size(key, label):
        return bench.ours(key, label, lambda weir: {"size": os.stat(weir.db("large")).st_size / 1e6})

    batch = min(1_000_000, many // 10)
    # The sides run one after the other, on the same file, once each.
    yield Table(f"One stream of {many:,} messages", [
        *row("append", "append them from a file (xadd --keep-ids --quiet)", many, "xadd", "s", "--keep-ids", "--quiet", stdin="many"),
        *row("hour", "an hour of the 100 days, by time (xrange)", many // 2400, "xrange", "s", str(middle), str(middle + 3_600_000)),
        *row("group", f"a group reads {batch:,} of them (xreadgroup)", batch, "xreadgroup", "s", "--group", "g", "--create", "--count", str(batch)),
        *row("verify", "verify: every rule of the tables", many, "verify"),
        *row("backup", "backup, verified", many, "backup", "copy.db"),
        *size("before", "the file"),
        *row("trim", "xtrim --older-than 50d", many // 2, "xtrim", "s", "--older-than", "50d"),
        *row("one", "one message more (xadd)", 1, "xadd", "s", "n=1"),
        *row("compact", "compact", many // 2, "compact"),
        *size("after", "the file after it")], rounds=1, alike=False)
    os.remove("many")
    remove("copy.db", *(weir.db("large") for weir in bench.builds))
    yield from commands(bench, sorted({min(100_000, many), many}))


class Year:
    """A queue whose clock is moved on (faketime). Four times a day a quarter of the day's messages is appended, a group takes
    and acknowledges all but ten, and done messages older than a week are removed. Once a week the file is compacted and
    backed up."""

    BEGIN = 1_798_761_600  # 2027-01-01

    def __init__(self, weir, messages):
        self.weir = weir
        self.quarter = messages // 4
        self.now = 0
        self.took = {}
        with open("quarter", "w", encoding="ascii") as file:
            file.writelines(f'{{"to":"user{i % 977}@example.org","job":"nightly","n":{i}}}\n' for i in range(self.quarter))
        self.at("group", "create", "queue", "group", "0", "--mkstream")
        self.at("keep", "queue", "--maxage", "7d", "--acked")

    def at(self, *words, ok=(0,), **files):
        clock = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.BEGIN + self.now))
        fake = ["env", "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1", "TZ=UTC", "faketime", "-f", f"@{clock}"]
        return timed([*fake, *self.weir("year", *words)], ok=ok, **files)[0] * 1000

    def take(self):
        took = self.at("autoclaim", "queue", "group", "worker", "0", stdout="held", ok=(0, 1))
        took += self.at("xreadgroup", "queue", "--group", "group", "--consumer", "worker", "--count", "1000000", stdout="new", ok=(0, 1))
        with open("held", encoding="ascii") as held, open("new", encoding="ascii") as new, open("done", "w", encoding="ascii") as done:
            done.writelines((held.readlines() + new.readlines())[:-10])
        return took + self.at("ack", "queue", "group", stdin="done")

    def day(self, day):
        for part in range(4):
            self.now = (day - 1) * DAY + part * 21_600 + 7_200
            self.took["append-ms"] = self.at("xadd", "queue", "--quiet", stdin="quarter")
            self.took["take-ms"] = self.take()
        if day % 7 == 0:
            self.took["compact-ms"] = self.at("compact")
            self.took["backup-ms"] = self.at("backup", "backup.db")

    def figures(self):
        log = glob.glob(self.weir.db("year") + "-wal")
        return {"size": os.stat(self.weir.db("year")).st_size / 1e6, "log-size": sum(os.stat(file).st_size for file in log) / 1e6, **self.took}


def year(bench):
    days, messages = (14, 400) if bench.quick else (364, 100_000)
    queues = {weir.name: Year(weir, messages) for weir in bench.builds}
    begun = time.monotonic()
    passed = 0

    def until(day):
        def run(weir):
            for each_day in range(passed + 1, day + 1):
                queues[weir.name].day(each_day)
            return queues[weir.name].figures()
        return run

    for day in sorted({7, days // 2 // 7 * 7, days}):
        yield Table(f"{messages:,} messages a day: the file after {day} days", bench.ours(f"day.{day}", "its size, its log, what a day takes", until(day)), rounds=1)
        passed = day
    yield Table("All of it", bench.ours("all", "measured", lambda weir: {"seconds": time.monotonic() - begun}), rounds=1)


def size(bench):
    def program(weir):
        subprocess.run(["strip", "-o", "stripped", weir.path], check=True)
        return {"size": os.stat("stripped").st_size / 1e6}

    def package(weir):
        build = os.path.dirname(weir.path)
        shutil.rmtree("package", ignore_errors=True)
        output(["cpack", "--config", os.path.join(build, "CPackConfig.cmake"), "-G", "DEB", "-B", "package"])
        return {"size": os.stat(glob.glob("package/*.deb")[0]).st_size / 1e6}

    yield Table("What is installed", [*bench.ours("program", "the program, stripped", program),
                                      *(bench.ours("package", "the Debian package", package) if not bench.quick else [])], rounds=1, alike=False)
