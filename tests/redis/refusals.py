#!/usr/bin/env python3
"""Wrong and right command lines, through `weir batch` and through redis-server, both in RESP2 and in RESP3: the replies
are the same bytes. usage: refusals.py WEIR [--serve]
--serve: through `weir serve`, not `weir batch`."""

import os
import sys
import tempfile

from known_differences import Judge, as_weir_says

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Served, Server, Weir  # noqa: E402

IDS = ["1-1", "5", "1-", "-", "+", "$", ">", "*", "1-*", "x", "", "(1-1", "(-", "(+", "(", "1-1-1", "18446744073709551615",
       "18446744073709551616", "0-0", "(0-0", "(18446744073709551615-18446744073709551615", "-1", "1--1", " 1", "1 ",
       "18446744073709551615-18446744073709551615", "007-01"]
NUMBERS = ["0", "1", "-1", "x", "", "1.5", "007", "+1", "-0", "9223372036854775807", "9223372036854775808",
           "-9223372036854775808", " 1", "1 "]

SETUP = ["DEL s t", "XADD s 5-1 a 1", "XADD s 6-1 b 2", "XGROUP CREATE s g 0"]

ARITY = ["XADD", "XADD s", "XADD s *", "XADD s * a", "XADD s * a 1 b", "XADD s MAXLEN 5 * a", "XADD s NOMKSTREAM * a",
         "XADD s 7-1 MAXLEN 5 a 1", "XLEN", "XLEN a b", "XRANGE", "XRANGE s", "XRANGE s -", "XREVRANGE s +", "XDEL", "XDEL s",
         "XTRIM", "XTRIM s", "XTRIM s MAXLEN", "XSETID", "XSETID s", "XREAD", "XREAD STREAMS", "XREAD STREAMS s",
         "XREADGROUP", "XREADGROUP GROUP g c STREAMS s", "XREADGROUP GROUP g c STREAMS", "XACK", "XACK s", "XACK s g",
         "XPENDING", "XPENDING s", "XCLAIM", "XCLAIM s g c 0", "XAUTOCLAIM s g c 0", "XAUTOCLAIM", "XINFO", "XINFO STREAM",
         "XINFO GROUPS", "XINFO GROUPS a b", "XINFO CONSUMERS s", "XINFO CONSUMERS s g c", "XINFO HELP", "xinfo help",
         "XINFO HELP x", "XINFO foo", "XINFO foo bar", "XINFO STREAM nokey", "XINFO STREAM s bar", "XINFO STREAM s FULL x",
         "XINFO STREAM s FULL COUNT", "XINFO STREAM s FULL COUNT x", "XINFO STREAM s FULL COUNT 1 2", "xinfo Stream s Foo",
         "XINFO STREAM s COUNT 1", "XINFO STREAM nokey FULL x", "XGROUP", "XGROUP foo", "XGROUP foo a b c", "XGROUP HELP",
         "XGROUP HELP x", "XGROUP CREATE", "XGROUP CREATE s", "XGROUP CREATE s h", "XGROUP CREATE s h 0 foo",
         "XGROUP CREATE s h 0 MKSTREAM foo", "XGROUP CREATE s h 0 ENTRIESREAD", "XGROUP CREATE nokey h 0",
         "XGROUP CREATE nokey h x", "XGROUP CREATE s g 0", "xgroup create s g x", "XGROUP CREATE s h x", "XGROUP CREATE s h x MKSTREAM",
         "XGROUP SETID s g", "XGROUP SETID s g 0 MKSTREAM", "XGROUP SETID nokey g x", "XGROUP SETID s h 0",
         "XGROUP SETID s g x", "XGROUP SETID s g -", "XGROUP SETID s g +", "XGROUP SETID s g $", "XGROUP SETID s g 0 entriesread 3",
         "XGROUP DESTROY s", "XGROUP DESTROY s a b", "XGROUP DESTROY s nope", "XGROUP DESTROY nokey g",
         "XGROUP CREATECONSUMER s g", "XGROUP CREATECONSUMER s g c d", "XGROUP CREATECONSUMER s nope c",
         "XGROUP CREATECONSUMER nokey g c", "XGROUP DELCONSUMER s g", "XGROUP DELCONSUMER s g c d",
         "XGROUP DELCONSUMER s nope c", "XGROUP DELCONSUMER s g nobody", "FOO", "foo bar baz", "PING", "PING hello", "PING a b",
         "ECHO", "ECHO hi", "ECHO a b", "DEL", "UNLINK", "UNLINK nokey", "EXISTS", "EXISTS s s nokey", "TOUCH", "TOUCH s s nokey", "TYPE", "TYPE s", "TYPE nokey", "KEYS", "KEYS a b",
         "KEYS s", "RENAME", "RENAME a", "RENAME nokey x", "RENAME a b c", "FLUSHALL x", "FLUSHALL ASYNC x", "FLUSHDB x", "EXEC",
         "DISCARD", "EXEC x", "MULTI x", "DISCARD x"]

TRIM = ["MAXLEN 5 MINID 5", "MAXLEN 5 MAXLEN 5", "MINID 1 MAXLEN 1", "MAXLEN ~", "MAXLEN =", "MAXLEN ~ x", "MAXLEN = -1", "MAXLEN -1",
        "MAXLEN ~ -1", "MAXLEN ~ 5 LIMIT", "MAXLEN ~ 5 LIMIT x", "MAXLEN ~ 5 LIMIT -1", "MAXLEN 5 LIMIT 1", "MAXLEN = 5 LIMIT 1",
        "MAXLEN 5 LIMIT 0", "LIMIT 5", "LIMIT 0", "LIMIT 5 MAXLEN ~ 100", "LIMIT x", "LIMIT -1", "MINID x", "MINID", "MINID ~", "MINID - LIMIT 1",
        "MINID +", "MINID ~ 1-*", "MAXLEN ~ = 5", "MAXLEN 100 foo", "foo", "NOMKSTREAM", "nomkstream maxlen 100",
        "maxlen ~ 100 limit 0", "MinId = 0", "MAXLEN 9223372036854775808"]

READ = ["COUNT", "COUNT x STREAMS s 0", "COUNT 1", "COUNT 1 COUNT 2", "BLOCK x STREAMS s 0", "BLOCK -1 STREAMS s 0", "BLOCK 1.5 STREAMS s 0",
        "BLOCK", "BLOCK 1 BLOCK", "NOACK STREAMS s 0", "GROUP g c STREAMS s 0", "GROUP g", "GROUP g c", "STREAMS s t 0",
        "STREAMS s x", "STREAMS s >", "STREAMS s $", "STREAMS s -", "STREAMS s 1-*", "STREAMS s t 0 x", "STREAMS nokey x",
        "foo STREAMS s 0", "COUNT -5 STREAMS s 0", "COUNT 0 STREAMS s 0", "count 1 streams s 0", "STREAMS s 0 COUNT 1",
        "COUNT 1 2 STREAMS s 0", "foo bar baz", "STREAMS s t x 0", "COUNT 9223372036854775808 STREAMS s 0"]

GROUP_READ = ["GROUP g c COUNT x STREAMS s >", "GROUP g c COUNT 1 BLOCK", "GROUP g c NOACK STREAMS s x", "GROUP nope c STREAMS s >",
              "GROUP g c STREAMS nokey >", "GROUP g c STREAMS nokey x", "GROUP g c STREAMS s $", "GROUP nope c STREAMS s $",
              "GROUP g c STREAMS s -", "GROUP g c STREAMS s +", "COUNT 1 BLOCK 1 STREAMS s >", "COUNT 1 NOACK NOACK STREAMS s 0",
              "GROUP g c COUNT 1 foo STREAMS s >", "GROUP g c BLOCK -1 STREAMS s >", "GROUP g c BLOCK x STREAMS s >",
              "GROUP g c STREAMS s 0", "GROUP g c COUNT 1", "GROUP g c GROUP g c STREAMS s x", "GROUP g c STREAMS s 1-*"]

CLAIM = ["x 5-1", "-1 5-1", "1.5 5-1", "0 x", "0 5-1 x", "0 5-1 IDLE", "0 5-1 IDLE x", "0 5-1 TIME x", "0 5-1 RETRYCOUNT x",
         "0 5-1 LASTID x", "0 5-1 FORCE x", "0 5-1 JUSTID 6-1", "0 FORCE", "0 IDLE 0", "0 5-1 TIME", "0 5-1 RETRYCOUNT",
         "0 5-1 foo bar", "0 * FORCE", "0 - +", "9223372036854775808 5-1", "0 5-1 RETRYCOUNT -1", "0 5-1 LASTID 0 justid",
         "0 5-1 force Foo"]

AUTOCLAIM = ["x 0", "-1 0", "0 x", "0 (x", "0 (18446744073709551615-18446744073709551615", "0 0 COUNT", "0 0 COUNT 0", "0 0 COUNT -1",
             "0 0 COUNT x", "0 0 COUNT 576460752303423488", "0 0 foo", "0 0 JUSTID foo", "0 0 justid count 5", "0 -", "0 +",
             "0 (0", "0 0 COUNT 1 2", "0 (-", "0 (+", "0 1-*"]

PENDING = ["-", "- +", "- + x", "- + 10", "- + 10 c", "- + 10 c d", "- + 10 c d e", "- + 10 c d e f", "IDLE", "IDLE 5", "IDLE 5 -", "IDLE 5 - +",
           "IDLE 5 - + 1", "IDLE x - + 1", "IDLE 5 - + x", "IDLE 5 x + 1", "x + 1", "- x 1", "(- + 1", "- (0-0 1", "- (0 1",
           "(18446744073709551615-18446744073709551615 + 1", "- + -1", "- + 0", "IDLE -5 - + 1 c", "x x x", "- + 1 nobody", "IDLE - + 5"]

SETID = ["x", "-", "+", "$", "*", "9-9 ENTRIESADDED", "9-9 ENTRIESADDED x MAXDELETEDID 0", "9-9 ENTRIESADDED -1 MAXDELETEDID 0",
         "9-9 ENTRIESADDED 5 MAXDELETEDID x", "9-9 ENTRIESADDED 5 MAXDELETEDID 10-0", "9-9 foo", "9-9 MAXDELETEDID 0", "1-1",
         "9-9 ENTRIESADDED 1 MAXDELETEDID 0-0", "9-9 entriesadded 5 maxdeletedid 1-1 foo", "9-9 MAXDELETEDID"]


def lines():
    for line in ARITY:
        yield line.split(" ")
    for options in TRIM:
        for line in (f"XADD s {options} 100-1 a 1", f"XADD nokey {options}", f"XTRIM s {options}", f"XTRIM nokey {options}"):
            yield line.split(" ")
    for options in READ:
        yield f"XREAD {options}".split(" ")
        yield f"XREADGROUP {options}".split(" ")
    for options in GROUP_READ:
        yield f"XREADGROUP {options}".split(" ")
    for options in CLAIM:
        yield f"XCLAIM s g c {options}".split(" ")
        yield f"XCLAIM nokey g c {options}".split(" ")
        yield f"XCLAIM s nope c {options}".split(" ")
    for options in AUTOCLAIM:
        yield f"XAUTOCLAIM s g c {options}".split(" ")
        yield f"XAUTOCLAIM s nope c {options}".split(" ")
    for options in PENDING:
        yield f"XPENDING s g {options}".split(" ")
        yield f"XPENDING nokey g {options}".split(" ")
    for options in SETID:
        yield f"XSETID s {options}".split(" ")
        yield f"XSETID nokey {options}".split(" ")
    for i in IDS:
        yield from (["XDEL", "s", i], ["XDEL", "nokey", i], ["XACK", "s", "g", i], ["XACK", "s", "nope", i], ["XRANGE", "s", i, "+"],
                    ["XRANGE", "s", "-", i], ["XREVRANGE", "s", i, i], ["XRANGE", "nokey", i, i, "COUNT", "1"],
                    ["XGROUP", "CREATE", "s", "g", i], ["XDEL", "s", "1-1", i], ["XTRIM", "s", "MINID", i])
        if i not in ("*", "5", "1-*", "18446744073709551615", "18446744073709551615-18446744073709551615"):
            yield ["XADD", "s", i, "a", "1"]
    for n in NUMBERS:
        yield from (["XRANGE", "s", "-", "+", "COUNT", n], ["XREVRANGE", "s", "+", "-", "COUNT", n], ["XREAD", "COUNT", n, "STREAMS", "s", "0"],
                    ["XTRIM", "s", "MAXLEN", "~", "100", "LIMIT", n], ["XPENDING", "s", "g", "-", "+", n],
                    ["XAUTOCLAIM", "s", "nope", "c", n, "0"], ["XGROUP", "SETID", "s", "g", "0", "ENTRIESREAD", n],
                    ["XINFO", "STREAM", "nokey", "FULL", "COUNT", n])
    yield from (["XRANGE", "s", "-", "+", "COUNT"], ["XRANGE", "s", "-", "+", "foo"], ["XRANGE", "s", "-", "+", "COUNT", "1", "COUNT", "2"],
                ["XRANGE", "s", "-", "+", "COUNT", "1", "2"], ["x" * 200, "y" * 200, "z" * 100], ["fo\no", "b\r\nar"], [""], ["", ""],
                ["XCLAIM", "k\0ey", "g\0", "c", "0", "*-*"], ["XCLAIM", "k\0ey", "g\0", "c", "0", "1-1"],
                ["XCLAIM", "s", "g", "c", "0", "1-1", "a\0z"], ["XREADGROUP", "GROUP", "h\0", "c", "STREAMS", "s", "x"],
                ["XGROUP", "SETID", "s", "h\0", "x"], ["XGROUP", "SETID", "s", "h\0", "0"],
                ["XINFO", "fo\no"], ["XGROUP", "x" * 200, "a"], ["XGROUP", "CREATE", "s", "h", "0", "x" * 200],
                ["XGROUP", "CREATE", "s", "h", "0", "MKSTREAM", "ENTRIESREAD", "x", "y"],
                ["XGROUP", "CREATE", "s", "h", "0", "MKSTREAM", "ENTRIESREAD", "1", "y"],
                ["XGROUP", "SETID", "s", "g", "0", "ENTRIESREAD", "-3", "ENTRIESREAD", "1"])


# Where the specification differs from redis-server 7.0.15, or a reply holds a time.
def is_excepted(words, redis):
    text = " ".join(words)
    return (redis[0] == "-" and b"Unbalanced" in redis[1] or (words[0] in ("XREAD", "XREADGROUP") and words[-1] == "+") or text.startswith("XINFO STREAM s FULL COUNT 1")
            or text.upper() == "XINFO STREAM S FULL")


def compare(judge, redis, weir):
    """How many lines there were, how many differed, and how many were not compared."""
    count = different = excepted = 0
    for words in lines():
        for setup in SETUP:
            redis.ask(*setup.split(" "))
            weir.ask(*setup.split(" "))
        theirs, mine = redis.ask(*words), weir.ask(*words)
        count += 1
        if is_excepted(words, theirs):
            excepted += 1
        elif as_weir_says(judge, theirs) != mine:
            different += 1
            print(f"{words}\n  redis: {theirs!r}\n  weir:  {mine!r}")
    return count, different, excepted


def main():
    program = os.path.abspath(sys.argv[1])
    different = count = excepted = 0
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        redis = server.connect()
        judge = Judge(redis)
        for protocol in (2, 3):
            weir = (Served(program, protocol) if "--serve" in sys.argv else
                    Weir(program, os.path.join(folder, "w.db"), protocol=protocol))
            redis.ask("HELLO", protocol)
            tally = compare(judge, redis, weir)
            count, different, excepted = (a + b for a, b in zip((count, different, excepted), tally))
            weir.close()
        redis.close()
    print(f"{count} lines, {different} different, {excepted} excepted; {judge.name}")
    sys.exit(1 if different else 0)


main()
