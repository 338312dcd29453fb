#!/usr/bin/env python3
"""hardening.py WEIR FORTIFIED: the binary is built so that a fault in memory is hard to use.

FORTIFIED is 0 where the build leaves the checks of the C library out: without optimisation, under sanitizers.
"""
import platform
import subprocess
import sys

weir, fortified = sys.argv[1], sys.argv[2] != "0"


def read(*command):
    return subprocess.run([*command, weir], capture_output=True, text=True, check=True).stdout


dynamic = read("readelf", "-Wd")
segments = read("readelf", "-Wl")
symbols = read("readelf", "-W", "--dyn-syms")
missing = []


def need(what, there):
    if not there:
        missing.append(what)


need("a position-independent executable", "PIE" in dynamic)
need("RELRO", "GNU_RELRO" in segments)
need("BIND_NOW", "BIND_NOW" in dynamic or " NOW" in dynamic)
need("no stack that can be run", not any("GNU_STACK" in line and "E" in line.split()[-2]
                                         for line in segments.splitlines()))
need("the stack protector", "__stack_chk_fail" in symbols)
need("the checks of _FORTIFY_SOURCE", not fortified or "_chk@" in symbols.replace("__stack_chk", ""))
if platform.machine() == "x86_64":
    need("landing places for indirect branches", "endbr64" in read("objdump", "-d", "--disassemble=main"))
assert not missing, f"the binary lacks: {', '.join(missing)}"
