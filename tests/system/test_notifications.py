"""Which events of the pipelines are told, by which rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.configs import example
from tests.proof.maps import MAPS
from xacct_ml.config.model import Config
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.notifications import ACTION_EVENT, notification_rules, schedule_alarms, topic_policy
from xacct_ml.system.pipeline import stages
from xacct_ml.system.release import release_stages

TOLD: dict[str, Any] = {"notifications": {"emails": ("ml-team@example.com",)}}


def told_by(config: Config, pipeline: str, stage: str, state: str, category: str) -> list[str]:
    """The rules that an action's event matches: at most one is meant to."""
    event = {
        "source": "aws.codepipeline",
        "detail-type": ACTION_EVENT,
        "detail": {"pipeline": pipeline, "stage": stage, "state": state, "type": {"category": category}},
    }
    return [
        rule.name
        for rule in notification_rules(Names(config))
        if EventPattern(json.dumps(rule.pattern), rule.pattern).matches_event(event)
    ]


def failures(config: Config) -> Iterator[tuple[str, str, list[str]]]:
    """Pipeline, stage, and who tells that an action of it failed."""
    names = Names(config)
    keys = Keys.stand_ins(names)
    for pipeline, found in ((names.pipeline, stages), (names.release_pipeline, release_stages)):
        for stage in found(config, keys):
            yield pipeline, stage.name, told_by(config, pipeline, stage.name, "FAILED", "Invoke")


@pytest.mark.parametrize("config", [example(**TOLD), MAPS["everything"]], ids=["one target", "waves"])
def test_a_failure_is_told_once_except_of_the_first_run_of_the_release_pipeline(config: Config) -> None:
    """That run has no request to read, and its events do not say that nobody asked for it."""
    names = Names(config)
    for pipeline, stage, told in failures(config):
        if (pipeline, stage) == (names.release_pipeline, "Source"):
            assert told == []
        else:
            assert told == [names.deployment_rule if stage.startswith("Deploy") else names.failure_rule]


def test_what_waits_is_told_of_both_pipelines_and_of_no_other() -> None:
    config = example(**TOLD)
    names = Names(config)
    for pipeline in (names.pipeline, names.release_pipeline):
        assert told_by(config, pipeline, "Approve", "STARTED", "Approval") == [names.approval_rule]
        assert told_by(config, pipeline, "Approve", "FAILED", "Approval") == [names.failure_rule]
    for state in ("STARTED", "FAILED"):
        assert told_by(config, "another", "Approve", state, "Approval") == []


def test_alarms_of_the_schedule_are_those_that_may_publish() -> None:
    """None without somebody to tell, or without a schedule."""
    scheduled: dict[str, Any] = {"schedule": {"expression": "rate(1 day)"}}
    for without in (TOLD, scheduled):
        assert list(schedule_alarms(Names(example(**without)))) == []
    names = Names(example(**TOLD, **scheduled))
    alarms = list(schedule_alarms(names))
    assert {alarm.account for alarm in alarms} == {names.shared}
    assert {alarm.actions for alarm in alarms} == {(names.topic_arn(),)}
    assert [(alarm.name, alarm.metric, alarm.dimensions) for alarm in alarms] == [
        ("churn-schedule-call", "InvocationDroppedCount", {"ScheduleGroup": "churn"}),
        ("churn-schedule-function", "AsyncEventsDropped", {"FunctionName": "churn-schedule"}),
    ]
    (statement,) = (one for one in topic_policy(names, names.region)["Statement"] if "Schedule" in one["Sid"])
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": [alarm.arn for alarm in alarms]}
