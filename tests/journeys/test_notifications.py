"""What people are told of a run: that it waits, what failed, and that a model was not deployed; and of an alarm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import example
from tests.journeys.hops import asked_for, listed
from tests.journeys.project import Project, eventually, project
from xacct_ml.emulator.services.sns import moto_patches as sns
from xacct_ml.emulator.services.sns.moto_patches import CLOUDWATCH, EVENTS
from xacct_ml.engine.events import Deleted
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.teardown.deletion import teardown

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 4, "eval_metric": "auc"}
CHANGES: dict[str, Any] = {
    "training": {"hyperparameters": HYPERPARAMETERS},
    "notifications": {"emails": ("ml-team@example.com",)},
}


def told(made: Project) -> list[str]:
    """What the team was told; all that was published reached it."""
    found = sns.notifications(made.names.shared, made.names.region)
    assert [str(one) for one in found if one.error or one.told != ("ml-team@example.com",)] == []
    return [one.message for one in found]


def next_message(made: Project, known: int) -> str:
    return eventually(lambda: told(made)[known] if len(told(made)) > known else None, "nobody was told anything")


def test_people_are_told_what_waits_fails_and_is_not_deployed() -> None:
    with project(example(**CHANGES)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)
        waits = f"Pipeline churn: run {first} waits for Approve/Review. To answer: xacct-ml approve --execution {first}"
        assert next_message(made, 0) == waits
        made.judge(first, approve=True)
        made.settled(first)

        push = json.dumps({"GateThreshold": "0.999"})
        second_known = made.runs()
        made.push(**json.loads(push))
        second = made.new_run(second_known)
        made.settled(second)
        failed = next_message(made, 1)
        assert failed.startswith(f"Pipeline churn: run {second} failed in Judge/Evaluation. ")
        assert "gate" in failed
        assert failed.endswith(f"Next: xacct-ml status --execution {second}")

        alarms = made.aws.administrator(made.target.id).client("cloudwatch")
        alarms.set_alarm_state(AlarmName="churn-churn-4xx", StateValue="ALARM", StateReason="test")
        assert next_message(made, 2).startswith(
            "ALARM: churn-churn-4xx: Of the requests to endpoint churn of production"
        )

        hops, asked = listed(made.config), asked_for(made)
        services = {EVENTS, CLOUDWATCH}
        assert sorted(asked - hops.keys()) == []
        assert {hop for hop in hops if hop[0] in services} == {one for one in asked if one[0] in services}
        assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []
        plain = made.config.model_copy(update={"notifications": None})
        report = create_pipeline(plain, made.accounts).report
        report.raise_failures()
        gone = [id_ for id_, outcome in report.outcomes.items() if isinstance(outcome, Deleted)]
        assert set(gone) == {
            "shared/topic",
            *(f"shared/rule/churn-{each}" for each in ("approval", "failure", "deployment")),
            "production/alarm/churn-churn-4xx",
        }
        assert gone[-1] == "shared/rule/churn-failure"
        teardown(plain, made.accounts, lambda _: None, delete_evidence=True).report.raise_failures()
