"""The permitted differences between weir and the servers that it is compared with, each with its reason and versions.
Nothing else may differ.

Times are not compared to the millisecond: both sides were asked at different moments."""


import re


class Judge:
    """Which server it is that weir is compared with."""

    def __init__(self, connection):
        info = connection.ask("INFO", "server")[1].decode()
        self.valkey = "valkey_version:" in info
        text = re.search(("valkey" if self.valkey else "redis") + r"_version:([\d.]+)", info)[1]
        self.version = tuple(map(int, text.split(".")))
        self.name = ("Valkey " if self.valkey else "Redis ") + text
        # 8.2 brought KEEPREF, DELREF and ACKED together with XDELEX, 8.6 IDMP together with XCFGSET.
        self.has_references, self.has_producers = (
            command[1] is not None for command in connection.ask("COMMAND", "INFO", "XDELEX", "XCFGSET")[1])
        # 8.4 brought CLAIM, which others take for a mistake.
        self.has_claim = connection.ask("XREADGROUP", "GROUP", "g", "c", "CLAIM", "0", "STREAMS", "nothing", ">")[1].startswith(b"NOGROUP")

    def redis_since(self, *version):
        return not self.valkey and self.version >= version


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
# 7.2 brought the first two, 8.8 the last.
LATER_FIELDS = {b"active-time", b"inactive", b"nacked-count"}
# 8.6 tells of its map of producers even where it is empty.
IDMP_FIELDS = {b"idmp-duration", b"idmp-maxsize", b"pids-tracked", b"iids-tracked", b"iids-added", b"iids-duplicates"}
# 7.0.15 reckons lag and entries-read wrongly after deletions: see lag.py for what is compared instead.
LAG_FIELDS = {b"lag", b"entries-read"}


# Valkey (8.1, 9.1) refuses a MULTI within MULTI in other words than Redis, and gives the transaction up for it: none is
# sent to it (random_sequences.py).


# Before a stream is read with CLAIM for the first time, a file does not keep in which order entries were delivered within
# one millisecond: CLAIM then takes these in the order of their IDs. In the sequences that is never so (sequences.py).


def same(judge, words, theirs, ours, lag_matters=True):
    """Whether a server's reply and weir's are the same, but for what may differ."""
    theirs = as_weir_says(judge, theirs)
    left_out = (names_in(theirs) ^ names_in(ours)) & IDMP_FIELDS if words[0].upper() == b"XINFO" else set()
    return normal(words, theirs, lag_matters, left_out) == normal(words, ours, lag_matters, left_out)


def as_weir_says(judge, reply):
    """A server's reply in weir's words, where these changed from version to version."""
    kind, value = reply
    if kind == "-":
        return kind, wording(judge, value)
    if kind == "*" and value and value[-1] == ("+", b"    Print this help."):
        return kind, value[:-1] + [("+", b"    Prints this help.")]  # 7.0 and weir; Print: Redis since 7.2 and Valkey
    return reply


def wording(judge, text):
    if judge.redis_since(8, 6) and (unknown := re.fullmatch(rb"ERR unknown command '.*'", text, re.S)):
        return unknown[0] + b", with args beginning with: "  # earlier, also where there are none
    return text


def names_in(reply):
    """What stands at the places of fields in a reply of XINFO."""
    return {name for kind, name in reply[1][::2] if kind == "$"} if reply[0] in "*%" and reply[1] else set()


def normal(words, reply, lag_matters=True, left_out=frozenset()):
    """The reply to a command without what may differ."""
    kind, value = reply
    command = words[0].upper()
    if kind == "-":
        return kind, normal_error(value)
    if command == b"XINFO" and kind in "*%" and value:
        return normal_info(reply, left_out if lag_matters else left_out | LAG_FIELDS)
    if command == b"XPENDING" and kind == "*" and value and value[0][0] == "*":
        return kind, [("*", [id, owner, (":", Time(idle[1])), count]) for id, owner, idle, count in (e[1] for e in value)]
    if command == b"XREADGROUP" and kind in "*%" and value:
        return kind, [normal_read(part) for part in value]
    if command == b"KEYS" and kind == "*":
        return kind, sorted(value)  # Redis answers in the order of a hash table
    return reply


def normal_read(reply):
    """What XREADGROUP gives, at any depth. With CLAIM an entry is [id, fields, idle time, deliveries]."""
    kind, value = reply
    if kind != "*" or not value:
        return reply
    if len(value) == 4 and value[2][0] == ":":
        return kind, [*value[:2], Time(value[2][1]), value[3]]
    return kind, [normal_read(part) for part in value]


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
    if kind not in "*%" or value is None:
        return reply
    pairs = {b"length", b"name"}
    if value and value[0][0] == "$" and value[0][1] in pairs and len(value) % 2 == 0:
        return kind, [normal_field(n, v, left_out) for (_, n), v in zip(value[::2], value[1::2]) if n not in LATER_FIELDS | left_out]
    return kind, [normal_info(v, left_out) for v in value]


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
    if kind not in "*%" or not value:
        return kind in "*%_"
    command = words[0].upper()
    if command == b"XREADGROUP":
        streams = zip(value[::2], value[1::2]) if kind == "%" else (stream[1] for stream in value)
        return not any(name[1] == key and entries[1] for name, entries in streams)
    if command == b"XAUTOCLAIM":
        return not value[1][1]
    return False
