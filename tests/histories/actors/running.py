"""Processes that run until they are ended: `copy`, `serve` and `work`."""
import select
import signal
import subprocess
import time

from record import now


def come_and_go(r, seconds, *words):
    """A process that runs until it is ended, for about so long, again and again."""
    while not r.over():
        process = r.start(*words, stdin=subprocess.DEVNULL)
        select.select([], [], [], min(seconds(), max(0, r.until - now()) / 1e9))
        fate = r.fate(kills=0.6, stops=0.3)
        if fate:
            r.strike(process, fate)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.stdout.read()
        process.stderr.read()
        process.wait()


def copier(r, target):
    come_and_go(r, lambda: r.random.uniform(0.1, 2), "copy", r.db, target, "a", "--follow")


def server(r, socket):
    """`weir serve`, which others are clients of."""
    come_and_go(r, lambda: r.random.uniform(0.5, 3), "serve", "--listen", f"unix:{socket}")


def worker(r, runs):
    """Its commands write down in one file, in the order in which it happens, what began and what was done."""
    script = f'echo "$WEIR_ID $WEIR_DELIVERIES $WEIR_CONSUMER begin" >>{runs}; echo "$WEIR_ID $WEIR_DELIVERIES $WEIR_CONSUMER end" >>{runs}'
    number = 0
    while not r.over():
        number += 1
        consumer = f"{r.name}.{number}"
        start = now()
        process = r.start("work", "j", "--group", "w", "--consumer", consumer, "--min-idle", "1s", "-j",
                          str(r.random.randint(1, 3)), "--", "sh", "-c", script, stdin=subprocess.DEVNULL)
        end = min(r.until, now() + int(r.random.uniform(0.2, 3) * 1e9))
        while now() < end:
            time.sleep(0.02)
        fate = r.fate(kills=0.5, stops=0.3)
        if fate:
            r.strike(process, fate)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.stdout.read()
        process.stderr.read()
        status = process.wait()
        r.note("worked", start, consumer=consumer, well=status == -signal.SIGTERM)
