#!/usr/bin/env python3
"""campaign.py WEIR SHIM [--every N] [--seed N] [--only PART] [--keep FOLDER]: makes faults, and checks what must still hold.

Prints a summary line for each fault: how often it struck, and how often something was wrong after it. Checks after each
fault: every reported message is there, no message was new to two readers, no rule of the tables is broken, no process
ended by a signal, no process hangs. Strikes each call, which takes minutes, or each Nth. tests/campaign/night goes on for
hours.
"""
import argparse
import pathlib
import random
import shutil
import sys
import tempfile

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
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--keep", type=pathlib.Path, help="where the databases are made; those with which something is wrong stay")
    options = parser.parse_args()
    print(f"seed {options.seed}, each {options.every}. call", flush=True)
    failures = 0
    for part in options.only or PARTS:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"weir-campaign-{part}-{options.seed}.", dir=options.keep))
        random.seed(options.seed)
        found = PARTS[part].campaign(options.weir.resolve(), options.shim.resolve(), folder, options.every, options.seed, report)
        if not (found and options.keep):
            shutil.rmtree(folder)
        failures += found
    print(f"{failures} failures")
    return 1 if failures else 0


sys.exit(main())
