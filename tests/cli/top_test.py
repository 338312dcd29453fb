#!/usr/bin/env python3
"""`weir top` in tmux: keys, sizes, streams that vanish, foreign names, the changes that it makes, and its cost.

usage: top_test.py WEIR file|server"""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from testing import Checks, Server, environment, wait_until  # noqa: E402

weir, engine = os.path.abspath(sys.argv[1]), sys.argv[2]
if shutil.which("tmux") is None:
    sys.exit("there is no tmux; on Debian: apt-get install tmux")
checks = Checks()
EVIL = b"\x1b]0;title\x07\x1b[2J\xe2\x80\xaeevil\xe6\xbc\xa2\xe5\xad\x97\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80\n\xff"


class Top:
    """`weir top` in a tmux of its own."""
    count = 0

    def __init__(self, folder, env, *arguments, width=100, height=24, command=None):
        Top.count += 1
        self.socket = os.path.join(folder, f"tmux{Top.count}.sock")
        self.env = {**env, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        # No locale of its own: what it draws must not depend on it.
        line = command or f"env LC_ALL=C {shlex.join([weir, 'top', *arguments])}; echo ended $?; read -r line"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "sh", "-c", line)
        self.tmux("set-option", "-g", "escape-time", "0")
        self.pid = int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # It may be gone already, and it may go before it has answered.
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.env, check=False, stderr=subprocess.DEVNULL)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *words], env=self.env, check=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE).stdout.decode("utf-8", "backslashreplace")

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def sees(self, pattern, what=None):
        """Waits until it is on the screen."""
        try:
            wait_until(lambda: re.search(pattern, self.screen(), re.MULTILINE), what or pattern)
            checks.expect(True, what)
        except TimeoutError:
            checks.expect(False, what or f"{pattern} is on the screen", self.screen())

    def sees_no(self, pattern, what=None):
        try:
            wait_until(lambda: not re.search(pattern, self.screen(), re.MULTILINE), what or pattern)
            checks.expect(True, what)
        except TimeoutError:
            checks.expect(False, what or f"{pattern} goes from the screen", self.screen())

    def program(self):
        """The process that the shell of the pane has started."""
        return int(subprocess.run(["pgrep", "-P", str(self.pid)], stdout=subprocess.PIPE, check=True).stdout)

    def cpu(self):
        """Seconds of a processor that it has used."""
        with open(f"/proc/{self.program()}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


with contextlib.ExitStack() as open_things:
    folder = open_things.enter_context(tempfile.TemporaryDirectory())
    server = open_things.enter_context(Server()) if engine == "server" else None
    place = server.path if server else f"{folder}/w.db"
    store = f"unix://{place}" if engine == "server" else place
    env = environment(folder, WEIR_DB=store)

    def run(*command, data=None, status=0):
        done = subprocess.run([weir, *command], env=env, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        checks.expect(done.returncode == status, f"{command[:3]} ends with {status}", done.returncode, done.stderr)
        return done.stdout.decode("utf-8", "replace").strip()

    def pending(stream, group):
        return [json.loads(line) for line in run("pending", stream, group, "-", "+", "100", "--empty-ok").splitlines()]

    # Without a terminal, or with one that cannot be drawn on.
    done = subprocess.run([weir, "top"], env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    expected = 2 if engine == "server" else 5
    checks.expect(done.returncode == expected and done.stderr.startswith(b"weir: "), "a pipe is no terminal; a missing file is told first", done)
    run("xadd", "mail", "--quiet", data=b"".join(b'{"n":%d,"to":"user%d@example.com"}\n' % (n, n) for n in range(1, 31)))
    done = subprocess.run([weir, "top"], env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    checks.expect(done.returncode == 2 and b"needs a terminal" in done.stderr, "a pipe is no terminal", done)
    with Top(folder, env, command=f"TERM=dumb {shlex.quote(weir)} top; echo status $?; read -r line") as top:
        top.sees("^weir: top cannot draw on a terminal of the kind 'dumb'")
        top.sees("^status 2$", "a dumb terminal: status 2")

    # Two groups; dead letters; something held; a message with JSON and text of several lines.
    run("work", "mail", "--group", "senders", "--max-deliveries", "1", "--max-messages", "3", "-q", "--", "sh", "-c",
        "echo no such user >&2; exit 65", status=3)
    run("xreadgroup", "mail", "--group", "senders", "--consumer", "ann", "--count", "3")
    run("group", "create", "mail", "audit", "0")
    long = json.dumps({"list": [1, {"deep": "x" * 500}], "lines": "end"})
    last = run("xadd", "mail", f"json={long}", "text=one\ntwo \x1b[2Jthree")
    run("xadd", "orders", "n=1")
    run("xadd", "quiet", "n=1")

    with Top(folder, env, "--stuck-after", "1h") as top:
        top.sees(r"^mail +.* 3 ", "streams with their figures")
        screen = top.screen()
        checks.expect(re.search(r"^STREAM +IN +OUT +WAITING +PENDING +OLDEST +DEAD", screen, re.MULTILINE), "the columns", screen)
        top.sees(r"^mail +\S+ +\S+ +56 +3 +\S+ +3 ", "28 wait for one group, 31 for the other less 3 dead and 3 held")
        top.sees(r"3 streams|4 streams")

        # What is stuck says why.
        run("pause", "mail", "audit")
        top.sees(r"^mail .* audit: paused, 31 waiting$", "why it is stuck")
        run("resume", "mail", "audit")
        top.sees_no(r"audit: paused")

        # Rates: what comes in is seen without a key.
        run("xadd", "orders", "--quiet", data=b'{"n":2}\n' * 600)
        top.sees(r"^orders +\d\S*/[sm]", "a rate")
        run("xadd", "new", "n=1")
        top.sees(r"^new ", "a new stream")

        # Into the stream, its groups, what is pending, a message.
        top.press("/")
        top.type("mail")
        top.sees(r"^/mail")
        top.sees_no(r"^orders", "what does not fit the filter is not there")
        top.press("Enter")
        top.press("Home")
        top.press("Enter")
        top.sees(r"^audit +")
        top.sees(r"\[groups 2\] +dead letters 3 +messages 31 +delayed 0", "the lists of a stream")
        top.press("Down")
        top.press("Enter")
        top.sees(r"\[pending 3\] +consumers 1")
        top.sees(r"^\d+-\d+ +\S+ +ann +\S+", "what ann holds")
        first = pending("mail", "senders")[0]["id"]
        top.press("Enter")
        top.sees(r"^message +" + first)
        top.sees(r"ann has held it for .*; delivered once")
        top.sees(r"^  user4@example.com", "the fields")

        # Acting asks first.
        top.press("a")
        top.sees(r"^Acknowledge " + first + r" of group senders on mail\?.* \[y/N\]")
        top.press("n")
        top.sees("^nothing was done")
        checks.expect(len(pending("mail", "senders")) == 3, "n means no")
        top.press("a")
        top.sees(r"\[y/N\]")
        top.press("y")
        top.sees(r"^acknowledged " + first)
        checks.expect(first not in [entry["id"] for entry in pending("mail", "senders")], "y acknowledges")
        top.sees("no more: it has been acknowledged")
        top.press("Escape")
        top.sees(r"\[pending 2\]")
        second = pending("mail", "senders")[0]["id"]
        top.press("Home")
        top.press("n")
        top.sees(r"^Give back " + second)
        top.press("y")
        top.sees(r"^gave back " + second)
        top.sees(r"^" + second + r" +\S+ +nobody", "nobody holds it now")

        # Pausing and resuming the group.
        top.press("P")
        top.sees(r"^Pause group senders on mail\?")
        top.press("y")
        top.sees(r"^paused group senders")
        top.press("P")
        top.sees(r"^Resume group senders on mail\?")
        top.press("y")
        top.sees(r"^resumed group senders")

        # Consumers, and what one of them holds.
        top.press("Tab")
        top.sees(r"^ann +1 ")
        top.press("Home")
        top.press("Enter")
        top.sees(r"mail › senders › ann")
        top.sees(r"^\d+-\d+ .* ann ")
        top.press("Escape")
        top.press("Escape")

        # Dead letters: one, then all.
        top.press("Tab")
        top.sees(r"\[dead letters 3\]")
        top.sees(r"exit 65 +senders")
        top.sees(r"^exit 65: no such user$", "the last words of the command")
        top.press("Enter")
        top.sees(r"^dead +exit 65")
        top.sees(r"^  no such user", "what the command said last")
        top.press("r")
        top.sees(r"^Requeue dead letter \S+ to mail\? \[y/N\]")
        top.press("y")
        top.sees(r"^requeued 1 dead letter")
        checks.expect(run("xlen", "mail.dead") == "2", "it has gone from the dead letters")
        top.sees(r"\[dead letters 2\]")
        top.press("R")
        top.sees(r"^Requeue all dead letters of mail \(2\)\? \[y/N\]")
        top.press("y")
        top.sees(r"^requeued 2 dead letters")
        top.sees("No message of it has died.")

        # Messages, the last first; JSON in lines, and text that does no harm.
        top.press("Tab")
        top.sees(r"^" + last)
        top.press("Home")
        top.press("Enter")
        top.sees(r'^  "list": \[|^    "list": \[', "JSON is indented")
        top.press("End")
        top.sees(r"^  two \\x1b\[2Jthree", "lines are lines, and nothing is obeyed")
        top.press("Escape")

        # Help, and back to the streams.
        top.press("?")
        top.sees("requeue all dead letters of the stream")
        top.press("?")
        top.press("Escape")
        top.press("Escape")
        top.press("Escape")
        top.sees(r"^orders ")

        # The view can be frozen.
        top.press("p")
        top.sees("PAUSED")
        run("xadd", "later", "n=1")
        run("xadd", "quiet", "n=1")
        top.press("s")
        top.sees("by name")
        checks.expect("later" not in top.screen(), "nothing new is shown", top.screen())
        top.press("p")
        top.sees(r"^later ")
        top.press("s")
        top.sees("by in")
        top.press("S")
        top.sees("by in reversed")
        for _ in range(7):
            top.press("s")
        top.sees("by name")
        for title in ("name", "in", "out", "pending", "oldest", "dead", "length"):
            top.sees("by " + title)
            top.press("s")
        top.sees("by waiting")

        # A stream that goes while the cursor is on it, and while one is in it.
        for n in range(3):
            run("xadd", f"z{n}", "n=1")
        top.press("s")
        top.sees(r"^z2 ")
        top.press("End")
        run("del", "z2")
        top.sees_no(r"^z2 ", "it goes")
        top.press("Enter")
        top.sees(r"weir top · z1\b", "the cursor is on the one beside it")
        run("del", "z1")
        top.sees("stream z1 is gone")
        top.sees(r"^z0 ")

        # Names of others.
        evil = os.fsdecode(EVIL)
        subprocess.run([weir.encode(), b"xadd", EVIL, b"*", b"f", EVIL], env=env, check=True, capture_output=True)
        subprocess.run([weir.encode(), b"group", b"create", EVIL, EVIL, b"0"], env=env, check=True, capture_output=True)
        subprocess.run([weir.encode(), b"xreadgroup", EVIL, b"--group", EVIL, b"--consumer", EVIL], env=env, check=True, capture_output=True)

        def harmless():
            harmful = [c for c in top.screen() if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
            title = top.tmux("display-message", "-p", "#{pane_title}").strip()
            checks.expect(not harmful and title != "title", "nothing is obeyed", top.screen(), title)

        top.press("/")
        top.type("evil")
        top.press("Enter")
        top.press("Home")
        shown = re.escape(r"\x1b]0;title\x07\x1b[2J\u202eevil漢字")
        top.sees("^" + shown)
        harmless()
        for inside in (r"\[groups 1\]", r"\[pending 1\]", "^message +"):
            top.press("Enter")
            top.sees(inside)
            harmless()
        top.press("a")
        top.sees(r"\[y/N\]")
        harmless()
        top.press("y")
        top.sees("^acknowledged ")
        harmless()
        for _ in range(4):
            top.press("Escape")

        # Any size.
        for width, height in ((40, 10), (300, 60), (5, 3), (1, 1), (20, 2), (80, 24)):
            top.resize(width, height)
            if (width, height) in ((40, 10), (300, 60), (80, 24)):
                top.sees(r"^mail +", f"{width} columns, {height} lines")
                top.sees(r"WAITING +PENDING")
                wait_until(lambda: top.screen().rstrip("\n").count("\n") + 1 == height, "all lines are used")
            else:
                top.press("Down")
                top.press("Up")
        top.resize(40, 10)
        top.sees(r"^mail ")
        for key, seen in (("Enter", r"groups \d"), ("Enter", r"pending \d"), ("Escape", r"groups \d"), ("Escape", "STREAM")):
            top.press("Home", key)
            top.sees(seen)
        top.resize(100, 24)

        # Another size is no key: it answers no question.
        top.press("/")
        top.type("mail")
        top.press("Enter", "Home", "Enter")
        top.sees(r"^senders ")
        top.press("End", "P")
        top.sees(r"^Pause group senders on mail\?.*\[y/N\]")
        top.resize(90, 20)
        top.sees(r"^(?=.{89}$) weir top .*\d\d:\d\d:\d\d$", "it has drawn for the new size")
        top.press("y")
        top.sees(r"^paused group senders", "a question is still there after a change of size")
        run("resume", "mail", "senders")
        top.press("Escape")
        top.sees(r"^STREAM")
        top.press("Escape")
        top.sees(r"^back |^quiet ")
        top.resize(100, 24)

        # The store goes, and comes back.
        if engine == "file":
            os.mkdir(f"{folder}/away")
            for name in ("w.db", "w.db-wal", "w.db-shm", "w.db-lock"):
                if os.path.exists(f"{folder}/{name}"):
                    os.rename(f"{folder}/{name}", f"{folder}/away/{name}")
            top.sees(r"\(trying again\)", "it says that the database is not there")
            checks.expect(not os.path.exists(place), "it makes none")
            top.press("Down")
            for name in os.listdir(f"{folder}/away"):
                os.rename(f"{folder}/away/{name}", f"{folder}/{name}")
            top.sees_no(r"\(trying again\)", "it goes on")
            run("xadd", "back", "n=1")
            top.sees(r"^back ")

            # Nothing happens: it costs next to nothing. Ten times what it may cost, for a machine that is busy.
            begun, seconds = top.cpu(), 5
            subprocess.run(["sleep", str(seconds)], check=True)
            used = top.cpu() - begun
            checks.expect(used <= 0.1 * seconds, "idle it takes less than a tenth of a core", used)

        # A server that hesitated is looked at as often as before.
        if server:
            server.process.send_signal(signal.SIGSTOP)
            subprocess.run(["sleep", "3"], check=True)
            server.process.send_signal(signal.SIGCONT)
            run("xadd", "hesitated", "n=1")
            top.sees(r"^hesitated ")

        # A server that does not answer is told of, while keys are answered; then it goes on.
        if server:
            server.process.send_signal(signal.SIGSTOP)
            top.press("?")
            top.sees("give a pending message back")
            top.press("?")
            top.sees(r"\(trying again\)", "it says that the server does not answer")
            server.process.send_signal(signal.SIGCONT)
            top.sees_no(r"\(trying again\)", "it goes on")
            run("xadd", "back", "n=1")
            top.sees(r"^back ")
            server.process.send_signal(signal.SIGSTOP)

        top.press("q")
        top.sees("^ended 0$", "q ends it")
        if server:
            server.process.send_signal(signal.SIGCONT)

    # Signals leave the terminal as it was.
    line = (f"trap : INT; stty > {folder}/before; {shlex.quote(weir)} top; echo ended $?; stty > {folder}/after; "
            f"cmp {folder}/before {folder}/after && echo same; read -r line")
    for number, name in ((signal.SIGINT, "C-c"), (signal.SIGTERM, None), (signal.SIGHUP, None)):
        with Top(folder, env, command=line) as top:
            top.sees(r"^STREAM ")
            if name:
                top.press(name)
            else:
                os.kill(top.program(), number)
            top.sees(rf"^ended {128 + number}$", f"signal {number}")
            top.sees(r"^same$", "the terminal is as it was")

    # Ctrl-Z and fg.
    with Top(folder, env, command="exec bash --norc -i") as top:
        top.type(f"PS1='ready> '; {weir} top\n")
        top.sees(r"^STREAM ")
        top.press("C-z")
        top.sees(r"Stopped")
        top.sees(r"^ready>$")
        top.resize(60, 12)
        top.type("fg\n")
        top.sees(r"^STREAM ", "it goes on")
        top.sees(r"Esc|q quit")
        top.press("q")
        top.sees(r"^ready>$")

    # No colour.
    for extra in ([], ["--no-color"]):
        with Top(folder, env if extra else {**env, "NO_COLOR": "1"}, *extra) as top:
            top.sees(r"^STREAM ")
            colours = re.findall(r"\x1b\[[\d;]*\b(?:3[0-7]|4[0-7]|9[0-7])\b[\d;]*m", top.tmux("capture-pane", "-p", "-e"))
            checks.expect(not colours, "no colour where none is wanted", colours)
            top.press("Q")

    # Who may only read sees everything, and changes nothing.
    if engine == "file" and os.getuid() == 0 and shutil.which("setpriv"):
        os.chmod(folder, 0o755)
        for name in ("w.db", "w.db-wal", "w.db-shm", "w.db-lock"):
            if os.path.exists(f"{folder}/{name}"):
                os.chmod(f"{folder}/{name}", 0o444)
        line = f"exec setpriv --reuid 65534 --clear-groups {shlex.quote(weir)} top --sort name"
        with Top(folder, env, command=line) as top:
            top.sees(r"^mail ")
            run("xadd", "another", "n=1")
            top.sees(r"^another ")
            top.press("/")
            top.type("mail")
            top.press("Enter", "Home", "Enter")
            top.sees(r"^senders ")
            top.press("End", "P", "y")
            top.sees(r"w\.db: read-only|cannot be opened|Permission denied", "it says why it cannot")
            top.press("Q")

checks.end()
