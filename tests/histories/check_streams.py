"""Checks the promises about a stream, and about reads that only look at it."""
import bisect

from actors import MOST
from history import number

def check_ids(h, stream, entries):
    """IDs grow in real time: an append that began after another was known to be there has the greater ID.

    Who is appended when is not known for those that were delayed: the time at which they were asked for is a lower
    bound all the same. One pass: the greatest ID known so far, as time goes on.
    """
    begun = sorted(entries.values(), key=lambda e: e.after)
    known = sorted(entries.values(), key=lambda e: e.by)
    greatest, i = None, 0
    for entry in begun:
        while i < len(known) and known[i].by < entry.after:
            if greatest is None or known[i].id > greatest.id:
                greatest = known[i]
            i += 1
        if greatest is not None and entry.id < greatest.id:
            h.problem("IDs grow", f"{stream}: {entry.id} was asked for after {greatest.id} was there")


def check_appends(h, stream, entries, ids, asked):
    """Of a stream that nothing leaves: what was reported is there at the end, once; what was asked for as a whole is
    whole; the same key has one ID, whoever asks again."""
    last = [op for op in h.of("range", stream) if op.last][0]
    there = {}
    for id, token, *_ in last.got:
        if token in there:
            h.problem("an append is done once", f"{token} has {there[token]} and {id}")
        there[token] = id
    if sorted(map(number, there.values())) != [number(id) for id, *_ in last.got]:
        h.problem("a look is a state", f"{stream} is not in order", last)
    wholes = {}
    for op in h.of("add", stream):
        if op.answered and op.token not in there:
            h.problem("a reported append is there", f"{op.token} is not", op)
        if op.answered and op.got is not True and there.get(op.token, op.got) != op.got:
            h.problem("an append is done once" if op.once else "a reported append is there",
                      f"{op.token} is {there[op.token]} at the end", op)
        if op.whole:
            wholes.setdefault(op.whole, []).append(op.token)
    for tokens in wholes.values():
        if 0 < (count := sum(token in there for token in tokens)) < len(tokens):
            h.problem("a transaction is whole", f"{count} of {tokens}")
    for entry in entries.values():
        if entry.token in asked and there.get(entry.token) is None:
            h.problem("a look is a state", f"{entry.id} {entry.token} was seen and is gone")


def check_looks(h, stream, entries):
    """Of a stream that nothing leaves: each look finds a state between its beginning and its end.

    The order of the appends is that of their IDs, so a state is a number of entries. In this order every append and
    look is given the earliest moment that it can have; if that is after its end, no moments explain all of them.
    Nothing is missed that looks and appends alone could show.
    """
    order = sorted(entries)
    looks = []
    for op in h.of("length", stream):
        if op.answered:
            looks.append((op.got, op))
    for op in h.of("range", stream) + h.of("follow", stream):
        if op.got is None:
            continue
        first = bisect.bisect_right(order, number(op.after)) if op.after else 0
        seen = [number(id) for id, *_ in op.got]
        if seen != order[first:first + len(seen)]:
            missed = sorted(set(order[first:first + len(seen)]) - set(seen))
            h.problem("a reader misses nothing" if op.do == "follow" else "a look is a state", f"not there: {missed[:3]}", op)
        if op.do == "range":
            looks.append((first + len(seen), op))
    looks.sort(key=lambda look: (look[0], look[1].start))
    at, why, i = 0, None, 0
    for position in range(len(order) + 1):
        latest, cause = at, why
        while i < len(looks) and looks[i][0] == position:
            op = looks[i][1]
            moment = max(at, op.start)
            if moment > op.end:
                h.problem("a look is a state", f"{stream} had more than {position} entries before", op, why)
            elif moment > latest:
                latest, cause = moment, op
            i += 1
        at, why = latest, cause
        if position < len(order):
            entry = entries[order[position]]
            if entry.after > at:
                at, why = entry.after, entry.token
            if at > entry.by:
                h.problem("a look is a state", f"{stream}: {entry.id} {entry.token} was there earlier than that", why)
                at, why = entry.after, entry.token
    for position, op in looks[i:]:
        h.problem("a look is a state", f"{stream} never had {position} entries", op)


def check_trimmed(h, stream, entries, unseen):
    """Of a stream whose every append trims to MOST: it never has more, and after so many appends never fewer. What a
    look does not show is older than all that it shows, or not appended yet."""
    known = sorted(entry.by for entry in entries.values())
    order = sorted(entries)
    for op in h.of("length", stream) + h.of("range", stream):
        if not op.answered:
            continue
        count = op.got if op.do == "length" else len(op.got)
        sure = bisect.bisect_left(known, op.start)
        if count > MOST:
            h.problem("a trim does what it says", f"{stream} has {count} entries", op)
        if count < min(MOST, sure):
            h.problem("a trim removes no more than it says", f"{stream} has {count} of {sure} entries", op)
        if op.do == "range" and op.got:
            shown = [number(id) for id, *_ in op.got]
            if shown != sorted(set(shown)):
                h.problem("a look is a state", f"{stream} is not in order", op)
            for id in order[bisect.bisect_left(order, shown[0]):]:
                if entries[id].by < op.start and id not in shown:
                    h.problem("a trim removes no more than it says", f"{stream}: {id} is gone", op)
            check_begun(h, entries, shown, op)


def check_begun(h, entries, shown, op):
    for id in shown:
        if entries[id].after > op.end:
            h.problem("a look is a state", f"{id} was asked for later", op)


def check_removed(h, stream, entries, unseen, asked):
    """Of a stream that others trim and delete from: an entry that was there and is not has been deleted by its ID, or
    was before a MINID, or had as many newer ones as a MAXLEN keeps."""
    deletes, trims = h.of("delete", stream), h.of("trim", stream)
    deleted = {}
    for op in deletes:
        for id in op.ids:
            deleted.setdefault(number(id), []).append(op)
    order = sorted(entries, reverse=True)
    trims.sort(key=lambda op: op.start)
    for op in h.of("range", stream):
        if not op.answered:
            continue
        shown = {number(id) for id, *_ in op.got}
        check_begun(h, entries, shown, op)
        for id in shown:
            for by in deleted.get(id, []):
                if by.end < op.start and by.answered and by.got == len(by.ids):
                    h.problem("what was deleted is gone", f"{stream}: {id}", op, by)
        before = [trim for trim in trims if trim.start < op.end]
        keeps = min([trim.maxlen for trim in before if trim.maxlen is not None], default=None)
        minid = max([number(trim.minid) for trim in before if trim.minid], default=(0, 0))
        newer = sum(asked[token] < op.end for token in unseen)
        for id in order:
            if (keeps is not None and newer >= keeps) or id < minid:
                break
            entry = entries[id]
            newer += entry.after < op.end
            if entry.by < op.start and id not in shown and not any(by.start < op.end for by in deleted.get(id, [])):
                h.problem("a trim removes no more than it says", f"{stream}: {id} is gone", op)
    # After a trim, there is no more than it keeps and what was appended since.
    ends = sorted([op.end for op in h.of("add", stream)])
    starts = sorted([op.start for op in h.of("add", stream)])
    lengths = [op for op in h.of("length", stream) + h.of("range", stream) if op.answered]
    done = sorted([(trim.end, trim) for trim in trims if trim.answered and trim.maxlen is not None], key=lambda t: t[0])
    for op in lengths:
        i = bisect.bisect_left(done, op.start, key=lambda t: t[0]) - 1
        if i < 0:
            continue
        trim = done[i][1]
        since = bisect.bisect_left(starts, op.end) - bisect.bisect_left(ends, trim.start)
        count = op.got if op.do == "length" else len(op.got)
        if count > trim.maxlen + since:
            h.problem("a trim does what it says", f"{stream} has {count}, of which {since} may be new", op, trim)


def check_kept(h, stream, groups, entries):
    """`keep --acked`: an entry that was there and is not has been acknowledged in each group; at least somebody had
    asked for that."""
    acked = {}
    for group in groups:
        for op in h.of("ack", stream, group):
            for id in op.ids:
                first = acked.setdefault(number(id), {})
                first[group] = min(first.get(group, op.start), op.start)
    for op in h.of("range", stream):
        if not op.answered:
            continue
        shown = {number(id) for id, *_ in op.got}
        for id, entry in entries.items():
            if entry.by < op.start and id not in shown:
                for group in groups:
                    if acked.get(id, {}).get(group, op.end) >= op.end:
                        h.problem("keep --acked keeps what is not acknowledged", f"{stream}: {id}, by {group}", op)
        check_begun(h, entries, shown, op)
    reported = {number(op.got) for op in h.of("add", stream) if op.answered}
    last = [op for op in h.of("range", stream) if op.last][0]
    for id in reported - {number(id) for id, *_ in last.got}:
        for group in groups:
            if group not in acked.get(id, {}):
                h.problem("keep --acked keeps what is not acknowledged", f"{stream}: {id}, by {group}", last)


def check_delayed(h, stream, entries, ids):
    """Nothing is appended before it is due, by the store's clock; what is due by the end is there; what was asked for
    before another was, and is due no later, is before it."""
    # Of those with --unique, who is told of another's is another matter: check_names.py.
    delays = h.of("delay", stream) + [op for op in h.of("unique", stream) if op.wait is not None and op.token in ids]
    handles = []
    for op in delays:
        entry = entries.get(number(ids[op.token])) if op.token in ids else None
        handle = op.handle or (op.got if op.got and op.got.startswith("@") else None)
        if handle:
            due, _, seq = handle[1:].partition("-")
            due, seq = int(due), int(seq)
            if entry is None:
                h.problem("what was delayed is there when it is due", op.token, op)
                continue
            if entry.id[0] < due:
                h.problem("nothing delayed is early", f"{handle} is {entry.id}", op)
            handles.append((op, due, seq, entry))
        else:
            due = h.clock.least(op.start, op.end) + op.wait if h.clock.steady else 0
        if entry is not None and h.clock.steady and h.clock.most(op.start, entry.by) < due:
            h.problem("nothing delayed is early", f"{entry.id} {op.token} is due at {due}", op)
        if handle and h.clock.steady and due < h.clock.least(op.start, op.end) + op.wait:
            h.problem("nothing delayed is early", f"{handle} is less than {op.wait} ms later", op)
    handles.sort(key=lambda one: one[0].start)
    # Of those that were asked for before: the greatest ID among what is due no later. Few at a time are unfinished, so
    # it is enough to compare with those of the last moments.
    for i, (op, due, seq, entry) in enumerate(handles):
        for other, due0, seq0, entry0 in handles[max(0, i - 40):i]:
            if other.end < op.start and (due0, seq0) < (due, seq) and entry0.id > entry.id:
                h.problem("delayed messages come in the order of their times", f"{other.token} is {entry0.id}, {op.token} {entry.id}")


def check(h):
    for stream in "atmkpljnoqsuv":
        entries, ids, unseen, asked = h.index(stream)
        check_ids(h, stream, entries)
        if stream in "alpjnosv":
            check_appends(h, stream, entries, ids, asked)
        if stream == "a":
            check_looks(h, stream, entries)
            check_delayed(h, stream, entries, ids)
            copied = h.by_kind["copied"][0]
            if [number(id) for id, *_ in copied.got] != sorted(entries):
                there = {number(id) for id, *_ in copied.got}
                h.problem("a copy has each message once", f"{len(copied.got)} of {len(entries)}: not {sorted(set(entries) - there)[:3]}, "
                          f"but {sorted(there - set(entries))[:3]}; {copied.error}")
        elif stream == "u":
            check_delayed(h, stream, entries, ids)
        elif stream == "t":
            check_trimmed(h, stream, entries, unseen)
        elif stream == "m":
            check_removed(h, stream, entries, unseen, asked)
        elif stream == "k":
            check_kept(h, stream, ["g1", "g2"], entries)
