"""Checks whether the lag in XINFO STREAM FULL follows from the other fields there. This replaces the comparison where
redis-server 7.0.15 has faults: after deletions, and when the user has set the counters."""


def pairs(reply):
    value = reply[1]
    return {value[i][1]: value[i + 1][1] for i in range(0, len(value), 2)}


def parsed(id):
    ms, seq = id.split(b"-")
    return int(ms), int(seq)


def wrong_lags(reply):
    """The groups of a reply to XINFO STREAM FULL whose lag is not what it should be: (name, told, right)."""
    stream = pairs(reply)
    for group in map(pairs, stream[b"groups"]):
        right = lag(stream, parsed(group[b"last-delivered-id"]), group[b"entries-read"])
        if right is not None:
            right = (right + 2**63) % 2**64 - 2**63  # the counters are 64 bits wide, and the user may set them
        if group[b"lag"] != right:
            yield group[b"name"], group[b"lag"], right


def lag(stream, delivered, entries_read):
    added, length = stream[b"entries-added"], stream[b"length"]
    first, deleted = parsed(stream[b"recorded-first-entry-id"]), parsed(stream[b"max-deleted-entry-id"])
    if added == 0 or length == 0:
        return 0
    if delivered < first and deleted < first:
        return length
    tombstone_ahead = deleted != (0, 0) and delivered <= deleted
    if entries_read is not None and not tombstone_ahead:
        return added - entries_read
    read = added_up_to(stream, delivered, first, deleted)
    return None if read is None else added - read


def added_up_to(stream, id, first, deleted):
    added, length, last = stream[b"entries-added"], stream[b"length"], parsed(stream[b"last-generated-id"])
    if id != (0, 0) and id < deleted:
        return None
    if id >= last:
        return added if id == last else None
    if deleted == (0, 0) or deleted < first:
        if id < first:
            return added - length
        if id == first:
            return added - length + 1
    return None
