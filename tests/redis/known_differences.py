"""What may differ between weir and redis-server 7.0.15, each with its reason. Nothing else may.

Times are not compared to the millisecond: both sides were asked at different moments."""


class Time(int):
    """A point in time or a duration, in milliseconds: equal to any that is less than a minute away."""

    def __eq__(self, other):
        return abs(int(self) - int(other)) < 60_000

    def __ne__(self, other):
        return not self == other

    __hash__ = None


TIMES = {b"idle", b"seen-time"}
# Redis counts nodes of its radix tree, which weir has not.
RADIX = {b"radix-tree-keys", b"radix-tree-nodes"}
# 7.2 brought the first two, 8.6 the others.
LATER_FIELDS = {b"active-time", b"inactive", b"idmp-duration", b"idmp-maxsize", b"pids-tracked", b"iids-tracked", b"iids-added",
                b"iids-duplicates"}
# 7.0.15 reckons lag and entries-read wrongly after deletions: see lag.py for what is compared instead.
LAG_FIELDS = {b"lag", b"entries-read"}


def normal(words, reply, lag_matters=True):
    """The reply to a command without what may differ."""
    kind, value = reply
    command = words[0].upper()
    if kind == "-":
        return kind, normal_error(value)
    if command == b"XINFO" and kind == "*" and value:
        return normal_info(reply, set() if lag_matters else LAG_FIELDS)
    if command == b"XPENDING" and kind == "*" and value and value[0][0] == "*":
        return kind, [("*", [id, owner, (":", Time(idle[1])), count]) for id, owner, idle, count in (e[1] for e in value)]
    if command == b"KEYS" and kind == "*":
        return kind, sorted(value)  # Redis answers in the order of a hash table
    return reply


def normal_error(text):
    if text == b"ERR Elements are too large to be stored":
        # 7.0.15 has a wrong text for `ms-*` where the sequence is at its highest.
        return b"ERR The ID specified in XADD is equal or smaller than the target stream top item"
    if text.startswith(b"ERR Unbalanced "):
        return b"ERR Unbalanced"  # the words changed in 7.2
    return text


def normal_info(reply, left_out):
    """Fields of XINFO are taken as (name, value) pairs, at every depth."""
    kind, value = reply
    if kind != "*" or value is None:
        return reply
    pairs = {b"length", b"name"}
    if value and value[0][0] == "$" and value[0][1] in pairs and len(value) % 2 == 0:
        return "*", [normal_field(n, v, left_out) for (_, n), v in zip(value[::2], value[1::2]) if n not in LATER_FIELDS | left_out]
    return "*", [normal_info(v, left_out) for v in value]


def normal_field(name, value, left_out):
    if name in TIMES:
        return name, Time(value[1])
    if name in RADIX:
        return name, None
    if name == b"pending" and value[0] == "*":
        # Each is [id, consumer, time, count], or without the consumer.
        return name, [[Time(v) if kind == ":" and at == len(e) - 2 else v for at, (kind, v) in enumerate(e)] for _, e in value[1]]
    if name in (b"groups", b"consumers") and value[0] == "*":
        return name, normal_info(value, left_out)
    return name, value


def consumer_may_be_absent(words, reply, key):
    """7.0.15 makes no consumer for a group command that reads or claims nothing; later versions and weir do.
    Says whether that is so for this command and its reply."""
    kind, value = reply
    if kind != "*" or not value:
        return kind == "*"
    command = words[0].upper()
    if command == b"XREADGROUP":
        return not any(stream[1][0][1] == key and stream[1][1][1] for stream in value)
    if command == b"XAUTOCLAIM":
        return not value[1][1]
    return False
