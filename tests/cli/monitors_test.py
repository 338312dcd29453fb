#!/usr/bin/env python3
"""Output for monitors: each line of `weir metrics` has the form that Prometheus takes, whatever the names of streams and
groups, and promtool, if installed, agrees; a Nagios-style runner understands `weir check`.

usage: monitors_test.py WEIR"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from testing import Checks, environment  # noqa: E402

weir = str(pathlib.Path(sys.argv[1]).resolve())  # negate wants a whole path
checks = Checks()
NAMES = [b"emails", b"a b", b"\xff\xfe", b"base64:/w==", b'quote"', b"back\\slash\\", b"line\nline", b"{x=\"y\"} 1", "grün😀".encode(), b"\x01\x1b[1m", b"|", b"#"]
LINE = re.compile(r'(?P<name>[a-z_]+)(\{(?P<labels>[a-z]+="(\\[\\"n]|[^\\"\n])*"(,[a-z]+="(\\[\\"n]|[^\\"\n])*")*)\})? (?P<value>[0-9]+(\.[0-9]+)?)')


def is_sound(text):
    """The rules of the text format, version 0.0.4: the series of a metric stand together, after its HELP and TYPE."""
    seen, series, current = set(), set(), None
    for line in text.split("\n")[:-1]:
        if line.startswith("# HELP "):
            current = line.split(" ")[2]
            checks.expect(current not in seen, "a metric begins once", current)
            seen.add(current)
        elif line.startswith("# TYPE "):
            checks.expect(line.split(" ")[2] == current and line.split(" ")[3] in ("gauge", "counter"), "the type follows", line)
        else:
            found = LINE.fullmatch(line)
            checks.expect(found is not None and found["name"] == current, "a sample has its form and stands with its metric", line)
            key = line.rsplit(" ", 1)[0]
            checks.expect(key not in series, "no series is there twice", line)
            series.add(key)
    return series


with tempfile.TemporaryDirectory() as folder:
    env = environment(folder, WEIR_DB=f"{folder}/w.db")

    def run(*command, status=0):
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        checks.expect(done.returncode == status, f"{command} ends with {status}", done.returncode, done.stdout)
        return done.stdout

    def no_stream_is_no_error():
        run(weir, "xadd", "s", "a=b")
        run(weir, "del", "s")
        is_sound(run(weir, "metrics").decode())

    no_stream_is_no_error()
    for name in NAMES:
        run(weir, "xadd", name, "*", "a", "b")
        run(weir, "group", "create", name, name, "0")
    text = run(weir, "metrics")
    series = is_sound(text.decode())
    checks.expect(len([line for line in series if line.startswith("weir_group_waiting{")]) == len(NAMES), "a series for each group", series)
    promtool = shutil.which("promtool")
    if promtool:
        judged = subprocess.run([promtool, "check", "metrics"], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        checks.expect(judged.returncode == 0 and not judged.stdout, "promtool has nothing to say", judged.stdout)
    else:
        print("promtool is not installed (Debian: prometheus): the format was checked by this test's own rules only")

    # One line, whatever the names, and performance data as the guidelines for plugins have it.
    said = run(weir, "check", "--waiting", "0", status=2).decode()
    checks.expect(said.count("\n") == 1 and said.count("|") == 1, "one line with one |", said)
    checks.expect(all(32 <= ord(c) != 127 for c in said[:-1]), "nothing in it that a terminal obeys", said)
    figures = said.split("|")[1].split()
    checks.expect(all(re.fullmatch(r"[a-z-]+=([0-9.]+(s|B)?|U);[0-9.]*;[0-9.]*;0", figure) for figure in figures), "figures have their form", figures)

    # `negate` runs a plugin as Nagios does, and turns its status and its word around.
    negate = pathlib.Path("/usr/lib/nagios/plugins/negate")
    if negate.exists():
        turned = run(negate, "-s", "-c", "OK", weir, "check", "--waiting", "0").decode()
        checks.expect(turned.startswith("WEIR OK - "), "critical was understood", turned)
        run(negate, "-w", "UNKNOWN", weir, "check", "--warn-waiting", "0", status=3)
        run(negate, "-u", "OK", weir, "check", "no such stream")
    else:
        print("negate is not installed (Debian: monitoring-plugins-basic)")
checks.end()
