"""Processes that run until they are ended: `copy`, `serve` and `work`."""
import os
import select
import signal
import subprocess
import time

from actors import RATE
from record import now


def finish(r, process, kills):
    """Ends it, one way or the other. Its status."""
    fate = r.fate(kills=kills, stops=0.3)
    if fate:
        r.strike(process, fate)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.stdout.read()
    process.stderr.read()
    return process.wait()


def come_and_go(r, seconds, *words):
    """A process that runs until it is ended, for about so long, again and again."""
    while not r.over():
        process = r.start(*words, stdin=subprocess.DEVNULL)
        select.select([], [], [], min(seconds(), max(0, r.until - now()) / 1e9))
        finish(r, process, kills=0.6)


def copier(r, target):
    come_and_go(r, lambda: r.random.uniform(0.1, 2), "copy", r.db, target, "a", "--follow")


def server(r, socket):
    """`weir serve`, which others are clients of, or stand in a line through."""
    come_and_go(r, lambda: r.random.uniform(0.5, 3), "serve", "--listen", f"unix:{socket}")


def noting(runs, seconds=0):
    """A command that writes down in one file, in the order in which it happens, what began and, after so long, what was
    done."""
    run = "$WEIR_ID $WEIR_DELIVERIES $WEIR_CONSUMER"
    wait = f"sleep {seconds}; " if seconds else ""
    return ["--", "sh", "-c", f'echo "{run} begin" >>{runs}; {wait}echo "{run} end" >>{runs}']


def worker(r, command, stream, *how):
    number = 0
    while not r.over():
        number += 1
        consumer = f"{r.name}.{number}"
        start = now()
        process = r.start("work", stream, "--group", "w", "--consumer", consumer, "--min-idle", "1s", "-j",
                          str(r.random.randint(1, 3)), *how, *command, stdin=subprocess.DEVNULL)
        end = min(r.until, now() + int(r.random.uniform(0.2, 3) * 1e9))
        while now() < end:
            time.sleep(0.02)
        status = finish(r, process, kills=0.5)
        r.note("worked", start, stream=stream, consumer=consumer, well=status == -signal.SIGTERM)


def pacer(r):
    """A worker at a pace, and when it was seen to have begun to run each command."""
    number = 0
    while not r.over():
        number += 1
        start = now()
        process = r.start("work", "v", "--group", "w", "--consumer", f"{r.name}.{number}", "--rate", f"{RATE}/s", "-j", "2", "--",
                          "echo", stdin=subprocess.DEVNULL)
        end = min(r.until, now() + int(r.random.uniform(0.5, 4) * 1e9))
        runs = []
        while True:
            left = (end - now()) / 1e9
            if left <= 0 and process.poll() is None:
                fate = r.fate(kills=0.3, stops=0.3)
                if fate:
                    r.strike(process, fate)
                process.send_signal(signal.SIGTERM)
                end = r.until + 10**12
            if select.select([process.stdout], [], [], max(0, min(left, 0.05)))[0]:
                piece = os.read(process.stdout.fileno(), 4096)
                if not piece:
                    break
                runs += [now()] * piece.count(b"\n")
        process.wait()
        process.stdout.close()
        process.stderr.close()
        r.note("paced", start, stream="v", group="w", runs=runs)
