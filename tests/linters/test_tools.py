"""Environments are made once, and what adapters say reaches the right document."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from linters.rendering import PLANTED, Document, planted
from linters.tools import STAMP, TOOLS, Tool, ToolError, attributed, ensure, findings, unseen

TOOL = Tool("no-such-linter", ("no-such-linter==1",), ("role policy",), frozenset({"SEEN"}))
FILE = Document("map", "role policy", "training/roles/a/one.json", Path("one.json"))
WHOLE = Document("map", "role policy", "training/roles/a", Path("whole.json"), whole=True)


def said(document: Document, statement: str = "", *about: str) -> dict[str, Any]:
    return {"path": str(document.path), "id": "SEEN", "statement": statement, "about": about, "message": "text"}


def test_an_environment_is_made_once(tmp_path: Path) -> None:
    """One that was made for the same requirements is used as it is."""
    python = tmp_path / TOOL.name / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("as it was")
    (tmp_path / TOOL.name / STAMP).write_text("\n".join((sys.version, *TOOL.requirements)))
    assert ensure(TOOL, tmp_path) == python
    assert python.read_text() == "as it was"


def test_a_finding_has_its_place() -> None:
    """Document and statement, or the document where no statement is meant."""
    found = attributed(TOOL, [FILE], [said(FILE, "Sid", "s3:GetObject"), said(FILE)])
    assert {(name, finding.place) for name, finding in found} == {("map", FILE.name), ("map", f"{FILE.name}#Sid")}


def test_policies_in_one_add_only_what_no_file_shows() -> None:
    """Neither single statements nor what one of the files has by itself; another principal's file does not count."""
    statement, both = said(WHOLE, "Sid0"), said(WHOLE, "", "iam:PassRole")
    other = Document("map", "role policy", "training/roles/ab/one.json", Path("other.json"))
    alone = attributed(TOOL, [FILE, WHOLE, other], [statement, both, said(other, "", "iam:PassRole")])
    assert {finding.place for _, finding in alone} == {WHOLE.name, other.name}
    shown = attributed(TOOL, [FILE, WHOLE], [both, said(FILE, "", "iam:PassRole")])
    assert {finding.place for _, finding in shown} == {FILE.name}


def test_a_blind_linter_is_noticed() -> None:
    """It did not report what was planted for it."""
    seen = [finding for _, finding in attributed(TOOL, [FILE], [said(FILE)])]
    assert unseen(TOOL, seen) == []
    assert unseen(TOOL, []) == ["no-such-linter: did not report SEEN for what is planted: is it blind?"]


def test_a_linter_that_breaks_is_no_pass() -> None:
    """Its last line says why."""
    with pytest.raises(ToolError, match=r"no-such-linter: exit code 2: .*No such file"):
        findings(TOOL, Path(sys.executable), [FILE])


@pytest.mark.long
def test_cfn_lint_reports_the_planted_property() -> None:
    """The one linter that the project's own environment has, through its adapter."""
    tool = next(tool for tool in TOOLS if tool.name == "cfn-lint")
    found = findings(tool, Path(sys.executable), [each for each in planted() if tool.reads(each)])
    assert {name for name, _ in found} == {PLANTED}
    assert unseen(tool, (finding for _, finding in found)) == []
