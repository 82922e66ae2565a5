"""What was deployed between the judgement of a run and its approval."""

from __future__ import annotations

import pytest

from tests.configs import example
from tests.evidence.records import RECORD, changed
from tests.operations.runs.pipelines import STARTED
from tests.waved import TWO_WAVES, waved
from xacct_ml.config.model import Config
from xacct_ml.evidence.record import Record
from xacct_ml.operations.release.serving import Serving
from xacct_ml.operations.runs.overtaken import Newer, overtaken
from xacct_ml.system.waves import waves


def serves(run: str, digest: str | None, target: str = "production", execution: str | None = None) -> Serving:
    return Serving(target, "churn", execution or run, run, digest, None, STARTED)


def found(now: list[Serving], record: Record | None = None, config: Config | None = None) -> list[Newer]:
    to_come = waves(config or example())
    return list(overtaken({each.target: each for each in now}, record or changed(), "run-2", to_come))


RUN_1 = [serves("run-1", "cd" * 32)]
"""What the record names."""


@pytest.mark.parametrize(
    ("now", "record", "newer"),
    [
        (RUN_1, None, []),
        ([], None, []),
        ([serves("run-9", "ef" * 32)], None, [Newer("production", "run-9", "ef" * 32)]),
        ([serves("run-9", "ef" * 32, execution="release-1")], None, [Newer("production", "run-9", "ef" * 32)]),
        ([serves("run-9", "cd" * 32)], None, []),
        ([serves("run-9", None)], None, [Newer("production", "run-9")]),
        ([serves("run-9", "ef" * 32)], changed(live=None), [Newer("production", "run-9", "ef" * 32)]),
        ([serves("run-2", "ab" * 32)], None, []),
        ([serves("run-2", "ab" * 32, execution="release-1")], None, []),
        ([serves("run-9", "ef" * 32)], changed(scores={"candidate": None, "live": None}), []),
    ],
    ids=[
        "as judged",
        "nothing deployed",
        "another since",
        "a release since",
        "the very model again",
        "a model of before there was a judge",
        "the first model came since",
        "this run itself",
        "this run itself, by a release",
        "a record without scores",
    ],
)
def test_what_serves_by_now(now: list[Serving], record: Record | None, newer: list[Newer]) -> None:
    assert found(now, record) == newer


def test_each_target_of_each_wave() -> None:
    """What another target serves is in the record's others."""
    config = waved(*TWO_WAVES)
    first, other, *_ = [target.name for wave in waves(config) for target in wave.targets]
    others = [{"target": other, "execution": "run-0", "digest": "12" * 32}]
    record = changed(live={**RECORD["live"], "target": first, "others": others})
    now = [serves("run-1", "cd" * 32, first), serves("run-0", "12" * 32, other)]
    assert found(now, record, config) == []
    assert found([now[0], serves("run-9", "ef" * 32, other)], record, config) == [Newer(other, "run-9", "ef" * 32)]
