"""A disk that is almost full, with each amount of space that may be left; then space is freed."""
import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys

from checks import Weir, broken_rules
from faults import STORED

STEP = 4096
MOST = 40 * STEP


def mount_small(folder, size="2m"):
    """A small file system, for this process alone. Whether that is permitted."""
    libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    new_namespace, private = 0x00020000, (1 << 14) | (1 << 18)
    return (libc.unshare(new_namespace) == 0 and libc.mount(b"none", b"/", None, private, None) == 0 and
            libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, f"size={size}".encode()) == 0)


def fill(path, leave):
    """Fills the disk but for `leave` bytes."""
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(b"x" * STEP) == STEP:
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))


def with_room_for(program, folder, leave):
    weir = Weir(program, folder / "q.db")
    found = []
    lines = "\n".join(f'{{"n":{n}}}' for n in range(STORED))
    first = weir.run("xadd", "s", input=lines).stdout.split()
    weir.run("group", "create", "s", "g", "0")
    fill(folder / "fill", leave)

    def run(*arguments, input=""):
        done = weir.run(*arguments, input=input)
        if done.returncode not in (0, 1, 5):
            found.append(f"{arguments} ends with {done.returncode}: {done.stderr}")
        if done.returncode == 5 and "full" not in done.stderr:
            found.append(f"{arguments} says {done.stderr!r}")
        return done.stdout.splitlines()

    big = "\n".join(f'{{"n":{n},"text":"{"x" * 300}"}}' for n in range(500))
    printed = run("xadd", "s", input=big)
    run("xreadgroup", "s", "--group", "g", "--consumer", "c", "--count", "5")
    run("ack", "s", "g", *first[:2])
    run("xadd", "new", "a=b")
    (folder / "fill").unlink()
    there = weir.ids("s")
    if not set(first + printed) <= set(there):
        found.append("an ID that was printed is not there")
    done = weir.run("xadd", "s", "n=after")
    if done.returncode != 0:
        found.append(f"after there is room again: {done.returncode}, {done.stderr}")
    weir.run("xreadgroup", "s", "--group", "g", "--consumer", "c")
    if not set(there) - set(first[:2]) <= set(weir.pending("s", "g")):
        found.append("a message is neither pending nor acknowledged")
    found += broken_rules(weir.db)
    if found:  # outside of the small disk
        shutil.copytree(folder, folder.parent / f"{folder.name} {leave}")
    for file in folder.glob("q.db*"):
        file.unlink()
    return found


def run_here(program, folder, every):
    """In a process of its own, which alone sees the small disk."""
    if not mount_small(folder):
        print("skipped: mounting a small disk is not permitted")
        return
    for leave in range(0, MOST, STEP * every):
        for problem in with_room_for(program, folder, leave):
            print(f"{leave} {problem}".replace("\n", " "))
    print(f"done {len(range(0, MOST, STEP * every))}")


def campaign(program, _shim, folder, every, _offset, report):
    done = subprocess.run([sys.executable, __file__, program, folder, str(every)], capture_output=True, text=True,
                          check=False)
    for kept in folder.parent.glob(f"{folder.name} *"):
        kept.rename(folder / kept.name)
    *problems, last = done.stdout.splitlines() or [done.stderr]
    if last.startswith("skipped"):
        print(f"a disk that fills: {last}")
        return 0
    if not last.startswith("done "):
        problems.append(f"{last} {done.stderr}")
    report("a disk that fills and is freed", MOST // STEP // every, {"its end": problems} if problems else {})
    return len(problems)


if __name__ == "__main__":
    import pathlib

    run_here(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]))
