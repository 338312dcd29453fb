#!/usr/bin/env python3
"""The README's program in a given language works as it stands, and does what the README says.
usage: readme_test.py WEIR README python|js     ($NODE_PATH: where the package for js is)"""

import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks, answers, environment, wait_until

weir, readme, language = sys.argv[1:]
weir = os.path.abspath(weir)
checks = Checks()
with open(readme, encoding="utf-8") as file:
    text = file.read()
blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)
checks.expect(len(blocks) == 1, "there is one in the README", len(blocks))

with tempfile.TemporaryDirectory() as folder:
    def run(*command):
        return subprocess.run(command, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)

    path = os.path.join(folder, "program.mjs" if language == "js" else "program.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(blocks[0])
    if language == "js":
        os.symlink(os.environ["NODE_PATH"], os.path.join(folder, "node_modules"))
    server = subprocess.Popen([weir, "--db", "jobs.db", "serve"], cwd=folder, env=environment(folder), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: server.poll() is not None or answers(os.path.join(folder, "jobs.db-serve.sock")), "a server that answers")
        for _ in range(2):  # the group is there the second time
            done = run("node" if language == "js" else "/usr/bin/python3", path)
            checks.expect(done.returncode == 0 and re.fullmatch(r"\d+-\d+ \w+@example.com\n", done.stdout), "what it prints", done.stdout)
        group = json.loads(run(weir, "--db", "jobs.db", "-o", "jsonl", "info", "groups", "emails").stdout)
        checks.expect((group["pending"], group["lag"], group["consumers"]) == (0, 0, 1), "all is acknowledged", group)
    finally:
        server.terminate()
        server.wait()
checks.end()
