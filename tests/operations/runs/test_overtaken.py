"""What was deployed between the judgement of a run and its approval."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import SHARED, example
from tests.evidence.records import RECORD, changed
from tests.operations.runs.pipelines import accounts, codepipeline, detail
from tests.waved import TWO_WAVES, waved
from xacct_ml.config.model import Config
from xacct_ml.evidence.record import Record
from xacct_ml.operations.runs.overtaken import Newer, overtaken
from xacct_ml.system.waves import waves


def deployed(run: str, digest: str, stage: str = "Deploy", target: str = "production") -> list[dict[str, Any]]:
    """Newest first."""
    return [
        detail(stage, target, "Succeeded", run=run),
        detail("Judge", "Evaluation", "Succeeded", run=run, variables={"ModelDigest": digest}),
    ]


def found(details: list[dict[str, Any]], record: Record | None = None, config: Config | None = None) -> list[Newer]:
    config = config or example()
    there = accounts(codepipeline(list_action_executions={"actionExecutionDetails": details}))
    assert (SHARED, "codepipeline") in there.clients
    return list(overtaken(config, there, record or changed(), "run-2", waves(config)))


RUN_1 = deployed("run-1", "cd" * 32)
"""What the record names."""


@pytest.mark.parametrize(
    ("details", "record", "newer"),
    [
        (RUN_1, None, []),
        ([], None, []),
        ([*deployed("run-9", "ef" * 32), *RUN_1], None, [Newer("production", "run-9", "ef" * 32)]),
        ([detail("Deploy", "production", "Failed", run="run-9"), *RUN_1], None, []),
        ([*deployed("run-9", "cd" * 32), *RUN_1], None, []),
        (deployed("run-9", "ef" * 32)[:1], None, [Newer("production", "run-9")]),
        (deployed("run-9", "ef" * 32), changed(live=None), [Newer("production", "run-9", "ef" * 32)]),
        (deployed("run-2", "ab" * 32), None, []),
        (deployed("run-9", "ef" * 32), changed(scores={"candidate": None, "live": None}), []),
    ],
    ids=[
        "as judged",
        "nothing deployed",
        "another since",
        "another that failed",
        "the very model again",
        "a run whose judgement is not kept",
        "the first model came since",
        "this run itself",
        "a record without scores",
    ],
)
def test_what_serves_by_now(details: list[dict[str, Any]], record: Record | None, newer: list[Newer]) -> None:
    assert found(details, record) == newer


def test_each_target_of_each_wave() -> None:
    """By its own stage and name; what another target serves is in the record's others."""
    config = waved(*TWO_WAVES)
    names = [(wave.deploy_stage, target.name) for wave in waves(config) for target in wave.targets]
    (first_stage, first), (stage, other), *_ = names
    record = changed(
        live={
            **RECORD["live"],
            "target": first,
            "others": [{"target": other, "execution": "run-0", "digest": "12" * 32}],
        }
    )
    details = [*deployed("run-1", "cd" * 32, first_stage, first), *deployed("run-0", "12" * 32, stage, other)]
    assert found(details, record, config) == []
    assert found([*deployed("run-9", "ef" * 32, stage, other), *details], record, config) == [
        Newer(other, "run-9", "ef" * 32)
    ]
