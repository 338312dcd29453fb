"""One process and much data: appending, printing, groups, and the cost of commands in streams of several lengths."""

import json
import os

from measure import Table, each, output, per_second, remove, timed, write_lines

from .redis import redis_server

SECTIONS = ["bulk", "print_", "group", "batch", "copy", "scale"]


def message(i):
    line = {"to": f"user{i % 1_000_000:06}@example.org", "subject": f"Order {i:07}", "amount": i % 900 + 100.25, "try": i % 3}
    text = json.dumps(line, separators=(",", ":"))
    return text[:-1] + ',"pad":"' + "x" * (97 - len(text) - 9) + '"}'


def lines_of(bench):
    count = bench.many(1_000_000)
    return write_lines("lines", (message(i) for i in range(count))), count


def as_commands(lines):
    """The same lines in the form in which a client of Redis sends them."""
    if not os.path.exists(commands := f"{lines}.commands"):
        with open(lines, encoding="utf-8") as source, open(commands, "w", encoding="utf-8", newline="") as target:
            for line in source:
                words = ["XADD", "s", "*", *(str(word) for pair in json.loads(line).items() for word in pair)]
                target.write(f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words))
    return commands


def append_plain(bench, lines):
    remove("plain.db")
    return timed([bench.program("plain_append"), "plain.db"], stdin=lines)


def append(weir, lines):
    remove(weir.db("bulk"))
    return timed(weir("bulk", "xadd", "s"), stdin=lines, stdout=f"{weir.name}.ids")


def bulk(bench):
    lines, count = lines_of(bench)
    commands = as_commands(lines)
    with redis_server("everysec") as redis:
        def pipe():
            output(redis.cli("flushall"))
            return timed(redis.cli("--pipe"), stdin=commands)
        yield Table(f"Append {count:,} JSON lines of 97 bytes", [
            *bench.theirs("plain", "plain C++, lines unparsed, 10,000 a transaction", lambda: per_second(count, append_plain(bench, lines))),
            *bench.ours("weir", "weir xadd s < file", lambda weir: per_second(count, append(weir, lines))),
            *bench.theirs("redis", "redis-cli --pipe, appendfsync everysec", lambda: per_second(count, pipe()))])
    yield Table("Memory for it", bench.ours("weir", "weir xadd s --quiet < file", lambda weir: bench.peak(weir("bulk", "xadd", "s", "--quiet"), stdin=lines)),
                rounds=1)


def print_(bench):
    lines, count = lines_of(bench)
    append_plain(bench, lines)
    yield Table(f"Print {count:,} messages", [
        *bench.theirs("plain", "plain C++ that prints the rows", lambda: per_second(count, timed([bench.program("plain_print"), "plain.db"], stdout="out"))),
        *bench.ours("weir", "weir xrange s - +", lambda weir: per_second(count, timed(weir("bulk", "xrange", "s", "-", "+"), stdout="out")),
                    prepare=lambda weir: append(weir, lines))])
    yield Table("Memory for it", bench.ours("weir", "weir xrange s - +", lambda weir: bench.peak(weir("bulk", "xrange", "s", "-", "+"))), rounds=1)


def append_and_list(weir, lines, count):
    """Writes NAME.acks: the acknowledgements of a consumer that takes all messages, 1,000 at a time."""
    append(weir, lines)
    with open(f"{weir.name}.ids", encoding="ascii") as file:
        ids = file.read().split()
    write_lines(f"{weir.name}.acks", ("XREADGROUP GROUP g c COUNT 1000 STREAMS s >\nXACK s g " + " ".join(ids[at:at + 1000])
                                      for at in range(0, count, 1000)))


def make_group(weir):
    output(weir("bulk", "batch"), text="XGROUP DESTROY s g\nXGROUP CREATE s g 0\n")


def forget_held():
    output(["sqlite3", "plain.db", "DROP TABLE IF EXISTS held"])


def group(bench):
    lines, count = lines_of(bench)
    append_plain(bench, lines)

    def plain():
        forget_held()
        return {"rate": float(output([bench.program("plain_group"), "plain.db"]))}

    def read(weir):
        make_group(weir)
        took = timed(weir("bulk", "batch"), stdin=f"{weir.name}.acks")
        left = json.loads(output(weir("bulk", "xpending", "s", "g")))["pending"]
        assert left == 0, f"{left} messages are pending"
        return per_second(count, took)

    yield Table(f"Group delivery and acknowledgement of {count:,}, 1,000 a time in one process", [
        *bench.theirs("plain", "raw SQL, without names, times and counts", plain),
        *bench.ours("weir", "weir batch: XREADGROUP COUNT 1000, XACK", read, prepare=lambda weir: append_and_list(weir, lines, count))])


def batch(bench):
    """XADD of the same five fields as words, in one process between two pipes."""
    lines, count = lines_of(bench)
    with open(lines, encoding="utf-8") as source:
        write_lines("words", ("XADD s * " + " ".join(f'{name} "{value}"' for name, value in json.loads(line).items()) for line in source))

    def run(weir):
        remove(weir.db("batch"))
        return per_second(count, timed(["bash", "-o", "pipefail", "-c", 'cat words | "$@" | cat >out', "bash", *weir("batch", "batch")]))

    yield Table(f"Append {count:,} messages by batch, through pipes", bench.ours("weir", "weir batch: XADD s * and five fields", run))


def copy(bench):
    lines, count = lines_of(bench)

    def run(weir):
        remove(weir.db("copied"))
        return per_second(count, timed([weir.path, "copy", weir.db("bulk"), weir.db("copied")], stdout="out"))
    yield Table(f"Copy {count:,} messages from file to file", bench.ours("weir", "weir copy", run, prepare=lambda weir: append(weir, lines)))


COMMANDS = {"xadd": "XADD s * k v", "xlen": "XLEN s", "xrange": "XRANGE s {} + COUNT 10", "xrevrange": "XREVRANGE s + - COUNT 10",
            "xreadgroup": "XREADGROUP GROUP g c COUNT 10 NOACK STREAMS s >", "xack": "XACK s done {}-0",
            "xpending": "XPENDING s g", "xinfo": "XINFO STREAM s",
            "once": "XADD s IDMPAUTO producer * n {}", "acked": "XADD s ACKED MAXLEN 1000000000 * n 1"}
AT_ONCE = 900  # commands in one process, since a process itself costs some milliseconds


def fill(weir, length):
    """A stream of which one group has been given a thousandth, and another group a part of the middle."""
    stream = f"length.{length}"
    with open("filling", "w", encoding="ascii") as file:
        file.writelines(f'{{"id":"{i}-0","fields":{{"n":{i}}}}}\n' for i in range(1, length + 1))
    timed(weir(stream, "--durability", "off", "xadd", "s", "--keep-ids", "--quiet"), stdin="filling")
    os.remove("filling")
    middle = length // 2
    output(weir(stream, "batch"), text=f"XGROUP CREATE s g 0\nXREADGROUP GROUP g c COUNT {min(1000, length // 10)} STREAMS s >\n"
           f"XGROUP CREATE s done {middle}-0\n")


def cost(weir, length, command):
    stream, middle = f"length.{length}", length // 2
    with open("asked", "w", encoding="ascii") as file:
        file.writelines(command.format(middle + 1 + i) + "\n" for i in range(AT_ONCE))
    output(weir(stream, "batch"), text=f"XGROUP SETID s g {min(1000, length // 10)}\nXGROUP SETID s done {middle}-0\n"
           + (f"XREADGROUP GROUP done c COUNT {AT_ONCE} STREAMS s >\n" if command.startswith("XACK") else ""))
    return each(AT_ONCE, timed(weir(stream, "--durability", "normal", "batch"), stdin="asked"))


def lengths_of(bench):
    longest = 2_000 if bench.quick else bench.longest
    return [length for length in (10 ** power for power in range(4, 9)) if length <= longest] or [longest]


def commands(bench, lengths):
    """A table for each command."""
    for length in lengths:
        for weir in bench.builds:
            fill(weir, length)
    for name, command in COMMANDS.items():
        yield Table(f"{name}: {command.format('MIDDLE')}", [
            side for length in lengths for side in bench.ours(
                f"{name}.{length}", f"in a stream of {length:,}", lambda weir, length=length, command=command: cost(weir, length, command))])
    remove(*(weir.db(f"length.{length}") for length in lengths for weir in bench.builds))


def scale(bench):
    yield from commands(bench, lengths_of(bench))
