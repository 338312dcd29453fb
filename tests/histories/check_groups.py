"""Checks the promises about a group: the order of messages, their owners, their deliveries, and which are done."""
import bisect

from history import NEVER, number

UNCERTAIN_NS = 10**9  # a message that lies for as long may pass a reader by that seems to be stopped


class Event:
    """A delivery: of a message, to a consumer, as its `count`th."""

    def __init__(self, count, consumer, op):
        self.count, self.consumer, self.op = count, consumer, op


class Message:
    def __init__(self):
        self.deliveries = {}  # count: Event
        self.acks, self.nacks, self.looks = [], [], []
        self.taken = []  # by claims with JUSTID
        self.uncounted = []  # deliveries of which the answer does not say which they are

    def delivered_by(self):
        """From when on it was surely delivered."""
        return min((event.op.end for event in self.deliveries.values()), default=NEVER)

    def acked_after(self):
        """Before this it was surely not acknowledged."""
        return min((op.start for op in self.acks if not (op.answered and op.got == 0)), default=NEVER)


def messages_of(h, stream, group):
    """Each message's deliveries, and what was asked about it. A count that two deliveries have is a fault: each
    delivery counts one, and none is for two."""
    messages = {}

    def message(id):
        return messages.setdefault(number(id), Message())

    for do in ("read", "claim", "again", "stood"):
        for op in h.of(do, stream, group):
            for id, token, count in op.got or op.part or []:
                if op.justid:
                    message(id).taken.append(op)
                elif count is None and token is not None:
                    message(id).uncounted.append(op)
                if count is None:
                    continue
                one = message(id)
                if other := one.deliveries.get(count):
                    promise = "a message is new to one consumer" if count == 1 else "each delivery is counted"
                    h.problem(promise, f"{stream} {group}: {id}, delivery {count}", other.op, op)
                    continue
                one.deliveries[count] = Event(count, op.consumer, op)
    for op in h.of("ack", stream, group):
        for id in op.ids:
            message(id).acks.append(op)
    for op in h.of("nack", stream, group):
        for id in op.ids:
            message(id).nacks.append(op)
    for op in h.of("pending", stream, group):
        for id, consumer, count in op.got or []:
            message(id).looks.append((count, consumer, op))
    for op in h.of("claim", stream, group):
        if op.justid and not op.answered:
            for one in messages.values():
                one.taken.append(op)
    return messages


def check_message(h, where, id, message):
    """Deliveries in the order of their counts, what XPENDING showed between them, and the acknowledgement after all:
    each at the earliest moment that it can have (as for a stream's looks)."""
    at, why = 0, None

    def place(op, promise, what):
        nonlocal at, why
        if op.start > at:
            at, why = op.start, op
        if at > op.end:
            h.problem(promise, f"{where}: {id}, {what}", op, why)
            at, why = op.start, op

    looks = {}
    for count, consumer, op in message.looks:
        looks.setdefault(count, []).append((consumer, op))
    for count in sorted(set(message.deliveries) | set(looks)):
        event = message.deliveries.get(count)
        if event:
            place(event.op, "each delivery is counted", f"delivery {count}")
        latest = at, why
        for consumer, op in looks.get(count, []):
            moment = max(at, op.start)
            if moment > op.end:
                h.problem("what is pending is seen as it is", f"{where}: {id}, delivery {count} in a look", op, why)
            elif moment > latest[0]:
                latest = moment, op
            check_owner(h, where, id, message, event, consumer, op)
        at, why = latest
    done = [op for op in message.acks if op.answered and op.got == len(op.ids)]
    if len(done) > 1:
        h.problem("what is acknowledged stays so", f"{where}: {id} is acknowledged twice", *done)
    for op in done[:1]:
        place(op, "what is acknowledged stays so", "acknowledged before")
        for taking in message.taken:
            if taking.answered and taking.start > op.end:
                h.problem("what is acknowledged stays so", f"{where}: {id} is taken with JUSTID", op, taking)
    for op in message.acks:
        if op.answered and op.got == 0 and message.delivered_by() < op.start and \
                all(other is op or other.start > op.end or (other.answered and other.got == 0) for other in message.acks):
            h.problem("what is pending can be acknowledged", f"{where}: {id} is not", op)


def check_owner(h, where, id, message, event, consumer, op):
    """Who XPENDING says holds it is who was given it with that count; or nobody, after it was given back."""
    if not event:
        return
    taken = [taking for taking in message.taken if taking.start < op.end and taking.end > event.op.start]
    if taken:
        last = max(taken, key=lambda taking: taking.start)
        sure = last.answered and event.op.end < last.start and last.end < op.start and all(
            other is last or other.end < last.start for other in taken) and not any(
            other.end > last.start and other.start < op.end
            for other in [each.op for each in message.deliveries.values()] + message.nacks + message.uncounted)
        if sure and consumer != last.consumer:
            h.problem("who claims a message holds it", f"{where}: {id} is {last.consumer}'s, and {consumer}'s in a look", last, op)
        return
    if consumer:
        if consumer != event.consumer:
            h.problem("who claims a message holds it", f"{where}: {id} is {event.consumer}'s, and {consumer}'s in a look", event.op, op)
        for nack in message.nacks:
            if nack.answered and nack.got == len(nack.ids) and event.op.end < nack.start and nack.end < op.start:
                h.problem("what is given back is nobody's", f"{where}: {id} is {consumer}'s", nack, op)
    elif not any(nack.start < op.end and nack.end > event.op.start for nack in message.nacks):
        h.problem("who claims a message holds it", f"{where}: {id} is nobody's", event.op, op)


def check_counts(h, stream, group, messages, entries):
    """Each delivery counts one, and nothing else does: between two of which the counts are known there are no more than
    can have been, to somebody who was killed or who was not told their counts. (JUSTID delivers nothing.)"""
    lost = [op for do in ("read", "claim", "again", "stood") for op in h.of(do, stream, group) if not op.answered and not op.justid]
    lost.sort(key=lambda op: op.start)
    starts = [op.start for op in lost]
    for id, message in messages.items():
        known = [(count, event.op) for count, event in message.deliveries.items()]
        highest = max(message.looks, key=lambda look: look[0], default=None)
        if highest and highest[0] > max(message.deliveries, default=0):
            known.append((highest[0] + 1, highest[2]))  # that one and those before it were before the look
        before, since = 0, entries[id].after if id in entries else 0
        for count, op in sorted(known, key=lambda one: one[0]):
            if missing := count - before - 1:
                could = [other for other in lost[:bisect.bisect_left(starts, op.end)] if other.end > since and
                         (not other.ids or f"{id[0]}-{id[1]}" in other.ids)]
                could += [other for other in message.uncounted if other.start < op.end and other.end > since]
                if missing > len(could):
                    h.problem("each delivery is counted", f"{stream} {group}: {id}, {count} comes after {before}", op)
            before, since = count, op.start


def check_times(h, where, id, message):
    """By the store's clock: what is claimed was idle for long enough, what was given back waited for as long as it
    should. What an owner reads again is his."""
    for count, event in message.deliveries.items():
        op = event.op
        before = message.deliveries.get(count - 1)
        if op.do == "again" and before and before.consumer != op.consumer and not message.nacks and not message.taken:
            h.problem("who claims a message holds it", f"{where}: {id} is {before.consumer}'s", before.op, op)
        if not h.clock.steady:
            continue
        given_back = before and any(nack.start < op.end and nack.end > before.op.start for nack in message.nacks)
        if op.min_idle and before and not given_back:
            # When the clock goes back, what was delivered later than it says counts as delivered now.
            idle = h.clock.most(op.start, op.end) - h.clock.least(before.op.start, op.end)
            if idle < op.min_idle:
                h.problem("what is claimed was idle", f"{where}: {id}, {idle:.0f} of {op.min_idle} ms", before.op, op)
        for nack in message.nacks:
            # A claim that is not counted may take it when its wait is over; then the clock goes back.
            sooner = any(nack.start < other.end and other.start < op.end for other in message.nacks + message.taken + message.uncounted
                         if other.do != "nack" or other.wait < nack.wait)
            if nack.answered and nack.got and nack.wait and nack.end < op.start and before and before.op.end < nack.start and \
                    not sooner:
                waited = h.clock.most(op.start, op.end) - h.clock.least(nack.start, op.end)
                if waited < nack.wait:
                    h.problem("what was given back waits", f"{where}: {id}, {waited:.0f} of {nack.wait} ms", nack, op)


def check_listed(h, where, messages, op, ids, first, last):
    """What was surely pending for as long as a look lasted, and within its bounds, is in it."""
    for id, message in messages.items():
        if first <= id < last and id not in ids and message.delivered_by() < op.start and message.acked_after() > op.end:
            if op.do == "claim" and any(nack.wait and nack.start < op.end for nack in message.nacks):
                continue  # nobody is given it yet
            promise = "autoclaim misses nothing" if op.do == "claim" else "what is pending is seen as it is"
            h.problem(promise, f"{where}: {id}", op)


def check_walks(h, stream, group, messages):
    """XPENDING lists all that is pending; XAUTOCLAIM without an idle time claims all, up to its cursor."""
    where = f"{stream} {group}"
    by_delivery = sorted(messages.items(), key=lambda one: one[1].delivered_by())
    times = [message.delivered_by() for _, message in by_delivery]
    looks = [op for op in h.of("pending", stream, group) if op.answered]
    looks += [op for op in h.of("claim", stream, group) if op.answered and not op.ids and op.min_idle == 0]
    looks.sort(key=lambda op: op.start)
    current = {}
    i = 0
    for op in looks:
        while i < len(times) and times[i] < op.start:
            current[by_delivery[i][0]] = by_delivery[i][1]
            i += 1
        current = {id: message for id, message in current.items() if message.acked_after() > op.start}
        first = number(op.start_at) if op.start_at else (0, 0)
        last = number(op.cursor) if op.cursor and op.cursor != "0-0" else (1 << 64, 0)
        check_listed(h, where, current, op, {number(id) for id, *_ in op.got}, first, last)


def check_order(h, stream, group, entries):
    """New messages are given in their order, none passed over, and a read that did not wait finds nothing only where
    all was given. As for looks, each delivery has its earliest moment. A message that nobody tells of was given to
    somebody who was killed: there must be one, whose read can have been at that time, and was for as many."""
    where = f"{stream} {group}"
    order = sorted(entries)
    given = []  # (position, op)
    for op in h.of("read", stream, group) + h.of("stood", stream, group):
        new = sorted(number(id) for id, _, count in op.got or op.part or [] if count == 1)
        if not new:
            continue
        first = bisect.bisect_left(order, new[0])
        if order[first:first + len(new)] != new:
            h.problem("no message is passed over", f"{where}: from {new[0]}", op)
        given += [(first + i, op) for i in range(len(new))]
    given.sort(key=lambda one: one[0])
    lost = [op for op in h.of("read", stream, group) + h.of("stood", stream, group) if not op.answered]

    def taken_by_lost(since, until):
        """So many at most."""
        return sum(each.count - len(each.part or []) for each in lost if each.start < until and each.end > since)

    at, why, expected, before = 0, None, 0, 0
    for position, op in given:
        if op.start > at:
            at, why = op.start, op
        if at > op.end:
            h.problem("new messages come in their order", f"{where}: {order[position]}", op, why)
            at = op.start
        if entries[order[position]].after > op.end:
            h.problem("new messages come in their order", f"{where}: {order[position]} was asked for later", op)
        if position > expected:
            if taken_by_lost(before, op.end) < position - expected:
                h.problem("no message is passed over", f"{where}: {position - expected} from {order[expected]}", op)
        expected, before = position + 1, op.start
    if taken_by_lost(before, NEVER) < len(order) - expected:
        h.problem("no message is passed over", f"{where}: {len(order) - expected} are never given")
    known = sorted((entry.by, i) for i, entry in enumerate(entries[id] for id in order))
    for i in range(1, len(known)):
        known[i] = (known[i][0], max(known[i][1], known[i - 1][1]))
    starts = sorted((op.start, position) for position, op in given)
    for i in range(1, len(starts)):
        starts[i] = (starts[i][0], max(starts[i][1], starts[i - 1][1]))
    positions = {position for position, _ in given}
    for op in h.of("read", stream, group):
        if not op.answered or op.got or op.block:
            continue
        i = bisect.bisect_left(known, (op.start, -1)) - 1
        j = bisect.bisect_left(starts, (op.end, -1)) - 1
        there = known[i][1] if i >= 0 else -1
        taken = starts[j][1] if j >= 0 else -1
        while taken + 1 < len(order) and taken + 1 not in positions:
            taken += 1  # by somebody who was killed
        if there > taken:
            h.problem("a read finds what there is", f"{where}: {order[there]} was there", op)


def check_blocks(h, stream, group):
    """A read that waits in vain waits for as long as it said, by the time that passes."""
    for op in h.of("read", stream, group):
        if op.answered and not op.got and op.block and op.end - op.start < op.block * 10**6:
            h.problem("who waits waits to the end", f"{stream} {group}", op)


def check_pauses(h, stream, group, messages, entries):
    """From the answer to a pause to the next command that may end it, nobody is given anything new, nor what is
    another's. A delivery is not before its message was asked for, so one that was waited for counts, too."""
    changes = sorted(h.of("pause", stream, group) + h.of("resume", stream, group), key=lambda op: op.start)
    calm = []
    for op, after in zip(changes, changes[1:]):
        if op.do == "pause" and op.answered and not op.limited:
            calm.append((op.end, after.start))
    begins = [begin for begin, _ in calm]
    for op in h.of("claim", stream, group):
        i = bisect.bisect_right(begins, op.start) - 1
        if op.justid and not op.ids and op.got and i >= 0 and op.end < calm[i][1]:
            h.problem("a paused group is given nothing", f"{stream} {group}: {op.got[0][0]}, with JUSTID", op)
    for id, message in messages.items():
        for count, event in message.deliveries.items():
            op = event.op
            before = message.deliveries.get(count - 1)
            if op.do == "again" or (op.do == "claim" and before and before.consumer == op.consumer):
                continue
            if op.do == "claim" and any(taking.consumer == op.consumer and taking.start < op.end for taking in message.taken):
                continue  # it was its own
            begun = max(op.start, entries[id].after if id in entries else 0)
            if op.do == "claim" and not before:
                continue
            i = bisect.bisect_right(begins, begun) - 1
            if i >= 0 and op.end < calm[i][1]:
                h.problem("a paused group is given nothing", f"{stream} {group}: {id}", op)


def check_line(h, stream, group, entries):
    """Of two readers that waited at once, the one that was seen in the line before the other began is served first.
    Not counted: turns in which a message lay for a second, so that a reader may have been passed over as stopped."""
    turns = {}
    for op in h.of("stood", stream, group):
        if op.answered:
            turns.setdefault(op.turn, []).append(op)
    served = 0
    for turn in turns.values():
        if any(op.got and op.served - entries[number(op.got[0][0])].after > UNCERTAIN_NS for op in turn):
            continue
        turn.sort(key=lambda op: op.start)
        for i, op in enumerate(turn):
            served += 1
            for ahead in turn[:i]:
                if ahead.placed and ahead.placed < op.start and op.got and (not ahead.got or number(ahead.got[0][0]) > number(op.got[0][0])):
                    h.problem("first come, first served", f"{stream} {group}", ahead, op)
    return served


def check_noack(h, stream, group):
    """What is read with NOACK counts as done at once."""
    for op in h.of("pending", stream, group) + h.of("again", stream, group):
        if op.got:
            h.problem("what is read with NOACK is not pending", f"{stream} {group}: {op.got[:3]}", op)


def check(h):
    served = 0
    for stream, group in (("a", "g"), ("k", "g1"), ("k", "g2"), ("p", "g"), ("l", "g"), ("n", "g"), ("q", "g"), ("u", "g"), ("s", "g")):
        entries, *_ = h.index(stream)
        messages = messages_of(h, stream, group)
        for id, message in messages.items():
            check_message(h, f"{stream} {group}", id, message)
            check_times(h, f"{stream} {group}", id, message)
        check_counts(h, stream, group, messages, entries)
        check_blocks(h, stream, group)
        if stream not in "pn":
            check_walks(h, stream, group, messages)
        if stream in "alnqs":
            check_order(h, stream, group, entries)
        if stream == "n":
            check_noack(h, stream, group)
        if stream == "p":
            check_pauses(h, stream, group, messages, entries)
        if stream == "l":
            served = check_line(h, stream, group, entries)
    return served
