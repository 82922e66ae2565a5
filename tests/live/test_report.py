"""The report, and that every assumption has its test."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

from tests.live.report import ASSUMPTIONS, assumptions, written

HERE = Path(__file__).parent


def test_every_assumption_has_a_live_test() -> None:
    """The table names it; and every live test settles one."""
    rows = [line for line in ASSUMPTIONS.read_text().split("## ")[0].splitlines() if line.startswith("| ")][1:]
    found = assumptions()
    assert len(found) == len(rows), "a row names no test"
    named = {each.test for each in found}
    there = {
        f"{file.name}::{node.name}"
        for file in HERE.glob("test_*.py")
        if "pytest.mark.live" in file.read_text() and file.name != "test_report.py"
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert named == there


def test_the_report_has_a_verdict_for_each() -> None:
    """What was not run is not told."""
    first, second, *_ = assumptions()
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    lines = list(written({first.test: ("passed", "a | b")}, "embedded", now))
    assert lines[0] == "# Assumptions, 2026-03-01 12:00 UTC, embedded"
    assert f"| {first.assumed} | holds | a / b |" in lines
    assert f"| {second.assumed} | not told | the test was not run |" in lines
