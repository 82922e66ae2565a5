"""The Lambda action: jobs, continuation tokens, replies that never come."""

from __future__ import annotations

import json

import pytest

from tests.emulator.services.codepipeline.declarations import ACCOUNT, action
from tests.emulator.services.codepipeline.fakes import FakeClient, FakeContext, FakeHost, context
from xacct_ml.emulator.services.codepipeline.actions import lambda_invoke
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.model import Reply

ARN = "arn:aws:sts::111111111111:assumed-role/job-result/x"


def invoke(*replies: Reply | None) -> FakeContext:
    configuration = {"FunctionName": "deploy", "UserParameters": '{"a":1}'}
    declared = action("Deploy", "Invoke", "Lambda", configuration=configuration)
    return context(declared, host=FakeHost(replies), **{"lambda": FakeClient(invoke={})})


def events(made: FakeContext) -> list[dict]:
    """The payloads the function got."""
    return [json.loads(parameters["Payload"])["CodePipeline.job"] for _, parameters in made.clients["lambda"].calls]


def test_the_event_is_the_documented_one_and_the_call_asynchronous() -> None:
    """Job id, the pipeline's account and the resolved configuration."""
    made = invoke(Reply(ARN, variables={"Endpoint": "churn"}, summary="InService"))
    assert lambda_invoke.run(made).variables == {"Endpoint": "churn"}
    (event,) = events(made)
    assert event["id"] == made.host.jobs[0].id
    assert event["accountId"] == ACCOUNT
    assert event["data"]["actionConfiguration"] == {"configuration": made.configuration}
    assert (event["data"]["inputArtifacts"], event["data"]["outputArtifacts"]) == ([], [])
    assert "continuationToken" not in event["data"]
    assert made.clients["lambda"].parameters("invoke")["InvocationType"] == "Event"
    assert (made.execution.summary, made.execution.updated_by) == ("InService", ARN)


def test_a_continuation_token_comes_back_in_a_new_job() -> None:
    """After the pace's pause, until a reply has none."""
    made = invoke(Reply(ARN, token="one", percent=50), Reply(ARN, token="two"), Reply(ARN))
    lambda_invoke.run(made)
    tokens = [event["data"].get("continuationToken") for event in events(made)]
    assert tokens == [None, "one", "two"]
    assert len({event["id"] for event in events(made)}) == 3
    assert made.host.pauses == [30, 30]


def test_a_reported_failure_is_the_actions() -> None:
    """Type and message are kept."""
    made = invoke(Reply(ARN, failure=("ConfigurationError", "no such model")))
    with pytest.raises(ActionFailed, match="no such model") as caught:
        lambda_invoke.run(made)
    assert caught.value.code == "ConfigurationError"


def test_no_reply_within_twenty_minutes_fails() -> None:
    """A continuation starts the twenty minutes anew."""
    made = invoke(Reply(ARN, token="one"), None)
    with pytest.raises(ActionFailed, match="deploy failed to return a result"):
        lambda_invoke.run(made)
    assert made.host.waited == [1200, 1200]


def test_a_day_of_continuations_is_the_end() -> None:
    """By the clock that was handed in."""
    hours = iter(range(0, 100 * 3600, 3600))
    made = invoke(*[Reply(ARN, token="again")] * 50)
    with pytest.raises(ActionFailed, match="24 hours"):
        lambda_invoke.run(made, clock=lambda: float(next(hours)))
    assert len(events(made)) == 23
