"""Runs that fail at night: ``status`` alone says why and what to do, on one screen of 80 by 24, and what it says leads
out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console, Group
from rich.text import Text

from tests.configs import example
from tests.journeys.failing import FAILURES, HYPERPARAMETERS, REPLY_SECONDS, Failure, begin
from tests.journeys.project import Project, project
from tests.journeys.test_missing_statement import ServicesOf
from xacct_ml.cli.main import main
from xacct_ml.cli.screen import folded
from xacct_ml.cli.views.status import status_lines
from xacct_ml.emulator.core.runtime import Pace

pytestmark = pytest.mark.long

COLUMNS, ROWS = 80, 24
BESIDE = 2
"""Rows that the command itself takes, and the shell's next prompt."""


@pytest.fixture(scope="module")
def made() -> Iterator[Project]:
    with project(example(training={"hyperparameters": HYPERPARAMETERS}), Pace(lambda_reply=REPLY_SECONDS)) as found:
        begin(found)
        yield found


@pytest.mark.parametrize("failure", FAILURES, ids=[one.title for one in FAILURES])
def test_status_alone_tells_and_leads_out(made: Project, failure: Failure) -> None:
    run = failure.make(made)
    seen = made.status(run)
    rows = screen(status_lines(seen))
    text = " ".join(" ".join(rows).split())
    assert len(rows) + BESIDE <= ROWS, "\n".join(rows)
    assert failure.cause in text
    assert "next: " in text
    assert (seen.next_step or "").startswith(failure.step)
    assert "console" in text
    after = made.settled(failure.mend(made, run))
    assert after.diagnosis is None, after.diagnosis
    assert after.waits_for_approval or after.execution is None or after.execution.status == "Succeeded"
    if after.waits_for_approval and after.execution is not None:
        made.judge(after.execution.id, approve=False)
        made.settled(after.execution.id)


def test_a_waiting_run_is_stopped(made: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its approval is taken back, and the next run goes its way; stopping it again changes nothing."""
    known = made.runs()
    made.push(MaxDepth="8")
    run = made.new_run(known)
    assert made.settled(run).waits_for_approval
    capsys.readouterr()
    for stopped in (True, False):
        words = ["stop", "--execution", run, "--yes", "--reason", str(tmp_path)[:20], "--output", "json"]
        assert main(words, ServicesOf(made)) == 0
        result = json.loads(capsys.readouterr().out)["result"]
        assert (result["execution"], bool(result["at"])) == (run, stopped)
    seen = made.status(run)
    assert seen.execution is not None
    assert (seen.execution.status, seen.next_step) == ("Stopped", "xacct-ml start begins another run")
    assert run not in made.waiting()


def screen(lines: list[str]) -> list[str]:
    """As a terminal of so many columns shows them."""
    console = Console(width=COLUMNS, file=io.StringIO(), color_system=None)
    console.print(Group(*(part for line in lines for part in folded(Text(line), COLUMNS))))
    assert isinstance(console.file, io.StringIO)
    return [row.rstrip() for row in console.file.getvalue().splitlines()]
