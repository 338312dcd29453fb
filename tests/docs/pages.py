#!/usr/bin/env python3
"""`man weir-COMMAND` finds the installed page that describes the command. usage: pages.py WEIR BUILD"""

import pathlib
import re
import subprocess
import sys
import tempfile

import table

weir, build = sys.argv[1], sys.argv[2]
faults = []
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["cmake", "--install", build, "--prefix", folder], check=True, stdout=subprocess.DEVNULL)
    pages = pathlib.Path(folder, "share/man")
    names = {name.split()[0] for name in table.commands(weir)}
    other = re.findall(r"^  weir ([a-z]+)", "".join(table.help_of(weir, *name.split()) for name in table.commands(weir)), re.MULTILINE)
    for name in sorted(names | set(other)):
        page = pages / f"man1/weir-{name}.1"
        if not page.exists():
            faults.append(f"man weir-{name} finds nothing")
            continue
        # As man(1) does, which resolves .so from there.
        shown = subprocess.run(["mandoc", "-T", "ascii", page.relative_to(pages)], cwd=pages, check=True,
                               stdout=subprocess.PIPE, encoding="ascii").stdout
        text = re.sub(r".\x08", "", shown)
        if not re.search(rf"^NAME$.*?\bweir-{name}\b.*?^SYNOPSIS$", text, re.MULTILINE | re.DOTALL):
            faults.append(f"the page that is found as weir-{name} does not say so in its NAME")
        if not re.search(rf"(^\s+|\bweir\s+|other\s+name\s+is\s+){name}\b", text.partition("DESCRIPTION")[2], re.MULTILINE):
            faults.append(f"the page that is found as weir-{name} does not describe it")
print(*faults, sep="\n")
sys.exit(bool(faults))
