"""A pipeline of the shared account that acts in the others, each action as its own role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.emulator.rights import allow, policy
from tests.emulator.services.codepipeline.pipelines import Workshop, eventually, trust
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.system.package import packed

TEMPLATE = {
    "Parameters": {"Name": {"Type": "String"}, "Depth": {"Type": "String", "Default": "1"}},
    "Resources": {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": {"Ref": "Name"},
                "RoleArn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Name}-machine"},
                "DefinitionString": json.dumps({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}),
            },
        }
    },
    "Outputs": {"MachineArn": {"Value": {"Ref": "Machine"}}},
}
FAILING = {"StartAt": "Gate", "States": {"Gate": {"Type": "Fail", "Error": "GateMissed", "Cause": "auc 0.7 < 0.8"}}}


class Site:
    """An action role in another account that only the workshop's pipeline role may assume."""

    def __init__(self, shop: Workshop, account: str) -> None:
        self.account, self.name = account, f"{shop.name}-act"
        administrator = shop.aws.administrator(account)
        self.iam, self.client = administrator.client("iam"), administrator.client
        self.role: str = self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=self.trusting(shop))["Role"][
            "Arn"
        ]
        self.rights(allow("*", resource="*"))

    def trusting(self, shop: Workshop) -> str:
        only = {"ArnEquals": {"aws:PrincipalArn": shop.role}}
        return policy(allow("sts:AssumeRole", principal={"AWS": f"arn:aws:iam::{SHARED}:root"}, **only))

    def rights(self, *statements: Any) -> None:
        self.iam.put_role_policy(RoleName=self.name, PolicyName="rights", PolicyDocument=policy(*statements))

    def service_role(self, name: str, service: str) -> str:
        made: str = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
        self.iam.put_role_policy(RoleName=name, PolicyName="r", PolicyDocument=policy(allow("*", resource="*")))
        return made


@pytest.fixture
def shop(aws: EmbeddedAws, unique: str) -> Workshop:
    """A workshop whose artifacts are encrypted with an own key that all accounts may use, as may its bucket."""
    made = Workshop(aws, unique)
    accounts = {"AWS": [f"arn:aws:iam::{account}:root" for account in (SHARED, TRAINING, PRODUCTION)]}
    document = policy(allow("kms:*", resource="*", principal=accounts))
    made.key = aws.administrator(SHARED).client("kms").create_key(Policy=document)["KeyMetadata"]["Arn"]  # type: ignore[attr-defined]
    reading = allow("s3:GetObject", resource=f"arn:aws:s3:::{unique}/*", principal=accounts)
    made.s3.put_bucket_policy(Bucket=unique, Policy=policy(reading))
    return made


def create(shop: Workshop, *actions: dict[str, Any]) -> str:
    """A pipeline with one stage per action; its first run."""
    store = {"type": "S3", "location": shop.name, "encryptionKey": {"id": shop.key, "type": "KMS"}}  # type: ignore[attr-defined]
    return shop.create_pipeline(*({"name": each["name"], "actions": [each]} for each in actions), artifactStore=store)


def action(
    name: str, category: str, provider: str, site: Site, configuration: dict[str, str], **more: Any
) -> dict[str, Any]:
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": kind, "configuration": configuration, "roleArn": site.role, **more}


def stack_action(shop: Workshop, site: Site, role: str) -> dict[str, Any]:
    configuration = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": shop.name,
        "RoleArn": role,
        "TemplatePath": "SourceOutput::stack.json",
        "ParameterOverrides": json.dumps({"Name": shop.name}),
    }
    more = {"inputArtifacts": [{"name": "SourceOutput"}], "namespace": "Stack"}
    return action("Stack", "Deploy", "CloudFormation", site, configuration, **more)


def test_a_stack_and_its_state_machine_run_in_the_training_account(shop: Workshop) -> None:
    """The stack's output names the state machine to the next action; the second run has nothing to update."""
    site = Site(shop, TRAINING)
    role = site.service_role(f"{shop.name}-cfn", "cloudformation.amazonaws.com")
    site.service_role(f"{shop.name}-machine", "states.amazonaws.com")
    shop.commit({"stack.json": json.dumps(TEMPLATE).encode()}, shop.first)
    given = {"StateMachineArn": "#{Stack.MachineArn}", "ExecutionNamePrefix": "job", "Input": '{"c":"#{Src.CommitId}"}'}
    run = create(
        shop, stack_action(shop, site, role), action("Train", "Invoke", "StepFunctions", site, given, namespace="T")
    )
    assert shop.ended(run)["status"] == "Succeeded", shop.run(run).get("statusSummary")
    train = shop.actions(run)["Train"]
    execution = train["output"]["outputVariables"]["ExecutionArn"]
    assert (
        execution == f"arn:aws:states:{shop.region}:{TRAINING}:execution:{shop.name}:job-{train['actionExecutionId']}"
    )
    seen = site.client("stepfunctions").describe_execution(executionArn=execution)
    assert json.loads(seen["input"]) == {"c": shop.actions(run)["Repository"]["output"]["outputVariables"]["CommitId"]}
    assert shop.ended(shop.start())["status"] == "Succeeded"


def test_a_failed_execution_fails_the_run_with_error_and_cause(shop: Workshop) -> None:
    """So the missed gate is readable in the pipeline."""
    site = Site(shop, TRAINING)
    role = site.service_role(f"{shop.name}-machine", "states.amazonaws.com")
    machine = site.client("stepfunctions").create_state_machine(
        name=shop.name, definition=json.dumps(FAILING), roleArn=role
    )["stateMachineArn"]
    run = create(shop, action("Train", "Invoke", "StepFunctions", site, {"StateMachineArn": machine}))
    assert shop.ended(run)["status"] == "Failed"
    assert "Error: GateMissed. Cause: auc 0.7 < 0.8" in shop.action("Train")["errorDetails"]["message"]


@pytest.mark.parametrize("missing", ["trust", "artifact", "key"])
def test_each_hop_that_is_closed_later_fails_the_action_with_the_denial(shop: Workshop, missing: str) -> None:
    """The role's trust, its right to read artifacts, the key's policy."""
    site = Site(shop, TRAINING)
    role = site.service_role(f"{shop.name}-cfn", "cloudformation.amazonaws.com")
    shop.commit({"stack.json": json.dumps(TEMPLATE).encode()}, shop.first)
    run = create(shop, stack_action(shop, site, role))
    shop.ended(run)
    if missing == "trust":
        site.iam.update_assume_role_policy(RoleName=site.name, PolicyDocument=trust("lambda.amazonaws.com"))
        expected = f"is not authorized to perform: sts:AssumeRole on resource: {site.role}"
    elif missing == "artifact":
        site.rights(allow("cloudformation:*", "kms:*", resource="*"))
        expected = "Unable to access the artifact"
    else:
        own = policy(allow("kms:*", resource="*", principal={"AWS": f"arn:aws:iam::{SHARED}:root"}))
        kms = shop.aws.administrator(SHARED).client("kms")
        kms.put_key_policy(KeyId=shop.key, PolicyName="default", Policy=own)  # type: ignore[attr-defined]
        expected = "Unable to access the artifact"
    before = len(shop.aws.requests)
    failed = shop.ended(shop.start())
    error = shop.action("Stack")["errorDetails"]
    assert (failed["status"], error["code"]) == ("Failed", "PermissionError")
    assert expected in error["message"]
    denied = shop.aws.requests.entries(principal=site.name, allowed=False)
    denied += shop.aws.requests.entries(action="sts:AssumeRole", allowed=False)
    assert {"trust": "sts:AssumeRole", "artifact": "s3:GetObject", "key": "kms:Decrypt"}[missing] in {
        each.asked.action for each in denied if each.seq > before
    }


HANDLER = """
import os, boto3
def handler(event, context):
    job = event["CodePipeline.job"]
    keys = boto3.client("sts").assume_role(RoleArn=os.environ["CALLBACK"], RoleSessionName="job")["Credentials"]
    pipeline = boto3.client(
        "codepipeline",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    if "continuationToken" not in job["data"]:
        return pipeline.put_job_success_result(jobId=job["id"], continuationToken="again")
    words = job["data"]["actionConfiguration"]["configuration"]["UserParameters"]
    done = {"outputVariables": {"Words": words}, "executionDetails": {"summary": "done"}}
    pipeline.put_job_success_result(jobId=job["id"], **done)
"""


def create_function(client: Any, name: str, role: str, handler: str, **environment: str) -> None:
    client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": packed({"index.py": handler.encode()})},
        Timeout=30,
        Environment={"Variables": environment},
    )


@pytest.mark.long
def test_a_function_in_production_answers_through_a_role_of_the_shared_account(shop: Workshop) -> None:
    """With a continuation in between; only the job's result crosses back."""
    site = Site(shop, PRODUCTION)
    role = site.service_role(f"{shop.name}-fn", "lambda.amazonaws.com")
    only = {"ArnEquals": {"aws:PrincipalArn": role}}
    document = policy(allow("sts:AssumeRole", principal={"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, **only))
    callback = shop.iam.create_role(RoleName=f"{shop.name}-cb", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    shop.rights(f"{shop.name}-cb", allow("codepipeline:PutJobSuccessResult", resource="*"))
    create_function(site.client("lambda"), shop.name, role, HANDLER, CALLBACK=callback)
    given = {"FunctionName": shop.name, "UserParameters": "#{Src.BranchName}"}
    run = create(shop, action("Deploy", "Invoke", "Lambda", site, given, namespace="Deploy"))
    eventually(lambda: shop.run(run)["status"] != "InProgress")
    found = shop.actions(run)["Deploy"]
    assert found["output"].get("executionResult", {}).get("errorDetails") is None
    assert found["output"]["outputVariables"] == {"Words": "main"}
    assert shop.action("Deploy")["summary"] == "done"
    assert shop.action("Deploy")["lastUpdatedBy"].startswith(f"arn:aws:sts::{SHARED}:assumed-role/{shop.name}-cb/")


CURIOUS = """
import json, os, boto3
def attempt(call, **parameters):
    try:
        call(**parameters)
    except Exception as error:
        return error.response["Error"]["Code"]
    return "served"
def handler(event, context):
    job, pipeline = event["CodePipeline.job"], boto3.client("codepipeline")
    given, data = job["data"]["artifactCredentials"], job["data"]
    s3 = boto3.client(
        "s3",
        aws_access_key_id=given["accessKeyId"],
        aws_secret_access_key=given["secretAccessKey"],
        aws_session_token=given["sessionToken"],
    )
    source, made = (data[kind][0]["location"]["s3Location"] for kind in ("inputArtifacts", "outputArtifacts"))
    read, written = ({"Bucket": place["bucketName"], "Key": place["objectKey"]} for place in (source, made))
    found = {
        "input read": attempt(s3.get_object, **read),
        "input written": attempt(s3.put_object, **read, Body=b""),
        "output written": attempt(s3.put_object, **written, Body=b""),
        "other object read": attempt(s3.get_object, Bucket=os.environ["BUCKET"], Key="secret"),
    }
    which = {"pipelineExecutionId": data["actionConfiguration"]["configuration"]["UserParameters"]}
    listed = pipeline.list_action_executions(pipelineName=os.environ["PIPELINE"], filter=which)
    mine = listed["actionExecutionDetails"][0]
    found["action"] = [mine["actionName"], mine["status"]]
    found["parameters"] = mine["input"]["resolvedConfiguration"]["UserParameters"]
    pipeline.put_job_success_result(jobId=job["id"], outputVariables={"Found": json.dumps(found)})
"""


@pytest.mark.long
def test_a_function_beside_the_pipeline_has_its_artifacts_and_sees_its_run(shop: Workshop) -> None:
    """Without a role of the action's own, the event's credentials are the pipeline's, narrowed to the action's
    artifacts (CodePipeline User Guide, actions-invoke-lambda-function). The run tells that the action is in progress,
    and with which parameters (API reference, ListActionExecutions)."""
    role = shop.create_role(f"{shop.name}-fn", "lambda.amazonaws.com", allow("codepipeline:*", resource="*"))
    client = shop.aws.administrator(SHARED).client("lambda")
    create_function(client, shop.name, role, CURIOUS, BUCKET=shop.name, PIPELINE=shop.name)
    shop.s3.put_object(Bucket=shop.name, Key="secret", Body=b"1")
    declared = {
        "name": "Look",
        "actionTypeId": {"category": "Invoke", "owner": "AWS", "provider": "Lambda", "version": "1"},
        "configuration": {"FunctionName": shop.name, "UserParameters": "#{codepipeline.PipelineExecutionId}"},
        "inputArtifacts": [{"name": "SourceOutput"}],
        "outputArtifacts": [{"name": "Made"}],
        "namespace": "Look",
    }
    run = create(shop, declared)
    shop.ended(run)
    found = json.loads(shop.actions(run)["Look"]["output"]["outputVariables"]["Found"])
    assert found == {
        "input read": "served",
        "input written": "AccessDenied",
        "output written": "served",
        "other object read": "AccessDenied",
        "action": ["Look", "InProgress"],
        "parameters": run,
    }
