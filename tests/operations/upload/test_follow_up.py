"""What comes after an upload of data, by what is there already."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, example
from xacct_ml.operations.upload.follow_up import follow_up

THERE = {"pipelineName": "churn", "stageStates": []}


@pytest.mark.parametrize(
    ("answer", "announced", "step"),
    [
        (THERE, True, "xacct-ml status --watch"),
        (THERE, False, "xacct-ml start"),
        (refused("GetPipelineState", "PipelineNotFoundException"), True, "xacct-ml create-pipeline"),
        (refused("GetPipelineState", "AccessDeniedException"), True, "xacct-ml status --watch"),
    ],
    ids=["a run", "the same data", "no pipeline", "may only upload"],
)
def test_the_next_command(answer: Any, announced: bool, step: str) -> None:
    accounts = FakeAccounts({(SHARED, "codepipeline"): FakeClient(get_pipeline_state=answer)})
    assert follow_up(example(), accounts, announced=announced) == step
