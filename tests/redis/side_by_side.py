"""A redis-server and `weir batch -o resp` side by side: how the tests that compare the two start them, ask them, and
read their replies. A reply is (kind, value): ("+", b"OK"), ("-", b"ERR …"), (":", 3), ("$", bytes or None),
("*", a list of replies or None)."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time


class Server:
    """A redis-server of its own, on a socket in a temporary folder."""

    def __enter__(self):
        if shutil.which("redis-server") is None:
            sys.exit("there is no redis-server; on Debian: apt-get install redis-server")
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "redis.sock")
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--dir", self.folder.name],
                                        stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connect().close()
                return self
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.__exit__()
                    sys.exit("redis-server does not start")
                time.sleep(0.01)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def connect(self):
        return Connection(self.path)


class Client:
    """Sends commands, which are lists of bytes, and reads replies."""

    def ask(self, *words):
        self.send([to_bytes(w) for w in words])
        self.flush()
        return self.reply()

    def reply(self):
        return read_reply(self.source)


class Connection(Client):
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.source = self.socket.makefile("rb")
        self.sink = self.socket.makefile("wb")

    def send(self, words):
        self.sink.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))

    def flush(self):
        self.sink.flush()

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        for part in (self.source, self.sink, self.socket):
            part.close()


class Weir(Client):
    """`weir batch -o resp` on a database."""

    def __init__(self, program, database, *options):
        self.process = subprocess.Popen([program, "--db", database, *(options or ("--durability", "off")), "-o", "resp", "batch"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.source = self.process.stdout
        self.sink = self.process.stdin

    def send(self, words):
        self.sink.write(batch_line(words))

    def flush(self):
        self.sink.flush()

    def fileno(self):
        return self.source.fileno()

    def close(self):
        """Ends the input, and gives the exit status."""
        self.sink.close()
        self.source.close()
        return self.process.wait()


def to_bytes(word):
    return word if isinstance(word, bytes) else str(word).encode()


def batch_line(words):
    """A command as a JSON array."""
    def value(word):
        try:
            return word.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(word).decode()}
    return json.dumps([value(w) for w in words]).encode() + b"\n"


def read_reply(source):
    line = source.readline()
    if not line.endswith(b"\r\n"):
        raise EOFError(f"the other side is gone; its last words: {line!r}")
    kind, rest = line[:1].decode(), line[1:-2]
    if kind in "+-":
        return kind, rest
    number = int(rest)
    if rest != b"%d" % number:
        raise ValueError(f"not RESP: {line!r}")
    if kind == ":":
        return kind, number
    if kind not in "$*" or number < -1:
        raise ValueError(f"not RESP: {line!r}")
    if number == -1:
        return kind, None
    if kind == "*":
        return kind, [read_reply(source) for _ in range(number)]
    value = source.read(number + 2)
    if len(value) != number + 2 or value[-2:] != b"\r\n":
        raise ValueError(f"not RESP: {line + value!r}")
    return kind, value[:-2]


def shown(reply, indent=""):
    """A reply as redis-cli would show it."""
    kind, value = reply
    if kind == "-":
        return "(error) " + value.decode(errors="backslashreplace")
    if kind == "+":
        return value.decode(errors="backslashreplace")
    if kind == ":":
        return f"(integer) {value}"
    if value is None:
        return "(nil)"
    if kind == "$":
        return quoted(value, always=True)
    if not value:
        return "(empty array)"
    lines = []
    for number, element in enumerate(value, 1):
        head = f"{number}) "
        lines.append((indent if lines else "") + head + shown(element, indent + " " * len(head)))
    return "\n".join(lines)


def quoted(word, always=False):
    """A word as redis-cli reads it."""
    if word and not always and all(33 <= c < 127 and c not in b"\"'\\" for c in word):
        return word.decode()
    if len(word) > 100:
        return f"<{len(word)} bytes>"
    return '"' + "".join(chr(c) if 32 <= c < 127 and c not in b'"\\' else "\\" + chr(c) if c in b'"\\' else f"\\x{c:02x}" for c in word) + '"'


def command_text(words):
    return " ".join(quoted(w) for w in words)
