"""The CloudFormation action's calls and how it reads their answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.services.codepipeline.declarations import action
from tests.emulator.services.codepipeline.fakes import FakeClient, FakeContext, context, error
from xacct_ml.emulator.services.codepipeline.actions import cloudformation_deploy
from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed

ROLE = "arn:aws:iam::222222222222:role/cloudformation"
CODE = zipped(
    {
        "t.json": (b'{"Resources": {}}', False),
        "c.json": (b'{"Parameters": {"Depth": "3", "Role": "theirs"}, "Tags": {"team": "ml"}}', False),
        "bad.json": (b'{"Parameters": {"Depth": 3}}', False),
    }
)
NOT_THERE = error("DescribeStacks", "Stack with id s does not exist")


def stack(status: str, **more: Any) -> dict[str, Any]:
    return {"Stacks": [{"StackId": "arn:stack", "StackName": "s", "StackStatus": status, **more}]}


def deploy(cloudformation: FakeClient, **configuration: str) -> FakeContext:
    given = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": "s",
        "RoleArn": ROLE,
        "TemplatePath": "Code::t.json",
        **configuration,
    }
    declared = action("Stack", "Deploy", "CloudFormation", configuration=given, inputs=["Code"])
    return context(declared, archives={"Code": CODE}, cloudformation=cloudformation)


def test_a_new_stack_is_created_with_overrides_winning_over_the_file() -> None:
    """Role, parameters, tags and capabilities are passed; outputs become variables."""
    outputs = [{"OutputKey": "Arn", "OutputValue": "arn:x"}]
    client = FakeClient(
        describe_stacks=[NOT_THERE, stack("CREATE_IN_PROGRESS"), stack("CREATE_COMPLETE", Outputs=outputs)],
        create_stack={},
    )
    made = deploy(
        client,
        TemplateConfiguration="Code::c.json",
        ParameterOverrides='{"Role": "ours"}',
        Capabilities="CAPABILITY_IAM,CAPABILITY_NAMED_IAM",
    )
    assert cloudformation_deploy.run(made).variables == {"Arn": "arn:x"}
    request = client.parameters("create_stack")
    given = {each["ParameterKey"]: each["ParameterValue"] for each in request["Parameters"]}
    assert given == {"Depth": "3", "Role": "ours"}
    assert (request["RoleARN"], request["TemplateBody"]) == (ROLE, '{"Resources": {}}')
    assert request["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert request["Capabilities"] == ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
    assert made.execution.external_id == "arn:stack"


def test_no_change_is_success() -> None:
    """CloudFormation refuses an update without changes; the action does not fail."""
    client = FakeClient(
        describe_stacks=stack("UPDATE_COMPLETE"), update_stack=error("UpdateStack", "No updates are to be performed.")
    )
    assert cloudformation_deploy.run(deploy(client)).variables == {}
    assert client.names == ["describe_stacks", "update_stack", "describe_stacks"]


def test_another_refusal_of_the_update_is_not() -> None:
    """It is the caller's to turn into the action's failure."""
    refusal = error("UpdateStack", "User: x is not authorized to perform: cloudformation:UpdateStack", "AccessDenied")
    client = FakeClient(describe_stacks=stack("CREATE_COMPLETE"), update_stack=refusal)
    with pytest.raises(type(refusal), match="not authorized"):
        cloudformation_deploy.run(deploy(client))


def test_the_reason_is_the_resource_that_failed_first_in_the_last_operation() -> None:
    """Not a later cancellation, not an earlier update."""

    def event(resource: str, status: str, reason: str = "", physical: str = "r") -> dict[str, str]:
        return {
            "LogicalResourceId": resource,
            "PhysicalResourceId": physical,
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        }

    newest_first = [
        event("Other", "CREATE_FAILED", "Resource creation cancelled"),
        event("Machine", "CREATE_FAILED", "states:CreateStateMachine denied"),
        event("s", "UPDATE_IN_PROGRESS", "User Initiated", "arn:stack"),
        event("Old", "CREATE_FAILED", "last week"),
    ]
    client = FakeClient(
        describe_stacks=[stack("CREATE_COMPLETE"), stack("UPDATE_ROLLBACK_COMPLETE")],
        update_stack={},
        describe_stack_events={"StackEvents": newest_first},
    )
    with pytest.raises(ActionFailed) as caught:
        cloudformation_deploy.run(deploy(client))
    assert caught.value.message == "Stack s is in UPDATE_ROLLBACK_COMPLETE. Machine: states:CreateStateMachine denied"


def test_replace_on_failure_deletes_a_failed_stack_first() -> None:
    """And waits until it is gone."""
    client = FakeClient(
        describe_stacks=[stack("ROLLBACK_COMPLETE"), stack("DELETE_IN_PROGRESS"), NOT_THERE, stack("CREATE_COMPLETE")],
        delete_stack={},
        create_stack={},
    )
    cloudformation_deploy.run(deploy(client, ActionMode="REPLACE_ON_FAILURE"))
    assert [name for name in client.names if name != "describe_stacks"] == ["delete_stack", "create_stack"]


@pytest.mark.parametrize(("there", "calls"), [(stack("CREATE_COMPLETE"), ["delete_stack"]), (NOT_THERE, [])])
def test_delete_only_deletes_what_is_there(there: Any, calls: list[str]) -> None:
    """A stack that does not exist is success."""
    client = FakeClient(describe_stacks=[there, NOT_THERE], delete_stack={})
    cloudformation_deploy.run(deploy(client, ActionMode="DELETE_ONLY"))
    assert [name for name in client.names if name != "describe_stacks"] == calls


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ({"TemplatePath": "Code::no.json"}, r"File \[no.json\] does not exist in artifact \[Code\]"),
        ({"ParameterOverrides": "{"}, "not valid JSON"),
        ({"ParameterOverrides": '{"A": 1}'}, "value of A"),
        ({"TemplateConfiguration": "Code::bad.json"}, "must map to strings"),
        ({"ActionMode": "CHANGE_SET_EXECUTE"}, "does not run ActionMode CHANGE_SET_EXECUTE"),
    ],
)
def test_a_bad_configuration_fails_before_anything_is_called(configuration: dict[str, str], reason: str) -> None:
    """The reason names file or parameter."""
    client = FakeClient()
    with pytest.raises(ActionFailed, match=reason):
        cloudformation_deploy.run(deploy(client, **configuration))
    assert client.calls == []


def test_overrides_may_look_into_artifacts() -> None:
    """Fn::GetParam and Fn::GetArtifactAtt."""
    overrides = {
        "Depth": {"Fn::GetParam": ["Code", "c.json", "Role"]},
        "Bucket": {"Fn::GetArtifactAtt": ["Code", "BucketName"]},
    }
    code = zipped({"t.json": (b"{}", False), "c.json": (b'{"Role": "theirs"}', False)})
    client = FakeClient(describe_stacks=[NOT_THERE, stack("CREATE_COMPLETE")], create_stack={})
    made = deploy(client, ParameterOverrides=json.dumps(overrides))
    made._archives["Code"] = code
    cloudformation_deploy.run(made)
    given = {each["ParameterKey"]: each["ParameterValue"] for each in client.parameters("create_stack")["Parameters"]}
    assert given == {"Depth": "theirs", "Bucket": "store"}
