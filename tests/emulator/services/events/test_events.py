"""EventBridge: events of CodeCommit and S3, rules, targets called as their role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import SHARED
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.services.codepipeline.pipelines import APPROVE, Workshop, eventually, push_pattern
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.events import moto_patches as events


@pytest.fixture
def shop(aws: EmbeddedAws, unique: str) -> Workshop:
    """A workshop whose pipeline exists and whose first run waits in its approval."""
    made = Workshop(aws, unique)
    made.waiting(made.create_pipeline())
    return made


def rule(shop: Workshop, pattern: str, role: str, name: str = "rule", **target: Any) -> str:
    """A rule with the pipeline as its target; its ARN."""
    named = f"{shop.name}-{name}"
    made: str = shop.events.put_rule(Name=named, EventPattern=pattern)["RuleArn"]
    arn = shop.arn("codepipeline", shop.name)
    shop.events.put_targets(Rule=named, Targets=[{"Id": "p", "Arn": arn, "RoleArn": role, **target}])
    return made


def start_role(shop: Workshop, service: str = "events.amazonaws.com") -> str:
    right = allow("codepipeline:StartPipelineExecution", resource=shop.arn("codepipeline", shop.name))
    return shop.create_role(f"{shop.name}-start", service, right)


def delivered(shop: Workshop, arn: str) -> list[events.Delivery]:
    return [found for found in events.deliveries(SHARED, shop.region) if found.rule_arn == arn]


def test_a_push_starts_the_pipeline_once_and_says_why(shop: Workshop) -> None:
    """The run's trigger is the rule; the event has CodeCommit's documented detail."""
    arn = rule(shop, push_pattern(shop), start_role(shop))
    second = shop.commit({"more": b"1"}, shop.first)
    (found,) = eventually(lambda: delivered(shop, arn))
    assert found.result == shop.runs()[0]["pipelineExecutionId"]
    assert shop.runs()[0]["trigger"] == {"triggerType": "CloudWatchEvent", "triggerDetail": arn}
    detail = found.event["detail"]
    assert (detail["event"], detail["referenceFullName"]) == ("referenceUpdated", "refs/heads/main")
    assert (detail["commitId"], detail["oldCommitId"]) == (second, shop.first)
    assert detail["callerUserArn"].startswith(f"arn:aws:iam::{SHARED}:user/")
    assert len(shop.runs()) == 2


def test_another_branch_and_a_disabled_rule_start_nothing(shop: Workshop) -> None:
    """A push to main afterwards, with the rule enabled again, is the only start."""
    arn = rule(shop, push_pattern(shop), start_role(shop))
    shop.codecommit.create_branch(repositoryName=shop.name, branchName="other", commitId=shop.first)
    shop.events.disable_rule(Name=f"{shop.name}-rule")
    second = shop.commit({"more": b"1"}, shop.first)
    shop.events.enable_rule(Name=f"{shop.name}-rule")
    third = shop.commit({"more": b"2"}, second)
    (found,) = eventually(lambda: delivered(shop, arn))
    assert found.event["detail"]["commitId"] == third


@pytest.mark.parametrize("defect", ["trust", "right"])
def test_a_role_that_does_not_fit_is_a_recorded_failure(shop: Workshop, defect: str) -> None:
    """A role that EventBridge may not assume, and one that may not start this pipeline."""
    if defect == "trust":
        role = start_role(shop, "codepipeline.amazonaws.com")
    else:
        role = start_role(shop)
        shop.rights(f"{shop.name}-start", allow("codepipeline:GetPipeline", resource="*"))
    arn = rule(shop, push_pattern(shop), role)
    shop.commit({"more": b"1"}, shop.first)
    (found,) = eventually(lambda: delivered(shop, arn))
    assert found.error is not None
    assert ("sts:AssumeRole" if defect == "trust" else "codepipeline:StartPipelineExecution") in found.error[1]
    assert len(shop.runs()) == 1


def test_the_rule_is_the_source_of_the_assumption(shop: Workshop) -> None:
    """A trust policy may demand aws:SourceArn and aws:SourceAccount."""
    role = start_role(shop)
    arn = rule(shop, push_pattern(shop), role)
    conditions = {"ArnEquals": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": SHARED}}
    demanding = allow("sts:AssumeRole", principal={"Service": "events.amazonaws.com"}, **conditions)
    document = json.dumps({"Version": "2012-10-17", "Statement": [demanding]})
    shop.iam.update_assume_role_policy(RoleName=f"{shop.name}-start", PolicyDocument=document)
    shop.commit({"more": b"1"}, shop.first)
    (found,) = eventually(lambda: delivered(shop, arn))
    assert found.error is None


def test_an_input_transformer_pins_the_commit(shop: Workshop) -> None:
    """As CodePipeline's guide shows it."""
    template = (
        '{"sourceRevisions": [{"actionName": "Repository", "revisionType": "COMMIT_ID", "revisionValue": "<commit>"}]}'
    )
    transformer = {"InputPathsMap": {"commit": "$.detail.commitId"}, "InputTemplate": template}
    shop.codepipeline.delete_pipeline(name=shop.name)
    shop.create_pipeline(pipelineType="V2", executionMode="PARALLEL")
    arn = rule(shop, push_pattern(shop), start_role(shop), InputTransformer=transformer)
    second = shop.commit({"more": b"1"}, shop.first)
    (found,) = eventually(lambda: delivered(shop, arn))
    assert found.error is None
    run = str(found.result)
    eventually(lambda: shop.actions(run).get("Repository", {}).get("status") == "Succeeded")
    assert shop.actions(run)["Repository"]["output"]["outputVariables"]["CommitId"] == second


def test_two_versions_in_a_row_are_two_runs_each_of_its_own(shop: Workshop) -> None:
    """Both are there before the first run reads any."""
    place = {"Bucket": shop.name, "Key": "code.zip"}
    source = shop.declaration()["stages"][0]["actions"][0] | {
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
        "configuration": {"S3Bucket": shop.name, "S3ObjectKey": place["Key"], "PollForSourceChanges": "false"},
    }
    shop.codepipeline.delete_pipeline(name=shop.name)
    stages = [{"name": "Source", "actions": [source]}, APPROVE]
    shop.create_pipeline(stages=stages, pipelineType="V2", executionMode="PARALLEL")
    shop.s3.put_bucket_versioning(Bucket=shop.name, VersioningConfiguration={"Status": "Enabled"})
    shop.s3.put_bucket_notification_configuration(
        Bucket=shop.name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    detail = {"bucket": {"name": [shop.name]}, "object": {"key": [place["Key"]]}}
    pattern = json.dumps({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})
    pin = {"actionName": "Repository", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "<version>"}
    transformer = {
        "InputPathsMap": {"version": "$.detail.object.version-id"},
        "InputTemplate": json.dumps({"sourceRevisions": [pin]}),
    }
    arn = rule(shop, pattern, start_role(shop), InputTransformer=transformer)
    body = zipped({"code.txt": (b"1", False)})
    versions = [shop.s3.put_object(**place, Body=body)["VersionId"] for _ in range(2)]
    found = eventually(lambda: both if len(both := delivered(shop, arn)) == 2 else None)
    runs = [str(each.result) for each in found]
    for run in runs:
        eventually(lambda run=run: shop.actions(run).get("Repository", {}).get("status") == "Succeeded")
    read = {shop.actions(run)["Repository"]["output"]["outputVariables"]["VersionId"] for run in runs}
    assert read == set(versions)


@pytest.mark.parametrize("multipart", [False, True])
def test_an_upload_is_one_event(shop: Workshop, multipart: bool) -> None:
    """Multipart included; the detail is S3's documented one."""
    shop.s3.put_bucket_notification_configuration(
        Bucket=shop.name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    detail = {"bucket": {"name": [shop.name]}, "object": {"key": ["data/manifest.json"]}}
    pattern = json.dumps({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail})
    arn = rule(shop, pattern, start_role(shop))
    shop.s3.put_object(Bucket=shop.name, Key="data/other.csv", Body=b"1")
    place = {"Bucket": shop.name, "Key": "data/manifest.json"}
    if multipart:
        upload = shop.s3.create_multipart_upload(**place)["UploadId"]
        part = shop.s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"{}")
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        shop.s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts)
    else:
        shop.s3.put_object(**place, Body=b"{}")
    eventually(lambda: len(shop.runs()) == 2 and delivered(shop, arn))
    (found,) = delivered(shop, arn)
    seen = found.event["detail"]
    assert seen["reason"] == ("CompleteMultipartUpload" if multipart else "PutObject")
    assert (seen["bucket"], seen["object"]["key"], seen["object"]["size"]) == (
        {"name": shop.name},
        "data/manifest.json",
        2,
    )
    assert found.event["resources"] == [f"arn:aws:s3:::{shop.name}"]


def test_customers_may_not_put_events_of_aws(shop: Workshop) -> None:
    """Their own events pass, in the same call."""
    entries = [{"Source": source, "DetailType": "x", "Detail": "{}"} for source in ("aws.codecommit", "mine")]
    put = shop.events.put_events(Entries=entries)
    assert put["FailedEntryCount"] == 1
    assert put["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert "EventId" in put["Entries"][1]


def test_motos_own_targets_still_work_and_an_unknown_one_is_no_server_error(shop: Workshop, aws: EmbeddedAws) -> None:
    """A queue gets the event; a topic's and a missing queue's failures are recorded."""
    queue = aws.administrator(SHARED).client("sqs").create_queue(QueueName=shop.name)["QueueUrl"]
    named = f"{shop.name}-own"
    arn = shop.events.put_rule(Name=named, EventPattern=json.dumps({"source": [shop.name]}))["RuleArn"]
    bad = [shop.arn("sns", "nobody"), shop.arn("sqs", "nobody")]
    targets = [*bad, shop.arn("sqs", shop.name)]
    shop.events.put_targets(Rule=named, Targets=[{"Id": str(n), "Arn": each} for n, each in enumerate(targets)])
    shop.events.put_events(Entries=[{"Source": shop.name, "DetailType": "x", "Detail": '{"a": 1}'}])
    received = aws.administrator(SHARED).client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(received[0]["Body"])["detail"] == {"a": 1}
    failures = eventually(lambda: found if len(found := delivered(shop, arn)) == len(bad) else None)
    assert {each.target_arn for each in failures if each.error} == set(bad)


def test_a_pipeline_target_needs_a_role_that_the_caller_may_pass(shop: Workshop, roles: Roles) -> None:
    """PutTargets without RoleArn, and without iam:PassRole."""
    role = start_role(shop)
    shop.events.put_rule(Name=shop.name, EventPattern=push_pattern(shop))
    target = {"Id": "p", "Arn": shop.arn("codepipeline", shop.name)}
    assert error_of(shop.events.put_targets, Rule=shop.name, Targets=[target])[0] == "ValidationException"
    session = roles.session(f"{shop.name}-dev", allow("events:*", resource=shop.arn("events", f"rule/{shop.name}")))
    put = session.client("events").put_targets
    code, message, _ = error_of(put, Rule=shop.name, Targets=[{**target, "RoleArn": role}])
    assert code == "AccessDeniedException"
    assert f"iam:PassRole on resource: {role}" in message


def test_reading_a_rule_is_decided_on_the_rule(shop: Workshop, roles: Roles) -> None:
    """A role bound to one rule sees that one only; tagging as it is put needs TagResource too."""
    own = shop.arn("events", f"rule/{shop.name}-own")
    session = roles.session(f"{shop.name}-r", allow("events:PutRule", "events:DescribeRule", resource=own))
    client = session.client("events")
    client.put_rule(Name=f"{shop.name}-own", EventPattern='{"source": ["x"]}')
    assert client.describe_rule(Name=f"{shop.name}-own")["Arn"] == own
    assert error_of(client.describe_rule, Name=shop.name)[0] == "AccessDeniedException"
    tagged = {"Name": f"{shop.name}-own", "EventPattern": '{"source": ["x"]}', "Tags": [{"Key": "a", "Value": "b"}]}
    assert "events:TagResource" in error_of(client.put_rule, **tagged)[1]
