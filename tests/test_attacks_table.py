"""docs/attacks.md against the tests that exist: each attack names what shows it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")

NODES = re.compile(r"`(tests/[^`]+)`")


def test_every_attack_names_what_shows_it() -> None:
    """Four cells, and a test in the last of them."""
    rows = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
    attacks = [row for row in rows if row[-1] != "shown by"]
    assert len(attacks) > 50
    assert [row[0] for row in attacks if len(row) != 4 or not NODES.search(row[3])] == []


@pytest.mark.long
def test_every_test_that_is_named_exists() -> None:
    """With its parameters, as pytest finds it: one that is not there is an error of the collection."""
    named = [node for line in TEXT.splitlines() if line.startswith("| ") for node in NODES.findall(line)]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    options = ["-o", "addopts=--import-mode=importlib", "-m", ""]
    found = subprocess.run([*command, *options, *dict.fromkeys(named)], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-2000:]
