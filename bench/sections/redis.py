"""A redis-server that a section starts, to compare with."""

import contextlib
import dataclasses
import os
import subprocess
import tempfile

from testing import wait_until


@dataclasses.dataclass
class Redis:
    socket: str
    process: subprocess.Popen

    @property
    def url(self):
        return f"unix://{self.socket}"

    def cli(self, *words):
        return ["redis-cli", "-s", self.socket, *words]


@contextlib.contextmanager
def redis_server(fsync, *options):
    """Starts a server with an append-only file in its own folder here. Its socket is in /tmp, since a socket's path must be short."""
    with tempfile.TemporaryDirectory(dir=".", prefix="redis.") as data, tempfile.TemporaryDirectory(prefix="bench.") as sockets:
        socket = os.path.join(sockets, "s")
        process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", socket, "--dir", os.path.abspath(data), "--save", "",
                                    "--appendonly", "yes", "--appendfsync", fsync, *options], stdout=subprocess.DEVNULL)
        redis = Redis(socket, process)
        try:
            wait_until(lambda: os.path.exists(socket) and subprocess.run(redis.cli("ping"), capture_output=True, check=False).stdout == b"PONG\n",
                       "redis-server to answer")
            yield redis
        finally:
            process.terminate()
            process.wait()
