#!/usr/bin/env python3
"""check_history.py FOLDER: checks the history recorded there, and prints a line for each broken promise."""
import collections
import pathlib
import sys

import check_groups
import check_names
import check_streams
import check_work
from history import History

SHOWN = 3


def check(folder):
    """The history, and its problems by promise."""
    h = History(folder)
    for op in h.by_kind["broken"]:
        h.problem("the test itself runs", op.error, op)
    for op in h.by_kind["failed"]:
        # A command may fail where the disk is full, and say so.
        # And a server that has been told to end waits no longer for whoever has the turn to write, and was stopped.
        ends = op.by.startswith("served ") and "busy: waited" in op.error
        if not (h.about.disk and "full" in op.error) and not ends:
            h.problem("no command fails", op.error, op)
    for op in h.by_kind["verified"]:
        if not op.well or op.found:
            h.problem("no rule of the tables is broken", f"{op.found}", op)
    check_streams.check(h)
    h.served_in_line = check_groups.check(h)
    check_names.check(h)
    check_work.check(h)
    found = collections.defaultdict(list)
    for promise, what, ops in h.problems:
        if what not in (known[0] for known in found[promise]):
            found[promise].append((what, ops))
    return h, found


def figures(h):
    """What a history was made of."""
    kinds = {do: len(ops) for do, ops in h.by_kind.items()}
    asked = sum(count for do, count in kinds.items() if do not in ("kill", "stop", "clock", "full", "history", "failed"))
    return {"histories": 1, "operations": asked, "processes": h.about.processes, "kills": kinds.get("kill", 0), "stops": kinds.get("stop", 0),
            "clock steps": kinds.get("clock", 0), "full disks": kinds.get("full", 0),
            "unanswered": sum(not op.answered for op in h.ops if op.do in ("add", "read", "claim", "ack", "nack")),
            "readers served in line": h.served_in_line}


def report(found):
    for promise, problems in found.items():
        print(f"broken: {promise} ({len(problems)} times)")
        for what, ops in problems[:SHOWN]:
            print(f"    {what}")
            for op in ops:
                print(f"        {op!r}")


if __name__ == "__main__":
    _, found = check(pathlib.Path(sys.argv[1]))
    report(found)
    sys.exit(1 if found else 0)
