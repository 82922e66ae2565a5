"""Which IAM requests calls of CodeCommit, CodePipeline and EventBridge amount to."""

from __future__ import annotations

from typing import Any

import pytest

from xacct_ml.access.model import Principal
from xacct_ml.emulator.core.authorization import translate
from xacct_ml.emulator.core.calls import ApiCall

ACCOUNT, REGION = "111111111111", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
PIPELINE = {"name": "p", "roleArn": ROLE}


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def asked(service: str, operation: str, **params: Any) -> list[tuple[str, str]]:
    """Action and resource of each request."""
    call = ApiCall(service, operation, params, Principal.root(ACCOUNT), ACCOUNT, REGION, "aws")
    return [(each.action, each.resource) for each in translate(call)]


@pytest.mark.parametrize(
    ("service", "operation", "params", "resource"),
    [
        ("codecommit", "GetBranch", {"repositoryName": "r", "branchName": "b"}, arn("codecommit", "r")),
        ("codecommit", "CreateRepository", {"repositoryName": "r"}, arn("codecommit", "r")),
        ("codecommit", "ListRepositories", {}, "*"),
        ("codecommit", "TagResource", {"resourceArn": arn("codecommit", "r"), "tags": {}}, arn("codecommit", "r")),
        ("codepipeline", "StartPipelineExecution", {"name": "p"}, arn("codepipeline", "p")),
        ("codepipeline", "GetPipelineExecution", {"pipelineName": "p"}, arn("codepipeline", "p")),
        ("codepipeline", "ListPipelines", {}, "*"),
        ("codepipeline", "PutJobFailureResult", {"jobId": "j"}, "*"),
        ("codepipeline", "GetJobDetails", {"jobId": "j"}, "*"),
        (
            "codepipeline",
            "PutApprovalResult",
            {"pipelineName": "p", "stageName": "S", "actionName": "A"},
            arn("codepipeline", "p/S/A"),
        ),
        ("codepipeline", "RetryStageExecution", {"pipelineName": "p", "stageName": "S"}, arn("codepipeline", "p/S")),
        ("events", "DescribeRule", {"Name": "r"}, arn("events", "rule/r")),
        ("events", "DeleteRule", {"Name": "r", "EventBusName": "own"}, arn("events", "rule/own/r")),
        ("events", "RemoveTargets", {"Rule": "r", "EventBusName": "default"}, arn("events", "rule/r")),
        ("events", "ListTargetsByRule", {"Rule": "r"}, arn("events", "rule/r")),
        ("events", "ListRules", {}, "*"),
        ("events", "PutPermission", {}, "*"),
        ("events", "TagResource", {"ResourceARN": arn("events", "rule/r"), "Tags": []}, arn("events", "rule/r")),
    ],
)
def test_most_calls_are_one_request(service: str, operation: str, params: dict[str, Any], resource: str) -> None:
    """The operation's name on the resource of the Service Authorization Reference."""
    assert asked(service, operation, **params) == [(f"{service}:{operation}", resource)]


@pytest.mark.parametrize("operation", ["CreatePipeline", "UpdatePipeline"])
def test_a_pipelines_role_is_passed(operation: str) -> None:
    """To CodePipeline."""
    call = ApiCall("codepipeline", operation, {"pipeline": PIPELINE}, Principal.root(ACCOUNT), ACCOUNT, REGION, "aws")
    own, passed = translate(call)
    assert (own.action, own.resource) == (f"codepipeline:{operation}", arn("codepipeline", "p"))
    assert (passed.action, passed.resource) == ("iam:PassRole", ROLE)
    assert passed.context["iam:PassedToService"] == "codepipeline.amazonaws.com"


def test_each_targets_role_is_passed_once() -> None:
    """Targets without a role pass none."""
    targets = [
        {"Id": "1", "Arn": "a", "RoleArn": ROLE},
        {"Id": "2", "Arn": "b", "RoleArn": ROLE},
        {"Id": "3", "Arn": "c"},
    ]
    assert asked("events", "PutTargets", Rule="r", Targets=targets) == [
        ("events:PutTargets", arn("events", "rule/r")),
        ("iam:PassRole", ROLE),
    ]


def test_tagging_a_rule_as_it_is_put_is_asked_too() -> None:
    """As the API reference of PutRule demands."""
    found = asked("events", "PutRule", Name="r", Tags=[{"Key": "a", "Value": "b"}], RoleArn=ROLE)
    assert [action for action, _ in found] == ["events:PutRule", "events:TagResource", "iam:PassRole"]


def test_events_are_put_on_the_bus_that_each_entry_names() -> None:
    """Another account's bus by its ARN, owned by that account."""
    other = "arn:aws:events:eu-west-1:222222222222:event-bus/default"
    entries = [{"Source": "mine"}, {"Source": "mine", "EventBusName": other}]
    call = ApiCall("events", "PutEvents", {"Entries": entries}, Principal.root(ACCOUNT), ACCOUNT, REGION, "aws")
    found = translate(call)
    assert [(each.resource, each.account) for each in found] == [
        (arn("events", "event-bus/default"), ACCOUNT),
        (other, "222222222222"),
    ]
    assert found[0].context["events:source"] == "mine"
