#!/usr/bin/env python3
"""The words that Tab offers in a real shell. usage: completions_test.py SHELL WEIR"""

import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "docs"))
import table  # noqa: E402
from shells import open_shell  # noqa: E402

PREPARE = """
weir xadd race:france --id 1-1 a=1; weir xadd race:italy --id 2-1 a=1; weir xadd jobs --id 3-1 a=1; weir xadd jobs --id 4-1 a=1
weir xadd 'two words' --id 5-1 a=1; weir xadd $'line\\nbreak' --id 6-1 a=1
weir xreadgroup jobs --group builders --consumer one --create --count 1
weir group create race:france riders 0
"""

name, weir = sys.argv[1], os.path.abspath(sys.argv[2])
faults = []


def expect(what, found, wanted):
    if sorted(found) != sorted(wanted):
        faults.append(f"{name}: {what}: offered {found}, expected {wanted}")


def quoted(words):
    return [word if name == "fish" else word.replace(" ", "\\ ") for word in words]


with tempfile.TemporaryDirectory() as folder:
    tools, home = pathlib.Path(folder, "bin"), pathlib.Path(folder, "home")
    tools.mkdir()
    home.mkdir()
    (tools / "weir").symlink_to(weir)
    (tools / "run-a-command-of-mine").symlink_to("/bin/true")
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(home), "LC_ALL": "C.UTF-8", "ZDOTDIR": str(home)}
    shell = open_shell(name, environment)

    # Without a database names are not known; nothing is said, and none is made.
    expect("streams without a database", shell.complete("weir xrange "), [])
    expect("what is made by looking", [str(p.relative_to(home)) for p in home.rglob("weir*")], [])

    subprocess.run(["bash", "-c", PREPARE], env=environment, stdout=subprocess.DEVNULL, check=True)
    commands = table.commands(weir)
    expect("commands", shell.complete("weir "), dict.fromkeys(command.split()[0] for command in commands))
    for container in {command.split()[0] for command in commands if " " in command}:
        expect(f"subcommands of {container}", shell.complete(f"weir {container} "),
               [command.split()[1] for command in commands if command.startswith(container + " ")])
    for command in commands:
        expect(f"options of {command}", shell.complete(f"weir {command} --"), table.options(weir, command))

    streams = ["jobs", "race:france", "race:italy", "two words"]
    expect("streams", shell.complete("weir xlen "), quoted(streams))
    expect("streams of a prefix", shell.complete("weir xlen jo"), ["jobs"])
    # bash breaks the line at a colon: it is given what comes after.
    expect("streams with a colon", shell.complete("weir xlen race:f"), ["france"] if name == "bash" else ["race:france"])
    expect("a stream that has to be quoted", shell.complete("weir xlen tw"), quoted(["two words"]))
    expect("IDs of a quoted stream", shell.complete("weir xrange two\\ words "), ["5-1"])
    expect("groups", shell.complete("weir ack jobs "), ["builders"])
    expect("groups as an option's value", shell.complete("weir xreadgroup race:france --group "), ["riders"])
    expect("consumers", shell.complete("weir group delconsumer jobs builders "), ["one"])
    expect("IDs of a stream", shell.complete("weir xdel jobs "), ["3-1", "4-1"])
    expect("IDs that are pending", shell.complete("weir ack jobs builders "), ["3-1"])
    expect("Redis's own grammar", shell.complete("weir xreadgroup GROUP builders one STREAMS jo"), ["jobs"])
    expect("formats", shell.complete("weir --output re"), ["redis", "resp", "resp3"])
    expect("a second help word", shell.complete("weir help group setid"), ["setid"])
    expect("an unknown command", shell.complete("weir frobnicate "), [])
    pathlib.Path(folder, "some.db").touch()
    expect("files", shell.complete(f"weir --db {folder}/so"),
           {"zsh": ["some.db"]}.get(name, [f"{folder}/some.db"]))
    found = shell.complete("weir work jobs --group builders -- run-a-command-of-m")
    letter = ["bash", "-c", "weir xadd jobs.dead 7-1 weir.stream jobs; weir xadd other.dead 8-1 a b; weir xdel other.dead 8-1"]
    subprocess.run(letter, env=environment, stdout=subprocess.DEVNULL, check=True)
    expect("streams with dead letters", shell.complete("weir dead requeue "), ["jobs"])
    expect("IDs of dead letters", shell.complete("weir dead show jobs "), ["7-1"])
    # Called from a script, bash's own functions say that they are.
    expect("another program's command line", [line for line in found if "not currently executing" not in line], ["run-a-command-of-mine"])
    shell.close()

    # Values that are offered are values that are taken.
    for option in ("--output", "--durability", "--color"):
        offered = subprocess.run([weir, "__complete", option, ""], env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True)
        for value in offered.stdout.splitlines()[1:]:
            done = subprocess.run([weir, option, value, "xlen", "jobs"], env=environment, stdout=subprocess.DEVNULL, check=False)
            if done.returncode != 0:
                faults.append(f"{option} {value} is offered and refused")

    # Of very many streams some are offered, the first and the last among them: a shell writes what all have in common.
    def offered_from(database):
        done = subprocess.run([weir, "__complete", "xlen", ""], env={**environment, "WEIR_DB": database}, stdout=subprocess.PIPE,
                              encoding="utf-8", check=True, timeout=60)
        return [line.split("\t")[0] for line in done.stdout.splitlines()[1:]]

    names = [f"s{n:04}" for n in range(1000)]
    many = f"{folder}/many.db"
    subprocess.run([weir, "--db", many, "xadd"], env=environment, stdout=subprocess.DEVNULL, check=True, encoding="utf-8",
                   input="".join(f'{{"stream":"{stream}","fields":{{"a":"b"}}}}\n' for stream in names))
    found = offered_from(many)
    if not (found[:1] == names[:1] and found[-1:] == names[-1:] and len(found) < len(names)):
        faults.append(f"of 1000 streams {len(found)} are offered, from {found[:1]} to {found[-1:]}")

    # A query without an end, where a table should be.
    endless = f"{folder}/endless.db"
    with contextlib.closing(sqlite3.connect(endless)) as database:
        database.executescript("""
            PRAGMA journal_mode = WAL;
            CREATE TABLE weir_meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            INSERT INTO weir_meta VALUES ('version', 1);
            CREATE VIEW weir_streams AS WITH RECURSIVE c(stream) AS (SELECT 1 UNION ALL SELECT stream + 1 FROM c)
              SELECT stream, 'x' || stream AS name FROM c;""")
    if offered_from(endless):
        faults.append("names are offered from a query without an end")

print("\n".join(faults))
sys.exit(1 if faults else 0)
