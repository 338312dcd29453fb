#!/usr/bin/env python3
"""Builds and installs weir as a user or a packager does. The test only looks at what would be compiled, and compiles
nothing. usage: build_test.py WEIR SOURCE
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from testing import Checks  # noqa: E402

weir, source = (pathlib.Path(word).resolve() for word in sys.argv[1:])
checks = Checks()
expect, same = checks.expect, checks.same
for name in ("CXXFLAGS", "DESTDIR", "CMAKE_BUILD_TYPE", "CMAKE_GENERATOR"):
    os.environ.pop(name, None)


def ran(*command, **environment):
    """What it prints; a command that fails fails the test."""
    done = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
    expect(done.returncode == 0, " ".join(map(str, command)) + " succeeds", done.stdout)
    return done.stdout


def configure(folder, *options, generator="Ninja", **environment):
    # Catch2, which only tests need, is not there.
    ran("cmake", "-S", source, "-B", folder, "-G", generator, "-DCMAKE_DISABLE_FIND_PACKAGE_Catch2=ON", *options, **environment)


def commands(folder, target="weir", file="build.ninja"):
    return ran("ninja", "-C", folder, "-f", file, "-t", "commands", target).splitlines()


def compiled_and_linked(*which):
    """How a source is compiled, and how the program is linked."""
    lines = commands(*which)
    return (next(line for line in lines if line.endswith("/src/main.cc")), next(line for line in reversed(lines) if re.search(r" -o \S*weir ", line)))


def level(compiled):
    """What the compiler takes _FORTIFY_SOURCE for: the last word counts."""
    return (re.findall(r"-[DU]_FORTIFY_SOURCE(?:=\d)?", compiled) or ["-"])[-1]


def installed(folder, root, *options):
    ran("cmake", "--install", folder, "--prefix", "/usr", *options, DESTDIR=str(root))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def one_folder(folder):
    build, root = folder / "build", folder / "root"
    configure(build, "-DCMAKE_BUILD_TYPE=Debug")
    compiled, linked = compiled_and_linked(build)
    same(level(compiled), "-", "without optimisation nothing is fortified")
    expect("-static-libstdc++" not in linked, "for debugging the runtime is shared")
    configure(build, "-DCMAKE_BUILD_TYPE=Release")
    compiled, linked = compiled_and_linked(build)
    expect("-static-libstdc++" in linked, "after that, a release in the same folder has it inside", linked)

    steps = commands(build, "install")
    expect(linked in steps, "what is installed is built first", steps[-3:])
    expect(not any("/tests/" in step for step in steps), "without tests", steps)

    configure(build, "-DWEIR_STATIC_RUNTIME=OFF")
    expect("-static-libstdc++" not in compiled_and_linked(build)[1], "it is shared in a release that is asked for that")

    shutil.copy(weir, build / "weir")
    files = installed(build, root)
    expect("usr/bin/weir" in files and "usr/share/man/man1/weir.1" in files, "the program and its page are installed", files)
    expect("usr/share/zsh/site-functions/_weir" in files, "zsh has its completion where zsh looks by itself", files)
    shutil.rmtree(root)
    (root / "usr/share/zsh/vendor-completions").mkdir(parents=True)
    files = installed(build, root)
    expect({file for file in files if "zsh" in file} == {"usr/share/zsh/vendor-completions/_weir"}, "and where Debian's does, if it is there", files)


def wishes_of_a_packager(folder):
    build, root = folder / "build", folder / "root"
    configure(build, "-DCMAKE_INSTALL_DATADIR=lib/data", generator="Ninja Multi-Config", CXXFLAGS="-O2 -D_FORTIFY_SOURCE=3")
    for kind in ("Release", "Debug"):
        compiled, linked = compiled_and_linked(build, "weir", f"build-{kind}.ninja")
        same(level(compiled), "-D_FORTIFY_SOURCE=3", f"what the packager asks for stands: {kind}")
        same("-static-libstdc++" in linked, kind == "Release", f"a release alone has the runtime inside: {kind}")
    (build / "Release").mkdir(exist_ok=True)
    shutil.copy(weir, build / "Release" / "weir")
    files = installed(build, root, "--config", "Release")
    completions = {file for file in files if re.search("completions|site-functions", file)}
    same(len(completions), 3, "all completions are installed")
    expect(all(file.startswith("usr/lib/data/") for file in completions), "below the folder of data", completions)


for part in (one_folder, wishes_of_a_packager):
    with tempfile.TemporaryDirectory() as place:
        part(pathlib.Path(place))
checks.end()
