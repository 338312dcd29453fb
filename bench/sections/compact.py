"""How much space `weir compact` frees, and how long other processes wait for it."""

import json
import random
import subprocess
import threading
import time

from measure import Table, output, remove

SECTIONS = ["compact"]
WRITERS = 4


class Writers:
    """Writers that append one message after the other, each stored safely, and note how long each append took."""

    def __init__(self, command):
        self.waits = []
        self.over = False
        self.threads = [threading.Thread(target=self.run, args=(command, n)) for n in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def run(self, command, number):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            while not self.over:
                begun = time.monotonic()
                process.stdin.write(b"XADD w%d * n 1\n" % number)
                process.stdin.flush()
                if not process.stdout.readline():
                    break
                self.waits.append(1000 * (time.monotonic() - begun))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over = True
        for thread in self.threads:
            thread.join()

    def waited(self, when):
        """The waits since the last call, in milliseconds."""
        waits, self.waits = sorted(self.waits), []
        return {f"{when}-{name}ms": waits[at] for name, at in (("", len(waits) // 2), ("p99-", len(waits) * 99 // 100), ("longest-", -1))} if waits else {}


def append(weir, count, size):
    lines = "".join(f'{{"n":{n},"pad":"{"x" * size()}"}}\n' for n in range(count))
    return output(weir("compact", "xadd", "s", "--durability", "off"), text=lines).split()


def trimmed(weir, bench):
    append(weir, bench.many(1_000_000), lambda: 20)
    output(weir("compact", "xtrim", "s", "MAXLEN", "10"))


def one_turn(weir, bench):
    append(weir, bench.many(25_000), lambda: 100)


def at_random(weir, bench):
    rng = random.Random(1)
    ids = append(weir, bench.many(120_000), lambda: rng.randrange(100, 6500))
    output(weir("compact", "xdel", "s"), text="\n".join(rng.sample(ids, len(ids) // 2)))


def half(weir, bench):
    count = bench.many(1_000_000)
    append(weir, count, lambda: 200)
    output(weir("compact", "xtrim", "s", "MAXLEN", str(count // 2)))


CASES = {"trimmed": ("1,000,000 messages trimmed to 10", trimmed), "turn": ("as much as is written anew in one turn", one_turn),
         "random": ("half of 120,000 messages of up to 6.5 kB deleted at random", at_random),
         "half": ("half of 1,000,000 messages of 200 bytes trimmed", half)}


def compact(bench):
    def run(weir, case):
        remove(weir.db("compact"))
        case(weir, bench)
        with Writers(weir("compact", "batch")) as writers:
            time.sleep(0.2 if bench.quick else 2)
            before = writers.waited("before")
            begun = time.monotonic()
            done = json.loads(output(weir("compact", "compact")))
            took = time.monotonic() - begun
            meanwhile = writers.waited("meanwhile")
        output(weir("compact", "verify"))
        return {"turn-ms": done["longest-turn-ms"], "seconds": took, "before-size": done["before"] / 1e6, "after-size": done["after"] / 1e6,
                **before, **meanwhile}

    yield Table(f"Compact beside {WRITERS} writers: the longest turn", [side for key, (label, case) in CASES.items() for side in bench.ours(
        key, label, lambda weir, case=case: run(weir, case))], rounds=1, alike=False)
