"""Records one history: many processes use one file for some seconds, and a last look reads all of it."""
import argparse
import contextlib
import json
import os
import pathlib
import signal
import struct
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "campaign"))

from actors import appending, reading, running, standing, trouble, upkeep
from checks import broken_rules
from disk import mount_small
from record import Recorder, Served, now, shim_environment
from testing import family_of, wait_until

# Made in this order in a new file: their numbers are 1, 2, ....
GROUPS = ["a g", "j w", "k g1", "k g2", "p g", "l g", "n g", "o w", "q g", "s g", "v w", "u g"]
MANY = "aaaaaaaattttmmmmmkkkppj"  # streams, by how often they are appended to
SERIAL = ["--serial", "f", "--max-deliveries", "0"]
LIMIT = 600
STUCK = 120  # seconds without progress


def kinds(db, folder, sockets, has_clock, has_disk):
    """Who takes part: a name, and what it does with its Recorder."""
    for stream in "jo":
        (folder / f"runs.{stream}").touch()
    crowd = {f"producer{n}": appending.producer_of(MANY) for n in range(3)}
    crowd |= {f"consumer{n}": reading.consumer_of("a", "g") for n in range(3)}
    crowd |= {f"keeping{n}": reading.consumer_of("k", "g1", "g2") for n in range(2)}
    crowd |= {f"paused{n}": reading.consumer_of("p", "g", rest=0.1) for n in range(2)}
    crowd |= {f"noack{n}": reading.taker_of("n", "g", noack=True) for n in range(2)}
    crowd |= {f"worker{n}": lambda r: running.worker(r, running.noting(folder / "runs.j"), "j") for n in range(2)}
    # These take a while, so that others of the same value come meanwhile.
    crowd |= {f"serial{n}": lambda r: running.worker(r, running.noting(folder / "runs.o", 0.1), "o", *SERIAL) for n in range(2)}
    crowd |= {f"pacer{n}": running.pacer for n in range(2)}
    crowd |= {f"unique{n}": appending.unique_of("q") for n in range(2)}
    crowd |= {f"uniquedelayer{n}": appending.unique_of("u", None, 0, 5, 20, 100) for n in range(2)}
    crowd |= {f"delayer{n}": appending.delayer for n in range(2)}
    crowd |= {"producer": appending.producer_of("novvrs"), "bulk": appending.bulk, "transactions": appending.transactions,
              "inbox": appending.inbox, "setter": appending.setter, "renamer": appending.renamer,
              "claimer": reading.claimer_of("a", "g"), "keepclaimer": reading.claimer_of("k", "g1", "g2"),
              "pauseclaimer": reading.claimer_of("p", "g"), "uniquetaker": reading.taker_of("q", "g"),
              "delayedtaker": reading.taker_of("u", "g"),
              "looker": reading.looker, "follower": reading.follower, "trimmer": upkeep.trimmer, "keeper": upkeep.keeper,
              "pauser": upkeep.pauser, "copier": lambda r: running.copier(r, folder / "copy.db"),
              "line": lambda r: standing.line(r, GROUPS.index("l g") + 1, sockets[1])}
    crowd |= {f"server{n}": lambda r, socket=socket: running.server(r, socket) for n, socket in enumerate(sockets)}
    if has_clock:
        crowd["clock"] = lambda r: trouble.clock(r, open(folder / "clock", "r+b"))
    if has_disk:
        crowd["filler"] = lambda r: trouble.filler(r, db.parent / "fill")
    return crowd


# Those of them that are clients of a server.
SERVED = {"served producer": appending.producer_of(MANY), "served consumer": reading.consumer_of("a", "g"),
          "served looker": reading.looker, "served noack": reading.taker_of("n", "g", noack=True)}


def start(actor, recorder):
    """In a process of its own."""
    pid = os.fork()
    if pid:
        return pid
    try:
        actor(recorder)
        recorder.leave()
        os._exit(0)
    except BaseException:
        recorder.note("broken", now(), error=traceback.format_exc())
        os._exit(1)


def called(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return "one that is gone"


def wait_for(crowd, recorder, until):
    """Waits for all of them. One that does not end when the time is over is killed, with what it waits for, and that is
    noted."""
    left = dict(crowd)
    while left and now() < until + STUCK * 10**9:
        left = {pid: name for pid, name in left.items() if os.waitpid(pid, os.WNOHANG) == (0, 0)}
        time.sleep(0.02)
    for pid, name in left.items():
        family = family_of(pid)
        recorder.note("broken", now(), error=f"{name} does not end: {', '.join(map(called, family[1:])) or 'it waits for nobody'}")
        for each in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        os.waitpid(pid, 0)


def last_look(r, target):
    """Everything that is delivered, due or running comes to its end; then all that there is."""
    r.command("resume", "p", "g")
    # The clock says that all of it is due, unless nothing can move it.
    wait_until(lambda: not any(r.command("delayed", "ls", stream)[0] for stream in "au"), "no delayed messages")
    for each in GROUPS:
        stream, group = each.split()
        while group != "w" and reading.noted_read(r, stream, group, "last", 1000, noack=stream == "n"):
            pass
    for stream in "amtklpjnoqsuv":
        began = now()
        r.note("range", began, stream=stream, after=None, last=True, got=reading.entries_of(r.ask("XRANGE", stream, "-", "+") or []))
        began = now()
        got = r.ask("XLEN", stream)
        r.note("length", began, stream=stream, **({} if got is None else {"got": got}))
    began = now()
    got = r.ask("XINFO", "STREAM", "s")  # none: nobody came so far as to make it
    r.note("counts", began, stream="s", **({} if got is None else {"got": got}))
    for each in GROUPS:
        reading.noted_pending(r, *each.split(), last=True)
    began = now()
    parts = {name: reading.entries_of(r.ask("XRANGE", name, "-", "+") or []) for name in r.ask("KEYS", "r*") or []}
    r.note("renamed", began, got=parts)
    r.leave()
    began = now()
    lines, well = r.command("verify")
    r.note("verified", began, well=well, found=([] if well else lines) + broken_rules(r.db))
    process = r.start("copy", r.db, target, "a", "--follow")
    copied, progress = 0, time.monotonic()
    there = len(r.command("xrange", "a")[0])
    while copied < there and time.monotonic() < progress + STUCK and process.poll() is None:
        time.sleep(0.05)
        lines, _ = r.command("--db", target, "xlen", "a")
        if lines and int(lines[0]) != copied:
            copied, progress = int(lines[0]), time.monotonic()
    process.send_signal(signal.SIGTERM)
    error = process.stderr.read().decode()
    process.wait()
    lines, _ = r.command("--db", target, "xrange", "a")
    r.note("copied", now(), error=error, got=reading.entries_of([json.loads(line) for line in lines]))


def run(program, shim, folder, place, seed, seconds, has_disk):
    db = place / "q.db"
    env = shim_environment(folder, shim, seed)
    (folder / "clock").write_bytes(struct.pack("q", 0))
    end = now() + LIMIT * 10**9
    first = Recorder(folder, "first", program, db, env, strikes=False, until=end)
    for each in GROUPS:
        first.command("group", "create", *each.split(), "0", "--mkstream")
    first.command("xcfgset", "a", "IDMP-DURATION", "86400", "IDMP-MAXSIZE", "10000")
    first.command("keep", "k", "--acked")
    offset = time.time_ns() - time.monotonic_ns()
    begun = now()
    until = begun + int(seconds * 1e9)
    with tempfile.TemporaryDirectory(prefix="weir.") as short:  # the path of a socket cannot be long
        sockets = [os.path.join(short, name) for name in ("socket", "line")]
        crowd = {start(actor, Recorder(folder, name, program, db, env, until=until)): name
                 for name, actor in kinds(db, folder, sockets, shim is not None, has_disk).items()}
        crowd |= {start(actor, Served(folder, name, program, db, env, until=until, socket=sockets[0])): name
                  for name, actor in SERVED.items()}
        wait_for(crowd, first, until)
    began = now()
    with open(folder / "clock", "r+b") as file:
        file.write(struct.pack("q", 2 * 3600))
    first.note("clock", began, offset=2 * 3600)
    for stream, how in (("j", []), ("o", SERIAL)):
        began = now()
        first.command("work", stream, "--group", "w", "--consumer", "last", "--min-idle", "10ms", "--until-empty", "-j", "3",
                      *how, *running.noting(folder / f"runs.{stream}"))
        first.note("worked", began, stream=stream, consumer="last", well=True)
    last_look(first, folder / "copy.db")
    moved = time.time_ns() - time.monotonic_ns() - offset
    first.note("history", begun, seed=seed, disk=has_disk, processes=len(crowd), clock=shim is not None, offset=offset, moved=moved)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weir", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--shim", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--disk", action="store_true")
    options = parser.parse_args()
    place = options.folder
    if options.disk:
        place = options.folder / "disk"
        place.mkdir()
        if not mount_small(place, "24m"):
            print("skipped: mounting a small disk is not permitted")
            place = options.folder
            options.disk = False
    run(options.weir, options.shim, options.folder, place, options.seed, options.seconds, options.disk)


if __name__ == "__main__":
    main()
