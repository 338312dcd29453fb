#!/usr/bin/env python3
"""Shared by the tests in Python; and every test, in any language, starts its servers with this program.

As a module: running weir, checks, waiting, terminals, servers, and RESP. A reply is (kind, value): ("+", b"OK"),
("-", b"ERR …"), (":", 3), ("$", bytes or None), ("*", a list of replies or None); in RESP3 ("_", None) and
("%", a list of names, each with its value after it), too.

As a program, it becomes the server, or ends it:

    testing.py server FOLDER [PROGRAM [OPTION…]]   becomes a redis-server that listens on the socket FOLDER/redis.sock,
                                                   and keeps its data there; prints "ready" when it answers. PROGRAM
                                                   may be weir: then it is `weir serve`
    testing.py cluster FOLDER NODES                starts so many redis-servers, makes a cluster of them, and prints
                                                   their ports when all know each other; ends them when it ends
"""

import base64
import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time

LIMIT = 60  # seconds that anything may take on a machine that is busy


class Checks:
    """What a test found wrong: each is told at once, and `end` ends the test accordingly."""

    def __init__(self):
        self.wrong = self.made = 0

    def expect(self, truth, what, *shown):
        self.made += 1
        if not truth:
            self.wrong += 1
            print("not so:", what, *(repr(each)[:2000] for each in shown), flush=True)

    def same(self, got, wanted, what):
        self.expect(got == wanted, what, got, wanted)

    def end(self):
        print(f"{self.made} checks, {self.wrong} wrong")
        sys.exit(1 if self.wrong or not self.made else 0)  # nothing was checked: nothing was shown


def family_of(pid):
    """It, first, and all that it has started."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    family = [pid]
    for each in family:
        family += [child for child, parent in parents.items() if parent == each]
    return family


def wait_until(condition, what, limit=LIMIT):
    """Waits for a condition; a test that waits in vain fails."""
    end = time.monotonic() + limit
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {limit} s: {what}")
        time.sleep(0.002)
    return found


def environment(folder, **variables):
    """Nothing of who runs the test: his database, his locale, his terminal."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}


class Terminal:
    """A program on a pseudo-terminal of so many columns. `shown`: what it has printed, as bytes."""

    def __init__(self, command, columns=80, stdin=None, **options):
        self.end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.shown = b""
        # It is the terminal of a session of its own, so that Ctrl-C and job control work.
        self.process = subprocess.Popen(command, stdin=theirs if stdin is None else stdin, stdout=theirs, stderr=theirs,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0),
                                        **options)
        os.close(theirs)

    def press(self, keys):
        os.write(self.end, keys if isinstance(keys, bytes) else keys.encode())

    def read(self, wait):
        """Takes what it prints within so many seconds (None: for ever). False: it has ended."""
        if not select.select([self.end], [], [], wait)[0]:
            return True
        try:
            piece = os.read(self.end, 65536)
        except OSError:  # the other end is closed
            piece = b""
        self.shown += piece
        return piece != b""

    def until(self, condition):
        """Reads on until the condition holds. False: it did not."""
        end = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > end or not self.read(0.01):
                return condition()
        return True

    def finish(self):
        """Reads to the end, and gives the exit status."""
        while self.read(None):
            pass
        os.close(self.end)
        return self.process.wait()


class Started:
    """This program as a process that serves, in a temporary folder. `told`: the first line it prints, empty if none."""

    def start(self, kind, *words):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen([sys.executable, __file__, kind, self.folder.name, *words],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.told = self.process.stdout.readline()
        if not self.told:
            self.__exit__()
            sys.exit(f"there is no {kind} to compare with")

    def __exit__(self, *_):
        self.end()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def end(self):
        self.process.kill()


class Server(Started):
    """A redis-server of its own, or another program that serves as one, on a socket in a temporary folder."""

    def __init__(self, *program):
        self.program = program

    def __enter__(self):
        self.start("server", *self.program)
        self.path = os.path.join(self.folder.name, "redis.sock")
        return self

    def connect(self):
        return Connection(self.path)


class Cluster(Started):
    """Several redis-servers that know each other. `ports`: one of each."""

    def __init__(self, nodes):
        self.nodes = nodes

    def __enter__(self):
        self.start("cluster", str(self.nodes))
        self.ports = [int(port) for port in self.told.split()]
        return self

    def end(self):
        self.process.terminate()


class Client:
    """Sends commands, which are lists of bytes, and reads replies."""

    def ask(self, *words):
        self.send([to_bytes(w) for w in words])
        self.flush()
        return self.reply()

    def reply(self):
        return read_reply(self.source)


class Connection(Client):
    def __init__(self, address):
        """A path, or a port of this machine. Fails with OSError."""
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.settimeout(LIMIT)
        self.socket.connect(address if isinstance(address, str) else ("127.0.0.1", address))
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
    """`weir batch` on a database, with the replies of RESP2 or RESP3."""

    def __init__(self, program, database, *options, protocol=2):
        self.process = subprocess.Popen([program, "--db", database, *(options or ("--durability", "off")), "-o", "resp3" if protocol == 3 else "resp", "batch"],
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


class Served(Connection):
    """A connection to a `weir serve` of its own."""

    def __init__(self, program, protocol=2):
        self.server = Server(program, "--durability", "off").__enter__()
        super().__init__(self.server.path)
        if protocol == 3:
            self.ask("HELLO", protocol)

    def close(self):
        super().close()
        self.server.__exit__()


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
    if kind == "_" and not rest:
        return kind, None
    number = int(rest)
    if rest != b"%d" % number:
        raise ValueError(f"not RESP: {line!r}")
    if kind == ":":
        return kind, number
    if kind not in "$*%" or number < -1:
        raise ValueError(f"not RESP: {line!r}")
    if number == -1:
        return kind, None
    if kind == "*":
        return kind, [read_reply(source) for _ in range(number)]
    if kind == "%":
        return kind, [read_reply(source) for _ in range(2 * number)]
    value = source.read(number + 2)
    if len(value) != number + 2 or value[-2:] != b"\r\n":
        raise ValueError(f"not RESP: {line + value!r}")
    return kind, value[:-2]


def shown(reply, indent=""):
    """A reply as redis-cli would show it, with -3 in RESP3."""
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
        return "(empty hash)" if kind == "%" else "(empty array)"
    lines = []
    if kind == "%":
        for number, (name, element) in enumerate(zip(value[::2], value[1::2]), 1):
            below = "\n" + indent + "   " if element[0] in "*%" and element[1] else ""
            lines.append((indent if lines else "") + f"{number}# {shown(name)} => " + below + shown(element, indent + "   "))
        return "\n".join(lines)
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


def server_command(program, folder, *options):
    if os.path.basename(program) == "weir":
        path = os.path.join(folder, "redis.sock")
        return [program, "--db", os.path.join(folder, "weir.db"), "serve", "--listen", f"unix:{path}",
                *(each for each in options if each not in ("--port", "0", "--unixsocket", path))]
    if shutil.which(program) is None:
        sys.exit(f"there is no {program}; on Debian: apt-get install redis-server")
    return [program, "--save", "", "--dir", folder, *options]


def answers(address):
    """Whether a server does, and is not just loading. With a password it says NOAUTH: it is there."""
    try:
        connection = Connection(address)
    except OSError:
        return False
    try:
        return not connection.ask("PING")[1].startswith(b"LOADING")
    except (OSError, EOFError):
        return False
    finally:
        connection.close()


def process_at(port):
    """The number of the process that answers at a port of this machine."""
    try:
        connection = Connection(port)
    except OSError:
        return None
    try:
        told = re.search(rb"process_id:(\d+)", connection.ask("INFO", "server")[1])
        return told and int(told[1])
    except (OSError, EOFError):
        return None
    finally:
        connection.close()


def become_server(folder, program="redis-server", *options):
    path = os.path.join(folder, "redis.sock")
    command = server_command(program, folder, "--port", "0", "--unixsocket", path, *options)
    ended, alive = os.pipe()  # the server has the other end as long as it lives
    if os.fork() == 0:
        if os.fork() == 0:
            os.close(alive)
            gone = wait_until(lambda: select.select([ended], [], [], 0)[0] or (answers(path) and "ready"), "a server that answers")
            if gone == "ready":
                print("ready", flush=True)
            else:
                with open(os.path.join(folder, "redis.log"), encoding="utf-8", errors="replace") as log:
                    sys.stderr.write(f"{program} does not start\n" + log.read())
        os._exit(0)
    os.wait()
    os.close(ended)
    os.set_inheritable(alive, True)
    log = os.open(os.path.join(folder, "redis.log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for standard in (1, 2):
        os.dup2(log, standard)
    os.execvp(program, command)


def end_with_parent():
    """Where the system can do that: then nobody who is killed leaves a server behind."""
    PR_SET_PDEATHSIG = 1
    if hasattr(libc := ctypes.CDLL(None), "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def be_cluster(folder, count):
    SLOTS = 16384
    nodes, connections = [], []

    def end(*_):
        for node in nodes:
            node.kill()
            node.wait()
        os._exit(0)

    def start(port):
        """Several clusters may be started at once: the node is there when it is this process that answers."""
        place = os.path.join(folder, str(port))
        os.mkdir(place)
        node = subprocess.Popen(server_command("redis-server", place, "--bind", "127.0.0.1", "--port", str(port),
                                               "--cluster-enabled", "yes"), stdout=subprocess.DEVNULL,
                                preexec_fn=end_with_parent)
        nodes.append(node)
        wait_until(lambda: node.poll() is not None or process_at(port) == node.pid, "a node that answers")
        return node.poll() is None

    signal.signal(signal.SIGTERM, end)
    first = 17000 + os.getpid() % 5000
    ports = []
    try:
        for port in range(first, first + 5000):
            if len(ports) < count and start(port):
                ports.append(port)
        for n, port in enumerate(ports):
            connections.append(Connection(port))
            connections[-1].ask("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
            connections[-1].ask("CLUSTER", "ADDSLOTSRANGE", SLOTS * n // count, SLOTS * (n + 1) // count - 1)
        for port in ports[1:]:
            connections[0].ask("CLUSTER", "MEET", "127.0.0.1", port)
        for each in connections:
            wait_until(lambda: b"cluster_state:ok" in each.ask("CLUSTER", "INFO")[1]
                       and each.ask("CLUSTER", "NODES")[1].count(b" connected ") == count, "a cluster")
        print(*ports, flush=True)
        signal.pause()
    finally:
        end()


if __name__ == "__main__":
    kind, where, *rest = sys.argv[1:]
    become_server(where, *rest) if kind == "server" else be_cluster(where, int(rest[0]))
