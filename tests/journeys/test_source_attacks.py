"""The source account's operator writes over what its pipeline hands on, as the role that may write artifacts: no run
goes on with it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.configs import SOURCE, operator_role
from tests.emulator.rights import allow
from tests.journeys.project import Project, eventually, project
from tests.journeys.test_life import outcome
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE, HAND_OVER_STAGE, JUDGE_STAGE
from xacct_ml.system.pipeline import WORKFLOW_STAGE
from xacct_ml.validation import load

MAP = Path(__file__).parents[2] / "docs/maps/source-account.yaml"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made() -> Iterator[Project]:
    with project(load(MAP)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        assert made.settled(first).waits_for_approval, outcome(made, first)
        yield made


def artifacts(made: Project, artifact: str) -> set[str]:
    """Keys. Two runs within one second: the times that S3 lists do not tell whose an object is."""
    s3, prefix = made.accounts.client(made.names.shared, "s3"), f"{made.names.artifact_prefix}/{artifact}/"
    return {each["Key"] for each in s3.list_objects_v2(Bucket=made.names.bucket, Prefix=prefix)["Contents"]}


def taken(made: Project) -> Any:
    """An S3 client of the source action's role, with no more than its own rights: its account's operator lets himself
    in."""
    iam, role = made.accounts.client(SOURCE, "iam"), made.names.source_action_role
    name = role.rsplit("/", 1)[1]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    me = allow("sts:AssumeRole", principal={"AWS": operator_role(SOURCE)})
    opened = {**trust, "Statement": [*trust["Statement"], me]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(opened))
    sts = made.accounts.client(SOURCE, "sts")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="taken")["Credentials"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], role).client("s3")


def changed(content: bytes) -> bytes:
    """The source, with a configuration that nobody committed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(made, "w") as written:
        for name in read.namelist():
            text = read.read(name)
            if name == "configuration.json":
                document = json.loads(text)
                document["Parameters"]["NumRound"] = "1"
                text = json.dumps(document).encode()
            written.writestr(name, text)
    return made.getvalue()


@pytest.mark.parametrize(
    ("before", "behind", "artifact", "stage", "reason"),
    [
        (HAND_OVER_STAGE, "Source", "Source", HAND_OVER_STAGE, "was written to after the source action"),
        (CHECK_STAGE, HAND_OVER_STAGE, "Template", CHECK_STAGE, "in HandOver/Source: the pipeline alone writes it"),
        (WORKFLOW_STAGE, CHECK_STAGE, "Template", JUDGE_STAGE, "in Check/Configuration: the pipeline alone writes it"),
    ],
    ids=["before it is handed over", "before it is checked", "before it is deployed"],
)
def test_a_source_that_is_written_over(
    made: Project, before: str, behind: str, artifact: str, stage: str, reason: str
) -> None:
    """Between any two stages that read it."""
    codepipeline, names = made.aws.administrator(made.names.shared).client("codepipeline"), made.names
    entrance = {"pipelineName": names.pipeline, "stageName": before, "transitionType": "Inbound"}
    known = made.runs()
    there = artifacts(made, artifact)

    def arrived() -> bool | None:
        stages = {stage.name: stage.status for stage in made.status(run).stages}
        return True if stages[behind] == "Succeeded" else None

    codepipeline.disable_stage_transition(**entrance, reason="the attacker is quick")
    try:
        made.push(MaxDepth=str(len(known) + 1))
        run = made.new_run(known)
        eventually(arrived, f"the run did not pass {behind}")
        s3 = taken(made)
        (written,) = artifacts(made, artifact) - there
        place = {"Bucket": names.bucket, "Key": written}
        content = changed(s3.get_object(**place)["Body"].read())
        keys = made.aws.administrator(names.shared).client("kms").describe_key(KeyId=names.key_alias)
        key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": keys["KeyMetadata"]["Arn"]}
        s3.put_object(**place, Body=content, **key)
    finally:
        codepipeline.enable_stage_transition(**entrance)
    status, message = outcome(made, run)
    failed = next(each.name for each in made.status(run).stages if each.status == "Failed")
    assert (status, failed, reason in message) == ("Failed", stage, True), message
