#!/usr/bin/env python3
"""tests/campaign/night counts right, has its figures when it is interrupted, and overlooks no failure.

usage: night_test.py WEIR FOLDER"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from testing import Checks  # noqa: E402

NIGHT = pathlib.Path(__file__).resolve().with_name("night")
weir, base = map(os.path.abspath, sys.argv[1:])
checks = Checks()


def night(program, folder, *words):
    # Who runs the tests in the background may have SIGINT ignored, and that is handed down.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen([sys.executable, NIGHT, "--weir", program, "--only", "clock", "--keep", folder / "kept", "--json", folder / "night.json", *words],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def figures(folder):
    return {name: figure["median"] for name, figure in json.loads((folder / "night.json").read_text(encoding="utf-8"))["campaign"]["figures"].items()}


with tempfile.TemporaryDirectory(dir=base) as name:
    folder = pathlib.Path(name)
    with night(weir, folder, "--hours", "0") as process:
        said = process.communicate()[0]
    checks.expect(process.returncode == 0 and figures(folder)["clock-steps"] == 6 and figures(folder)["wrong"] == 0, "a night ends when its hours are over", said)
    checks.expect(not (folder / "kept").exists(), "where nothing was wrong nothing is left", said)

with tempfile.TemporaryDirectory(dir=base) as name:
    folder = pathlib.Path(name)
    with night(weir, folder, "--hours", "1") as process:
        said = ""
        while "clock " not in said and (line := process.stdout.readline()):
            said += line
        process.send_signal(signal.SIGINT)
        said += process.stdout.read()
    checks.expect(process.returncode == 0 and figures(folder)["clock-steps"] >= 6, "Ctrl-C ends it, with what it has so far", said)
    checks.expect(f"{figures(folder)['clock-steps']:,}\n" in said and "processor" in said and not (folder / "kept").exists(), "in a table, too", said)

with tempfile.TemporaryDirectory(dir=base) as name:
    folder = pathlib.Path(name)
    build = folder / "build"
    (build / "tests" / "campaign").mkdir(parents=True)
    for path in ("tests/campaign/libfault_shim.so", "tests/fault_tests"):
        (build / path).symlink_to(pathlib.Path(weir).parent / path)
    (build / "weir").write_text(f"""#!/bin/sh
[ "$1" = --version ] || [ "$3" != xadd ] && exec '{weir}' "$@"
'{weir}' "$@" && exit 7
""", encoding="utf-8")
    (build / "weir").chmod(0o755)
    with night(build / "weir", folder, "--hours", "0") as process:
        said = process.communicate()[0]
    checks.expect(process.returncode == 1 and figures(folder)["wrong"] == 6, "what was wrong is counted, and ends it with status 1", said)
    kept = [pathlib.Path(line.split(": ")[1]) for line in said.splitlines() if line.startswith("  kept: ")]
    checks.expect(len(kept) == 1 and "ends with 7" in (kept[0] / "log").read_text(encoding="utf-8") and list(kept[0].rglob("q.db")),
                  "its databases and its log are kept", said)

checks.end()
