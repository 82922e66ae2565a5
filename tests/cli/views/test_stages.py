"""What ``status`` shows of a run's stages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from xacct_ml.cli.views.stages import stage_lines
from xacct_ml.operations.runs.diagnosis import Diagnosis
from xacct_ml.operations.runs.executions import Execution
from xacct_ml.operations.runs.stages import Action, Stage
from xacct_ml.operations.runs.status import Status

BEGUN = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


def stage(name: str, status: str, seconds: int = 0, waiting: tuple[str, ...] = ()) -> Stage:
    action = Action(name, status, started=BEGUN, updated=BEGUN + timedelta(seconds=seconds))
    return Stage(name, status, () if status == "NotStarted" else (action,), waiting)


def seen(*stages: Stage, failed: str | None = None) -> Status:
    diagnosis = None if failed is None else Diagnosis("gate", "", "", stage=failed, action=failed)
    run = Execution("run-1", "Failed" if failed else "InProgress", "Webhook", None, BEGUN, BEGUN)
    return Status("churn", run, stages, (), None, (), diagnosis=diagnosis)


def test_what_went_well_stands_together_where_something_failed() -> None:
    """With how long each took; of a run in which nothing failed each has its line."""
    well = (stage("Source", "Succeeded", 4), stage("Check", "Succeeded", 6))
    train, rest = stage("Train", "Failed", 61), stage("Judge", "NotStarted", waiting=("run-2",))
    together = ["  Source 4 s, Check 6 s: Succeeded", "  Train  Failed  1 min 1 s", "  Judge: NotStarted"]
    assert stage_lines(seen(*well, train, rest, failed="Train")) == together
    assert stage_lines(seen(*well)) == ["  Source  Succeeded  4 s", "  Check   Succeeded  6 s"]
    assert stage_lines(seen(*well[:1], train, failed="Train")) == [
        "  Source  Succeeded  4 s",
        "  Train   Failed     1 min 1 s",
    ]


def test_who_waits_is_shown_while_nothing_is_wrong() -> None:
    entered = stage("Approve", "NotStarted", waiting=("run-1", "run-2"))
    assert stage_lines(seen(entered)) == ["  Approve  NotStarted", "             waiting to enter: run-2"]
