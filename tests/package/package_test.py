#!/usr/bin/env python3
"""Builds the Debian package, unpacks it into an empty root, and runs the command lines of the transcripts and documents
with the program installed there. usage: package_test.py BUILD-FOLDER

A release package must need nothing but SQLite, hiredis, the C library and simdjson, and be stripped. lintian finds
no faults but those that the package names (cmake/WeirDebian.cmake).
"""

import gzip
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
build = pathlib.Path(sys.argv[1])
faults = []
if shutil.which("dpkg-shlibdeps") is None:
    sys.exit("a Debian package needs dpkg-shlibdeps; on Debian: apt-get install dpkg-dev")


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", folder], check=True, stdout=subprocess.DEVNULL)
    package = next(pathlib.Path(folder).glob("weir_*.deb"))
    field = {name: output("dpkg-deb", "--field", package, name).strip()
             for name in ("Package", "Version", "Architecture", "Section", "Maintainer", "Description", "Depends")}
    print(package.name, package.stat().st_size, "bytes; depends on", field["Depends"])
    depends = {word.split()[0] for word in field["Depends"].split(", ")}
    for wanted in (r"libc6", r"libsqlite3-0", r"libhiredis", r"libsimdjson\d+"):
        if not any(re.match(wanted, name) for name in depends):
            faults.append(f"the package does not depend on {wanted}")
    for name, value in field.items():
        if not value:
            faults.append(f"the package has no {name}")

    root = pathlib.Path(folder, "root")
    subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    wanted = {"usr/bin/weir", "usr/share/doc/weir/copyright", "usr/share/doc/weir/README.md", "usr/share/doc/weir/changelog.gz",
              "usr/share/doc/weir/changelog.Debian.gz", "usr/share/lintian/overrides/weir",
              "usr/share/bash-completion/completions/weir", "usr/share/zsh/vendor-completions/_weir",
              "usr/share/fish/vendor_completions.d/weir.fish"}
    wanted |= {f"usr/share/man/man{page.suffix[1:]}/{page.name}.gz" for page in (ROOT / "man").iterdir()}
    wanted |= {f"usr/share/man/man1/{name}.1.gz" for page in (ROOT / "man").glob("*.1")
               for name in re.findall(r"^\.Nm (weir-[a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)}
    wanted |= {f"usr/share/doc/weir/{path.relative_to(ROOT)}" for path in (ROOT / "examples").rglob("*") if path.is_file()}
    faults += [f"the package lacks {name}" for name in wanted - files]
    faults += [f"the package has {name}, which nobody asked for" for name in files - wanted]
    faults += [f"others cannot read {path}" for path in root.rglob("*") if not path.stat().st_mode & 0o004]

    notices = (root / "usr/share/doc/weir/copyright").read_text(encoding="utf-8")
    faults += [f"the copyright has no word of {library}" for library in ("libcli11", "libexpected", "libfmt", "libncurses", "libxxhash")
               if f"parts of {library} inside" not in notices]

    settings = dict(re.findall(r"^(\w+):\w+=(.*)$", (build / "CMakeCache.txt").read_text(encoding="utf-8"), re.MULTILINE))
    maintainer = settings["WEIR_MAINTAINER"]
    if field["Maintainer"] != maintainer:
        faults.append(f"the maintainer is {field['Maintainer']}, not {maintainer}")
    changelog = gzip.decompress((root / "usr/share/doc/weir/changelog.Debian.gz").read_bytes()).decode()
    if f"weir ({field['Version']}) " not in changelog or f" -- {maintainer}  " not in changelog:
        faults.append(f"Debian's changelog is not of this version, or of another maintainer:\n{changelog}")
    # Another lintian looks for other things.
    if platform.freedesktop_os_release().get("VERSION_ID") != "12":
        print("lintian is skipped: not on Debian 12")
    else:
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", package],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        if done.returncode != 0:
            faults.append(done.stdout)

    weir = root / "usr/bin/weir"
    print("usr/bin/weir:", weir.stat().st_size, "bytes")
    release = settings["WEIR_STATIC_RUNTIME"].replace("$<CONFIG:Release>", settings.get("CMAKE_BUILD_TYPE", "")) in ("ON", "Release")
    # Another compiler makes another size.
    measured = release and platform.freedesktop_os_release().get("VERSION_ID") == "12"
    said = re.search(r"release binary has ([\d.]+) MB.*?package itself ([\d.]+) MB", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for what, size, figure in zip(("binary", "package"), (weir.stat().st_size, package.stat().st_size), said.groups()):
        if measured and not 0.85 < size / 1e6 / float(figure) < 1.15:
            faults.append(f"README.md says that the {what} has {figure} MB; it has {size / 1e6:.1f}")
    if ".symtab" in output("readelf", "--sections", "--wide", weir):
        faults.append("the binary is not stripped")
    if "libstdc++" in field["Depends"] and release:
        faults.append("the C++ runtime was to be part of the binary")
    for document in [*sorted((ROOT / "tests/cli").glob("*.transcript")), ROOT / "README.md", *sorted((ROOT / "man").iterdir())]:
        done = subprocess.run([sys.executable, ROOT / "tests/cli/transcript.py", weir, document],
                              stdout=subprocess.PIPE, encoding="utf-8", check=False)
        if done.returncode != 0:
            faults.append(done.stdout)

print("\n".join(faults))
sys.exit(1 if faults else 0)
