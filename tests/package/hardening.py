#!/usr/bin/env python3
"""hardening.py WEIR FORTIFIED: the binary is built so that a memory fault is hard to exploit.

FORTIFIED is 0 if the build leaves out the checks of the C library: without optimisation, under sanitizers.
"""
import os
import platform
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks  # noqa: E402

weir, fortified = sys.argv[1], sys.argv[2] != "0"


def read(*command):
    return subprocess.run([*command, weir], capture_output=True, text=True, check=True).stdout


dynamic = read("readelf", "-Wd")
segments = read("readelf", "-Wl")
symbols = read("readelf", "-W", "--dyn-syms")
checks = Checks()
checks.expect("PIE" in dynamic, "a position-independent executable")
checks.expect("GNU_RELRO" in segments, "RELRO")
checks.expect("BIND_NOW" in dynamic or " NOW" in dynamic, "BIND_NOW")
stack = [line.split()[-2] for line in segments.splitlines() if "GNU_STACK" in line]
checks.expect(not any("E" in flags for flags in stack), "no stack that can be run")
checks.expect("__stack_chk_fail" in symbols, "the stack protector")
checks.expect(not fortified or "_chk@" in symbols.replace("__stack_chk", ""), "the checks of _FORTIFY_SOURCE")
if platform.machine() == "x86_64":
    checks.expect("endbr64" in read("objdump", "-d", "--disassemble=main"), "landing places for indirect branches")
checks.end()
