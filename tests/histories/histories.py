#!/usr/bin/env python3
"""histories.py WEIR [--shim SHIM] [--seconds S] [--hours H] [--seed N] [--keep FOLDER]: records and checks histories.

Many processes of every kind work on one file and record their questions and answers, while processes are killed and
stopped, the clock steps and the disk fills. Afterwards a checker looks whether some order of single operations explains
all records (check_streams.py, check_groups.py). Each history takes some seconds, and histories follow each other as long
as there is time; every other history is on a small disk. A history with a broken promise is kept, and its folder printed:
check_history.py FOLDER checks it again.
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import check_history

EACH_SECONDS = 8
LIMIT = 900  # for one history, whatever the machine does
SECONDS = float(os.environ.get("WEIR_HISTORY_SECONDS", "60"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weir", type=pathlib.Path)
    parser.add_argument("--shim", type=pathlib.Path, help="the campaign's, which moves the clock")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="in all; else $WEIR_HISTORY_SECONDS, else 60")
    parser.add_argument("--hours", type=float, default=0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--keep", type=pathlib.Path, help="where histories are made, and kept if something is wrong; else the folder for temporary files")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds + options.hours * 3600
    figures = collections.Counter()
    keep = options.keep or pathlib.Path(tempfile.gettempdir())
    keep.mkdir(parents=True, exist_ok=True)
    wrong = 0
    seed = options.seed
    while True:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"weir-history-{seed}.", dir=keep))
        command = [sys.executable, pathlib.Path(check_history.__file__).with_name("run_history.py"), options.weir.resolve(),
                   folder, "--seed", str(seed), "--seconds", str(min(EACH_SECONDS, options.seconds))]
        if options.shim:
            command += ["--shim", options.shim.resolve()]
        if seed % 2 == 0:
            command.append("--disk")
        if subprocess.run(command, check=False, timeout=LIMIT).returncode != 0:
            print(f"{folder}: the history does not end")
            return 1
        history, found = check_history.check(folder)
        figures.update(check_history.figures(history))
        if found:
            wrong += 1
            print(f"seed {seed}, {folder}:")
            check_history.report(found)
        else:
            shutil.rmtree(folder)
        seed += 1
        if time.monotonic() + EACH_SECONDS > end:
            break
    print(", ".join(f"{count:,} {name}" for name, count in figures.items()))
    print(f"{wrong} histories that cannot be" if wrong else "some order of single operations explains each of them")
    return 1 if wrong else 0


sys.exit(main())
