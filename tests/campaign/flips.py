"""In each page of the database, its log and the lock file one bit is flipped, one page at a time."""
import random
import shutil
import subprocess

from checks import Weir

PAGE = 4096
LIMIT = 60
COMMANDS = [
    ("ls", "-l"), ("info", "stream", "s", "full"), ("xrange", "s"), ("xrevrange", "s", "+", "-"), ("xlen", "s"),
    ("pending", "s", "g"), ("pending", "s", "g", "-", "+", "10"), ("xreadgroup", "s", "--group", "g", "--consumer", "d"),
    ("autoclaim", "s", "g", "d", "0"), ("dead", "ls", "s"), ("xadd", "s", "a=b"), ("ack", "s", "g", "1-1"),
    ("nack", "s", "g", "2-1"), ("xdel", "s", "3-1"),
    ("work", "s", "--group", "g", "--until-empty", "--min-idle", "1ms", "--max-deliveries", "1", "--", "false"),
    ("xtrim", "s", "--maxlen", "1"), ("copy",), ("rename", "s", "t"), ("del", "t"),
]


def make(weir):
    for n in range(1, 60):
        weir.run("xadd", "s", f"{n}-1", "n", str(n), "text", "x" * 200)
    weir.run("group", "create", "s", "g", "0")
    weir.run("xreadgroup", "s", "--group", "g", "--consumer", "c", "--count", "20")
    weir.run("nack", "s", "g", "7-1")
    weir.run("xdel", "s", "9-1")
    weir.run("xadd", "s.dead", "a=b")


def flip(path, page):
    data = bytearray(path.read_bytes())
    at = min(page * PAGE + random.randrange(PAGE), len(data) - 1)
    data[at] ^= 1 << random.randrange(8)
    path.write_bytes(data)
    return at


def run_all(weir):
    found = []
    for arguments in COMMANDS:
        words = ("copy", weir.db, f"{weir.db}.copy") if arguments[0] == "copy" else arguments
        try:
            done = subprocess.run([weir.program, "--db", weir.db, *words], stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            found.append(f"{arguments} hangs")
            continue
        if not 0 <= done.returncode <= 5:
            found.append(f"{arguments} ends with {done.returncode}: {done.stderr.decode(errors='replace')}")
        elif done.returncode == 5 and not done.stderr:
            found.append(f"{arguments} ends with 5 and no word")
    return found


def campaign(program, _shim, folder, every, _offset, report):
    whole = folder / "whole"
    whole.mkdir()
    make(Weir(program, whole / "q.db"))
    failures = 0
    for file in sorted(whole.iterdir()):
        bad = {}
        pages = range(0, max(1, file.stat().st_size // PAGE), max(1, every // 4))
        for page in pages:
            place = folder / "flipped"
            shutil.copytree(whole, place)
            at = flip(place / file.name, page)
            if found := run_all(Weir(program, place / "q.db")):
                bad[f"byte {at}"] = found
                place.rename(folder / f"{file.name} {page} {at}")
            else:
                shutil.rmtree(place)
        report(f"a flipped bit in {file.name}", len(pages), bad)
        failures += len(bad)
    return failures
