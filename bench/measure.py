"""The tools of measuring: timed commands, sides that take turns, medians and their spread, facts about the machine.

A section is a function that is given a Bench and yields Tables. A Table has Sides; each turn of a side gives figures, as
{"rate": 1000.0, "processor": 0.2}. The table shows and compares the first figure. The end of a figure's name says its
unit. The sides run in turns, and each round begins with another side, so that a disturbance does not meet one side alone.
The first round warms up and does not count."""

import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
UNITS = {"rate": "a second", "seconds": "s", "ms": "ms", "us": "µs", "processor": "s of processor", "memory": "MB",
         "core": "% of a core", "instructions": "M instructions", "size": "MB", "count": "in all"}
HIGHER_IS_BETTER = {"rate"}


@dataclasses.dataclass
class Side:
    key: str
    label: str
    run: object  # () -> {figure: value}


@dataclasses.dataclass
class Table:
    title: str
    sides: list
    rounds: int | None = None  # for sides that measure the same each time, or take minutes. With one round: no warm-up
    alike: bool = True  # whether the sides do the same work, so that they are compared


def existing(program, hint):
    if not os.access(program, os.X_OK):
        raise SystemExit(f"no program {program}{hint}")
    return os.path.abspath(program)


@dataclasses.dataclass
class Weir:
    """A build of weir. Each build has its own databases in the folder where it measures."""
    path: str
    name: str

    def __post_init__(self):
        self.path = existing(self.path, "")

    def db(self, what):
        return f"{self.name}.{what}.db"

    def __call__(self, what, *words):
        return [self.path, "--db", self.db(what), *words]


class Bench:
    def __init__(self, builds, quick=False, rounds=None, longest=1_000_000):
        self.builds = builds
        self.programs = os.path.join(os.path.dirname(builds[-1].path), "bench")
        self.quick = quick
        self.rounds = rounds or (1 if quick else 9)
        self.longest = longest  # the longest stream, in sections on the length of streams

    def many(self, count, few=100):
        """How many of something: only a few if the run only tries whether everything works."""
        return min(count, few) if self.quick else count

    def program(self, name):
        return existing(os.path.join(self.programs, name), ": cmake --build … --target bench_programs makes it")

    def ours(self, key, label, run, prepare=None):
        """A side for each build: `run` and `prepare` are given a Weir. `run` is timed, `prepare` is not."""
        for weir in self.builds:
            if prepare:
                prepare(weir)
        return [Side(f"{key}.{weir.name}" if len(self.builds) > 1 else key, f"{label} ({weir.name})" if len(self.builds) > 1 else label,
                     lambda weir=weir: run(weir)) for weir in self.builds]

    def theirs(self, key, label, run):
        """A side with which weir is compared. It is left out if two builds are compared."""
        return [Side(key, label, run)] if len(self.builds) == 1 else []

    def peak(self, command, **streams):
        """Peak memory in MB. A separate program measures it, since a child of Python begins with Python's memory."""
        return {"memory": float(output([self.program("peak"), *command], **streams))}


@contextlib.contextmanager
def folder(quick):
    """A folder on a disk to measure in, made the current folder: in BENCH_DIR, or the build tree."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", ROOT / "build"), prefix="bench.") as path:
        os.chdir(path)
        try:
            if machine()["file-system"] == "tmpfs" and not quick:
                raise SystemExit(f"{path} is on tmpfs, where a sync costs nothing: set BENCH_DIR")
            yield
        finally:
            os.chdir(before)


@contextlib.contextmanager
def streams(stdin, stdout):
    with open(stdin or os.devnull, "rb") as source, open(stdout or os.devnull, "wb") as target:
        yield {"stdin": source, "stdout": target}


def timed(command, stdin=None, stdout=None, ok=(0,)):
    """The seconds that a command took, and its processor time. `stdin`, `stdout`: names of files."""
    with streams(stdin, stdout) as files:
        begun = time.monotonic()
        process = subprocess.Popen(command, **files)
        _, status, used = os.wait4(process.pid, 0)
        took = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ok:
        raise subprocess.CalledProcessError(process.returncode, command)
    return took, used.ru_utime + used.ru_stime


def per_second(count, took):
    return {"rate": count / took[0], "processor": took[1]}


def each(count, took):
    return {"us": took[0] / count * 1e6, "processor": took[1]}


def output(command, stdin=None, text=None):
    with open(stdin or os.devnull, encoding="utf-8") as source:
        given = {"input": text} if text is not None else {"stdin": source}
        return subprocess.run(command, **given, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def remove(*databases):
    for database in databases:
        for end in ("", "-wal", "-shm", "-lock"):
            pathlib.Path(database + end).unlink(missing_ok=True)


def write_lines(path, lines):
    """A file that is made only once, as two sections may need it."""
    if not os.path.exists(path):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
    return path


def in_turns(table, rounds):
    """{side: {figure: [a value for each round]}}"""
    rounds = table.rounds or rounds
    warm_up = rounds > 1
    values = {side.key: {} for side in table.sides}
    for turn in range(rounds + warm_up):
        first = turn % len(table.sides)
        for side in table.sides[first:] + table.sides[:first]:
            measured = side.run()
            if turn >= warm_up:
                for figure, value in measured.items():
                    values[side.key].setdefault(figure, []).append(float(f"{value:.6g}"))
    return values


def summary(values):
    return {"median": float(f"{statistics.median(values):.6g}"), "least": min(values), "most": max(values), "values": values}


def number(value):
    """A number of three digits, in a form for people."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"


def unit_of(figure):
    return UNITS[re.sub(r".*[.-]", "", figure)]


def show(table, values):
    """One table, as text."""
    first = next(iter(values.values()))
    main = next(iter(first))
    lines = ["", f"{table.title} ({unit_of(main)})", f"  {'':52} {'median':>11} {'least to most':>21} {'to the first' if table.alike else '':>12}"]
    for side in table.sides:
        figures = values[side.key]
        mine = figures.get(main, [])
        shown = [number(statistics.median(mine)), f"{number(min(mine))} to {number(max(mine))}"] if mine else ["", ""]
        ratio = f"{statistics.median(a / b if b else 1 for a, b in zip(mine, first[main])):.2f}" if table.alike and mine else ""
        more = "".join(f"  {name} {number(statistics.median(of))}" for name, of in figures.items() if name != main)
        lines.append(f"  {side.label:52} {shown[0]:>11} {shown[1]:>21} {ratio:>12}{more}".rstrip())
    return "\n".join(lines)


def sync_ms():
    """The cost of a sync of one page here."""
    times = []
    with tempfile.TemporaryFile(dir=".", buffering=0) as file:
        for _ in range(50):
            begun = time.monotonic()
            os.pwrite(file.fileno(), os.urandom(4096), 0)
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - begun) * 1000)
    return float(f"{statistics.median(times):.2g}")


def machine():
    """Facts about this machine on which the figures depend; the disk is that of the current folder."""
    cpu = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    memory = re.search(r"MemTotal: +(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="utf-8"))
    return {"processor": re.search(r"model name\s*: (.*)|$", cpu)[1] or platform.machine(), "cores": os.cpu_count(),
            "virtual": bool(re.search(r"\bhypervisor\b", cpu)), "memory-gb": round(int(memory[1]) / 1e6),
            "file-system": output(["df", "--output=fstype", "."]).split()[-1], "sync-ms": sync_ms(),
            "system": platform.freedesktop_os_release()["PRETTY_NAME"], "kernel": platform.release()}


def programs_of(weir):
    """The versions of the measured programs."""
    versions = dict(line.split(" ", 1) for line in output([weir, "--version", "-v"]).splitlines())
    with contextlib.suppress(FileNotFoundError):
        versions["redis-server"] = re.search(r"v=(\S+)", output(["redis-server", "--version"]))[1]
    return versions


def commit():
    """The last commit that changed the program; with a + if the program was changed since."""
    program = ["--", "src", "cmake", "CMakeLists.txt"]
    git = ["git", "-C", str(ROOT)]
    with contextlib.suppress(FileNotFoundError, subprocess.CalledProcessError):
        return output([*git, "log", "-1", "--format=%h", *program]).strip() + "+" * bool(output([*git, "status", "--porcelain", *program]))
    return ""


class Others:
    """How many cores other processes used meanwhile: all use of the processors, less our own."""

    @staticmethod
    def busy():
        ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text(encoding="ascii").split(None, 9)[1:9]]
        user, nice, system, _, _, interrupts, soft, stolen = ticks
        own = os.times()
        return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK") - sum(own[:4]), own.elapsed

    def __init__(self):
        self.begun = self.busy()

    def cores(self):
        (before, begun), (after, ended) = self.begun, self.busy()
        return round(max(0, after - before) / (ended - begun), 2)


def run_section(bench, name, section):
    """Runs the section and prints its tables; returns its results in the form in which they are stored."""
    others, load = Others(), os.getloadavg()[0]
    figures = {}
    for table in section(bench):
        values = in_turns(table, bench.rounds)
        print(show(table, values), flush=True)
        for side in table.sides:
            for figure, of in values[side.key].items():
                figures[f"{side.key}.{figure}"] = {"of": f"{table.title}: {side.label}", "unit": unit_of(figure), **summary(of)}
    return {"section": name, "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"), "load-before": load,
            "others-cores": others.cores(), "quick": bench.quick, "figures": figures}


def store(path, section, **facts):
    """Puts a section into a file of results; the other sections stay. A section names its machine and program."""
    path = pathlib.Path(path)
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() and path.stat().st_size else {}
    known[section["section"]] = {**section, **facts, "machine": machine()}
    path.write_text(as_lines(known) + "\n", encoding="utf-8")


def as_lines(value, depth=0):
    """JSON with a line for each figure."""
    if depth == 3 or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    inner = ",\n".join(f"{' ' * (depth + 1)}{json.dumps(name)}: {as_lines(each_value, depth + 1)}" for name, each_value in value.items())
    return f"{{\n{inner}\n{' ' * depth}}}"
