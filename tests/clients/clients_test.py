#!/usr/bin/env python3
"""A producer and two workers of one kind of client share a group while the server is killed and started again. No answered
message is lost, no message is new to two workers, and messages of a dead consumer are claimed. Against `weir serve`, a
`weir work` on the file takes part.

usage: clients_test.py WEIR weir|redis CLIENT [COMMAND…]     the command of the client, without its arguments
"""

import collections
import os
import subprocess
import sys
import tempfile
import threading

from killable_server import KillableServer
from testing import Checks, environment, wait_until

WEIR, KIND, CLIENT, *COMMAND = sys.argv[1:]
MESSAGES = 120
LEFT = 5  # messages that a dead consumer holds

checks = Checks()


class Worker:
    """A process that adds messages, or works on them. `told`: what it has printed, lines of a word, an ID and a number."""

    def __init__(self, folder, *command):
        self.told = []
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        env=environment(folder, **{name: os.environ[name] for name in ("NODE_PATH",) if name in os.environ}))
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.told.append(line.decode().split())

    def words(self, word):
        return [rest for first, *rest in self.told if first == word]

    def until(self, condition, what):
        wait_until(lambda: condition() or self.process.poll() is not None, what)
        if self.process.poll() is not None:
            self.reader.join()  # its last lines may still be on their way
        if not condition():
            sys.exit(f"{CLIENT} ended with {self.process.returncode} before: {what}")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


def scenario(folder, server, running):
    server.ask("XGROUP", "CREATE", "jobs", "group", "$", "MKSTREAM")
    left = [server.ask("XADD", "jobs", "*", "n", f"left{n}") for n in range(LEFT)]
    server.ask("XREADGROUP", "GROUP", "group", "dead", "COUNT", LEFT, "STREAMS", "jobs", ">")

    if KIND == "weir":
        running.append(Worker(folder, WEIR, "--db", server.database, "work", "jobs", "--group", "group", "--consumer", "beside",
                              "--min-idle", "1h", "--", "sh", "-c", "echo new $1 $2; sleep 0.02", "sh", "{id}", "{n}"))
        wait_until(lambda: any(("$", b"beside") in consumer for _, consumer in server.ask("XINFO", "CONSUMERS", "jobs", "group")),
                   "weir work is there")
    clients = [Worker(folder, *COMMAND, "work", server.port, "jobs", "group", f"worker{n}") for n in (1, 2)]
    running += clients
    for each in clients:
        each.until(lambda each=each: ["ready"] in each.told, "it is ready")

    producer = Worker(folder, *COMMAND, "produce", server.port, "jobs", MESSAGES)
    running.append(producer)
    producer.until(lambda: len(producer.words("added")) > MESSAGES // 3, "a third is added")
    server.kill()
    server.start()
    producer.until(lambda: len(producer.words("added")) == MESSAGES, "all is added")
    checks.expect(producer.process.wait() == 0, "the producer ends well", producer.process.returncode)

    def each_had_some():
        if all(each.words("new") for each in running if each is not producer):
            return True
        server.ask("XADD", "jobs", "*", "n", "more")  # the first workers were quick: there is more for the others
        return False
    wait_until(each_had_some, "each worker had some of it")

    def done():
        figures = server.figures("XINFO", "GROUPS", "jobs")
        return figures[b"pending"] == 0 and figures[b"lag"] == 0
    for each in clients:
        each.until(done, "all is acknowledged")
    for each in running:
        each.end()

    stored = [entry[1][0][1].decode() for entry in server.ask("XRANGE", "jobs", "-", "+")]
    added = [id for id, _ in producer.words("added")]
    checks.expect(set(added) <= set(stored), "what was answered is in the stream", set(added) - set(stored))
    checks.expect([int(n) for _, n in producer.words("added")] == list(range(1, MESSAGES + 1)), "each is added in turn")
    new = collections.Counter(id for each in running for id, _ in each.words("new"))
    again = collections.Counter(id for each in running for id, _ in each.words("again"))
    checks.expect(max(new.values()) == 1, "nothing is new to two", [id for id, times in new.items() if times > 1])
    checks.expect(set(new) | set(again) == set(stored), "each was worked on", set(stored) ^ (set(new) | set(again)))
    checks.expect({id.decode() for id in left} <= set(again), "what a dead one held is claimed", left)
    print(f"{CLIENT}: {len(stored)} messages, {[len(each.words('new')) for each in running]} new, {sum(again.values())} claimed")


with tempfile.TemporaryDirectory() as folder:
    server = KillableServer(WEIR, KIND, folder)
    running = []
    try:
        scenario(folder, server, running)
    finally:
        for each in running:
            each.end()
        server.end()
checks.end()
