#!/usr/bin/env python3
"""The benchmarks work: sections print their tables and give JSON, and two builds are compared. No figure is judged.

usage: bench.py WEIR FOLDER"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from testing import Checks  # noqa: E402

weir, base = sys.argv[1:]
checks = Checks()


def run(program, *words):
    done = subprocess.run([sys.executable, ROOT / "bench" / program, "--quick", *words], env={**os.environ, "BENCH_DIR": base},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
    checks.expect(done.returncode == 0, f"bench/{program} works", done.stdout)
    return done.stdout


with tempfile.TemporaryDirectory(dir=base) as folder:
    results = os.path.join(folder, "results.json")
    table = run("run", "--weir", weir, "--rounds", "3", "--json", results, "scale")
    checks.expect("\nxlen: XLEN s (µs)\n" in table and "  in a stream of 2,000  " in table, "a table has its title and its rows", table)
    with open(results, encoding="utf-8") as file:
        section = json.load(file)["scale"]
    xlen = section["figures"]["xlen.2000.us"]
    checks.expect(xlen["unit"] == "µs" and len(xlen["values"]) == 3 and min(xlen["values"]) > 0, "each round has a value", xlen)
    checks.expect(xlen["least"] <= xlen["median"] <= xlen["most"], "a figure has its spread", xlen)
    checks.expect(section["machine"]["cores"] >= 1 and section["versions"]["weir"] and section["others-cores"] >= 0, "it says on what", section)
    with open(results, "w", encoding="utf-8") as file:
        json.dump({"other": {"section": "other"}}, file)
    run("run", "--weir", weir, "--json", results, "scale")
    with open(results, encoding="utf-8") as file:
        checks.expect(set(json.load(file)) == {"other", "scale"}, "a section is put beside those that are there")

    # Those that need no program to compare with.
    table = run("run", "--weir", weir, "keep", "delayed", "redis-8", "ls", "compact")
    for title in ("An append to a stream of", "Delay 500 messages", "xackdel: XACKDEL s g1 KEEPREF IDS 1 ID (µs)", "List 100 streams", "Compact beside 4 writers"):
        checks.expect(f"\n{title}" in table, f"there is a table: {title}", table)

    compared = run("compare", weir, weir, "--rounds", "6", "scale")
    row = next((line for line in compared.splitlines() if "µs" in line), "")
    checks.expect("→" in row and " to " in row, "two builds are compared, with an interval", compared)

checks.expect("no section nonsense" in subprocess.run([sys.executable, ROOT / "bench" / "run", "nonsense"], capture_output=True, text=True,
                                                      check=False).stderr, "an unknown section is refused")
checks.end()
