#!/usr/bin/env python3
"""Compares the answers of a redis-server 8.6, command by command, with those of `weir batch` on a file. The server's
answers are in redis_8_6.txt, whose head explains its signs. usage: transcripts.py WEIR"""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Weir, shown  # noqa: E402

TRANSCRIPT = pathlib.Path(__file__).with_name("redis_8_6.txt")
MARK = "that was the answer"

# Sections of what weir does not have yet, by the beginning of their names.
NOT_YET = (
    "expiry", "DEL, RENAME, COPY", "default settings",
)
# What other clients that wait with CLAIM do is not replayed: tests/faults/claim_line_test.cc has the like.
OF_WAITERS = ("waits until", "the block time", "a new entry", "XCLAIM …", "two waiting", "one without CLAIM",
              "key or group goes", "only deleted entries", "two streams", "ID other than")
# There are streams only: nothing has another type, no script runs, and nothing of a server's own is there.
NOT_IN_WEIR = {"SET", "COPY", "CONFIG", "INFO", "OBJECT", "DEBUG", "HELLO", "EVAL", "RPUSH", "COMMAND"}
# Redis's count of deliveries is signed, and one more than the highest is the lowest; here it stays.
OVERFLOW = "(integer) -9223372036854775808"
# Nodes of the radix tree are Redis's own, and the count of what was given back is 8.8's.
OURS_ALONE = re.compile(r'^ *\d+(?:\) "(?:radix-tree-(?:keys|nodes)|nacked-count)"\n *\d+\)|'
                        r'# "(?:radix-tree-(?:keys|nodes)|nacked-count)" =>) .*\n', re.M)


class Client:
    """A `weir batch`, asked one command after the other."""

    def __init__(self, weir, db):
        self.process = subprocess.Popen([weir, "--db", db, "-o", "redis", "batch"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")

    def ask(self, lines):
        self.process.stdin.write("\n".join(lines) + f"\nECHO '{MARK}'\n")
        self.process.stdin.flush()
        answer = ""
        while not answer.endswith(f'"{MARK}"\n'):
            line = self.process.stdout.readline()
            if not line:
                raise EOFError(f"no answer to {lines}")
            answer += line
        return answer[:-len(f'"{MARK}"\n')]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def exchanges():
    """(section, line number, commands, what was answered). Without those of clients that wait."""
    section, commands, answer, at = "", [], "", 0
    other = False  # an answer to another client
    for number, line in enumerate(TRANSCRIPT.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(("> ", "#")) and answer:
            if commands:
                yield section, at, commands, answer
            commands, answer = [], ""
        if line.startswith("# ---- "):
            section = line.removeprefix("# ---- ")
        elif line.startswith("> [") or line.startswith("["):
            other = line.startswith("[")
        elif line.startswith("> "):
            other = False
            at = at if commands else number
            commands.append(line.removeprefix("> "))
        elif not line.startswith("#") and not other:
            answer += line + "\n"
    if commands:
        yield section, at, commands, answer


def prepared(command):
    """The commands of a script that only prepares data, and the one that gives its answer."""
    loop = re.match(r"EVAL \"for i=1,(\d+) do (?:if i%(\d+)~=0 then )?redis.call\('(\w+)',KEYS\[1\],(.*?)\) end", command)
    final = re.search(r"return redis.call\('(\w+)',KEYS\[1\](?:,'(\w+)')?\)", command)
    commands = []
    if loop:
        for i in range(1, int(loop[1]) + 1):
            if not loop[2] or i % int(loop[2]):
                words = [word.strip("'") for word in loop[4].split(",")]
                words = [word.replace("i..'", str(i)) if word.startswith("i..") else word for word in words]
                words = [str(i) if word == "i" else str(i * int(word[2:])) if word.startswith("i*") else word for word in words]
                commands.append(" ".join([loop[3], "s", *words]))
    elif read := re.match(r"EVAL \"redis.call\('XREADGROUP',(.*?),KEYS\[1\],'>'\)", command):
        commands.append("XREADGROUP " + read[1].replace("'", "").replace(",", " ") + " s >")
    return commands, [f"{final[1]} s {final[2] or ''}"] if final else []


class Normal:
    """An answer without what cannot be the same twice."""

    def __init__(self):
        self.forget()

    def forget(self):
        self.ids = {}

    def ours(self, text):
        return self.both(re.sub(r"\b\d{13}-\d+\b", self.clock_id, text))

    def clock_id(self, match):
        return f"<now-{self.ids.setdefault(match[0], len(self.ids) + 1)}>"

    @staticmethod
    def both(text):
        text = OURS_ALONE.sub("", text + "\n")
        text = re.sub(r"\(integer\) \d{13}\b", "(integer) <unix-ms>", text)
        # Elements are counted, and so set in, in another way where some are left out.
        text = re.sub(r"^ +", "", re.sub(r"\b\d+([)#]) ", r"N\1 ", text), flags=re.M).strip("\n")
        # What passes between two commands: XPENDING's and CLAIM's idle time, and those of consumers.
        text = re.sub(r'(\nN\) (?:"[^"]*"\n)?N\) \(integer\) )(\d+)(?=\nN\) \(integer\) -?\d+)', Normal.about, text)
        return re.sub(r'("(?:idle|inactive)"(?:\nN\)| =>) \(integer\) )(\d+)', Normal.about, text)

    @staticmethod
    def about(match):
        """To ten seconds: what is older was made so."""
        return f"{match[1]}{round(int(match[2]) / 10_000) * 10} s"


def main():
    weir = os.path.abspath(sys.argv[1])
    compared, wrong, later = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        client, normal = Client(weir, os.path.join(folder, "weir.db")), Normal()
        in_resp3 = Weir(weir, os.path.join(folder, "weir.db"), protocol=3)
        for section, number, commands, answer in exchanges():
            word = commands[0].split()[0].upper()
            if section.startswith(NOT_YET + OF_WAITERS):
                later += 1
                continue
            if word == "EVAL":
                first, final = prepared(commands[0])
                client.ask(first)
                commands = final
            elif word in NOT_IN_WEIR or "WRONGTYPE" in answer or OVERFLOW in answer:
                continue
            if word == "FLUSHALL":
                normal.forget()
            compared += 1
            if any(" CLAIM " in command for command in commands):
                time.sleep(0.005)  # some have been idle for so long: the recording had its pauses
            if word == "(RESP3)":
                ours = shown(in_resp3.ask(*shlex.split(commands[0])[1:]))
            else:
                ours = client.ask(commands) if commands else ""
            ours = normal.ours(ours) if commands else ""
            theirs = normal.both(answer) if commands else ""
            if ours != theirs:
                wrong += 1
                print(f"{TRANSCRIPT.name}:{number}: {section}\n> {commands}\nRedis 8.6:\n{theirs}\nweir:\n{ours}\n")
        client.close()
        in_resp3.close()
    print(f"{compared} answers compared, {wrong} wrong, {later} are not asked")
    return wrong != 0 or compared == 0


sys.exit(main())
