#!/usr/bin/env python3
"""The program takes the examples of `weir help COMMAND` as they stand. usage: help_examples.py WEIR

Each example runs on a database with the streams, groups and messages that it names. An example may find nothing
(status 1), and an example that waits for ever is ended. No example may be refused for its form (2), as input (4) or by
the store (5).
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import table  # noqa: E402
from testing import environment  # noqa: E402

PREPARE = """
weir xadd emails --id 1526919030474-55 to=ann; weir xadd emails to=bob; weir xadd events kind=login
weir xreadgroup emails --group senders --consumer worker-1 --create --count 1
weir group create emails archive 0
weir --db weir.db xadd emails to=ann
"""

weir = os.path.abspath(sys.argv[1])
failed = 0
for command in table.commands(weir):
    for example in table.examples(weir, command):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(weir, os.path.join(folder, "weir"))
            around = environment(folder, PATH=folder + ":" + os.environ["PATH"], LC_ALL="C.UTF-8")
            subprocess.run(["bash", "-c", PREPARE], env=around, cwd=folder, stdout=subprocess.DEVNULL, check=True)
            done = subprocess.run(["timeout", "1", "bash", "-o", "pipefail", "-c", example], env=around, cwd=folder,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        away = done.returncode == 5 and "cannot reach the server" in done.stdout  # there is none at the addresses of examples
        terminal = done.returncode == 2 and "top needs a terminal" in done.stdout  # its form was taken
        if done.returncode not in (0, 1, 3, 124) and not away and not terminal:
            failed += 1
            print(f"weir help {command}: {example}\nstatus {done.returncode}: {done.stdout}")
sys.exit(1 if failed else 0)
