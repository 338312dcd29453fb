#!/usr/bin/env python3
"""Every figure in README.md's part on speed comes from what was measured, and one that does not is noticed."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from testing import Checks  # noqa: E402

NEEDED = ("README.md", "scripts/fill-figures", "bench/measure.py", "bench/figures.md", "bench/results")
checks = Checks()


def faults(root):
    return subprocess.run([sys.executable, root / "scripts" / "fill-figures", "--check"], capture_output=True, text=True, check=False).stderr


def changed(path, pattern, new):
    """What is said about a copy in which something is changed."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in NEEDED:
            (root / name).parent.mkdir(exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, root / name)
        for file in root.glob(path):
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(pattern, new, text, count=1), encoding="utf-8")
        return faults(root)


checks.expect(not (said := faults(ROOT)), "README.md has the figures that were measured", said)
checks.expect("123,456 has no source" in changed("bench/figures.md", r"\{bulk\.weir\.rate\}", "123,456"), "a figure that nobody measured is noticed")
checks.expect("{bulk.weir.rates} has no source" in changed("bench/figures.md", r"\{bulk\.weir\.rate\}", "{bulk.weir.rates}"), "so is one that is not there")
checks.expect("README.md has other figures" in changed("README.md", r"(\| `bench/run bulk` \| )", r"\g<1>1"), "so is one that was changed in README.md")
checks.expect("99 is outside" in changed("README.md", r"(\n## Figures\n)", r"\1\nIt is 99 times as fast.\n"), "so is one beside what is filled in")
checks.expect("measured with --quick" in changed("bench/results/*.json", r'"quick": false', '"quick": true'), "a quick run is no source")
checks.end()
