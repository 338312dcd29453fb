#!/usr/bin/env python3
"""campaign.py WEIR SHIM [--every N] [--seed N] [--hours H] [--only PART]: faults, and what they may not do.

A summary line for each fault: how often it struck, and how often something was wrong after it. What is asked after
each: what was reported is there, nothing was new to two readers, no rule of the tables is broken, nothing ended by a
signal, nothing hangs. Minutes by default; --every 1 strikes each call; --hours goes on with other seeds.
"""
import argparse
import pathlib
import random
import sys
import tempfile
import time

import clock
import disk
import faults
import flips
import kills

PARTS = {"faults": faults, "kills": kills, "clock": clock, "disk": disk, "flips": flips}


def report(name, struck, bad):
    print(f"{name:45} {struck:6} struck {len(bad):4} wrong", flush=True)
    for where, found in list(bad.items())[:5]:
        for problem in found:
            print(f"    at {where}: {problem}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weir", type=pathlib.Path)
    parser.add_argument("shim", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=1, help="strike only each Nth call")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--only", choices=PARTS, action="append")
    options = parser.parse_args()
    end = time.monotonic() + options.hours * 3600
    failures = 0
    seed = options.seed
    while True:
        print(f"seed {seed}, each {options.every}. call", flush=True)
        for part in options.only or PARTS:
            with tempfile.TemporaryDirectory(prefix="weir-campaign.") as folder:
                random.seed(seed)
                failures += PARTS[part].campaign(options.weir.resolve(), options.shim.resolve(), pathlib.Path(folder),
                                                 options.every, seed, report)
        seed += 1
        if time.monotonic() >= end:
            break
    print(f"{failures} failures")
    return 1 if failures else 0


sys.exit(main())
