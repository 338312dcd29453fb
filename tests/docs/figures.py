#!/usr/bin/env python3
"""Every figure on speed and on the campaign in README.md comes from the results of a run; any other figure is noticed."""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from testing import Checks  # noqa: E402

NEEDED = ("README.md", "scripts/fill-figures", "bench/measure.py", "bench/figures.md", "bench/campaign.md", "bench/results")
checks = Checks()


def faults(root):
    return subprocess.run([sys.executable, root / "scripts" / "fill-figures", "--check"], capture_output=True, text=True, check=False).stderr


@contextlib.contextmanager
def copied():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in NEEDED:
            (root / name).parent.mkdir(exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, root / name)
        yield root


def changed(path, pattern, new):
    """What is said about a copy in which something is changed."""
    with copied() as root:
        for file in root.glob(path):
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(pattern, new, text, count=1), encoding="utf-8")
        return faults(root)


def with_campaigns(*each):
    """README.md's part, and what is said, after campaigns that gave so much."""
    with copied() as root:
        results = root / "bench" / "results"
        for path in results.glob("*.json"):
            sections = json.loads(path.read_text(encoding="utf-8"))
            sections.pop("campaign", None)
            path.write_text(json.dumps(sections), encoding="utf-8")
        known = json.loads((results / "2026-11-29.json").read_text(encoding="utf-8"))["bulk"]
        for at, given in enumerate(each):
            figures = {name: {"of": name, "unit": "in all", "median": number, "least": number, "most": number} for name, number in given.items()}
            (results / f"night{at}.json").write_text(json.dumps({"campaign": {**known, "date": f"2099-12-3{at}", "figures": figures}}), encoding="utf-8")
        done = subprocess.run([sys.executable, root / "scripts" / "fill-figures"], capture_output=True, text=True, check=False)
        return (root / "README.md").read_text(encoding="utf-8").partition("<!-- campaign: ")[2].partition("<!-- end of campaign -->")[0], done.stderr


checks.expect(not (said := faults(ROOT)), "README.md has the figures that were measured", said)
checks.expect("123,456 has no source" in changed("bench/figures.md", r"\{bulk\.weir\.rate\}", "123,456"), "a figure that nobody measured is noticed")
checks.expect("{bulk.weir.rates} has no source" in changed("bench/figures.md", r"\{bulk\.weir\.rate\}", "{bulk.weir.rates}"), "so is one that is not there")
checks.expect("README.md has other figures" in changed("README.md", r"(\| `bench/run bulk` \| )", r"\g<1>1"), "so is one that was changed in README.md")
checks.expect("99 is outside" in changed("README.md", r"(\n## Figures\n)", r"\1\nIt is 99 times as fast.\n"), "so is one beside what is filled in")
checks.expect("measured with --quick" in changed("bench/results/*.json", r'"quick": false', '"quick": true'), "a quick run is no source")
night = dict.fromkeys(("hours", "rounds", "faults", "kills", "power-cuts", "flips", "full-disks", "clock-steps", "histories", "operations",
                       "messages", "inputs"), 7)
part, said = with_campaigns({**night, "kills": 1_234_567, "wrong": 0}, {**night, "wrong": 0})
checks.expect("| 1,234,574 |" in part and "**0**" in part, "what the campaigns gave is added up in README.md, to the last digit", part + said)
checks.expect("7 whole rounds: 2099-12-30" in part and "7 whole rounds: 2099-12-31" in part, "which says when each was", part + said)
part, said = with_campaigns({**night, "kills": 1_234_567, "wrong": 0}, {**night, "wrong": 2})
checks.expect("**2**" in part, "what one found wrong stays there", part + said)
part, said = with_campaigns(night, {**night, "wrong": 0})
checks.expect("{campaign.wrong} has no source" in said and "1,234,567" not in part, "a campaign that does not say what was wrong is none", part + said)
checks.end()
