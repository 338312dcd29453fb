#!/usr/bin/env python3
"""Parser, help and man pages name the same commands and options. Tests, files and folders that documents name exist. Each
function that a test defines is called.

usage: agree.py WEIR BUILD-FOLDER"""

import collections
import contextlib
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import table

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
weir = sys.argv[1]
faults = []


def plain(page):
    """The page as it is read, without its bold and underlined characters."""
    text = subprocess.run(["mandoc", "-Tascii", "-O", "width=1000", page], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    return re.sub(".\b", "", text)


if shutil.which("mandoc") is None:
    sys.exit("the man pages are read with mandoc; on Debian: apt-get install mandoc")
pages = sorted((ROOT / "man").glob("*.[15]"))
lint = subprocess.run(["mandoc", "-Tlint", "-W", "warning", *pages], stdout=subprocess.PIPE, encoding="utf-8", check=False)
faults += lint.stdout.splitlines()
filled = subprocess.run([ROOT / "scripts" / "refresh-man", "--check", weir], stdout=subprocess.PIPE, encoding="utf-8", check=False)
faults += filled.stdout.splitlines()

text = {page.name: plain(page) for page in pages}
everything = "\n".join(text.values())
known = set(table.options(weir, "help"))
for command in table.commands(weir):
    if not re.search(rf"\bweir {command}\b", everything):
        faults.append(f"no man page has the command {command}")
    for option in table.options(weir, command):
        known.add(option)
        taken = subprocess.run([weir, *command.split(), "--help", option], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        if "unknown" in taken.stdout.splitlines()[0]:
            faults.append(f"weir {command} does not take the option {option} of its help")
        if not any(re.search(rf"weir {command}\b", page) and re.search(rf"(?<!\S){option}\b", page + text["weir.1"])
                   for page in text.values()):
            faults.append(f"no man page has the option {option} of {command}")
# Options of other programs stand in literal text only, never as a flag.
for page in pages:
    for option in re.findall(r"\bFl -([a-z-]+)", page.read_text(encoding="utf-8")):
        if f"--{option}" not in known:
            faults.append(f"{page.name} has the option --{option}, which no command takes")
# What the overview lists: all first words of commands, in the page that is read first.
for word in {command.split()[0] for command in table.commands(weir)} - {"help"}:
    if not re.search(rf"\b{word}\b", text["weir.1"]):
        faults.append(f"weir(1) does not name {word}")

listed = subprocess.run(["ctest", "--test-dir", sys.argv[2], "-N"], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
tests = re.findall(r"^ *Test +#\d+: (\S+)", listed, re.MULTILINE)
NAME = r"`((?:faults-|contract-|cli\.|redis\.|docs\.|move\.|completions\.|example\.)[\w.-]+)`"
for document in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
    for name in re.findall(NAME, (ROOT / document).read_text(encoding="utf-8")):
        if not any(test.startswith(name) for test in tests):
            faults.append(f"{document} names the test {name}, which there is not")

# A test that nobody calls passes for ever. What stands under a decorator, or in a script that goes through its globals,
# is called by no name.
scripts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
named = collections.Counter(name for script in scripts.values() for name in re.findall(r"\w+", script))
for path, script in scripts.items():
    faults += [f"{path.relative_to(ROOT)} defines {name}, which nobody calls"
               for name in re.findall(r"(?<![^\n]\n)^def (\w+)", script, re.MULTILINE)
               if named[name] == 1 and "globals()" not in script]

# ARCHITECTURE.md names files and folders that there are (with a folder: from the root or from src/), and every folder.
architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
for path in re.findall(r"`((?:[\w.-]+/)+[\w.*-]*|[\w*-]+\.(?:cc|h|md))`", architecture):
    places = [ROOT, ROOT / "src"] if "/" in path else [ROOT, *(ROOT / "src").glob("**"), *(ROOT / "tests").iterdir()]
    if not any(any(place.glob(path.rstrip("/"))) for place in places):
        faults.append(f"ARCHITECTURE.md names {path}, which there is not")
for folder in (*(ROOT / "src").rglob("*"), *(ROOT / "tests").iterdir(), *ROOT.iterdir()):
    name = f"{folder.relative_to(ROOT)}/"
    if folder.is_dir() and not re.match(r"\.(?!ci/)|build|.*__pycache__|src/$|tests/$", name) and f"`{name}" not in architecture:
        faults.append(f"ARCHITECTURE.md does not say what is in {name}")

# A room includes what its row says, and nothing else. For one inside another its neighbours there are rooms, too.
for room, _, known_rooms in re.findall(r"^\| `src/([\w./]+?)/?` \| (.*) \| (.*) \|$", architecture, re.MULTILINE):
    sources = [ROOT / "src" / room] if room.endswith(".cc") else (ROOT / "src" / room).rglob("*.*")
    depth = r"\w+(?:/\w+)*" if "/" in room else r"\w+"
    included = {name for source in sources for name in re.findall(rf'^#include "({depth})/', source.read_text(encoding="utf-8"), re.MULTILINE)}
    said = set(re.findall(r"`([\w/]+)`", known_rooms))
    if known_rooms != "all" and included - {room} != said:
        faults.append(f"src/{room} includes {sorted(included - {room})}; ARCHITECTURE.md says {sorted(said)}")

# Only the program ends the process, catches signals and keeps what changes: "One process, many stores" names exceptions.
once = {"io/simdjson_library.cc", "sqlite/database/database.cc", "sqlite/database/file_system.cc", "io/terminal_text.cc"}
# Besides what the first line names: a variable of a namespace, which stands at the beginning of a line.
ENDS_IT = r"\b_?exit\(|\babort\("
NOT_A_LIBRARYS = (ENDS_IT + r"|sigaction\(|\bsignal\(|sigprocmask\(|setitimer\(|^ *static (?!constexpr)[^(]*[;=]"
                  r"|^(?!using |return |(?:enum|struct|class|extern|namespace|constexpr|const|friend)\b)"
                  r"[A-Za-z][\w:<>*, ]*[ *]\w+(?: = [^(;]*|\{[^;]*\})?;")
for source in (ROOT / "src").rglob("*.cc"):
    name = str(source.relative_to(ROOT / "src"))
    text = source.read_text(encoding="utf-8")
    of_the_process = re.search(ENDS_IT if name in once else NOT_A_LIBRARYS, text, re.MULTILINE)
    # The child that doctor/locks.cc forks ends itself.
    if of_the_process and name != "doctor/locks.cc" and not name.startswith(("main.cc", "cli/", "worker/")):
        faults.append(f"src/{name} is no program: {of_the_process.group().strip()}")
    # A worker has threads while it waits; there only pthread_sigmask is defined.
    if "sigprocmask(" in text:
        faults.append(f"src/{name} calls sigprocmask, though there may be other threads: call pthread_sigmask")

# weir(5) has every table, view and column of a database.
sections = {}
for section in re.split(r"^\.S[sh] ", (ROOT / "man" / "weir.5").read_text(encoding="utf-8"), flags=re.MULTILINE):
    title, _, body = section.partition("\n")
    sections[title.strip()] = {name for line in re.findall(r"^\.It (?:Va|Ql) (.+)$", body, re.MULTILINE) for name in re.split(r" , ", line)}
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([weir, "--db", f"{folder}/w.db", "xadd", "s", "a=b"], check=True, stdout=subprocess.DEVNULL)
    with contextlib.closing(sqlite3.connect(f"{folder}/w.db")) as db:
        columns = db.execute("""SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c
            WHERE s.name LIKE 'weir%' AND s.type IN ('table', 'view') AND s.name <> 'weir_meta'
            UNION ALL SELECT 'weir_meta', key FROM weir_meta""").fetchall()
for table_name, column in columns:
    if column not in sections.get(table_name, ()):
        faults.append(f"weir(5) does not have {column} of {table_name}")
for table_name in {name for name in sections if name.startswith("weir_")} - {name for name, _ in columns}:
    faults.append(f"weir(5) has {table_name}, which no database has")

print("\n".join(faults))
sys.exit(1 if faults else 0)
