"""The clock steps while messages wait and processes run."""
import os
import struct
import time

from checks import Weir, broken_rules

STEPS = [-86400 * 400, -3600, -5, 5, 3600, 86400 * 400]
LIMIT = 60


def number(id):
    return tuple(int(half) for half in id.split("-"))


def after_step(program, shim, folder, step):
    db = folder / "q.db"
    offset = folder / "offset"
    offset.write_bytes(struct.pack("q", 0))
    env = dict(os.environ, LD_PRELOAD=str(shim), WEIR_CLOCK=str(offset))
    weir = Weir(program, db)
    found = []

    def run(*arguments):
        done = weir.run(*arguments, env=env, timeout=LIMIT)
        if done.returncode not in (0, 1):
            found.append(f"{arguments} ends with {done.returncode}: {done.stderr}")
        return done.stdout

    ids = [run("xadd", "s", f"n={n}").strip() for n in range(3)]
    run("group", "create", "s", "g", "0")
    run("xreadgroup", "s", "--group", "g", "--consumer", "dead", "--count", "1")
    run("xreadgroup", "s", "--group", "g", "--consumer", "late", "--count", "1")
    run("nack", "s", "g", ids[1], "--in", "300ms")
    blocked = weir.start("xread", "other", "--block", "300ms", env=env)
    offset.write_bytes(struct.pack("q", step))
    ids.append(run("xadd", "s", "n=3").strip())
    if sorted(ids, key=number) != ids or len(set(ids)) != len(ids):
        found.append(f"IDs do not grow: {ids}")
    if blocked.wait(LIMIT) != 1:
        found.append(f"a blocked reader ends with {blocked.returncode}")
    for entry in weir.lines("pending", "s", "g", "-", "+", "10"):
        if entry.get("idle", 0) < 0 or entry.get("waited", 0) < 0:
            found.append(f"an idle time that did not happen: {entry}")
    log = folder / "log"
    began = time.monotonic()
    # Who died with a message is waited for by the time that passes, whatever the clock says.
    run("work", "s", "--group", "g", "--min-idle", "300ms", "--until-empty", "--", "sh", "-c", f'echo "$1" >>{log}', "sh",
        "{n}")
    if time.monotonic() - began > LIMIT / 2:
        found.append("a worker waits for a clock")
    if sorted(log.read_text().split()) != ["0", "1", "2", "3"]:
        found.append(f"runs: {log.read_text().split()}")
    return found + broken_rules(db)


def campaign(program, shim, folder, _every, _offset, report):
    failures = 0
    for step in STEPS:
        place = folder / str(step)
        place.mkdir()
        found = after_step(program, shim, place, step)
        report(f"the clock steps by {step} s", 1, {"the end": found} if found else {})
        failures += len(found)
    return failures
