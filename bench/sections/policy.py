"""The cost of policies, keys and delayed messages for a stream or a file, and of very many streams in a file."""

import itertools
import json
import shutil
import subprocess

from measure import Table, each, output, remove, timed

from .file import AT_ONCE

SECTIONS = ["keep", "delayed", "redis_8", "ls"]


def numbered(path, count, line):
    """Writes a file of `count` lines; `{}` in a line stands for its number."""
    with open(path, "w", encoding="ascii") as file:
        file.writelines(line.replace("{}", str(i)) + "\n" for i in range(count))
    return path


def unsafe(weir, what, *words):
    """Runs a command without a sync, which would hide the measured cost."""
    return weir(what, "--durability", "off", *words)


def keep(bench):
    length, appends = bench.many(100_000, 1000), bench.many(50_000)
    messages = numbered("messages", length, '{"n":{}}')
    kinds = {"none": "no policy", "xadd": f"XADD MAXLEN ~ {length:,}", "keep": f"keep --maxlen {length:,}, all of them there already",
             "acked": "keep --acked, a half held by a group"}

    def prepare(weir, kind):
        database = f"keep.{kind}"
        remove(weir.db(database))
        output(unsafe(weir, database, "xadd", "s", "--quiet"), stdin=messages)
        output(weir(database, "group", "create", "s", "g", "0"))
        if kind == "keep":
            # A warning says that the group gets no earlier messages.
            subprocess.run(weir(database, "keep", "s", "--maxlen", str(length)), stderr=subprocess.DEVNULL, check=True)
        elif kind == "acked":
            output(weir(database, "keep", "s", "--acked"))
            timed(weir(database, "xreadgroup", "s", "--group", "g", "--consumer", "c", "--count", str(length // 2)))

    def by_batch(weir, kind):
        lines = numbered("asked", appends, f"XADD s MAXLEN ~ {length} * n {{}}" if kind == "xadd" else "XADD s * n {}")
        return each(appends, timed(unsafe(weir, f"keep.{kind}", "batch"), stdin=lines))

    def in_bulk(weir, kind):
        limit = ("--maxlen", f"~{length}") if kind == "xadd" else ()
        return each(length, timed(unsafe(weir, f"keep.{kind}", "xadd", "s", *limit), stdin=messages))

    for key, how, run in (("each", "a line of weir batch", by_batch), ("bulk", "a line of weir xadd", in_bulk)):
        yield Table(f"An append to a stream of {length:,}, {how}", [
            side for kind, label in kinds.items() for side in bench.ours(
                f"{key}.{kind}", label, lambda weir, kind=kind, run=run: run(weir, kind), lambda weir, kind=kind: prepare(weir, kind))],
            rounds=min(bench.rounds, 5))


def delayed(bench):
    many, length = bench.many(1_000_000, 500), bench.many(100_000, 1000)
    messages, later = numbered("messages", length, '{"n":{}}'), numbered("later", many, '{"n":{}}')
    for database in ("none", "many"):
        for weir in bench.builds:
            remove(weir.db(f"delayed.{database}"))
            output(unsafe(weir, f"delayed.{database}", "xadd", "s", "--quiet"), stdin=messages)
            output(weir(f"delayed.{database}", "group", "create", "s", "g", "0"))
    yield Table(f"Delay {many:,} messages", bench.ours(
        "add", "weir xadd s --in 7d", lambda weir: each(many, timed(unsafe(weir, "delayed.many", "xadd", "s", "--in", "7d", "--quiet"), stdin=later))),
        rounds=1)

    def run(weir, database, count, line):
        return each(count, timed(unsafe(weir, f"delayed.{database}", "batch"), stdin=numbered("asked", count, line)))

    for name, count, line in (("xadd", 50_000, "XADD s * n {}"), ("xreadgroup", 5_000, "XREADGROUP GROUP g c COUNT 1 STREAMS s >"),
                              ("xlen", 20_000, "XLEN s")):
        yield Table(f"{line.replace('{}', '1')}, in a file with delayed messages", [
            side for database, of in (("none", 0), ("many", many)) for side in bench.ours(
                f"{name}.{database}", f"{of:,} delayed", lambda weir, database=database, count=bench.many(count), line=line:
                run(weir, database, count, line))])
    yield Table("How long after its time a waiting reader has a delayed message", bench.ours(
        "late", "xread --block, xreadgroup --block", lambda weir: lateness(weir, bench.many(100, 5))), rounds=1)


def lateness(weir, count):
    """How late messages are: an ID has the time of the append, a handle the time at which the message is due."""
    def milliseconds(text):
        return int(text.split("-")[0])

    remove(weir.db("late"))
    late, last = [], "0-0"
    for number in range(count):
        stream = ("alone", "shared")[number % 2]
        due = output(weir("late", "xadd", stream, "--in", "50ms", f"n={number}")).removeprefix("@")
        reader = ("xreadgroup", stream, "--group", "g", "--create", "--noack") if number % 2 else ("xread", stream, "--after", last)
        entry = json.loads(output(weir("late", *reader, "--block", "1m")))
        late.append(milliseconds(entry["id"]) - milliseconds(due))
        last = last if number % 2 else entry["id"]
    late.sort()
    return {"ms": late[count // 2], "p95-ms": late[count * 95 // 100], "latest-ms": late[-1]}


# The groups have been given the whole stream, and have not acknowledged the last tenth of it.
GROUPS = ("g1", "g2", "g3", "g4", "g5")
COMMANDS_8 = {"xadd": "XADD s * n {n}", "idmp": "XADD s IDMP producer key-{n} * n {n}", "idmpauto": "XADD s IDMPAUTO producer * n {n}",
              "claim": "XREADGROUP GROUP g2 other COUNT 1 CLAIM 0 STREAMS s >", "xnack": "XNACK s g3 FAIL IDS 1 {id}",
              "xackdel": "XACKDEL s g1 KEEPREF IDS 1 {id}", "xdelex": "XDELEX s DELREF IDS 1 {id}"}


def redis_8(bench):
    lengths = sorted({bench.many(length, 1000) for length in (10_000, 1_000_000)})
    numbers = itertools.count(1_000_000_000)

    def prepare(weir, length):
        database = f"eight.{length}"
        remove(weir.db(database))
        timed(unsafe(weir, database, "xadd", "s", "--quiet"), stdin=numbered("messages", length, '{"n":{}}'))
        output(weir(database, "batch"), text="".join(f"XGROUP CREATE s {group} 0\n" for group in GROUPS))
        for group in GROUPS:
            for count, how in ((length * 9 // 10, ("--noack",)), (length, ())):
                timed(weir(database, "xreadgroup", "s", "--group", group, "--consumer", "c", "--count", str(count), *how))

    def run(weir, length, command):
        """Each run has its own messages, which were given to all groups."""
        database = f"eight.{length}"
        ids = output(unsafe(weir, database, "batch"), text="XADD s * n 1\n" * AT_ONCE).split()
        output(unsafe(weir, database, "batch"), text="".join(f"XREADGROUP GROUP {group} c COUNT {AT_ONCE} STREAMS s >\n" for group in GROUPS))
        with open("asked", "w", encoding="ascii") as file:
            file.writelines(command.format(n=next(numbers), id=id) + "\n" for id in ids)
        return each(AT_ONCE, timed(unsafe(weir, database, "batch"), stdin="asked"))

    for weir in bench.builds:
        for length in lengths:
            prepare(weir, length)
    yield Table("The first XREADGROUP CLAIM of a group: it makes an index", [side for length in lengths for side in bench.ours(
        f"first.{length}", f"in a stream of {length:,}", lambda weir, length=length: {"ms": 1000 * timed(weir(
            f"eight.{length}", "xreadgroup", "s", "--group", "g2", "--consumer", "other", "--count", "1", "--claim", "0"))[0]})], rounds=1)
    for name, command in COMMANDS_8.items():
        yield Table(f"{name}: {command.format(n='N', id='ID')}", [side for length in lengths for side in bench.ours(
            f"{name}.{length}", f"in a stream of {length:,}", lambda weir, length=length, command=command: run(weir, length, command))])


def ls(bench):
    streams = bench.many(100_000)
    shown = {"names": (), "table": ("-o", "table"), "figures": ("-o", "csv")}

    def prepare(weir):
        remove(weir.db("ls.plain"), weir.db("ls.groups"))
        timed(unsafe(weir, "ls.plain", "batch", "--atomic"), stdin=numbered("asked", streams, "XADD stream-{} * n 1"))
        shutil.copy(weir.db("ls.plain"), weir.db("ls.groups"))
        timed(unsafe(weir, "ls.groups", "batch", "--atomic"), stdin=numbered("asked", streams, "XGROUP CREATE stream-{} g 0"))

    for weir in bench.builds:
        prepare(weir)
    for of, what in (("plain", "one message in each"), ("groups", "and a group that waits for it")):
        yield Table(f"List {streams:,} streams: {what}", [side for name, words in shown.items() for side in bench.ours(
            f"{of}.{name}", " ".join(("ls", *words)), lambda weir, of=of, words=words: {"ms": 1000 * timed(weir(f"ls.{of}", "ls", *words))[0]})],
            alike=False)
