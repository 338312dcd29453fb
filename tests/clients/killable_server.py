"""A `weir serve` or a redis-server that keeps its data in a folder, and can be killed and started again."""

import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Connection, answers, server_command, wait_until


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class KillableServer:
    def __init__(self, weir, kind, folder, password=None):
        """kind: "weir" or "redis"."""
        self.database = os.path.join(folder, "weir.db")
        self.port = free_port()
        if kind == "weir":
            self.command = [weir, "--db", self.database, "serve", "--listen", f"127.0.0.1:{self.port}"]
        else:
            self.command = server_command("redis-server", folder, "--port", str(self.port), "--appendonly", "yes",
                                          "--appendfsync", "always")
        if password and kind == "weir":
            with open(path := os.path.join(folder, "password"), "w", encoding="utf-8") as file:
                os.chmod(path, 0o600)
                file.write(password + "\n")
            self.command += ["--password-file", path]
        elif password:
            self.command += ["--requirepass", password]
        self.log = open(os.path.join(folder, "server.log"), "ab")
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_until(lambda: self.process.poll() is not None or answers(self.port), "a server that answers")
        if self.process.poll() is not None:
            sys.exit("the server does not start: " + self.logged())

    def logged(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.kill()
        self.log.close()

    def ask(self, *words):
        connection = Connection(self.port)
        try:
            return connection.ask(*words)[1]
        finally:
            connection.close()

    def figures(self, *words):
        """Of the first group: names and values."""
        values = [value for _, value in self.ask(*words)[0][1]]
        return dict(zip(values[::2], values[1::2]))
