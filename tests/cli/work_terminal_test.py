#!/usr/bin/env python3
"""What `weir work` prints, on a terminal and elsewhere. The test never waits for a time to pass, only for output.
usage: work_terminal_test.py WEIR"""

import os
import re
import subprocess
import sys
import tempfile
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import LIMIT, Checks, Terminal, environment, wait_until  # noqa: E402


class Watched(Terminal):
    """What it printed since the last that was waited for is in `text`."""

    def __init__(self, command, **options):
        super().__init__(command, **options)
        self.seen = 0

    @property
    def text(self):
        return self.shown[self.seen:].decode()

    def comes(self, pattern):
        """Reads until it has printed this."""
        if not self.until(lambda: re.search(pattern, self.text)):
            return False
        self.seen += len(self.text[:re.search(pattern, self.text).end()].encode())
        return True


def main():
    weir = os.path.abspath(sys.argv[1])
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder, WEIR_DB=os.path.join(folder, "w.db"), TERM="xterm", WEIR_DURABILITY="normal")
        gate = os.path.join(folder, "gate")
        os.mkfifo(gate)

        def run(*words):
            return subprocess.run([weir, *words], env=env, capture_output=True, text=True, timeout=LIMIT)

        def add(stream, *messages):
            for message in messages:
                run("xadd", stream, f"n={message}")

        hostile = "evil\x1b[31m\r"
        add(hostile, 1, 2, 3)
        waits = f"test $1 = 1 || cat '{gate}'; exit $2"
        work = [weir, "work", hostile, "--group", "g", "--", "sh", "-c", waits, "-", "{n}", "0"]
        at = Watched(work, env=env)
        begins = at.comes(r"weir: group 'g' works on 'evil\\x1b\[31m\\r', 1 command at a time; Ctrl-C ends it\r\n")
        checks.expect(begins, "it says what it begins, and how it ends; a name does nothing to the terminal", at.text)
        checks.expect(at.comes(r"1 done, 1 running, 1 waiting; [0-9.]+/s, [^\r]* left\x1b\[K"), "it shows how it goes",
                      at.text)
        at.press(b"\x03")
        ends = r"\r\x1b\[Kweir: ending: 1 command runs on, for 30s at most; Ctrl-C once more kills it\r\n"
        checks.expect(at.comes(ends), "Ctrl-C says what it does, above that line", at.text)
        os.close(os.open(gate, os.O_WRONLY))
        checks.expect(at.comes(r"weir: 2 done in [0-9.]+s\r\n$"), "it sums up", at.text)
        checks.expect(at.finish() == 0, "and ends well")

        at = Watched(work, env=env)
        checks.expect(at.comes(r"1 running"), "another begins", at.text)
        at.press(b"\x03")
        at.comes("once more kills it")
        at.press(b"\x03")
        checks.expect(at.comes(r"weir: 0 done, 1 killed and given back in [0-9.]+s\r\n$"), "it says what it kills", at.text)
        checks.expect(at.finish() == 130, "a second Ctrl-C ends it at once", at.text)

        # Why nothing happens.
        add("early", 1)
        run("group", "create", "early", "g", "0")
        run("pause", "early", "g")
        at = Watched([weir, "work", "early", "jobz", "--group", "g", "--", "true"], env=env)
        checks.expect(at.comes(r"works on 'early' \(paused\), 'jobz' \(new: nothing was added yet\), 1 command"),
                      "it says why there may be nothing to do", at.text)
        at.press(b"\x03")
        at.finish()
        at = Watched([weir, "work", "early", "--group", "g", "--", "true"], env=env)
        checks.expect(at.comes(r"0 running, 1 waiting \(paused\)\x1b\[K"), "and goes on to say so", at.text)
        at.press(b"\x03")
        at.finish()
        run("pause", "early", "g", "--for", "1h")
        done = run("work", "early", "--group", "g", "-v", "--until-empty", "--", "true")
        checks.expect("'early' (paused for another 59m59s)" in done.stderr or "(paused for another 1h0m)" in done.stderr,
                      "with its end", done)
        add("left", 1, 2)
        run("xreadgroup", "left", "--group", "g", "--consumer", "killed", "--create", "--count", "1")
        at = Watched([weir, "work", "left", "--group", "g", "--min-idle", "3s", "--until-empty", "--", "true"], env=env)
        checks.expect(at.comes(r"1 done, 0 running, 1 waiting \(1 held by others[^)]*\)"), "what others hold is told", at.text)
        checks.expect(at.comes(r"1 held by others, taken over in [01]\.[0-9]s\)"), "and when it is taken over", at.text)
        checks.expect(at.comes(r"weir: 2 done in ") and at.finish() == 0, "which it is", at.text)

        # A password prompt, say, that nobody could answer.
        add("asks", 1)
        at = Watched([weir, "work", "asks", "--group", "g", "--until-empty", "--max-deliveries", "1", "--timeout", "30s",
                      "--kill-after", "0s", "--", "sh", "-c", "read answer < /dev/tty || exit 9"], env=env)
        checks.expect(at.finish() == 3 and re.search(r"exit \d+; dead letter in asks.dead\r\n", at.text),
                      "a command that asks the terminal fails at once", at.text)
        checks.expect("/dev/tty" in at.text, "and says why", at.text)

        for n in range(10):
            add("stopped", n)
        slow = f"echo >> '{folder}/ran'; sleep 0.3"
        at = Watched([weir, "work", "stopped", "--group", "g", "--until-empty", "--", "sh", "-c", slow], env=env)
        checks.expect(at.comes("running"), "one more begins", at.text)
        termios.tcflow(at.end, termios.TCOOFF)
        ran = os.path.join(folder, "ran")
        goes_on = wait_until(lambda: os.path.exists(ran) and os.path.getsize(ran) == 10, "ten runs, though it is stopped")
        checks.expect(goes_on, "Ctrl-S stops what is shown, not the work")
        termios.tcflow(at.end, termios.TCOON)
        checks.expect(at.finish() == 0, "and it ends")

        add("s", 1, 2)
        fails = ["work", "s", "--group", "g", "--until-empty", "--max-deliveries", "1"]
        done = run(*fails, "--", "true")
        checks.expect((done.returncode, done.stderr, done.stdout) == (0, "", ""), "off a terminal it says nothing", done)
        add("s", 1, 2)
        done = run(*fails, "--", "false")
        checks.expect(done.returncode == 3 and done.stderr.count("dead letter in s.dead") == 2, "but problems", done)
        add("s", 1, 2)
        done = run(*fails, "--quiet", "--", "false")
        checks.expect((done.returncode, done.stderr) == (3, ""), "--quiet: not even those", done)
        add("s", 1, 2)
        done = run(*fails, "-v", "--", "false")
        lines = done.stderr.splitlines()
        good = (lines[0] == "weir: group 'g' works on 's', 1 command at a time until nothing is left" and
                re.fullmatch(r"weir: 0 done, 2 dead in [0-9.]+s", lines[-1]) and "\x1b" not in done.stderr)
        checks.expect(good, "-v has the lines, without what is for terminals", done)
        checks.expect(run(*fails, "-v", "-q", "--", "true").returncode == 2, "not both")
        at = Watched([weir, "--color", "never", *fails, "--", "true"], env=env)
        checks.expect(at.finish() == 1 and "\x1b" not in at.text and "weir: 0 done in" in at.text,
                      "where escapes are not wanted there are the lines without them", at.text)
    checks.end()


if __name__ == "__main__":
    main()
