#!/usr/bin/env python3
"""Standard input and output with O_NONBLOCK set by another program: no output is cut, and nothing is lost.
usage: nonblocking.py WEIR"""

import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
MESSAGES = 20_000
checks = Checks()
expect = checks.expect


def weir(*arguments, **options):
    return subprocess.run([WEIR, *arguments], check=True, capture_output=True, **options).stdout


def read_all(*arguments):
    """Status, output and complaints of weir whose output is a small pipe that never blocks it."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    process = subprocess.Popen([WEIR, *arguments], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    # The pipe holds less than the answer: weir meets its end before anything is read here, or waits for it.
    with os.fdopen(ours, "rb") as pipe:
        printed = pipe.read()
    complaints = process.communicate()[1]
    return process.returncode, printed, complaints


def feed(lines, *arguments):
    """Status, output and complaints of weir whose input never blocks it, and pauses after each line."""
    theirs, ours = os.pipe()
    os.set_blocking(theirs, False)
    process = subprocess.Popen([WEIR, *arguments], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(theirs)
    printed = b""
    for line in lines:
        try:
            os.write(ours, line + b"\n")
        except BrokenPipeError:
            break
        if arguments[0] in ("xadd", "batch"):
            printed += process.stdout.readline()  # it has stored the line, and waits for the next
    os.close(ours)
    rest, complaints = process.communicate()
    return process.returncode, printed + rest, complaints


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    os.environ["WEIR_DB"] = os.path.join(folder, "q.db")
    messages = b"".join(b'{"n":%d}\n' % n for n in range(MESSAGES))
    ids = weir("xadd", "s", input=messages)
    whole = weir("xrange", "s")

    status, printed, complaints = read_all("xrange", "s")
    expect(status == 0 and printed == whole, "a range comes whole", status, len(printed), complaints)

    status, printed, complaints = read_all("xreadgroup", "s", "--group", "g", "--create", "--count", str(MESSAGES))
    expect(status == 0 and printed.count(b"\n") == MESSAGES, "what is delivered is printed", status, printed.count(b"\n"), complaints)

    status, printed, complaints = feed([b'{"a":1}', b'{"a":2}', b'{"a":3}'], "xadd", "t")
    expect(status == 0 and printed.count(b"\n") == 3, "an append waits for its input", status, printed, complaints)
    expect(weir("xlen", "t") == b"3\n", "all lines are stored")

    status, printed, complaints = feed([b"XLEN t", b"XLEN s"], "batch")
    expect(status == 0 and printed == b"3\n%d\n" % MESSAGES, "batch waits for its input", status, printed, complaints)

    status, printed, complaints = feed(ids.split()[:3], "ack", "s", "g")
    expect(status == 0 and printed == b"3\n", "ack waits for its input", status, printed, complaints)

    # Five thousand complaints are more than a pipe holds.
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    process = subprocess.Popen([WEIR, "xadd", "bad", "--on-error", "skip"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=theirs)
    os.close(theirs)
    feeder = threading.Thread(target=lambda: (process.stdin.write(b"not JSON\n" * 5_000), process.stdin.close()))
    feeder.start()
    with os.fdopen(ours, "rb") as pipe:
        complaints = pipe.read()
    feeder.join()
    expect(process.wait() == 4 and complaints.count(b"\n") == 5_000, "no complaint is cut", complaints.count(b"\n"))

    # What was delivered and cannot be printed is not lost, and the reader is told so.
    with open("/dev/full", "wb") as full:
        result = subprocess.run([WEIR, "xreadgroup", "t", "--group", "g", "--create"], stdin=subprocess.DEVNULL, stdout=full,
                                stderr=subprocess.PIPE, check=False)
    expect(result.returncode == 5 and b"stay pending" in result.stderr and b"--after 0" in result.stderr,
           "it is said where they are", result.returncode, result.stderr)
    expect(weir("xreadgroup", "t", "--group", "g", "--after", "0").count(b"\n") == 3, "they stay pending")

checks.end()
