"""What was deployed where, by the pipelines' histories."""

from __future__ import annotations

import pytest

from tests.payload.pipeline import PIPELINE, RUN, FakePipeline
from xacct_ml.payload.served import newest

MODEL = {"trainingJob": "churn-1", "modelDigest": "ab" * 32}


def served(pipeline: FakePipeline, action: str) -> dict[str, str]:
    """By target, which run's model."""
    target = action.split("/")[1]
    return {name: each.execution for name, each in newest(pipeline, [PIPELINE], [[target, action]]).items()}


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("Deploy/eu", "Deploy-first/eu"),
        ("Deploy-first/eu", "Deploy-early/eu"),
        ("Deploy-first/eu", "Deploy-the-rest/eu"),
        ("Deploy-first/eu", "Deploy/eu"),
    ],
    ids=["wave introduced", "wave renamed", "target moved", "waves given up"],
)
def test_a_deployment_is_found_in_whichever_wave_it_was(then: str, now: str) -> None:
    pipeline = FakePipeline()
    pipeline.add(then, parameters=MODEL)
    assert served(pipeline, now) == {"eu": RUN}
    pipeline.add(now, run="a-later-one", parameters=MODEL)
    assert served(pipeline, now) == {"eu": "a-later-one"}


def test_other_actions_deploy_nothing() -> None:
    """An approval of a target's name, a stage of another kind, and what is done beside a deployment, whatever targets
    are called."""
    pipeline = FakePipeline()
    pipeline.add("Approve-first/eu")
    pipeline.add("Deployed/eu", parameters=MODEL)
    pipeline.add("Deploy-first/eu")
    pipeline.actions[-1]["input"]["actionTypeId"] = {"category": "Approval", "provider": "Manual"}
    pipeline.add("Deploy-first/Live", parameters={"task": "live", "action": "Deploy-first/Live"})
    assert served(pipeline, "Deploy/eu") == {}
    assert served(pipeline, "Deploy-last/Live") == {}
