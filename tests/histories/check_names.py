"""Checks the promises about a stream's name, its last ID and its keys: RENAME, XSETID, --unique."""
import bisect

from check_groups import messages_of
from history import NEVER, number


def check_setid(h, stream):
    """IDs after an XSETID are greater; and who was there before it has a smaller one. (There is one process that moves the
    last ID, and always on.)"""
    entries, *_ = h.index(stream)
    sets = h.of("setid", stream)
    done = sorted(((op.end, number(op.id)) for op in sets if op.answered))
    for entry in entries.values():
        i = bisect.bisect_left(done, (entry.after, (0, 0))) - 1
        if i >= 0 and entry.id <= done[i][1]:
            h.problem("IDs are greater than what XSETID said", f"{stream}: {entry.id}, after {done[i][1]}")
        asked = [op for op in sets if number(op.id) < entry.id]
        if asked and min(op.start for op in asked) > entry.by:
            h.problem("IDs are greater than what XSETID said", f"{stream}: {entry.id}, before that", asked[0])
    check_counts(h, stream, entries, [op for op in sets if op.added])


def check_counts(h, stream, entries, sets):
    """What XSETID said was added and deleted before holds from there on. Nobody deletes anything."""
    known = [i for i, op in enumerate(sets) if op.answered]
    may_be_last = sets[known[-1]:] if known else sets
    for op in h.of("counts", stream):
        if not op.answered:
            continue
        counts = {(set.added + sum(id > number(set.id) for id in entries), set.deleted) for set in may_be_last}
        if not known:
            counts.add((len(entries), "0-0"))
        got = op.got["entries-added"], op.got["max-deleted-entry-id"]
        if got not in counts:
            h.problem("what XSETID says was added and deleted holds", f"{stream}: {got}, not {counts}", op)


def check_renamed(h):
    """What is renamed is whole under its new name, and nothing else is: what was appended before is in it, or under a name
    that was given earlier; what comes after is not. Its groups, and what they hold, go with it."""
    adds = {op.token: op for op in h.of("add", "r")}
    there = {}
    for name, entries in h.by_kind["renamed"][0].got.items():
        part = NEVER if name == "r" else int(name.removeprefix("r."))
        ids = [number(id) for id, *_ in entries]
        if ids != sorted(set(ids)):
            h.problem("a look is a state", f"{name} is not in order")
        for id, token, _ in entries:
            if token in there:
                h.problem("a rename loses and doubles nothing", f"{token} is {id} of {name}, and {there[token]}")
            if token not in adds:
                h.problem("nothing is there that nobody asked for", f"{id} {token} of {name}")
            there[token] = part, id
    done = sorted((op for op in h.by_kind["rename"] if op.answered), key=lambda op: op.number)
    for token, op in adds.items():
        if token not in there:
            if op.answered:
                h.problem("a rename loses and doubles nothing", f"{token} is gone", op)
            continue
        part, id = there[token]
        if op.answered and op.got != id:
            h.problem("a reported append is there", f"{token} is {id}", op)
        for rename in done:
            if (op.end < rename.start and part > rename.number) or (op.start > rename.end and part <= rename.number):
                h.problem("a rename takes all that is there", f"{token} is in part {part}", op, rename)
    for op in h.by_kind["moved"]:
        if op.got != op.held:
            h.problem("a rename takes all that is there", "its group holds something else", op)


def check_unique(h, stream, group):
    """--unique: while a message with a key waits, to be given to the group, there is no second one, and who wanted to add
    one is told of the first; as soon as it has been given, there may be."""
    entries, ids, *_ = h.index(stream)
    messages = messages_of(h, stream, group)
    asked = {op.token: op for op in h.of("unique", stream)}

    def given(entry):
        """From when and until when it may have been given; nobody knows if that was to somebody who was killed."""
        message = messages.get(entry.id)
        first = message.deliveries.get(1) if message else None
        return (first.op.start, first.op.end) if first else (0, NEVER)

    of_key = {}
    for id in sorted(entries):
        entry = entries[id]
        op = asked.get(entry.token)
        if op is None:
            continue  # that is another promise
        entry.by = min(entry.by, op.end)
        before = of_key.setdefault(op.key, [])
        if before and given(before[-1])[0] > entry.by:
            h.problem("--unique adds nothing while the first waits", f"{stream}: {id}, while {before[-1].id} waits", op)
        before.append(entry)

    def told_of(op):
        """Which it may be: a handle that nobody was told when it was given may be of what was not answered."""
        if op.got.startswith("@"):
            return [e for e in of_key.get(op.key, []) if asked[e.token].got in (op.got, None)]
        entry = entries.get(number(op.got))
        return [entry] if entry in of_key.get(op.key, []) and ids.get(op.token, op.got) == op.got else []

    def explains(entry, op):
        return entry.token == op.token or not (op.new_only or entry.after > op.end or given(entry)[1] < op.start)

    for op in asked.values():
        if not op.answered:
            continue
        if not op.got:
            waits = [e for e in of_key.get(op.key, []) if e.after < op.end and given(e)[1] > op.start]
            if not op.new_only or not waits:
                h.problem("--unique adds what nothing waits for", f"{stream}: {op.token}", op)
            continue
        if not told_of(op):
            h.problem("a reported append is there", f"{op.token} is not", op)
        elif not any(explains(entry, op) for entry in told_of(op)):
            h.problem("--unique adds what nothing waits for", f"{stream}: {op.token} is {op.got}", op)


def check(h):
    check_setid(h, "s")
    check_renamed(h)
    check_unique(h, "q", "g")
    check_unique(h, "u", "g")
