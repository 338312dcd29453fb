"""Checks the promises of `work`: each message is run, with --serial one of each value at a time, with --rate not too many."""
import bisect

from actors import RATE
from history import number

MADE_GOOD = 0.1  # seconds


def runs_of(h, stream):
    """What began and ended, in its order: an ID, its delivery, by whom, and which of the two."""
    lines = [line.split() for line in h.runs.get(stream, "").splitlines()]
    return [(id, int(count), consumer, what) for id, count, consumer, what in (words for words in lines if len(words) == 4)]


def check_runs(h, stream):
    """`work`: each delivery is run once at most, everything is run; and what a worker has run that then ended in order
    is not given again to one that was started afterwards. (Another may have taken it from one that was stopped for long;
    then that is its next delivery.)"""
    entries, *_ = h.index(stream)
    began, ended = {}, []
    for id, count, consumer, what in runs_of(h, stream):
        if what == "end":
            ended.append((id, count, consumer))
        elif (id, count) in began:
            h.problem("each delivery is counted", f"{stream} w: {id}, delivery {count} is run twice")
        else:
            began[id, count] = consumer
    workers = {op.consumer: op for op in h.of("worked", stream)}
    for id, count, consumer in ended:
        worker, after = workers.get(consumer), workers.get(began.get((id, count + 1)))
        if worker and worker.well and after and after.start > worker.end:
            h.problem("what is acknowledged stays so", f"{stream} w: {id} is run again, delivery {count + 1}", worker, after)
    first = {id for id, _ in began}
    for id in entries:
        if f"{id[0]}-{id[1]}" not in first:
            h.problem("every message is run", f"{stream} w: {id}")
    for op in h.of("pending", stream, "w"):
        if op.last and op.got:
            h.problem("every message is run", f"{stream} w: {op.got[:3]} are left", op)


def check_serial(h, stream):
    """--serial: nothing of a value begins before what has the same value and was appended before it is done. The last
    delivery of that one has run to its end, then: of those before it some may be running still whose worker was killed."""
    values = {op.token: op.value for op in h.of("add", stream)}
    entries, *_ = h.index(stream)
    begins, ends = {}, {}
    for at, (id, count, _, what) in enumerate(runs_of(h, stream)):
        if what == "begin":
            begins.setdefault(number(id), {})[count] = at
        else:
            ends[number(id), count] = at
    one = {}  # of each value: the last one
    for id in sorted(entries):
        if id not in begins:
            continue  # that is another promise
        value = values.get(entries[id].token)
        if value in one:
            before = one[value]
            done = ends.get((before, max(begins[before])))
            if done is None or done > min(begins[id].values()):
                h.problem("--serial runs one at a time, in order", f"{stream} w: {id} begins before {before} is done")
        one[value] = id


def check_rate(h, stream):
    """--rate: not more in any time than its pace allows, and what may be made good of what came late. When a message was
    taken is not known, but it was after its worker was started, and before it was seen to run. With each step of the clock
    the pace begins anew."""
    if not h.clock.steady:
        return
    workers = sorted(h.of("paced", stream), key=lambda op: op.start)
    steps = h.by_kind["clock"]
    begun, done = [op.start for op in steps], [op.end for op in steps]
    for i, first in enumerate(workers):
        runs = sorted(run for op in workers[i:] for run in op.runs)
        for count, run in enumerate(runs, start=1):
            stepped = bisect.bisect_right(begun, run) - bisect.bisect_left(done, first.start)
            allowed = RATE * (run - first.start) / 1e9 + (RATE * MADE_GOOD + 1) * (1 + stepped)
            if count > allowed:
                h.problem("--rate holds for the whole group", f"{stream} w: {count} where {allowed:.1f} may be", first)
                return


def check(h):
    for stream in "jo":
        check_runs(h, stream)
    check_serial(h, "o")
    check_rate(h, "v")
