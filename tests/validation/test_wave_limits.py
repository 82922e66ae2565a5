"""Waves that contradict the map, or each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.maps import changed, refusal
from xacct_ml.validation import load

ONE = '    - id: "333333333333"\n'
MAP = changed(ONE, '    - {id: "333333333333", name: eu}\n    - {id: "444444444444", name: apac}\n')

REFUSED = {
    "unknown target": (
        "- {name: a, targets: [eu, apca]}",
        (17, 29),
        "no production target is called 'apca'; did you mean 'apac'? allowed: eu, apac",
    ),
    "target in two waves": (
        "- {name: a, targets: [eu, apac]}\n  - {name: b, targets: [eu]}",
        (18, 25),
        "eu is in wave a already; a target is in exactly one wave",
    ),
    "target twice": ("- {name: a, targets: [eu, apac, apac]}", (17, 35), "apac is in wave a already"),
    "target in none": (
        "- {name: a, targets: [eu]}",
        (16, 1),
        "no wave has apac; every production target is in exactly",
    ),
    "same names": (
        "- {name: a, targets: [eu]}\n  - {name: a, targets: [apac]}",
        (18, 12),
        "the wave's name 'a' is taken; give each its own",
    ),
    "no targets": (
        "- {name: a, targets: []}\n  - {name: b, targets: [eu, apac]}",
        (17, 24),
        "wave a has no targets; name some of eu, apac, or leave the wave out",
    ),
    "name": (
        "- {name: First Wave, targets: [eu, apac]}",
        (17, 12),
        "'First Wave' has another form; allowed: lower-case",
    ),
}


@pytest.mark.parametrize(("waves", "position", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(tmp_path: Path, waves: str, position: tuple[int, int], reason: str) -> None:
    """Where it is wrong, and what is allowed."""
    error = refusal(tmp_path, f"{MAP}waves:\n  {waves}\n")
    assert (error.line, error.column) == position, error.lines()
    assert reason in error.message


def test_accepted(tmp_path: Path) -> None:
    """The first wave may need no approval."""
    path = tmp_path / "config.yaml"
    path.write_text(f"{MAP}waves:\n  - {{name: a, targets: [apac], approval: false}}\n  - {{name: b, targets: [eu]}}\n")
    first, second = load(path).waves
    assert (first.targets, first.approval, second.approval) == (("apac",), False, True)
