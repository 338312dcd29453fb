#!/usr/bin/env python3
"""`weir batch` on a cluster of two servers: a transaction over streams of two slots gets the server's own answer, and
standard error explains it.

    cluster_batch.py WEIR
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, Cluster, Connection  # noqa: E402

WEIR = os.path.abspath(sys.argv[1])
checks = Checks()


class Node(Connection):
    def __init__(self, port):
        super().__init__(port)
        self.port = port

    def has(self, stream):
        return self.ask("XLEN", stream)[0] == ":"


def batch(node, *lines):
    return subprocess.run([WEIR, "--db", f"redis://127.0.0.1:{node.port}", "batch"], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, timeout=LIMIT)


def check(what, good, run):
    checks.expect(good, what, run.returncode, run.stdout, run.stderr)


def transactions(nodes):
    here, there = nodes
    names = [f"s{n}" for n in range(100)]
    near = next(name for name in names if here.has(name))
    far = next(name for name in names if there.has(name))
    for node in nodes:
        run = batch(node, "MULTI", f"XADD {near} 1-1 a b", f"XADD {far} 1-1 a b", "EXEC", f"XLEN {near}", f"XLEN {far}",
                    "MULTI", f"XLEN {near}", f"XLEN {{{near}}}", "EXEC")
        answers = run.stdout.splitlines()
        told = run.stderr.splitlines()
        check("two slots are refused, and nothing is done", answers[:3] == ['"OK"', '"QUEUED"', '"QUEUED"']
              and "".join(answers[3:4]).startswith('{"error":"MOVED ') and answers[4:6] == ["0", "0"], run)
        check("one slot goes on as ever", answers[6:] == ['"OK"', '"QUEUED"', '"QUEUED"', "[0,0]"], run)
        check("the status is that of a refusal", run.returncode == 3, run)
        check("what it means stands on standard error", len(told) == 2 and told[0].startswith("weir: MOVED ")
              and "streams of one slot" in told[1] and "{tag}" in told[1], run)


def delayed_lines(nodes):
    lines = "".join(f'{{"stream":"d{n}","fields":{{"n":"{n}"}}}}\n' for n in range(20))
    run = subprocess.run([WEIR, "--db", f"redis://127.0.0.1:{nodes[0].port}", "xadd", "--in", "1h"], input=lines,
                         capture_output=True, text=True, timeout=LIMIT)
    check("lines of many slots can be delayed", run.returncode == 0 and len(run.stdout.splitlines()) == 20, run)
    run = subprocess.run([WEIR, "--db", f"redis://127.0.0.1:{nodes[1].port}", "delayed", "ls"],
                         capture_output=True, text=True, timeout=LIMIT)
    check("and all are listed", len(run.stdout.splitlines()) == 20, run)


with Cluster(2) as cluster:
    members = [Node(port) for port in cluster.ports]
    transactions(members)
    delayed_lines(members)
    for member in members:
        member.close()
checks.end()
