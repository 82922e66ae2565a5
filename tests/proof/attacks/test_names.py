"""Documents that are too wide in one part of a name: each lets through an attack by what is called nearly as ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proof.changes import BUCKET_POLICY, KEY_ARN, KEY_POLICY, NAMES, WORLD, changed, identity_of, trust_of
from tests.proof.maps import MAPS
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.attacks.names import NAMES as BY_NAMES
from xacct_ml.proof.attacks.namesakes import namesakes
from xacct_ml.proof.policies import DocumentRef, listed

(TARGET,) = NAMES.production
DEPLOY = NAMES.deploy_function_role(TARGET)
OF_A, OF_B, OF_C = (f"in {account}" for account in (NAMES.shared, NAMES.training, TARGET.id))


def widened(ref: DocumentRef, sid: str, old: str, new: str) -> set[str]:
    """The attacks by names that succeed where the statement has ``new`` for ``old`` in its resources, or among the
    principals that its condition names."""

    def widen(statement: dict[str, Any]) -> None:
        conditions = statement.get("Condition", {})
        if "ArnEquals" in conditions:
            conditions["ArnLike"] = {
                key: [one.replace(old, new) for one in listed(given)]
                for key, given in conditions.pop("ArnEquals").items()
            }
        elif "Resource" in statement:
            statement["Resource"] = [one.replace(old, new) for one in listed(statement["Resource"])]

    tried = [one for one in attack_all(changed(ref, sid, widen)) if one.attack.group == BY_NAMES]
    return {one.attack.what for one in tried if not one.repelled}


@pytest.mark.parametrize(
    ("ref", "sid", "old", "new", "succeeds"),
    [
        (
            identity_of(NAMES.pipeline_role, "actions"),
            "AssumeActionRoles",
            f"::{NAMES.training}:",
            "::*:",
            f"churn-pipeline {OF_A}: sts:AssumeRole on arn:aws:iam::999999999999:role/churn-train-action",
        ),
        (
            identity_of(NAMES.start_role, "start"),
            "StartPipeline",
            "us-east-1",
            "*",
            f"churn-start {OF_A}: codepipeline:StartPipelineExecution on "
            f"{NAMES.pipeline_arn.replace('us-east-1', 'us-east-9')}",
        ),
        (
            identity_of(NAMES.pipeline_role, "artifacts"),
            "ArtifactBucket",
            "us-east-1",
            "us-east-1*",
            f"churn-pipeline {OF_A}: s3:GetBucketVersioning on {NAMES.bucket_arn}x {OF_A}",
        ),
        (
            identity_of(NAMES.training_role, "data"),
            "WriteModels",
            NAMES.bucket,
            f"{NAMES.project}-*",
            f"churn-training {OF_B}: s3:PutObject on {NAMES.bucket_arn}x/",
        ),
        (
            identity_of(NAMES.training_role, "data"),
            "KeyThroughS3",
            f":{NAMES.shared}:",
            ":*:",
            f"churn-training {OF_B}: kms:Decrypt on {KEY_ARN.replace(NAMES.shared, '999999999999')}",
        ),
        (
            trust_of(NAMES.job_result_role),
            "Roles",
            "-function",
            "-function*",
            f"churn-deploy-functionx {OF_C}: sts:AssumeRole on {NAMES.job_result_role}",
        ),
        (
            BUCKET_POLICY,
            "TrainingReadsData",
            "-training",
            "-training?",
            f"churn-trainingx {OF_B}: s3:GetObject on {NAMES.bucket_arn}/data/",
        ),
        (KEY_POLICY, "WriteThroughS3", "-judge", "-judge*", f"churn-judgex {OF_A}: kms:GenerateDataKey on {KEY_ARN}"),
    ],
)
def test_too_wide_in_one_part(ref: DocumentRef, sid: str, old: str, new: str, succeeds: str) -> None:
    """Only what the part covers gets through."""
    found = widened(ref, sid, old, new)
    assert any(what.startswith(succeeds) for what in found), found
    assert len({what.split(":")[0] for what in found}) == 1


def test_what_they_are_is_of_no_map() -> None:
    """Neither a thing nor a role of any."""
    for config in MAPS.values():
        given = world(config)
        ours = {thing.arn for thing in given.things}
        others = {one.arn for thing in given.things for one in namesakes(thing.arn, thing.account)}
        assert others
        assert not others & ours


def test_a_role_of_ours_is_not_asked_twice_the_same() -> None:
    """Each attack once."""
    tried = [one.attack.what for one in attack_all(WORLD) if one.attack.group == BY_NAMES]
    assert len(tried) == len(set(tried)) > 100
