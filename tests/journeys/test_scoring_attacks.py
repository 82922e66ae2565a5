"""Attempts on how models are scored: by who pushes, and by who operates the training account and takes its roles. Each
is refused, or fails the run with its reason; none leaves a model, and a retry without the attacker goes through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.configs import TRAINING, example
from tests.emulator.rights import error_of, policy
from tests.journeys.project import eventually, project
from tests.journeys.test_attacks import EVIL, Scene, replaced
from tests.journeys.test_life import HYPERPARAMETERS, outcome
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.operations.runs.failure import retry
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE

pytestmark = pytest.mark.long

PACE = Pace(lambda_continuation=6.0)
"""Between two looks of the judge the attacker has time."""


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """The first run is approved and serves: each further one has two models scored."""
    with project(example(training={"hyperparameters": HYPERPARAMETERS}), PACE) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        assert made.settled(first).waits_for_approval
        made.judge(first, approve=True)
        assert outcome(made, first) == ("Succeeded", "")
        yield Scene(made)


@pytest.fixture(autouse=True)
def _alone(scene: Scene) -> Iterator[None]:
    yield
    scene.end_what_waits()


@pytest.fixture
def scorer(scene: Scene) -> Iterator[Credentials]:
    yield scene.taken(scene.names.scorer_role)
    scene.give_back(scene.names.scorer_role)


@pytest.fixture
def scoring(scene: Scene) -> Iterator[Credentials]:
    yield scene.taken(scene.names.scoring_role)
    scene.give_back(scene.names.scoring_role)


def sagemaker(scene: Scene) -> Any:
    return scene.aws.administrator(TRAINING).client("sagemaker")


def jobs(scene: Scene) -> set[str]:
    found = sagemaker(scene).list_transform_jobs(NameContains=scene.names.scoring_prefix, MaxResults=100)
    return {each["TransformJobName"] for each in found["TransformJobSummaries"]}


def scored(scene: Scene, known: set[str]) -> list[dict[str, Any]]:
    """The jobs that the judge has started on the rows held out: the candidate's and the live model's. A third, of the
    candidate on the golden rows, starts after them."""

    def both() -> list[dict[str, Any]] | None:
        described = [sagemaker(scene).describe_transform_job(TransformJobName=name) for name in jobs(scene) - known]
        by_place = {job["TransformOutput"]["S3OutputPath"].rsplit("/", 1)[1].split("-")[0]: job for job in described}
        wanted = ("candidate", "live")
        return [by_place[which] for which in wanted] if by_place.keys() >= set(wanted) else None

    return eventually(both, "no batch transform was started")


def fails(scene: Scene, run: str, *reasons: str) -> None:
    """At the judge, and nothing is left; then, with nobody about, its retry is judged."""
    failed, message = scene.failed_at(run)
    assert (failed, [reason for reason in reasons if reason not in message]) == (JUDGE_STAGE, []), message
    assert sagemaker(scene).list_models(NameContains=scene.names.scoring_prefix)["Models"] == []
    retry(scene.project.config, scene.project.accounts, run)
    assert scene.project.settled(run).waits_for_approval, outcome(scene.project, run)
    scene.project.judge(run, approve=False)
    assert outcome(scene.project, run)[0] == "Failed"


def test_predictions_written_beside_the_transforms(scene: Scene, scoring: Credentials) -> None:
    known = jobs(scene)
    run = scene.push(NumRound="7")
    candidate, _ = scored(scene, known)
    prefix = candidate["TransformOutput"]["S3OutputPath"].removeprefix(f"s3://{scene.names.bucket}/")
    place = {"Bucket": scene.names.bucket, "Key": f"{prefix}/features.csv.out"}
    scoring.client("s3").put_object(**place, Body=b"0.5\n" * 100, **scene.encrypted())
    assert error_of(scoring.client("s3").delete_object, **place)[0] == "AccessDenied"
    fails(scene, run, "was written to beside the batch transform")


@pytest.mark.parametrize(("puts_back", "reason"), [(False, "ModelDataUrl is"), (True, "was made again after it was")])
def test_another_model_under_the_same_name(scene: Scene, scorer: Credentials, *, puts_back: bool, reason: str) -> None:
    """The live one for the candidate; and the right one once more, as if nothing had been."""
    known = jobs(scene)
    run = scene.push(NumRound="9" if puts_back else "8")
    candidate, live = scored(scene, known)
    asked = ("ModelName", "ExecutionRoleArn", "PrimaryContainer", "EnableNetworkIsolation")
    described = [sagemaker(scene).describe_model(ModelName=job["ModelName"]) for job in (candidate, live)]
    own, other = ({name: found[name] for name in asked} for found in described)
    attacker = scorer.client("sagemaker")
    for container in (other["PrimaryContainer"], *([own["PrimaryContainer"]] if puts_back else [])):
        attacker.delete_model(ModelName=own["ModelName"])
        attacker.create_model(**{**own, "PrimaryContainer": container})
    fails(scene, run, "is not what was asked for", reason)


def test_a_role_that_may_not_read_the_rows(scene: Scene) -> None:
    """As when its operator takes a statement from it: the transforms fail, and nothing is approved."""
    iam, name = scene.aws.administrator(TRAINING).client("iam"), scene.names.scoring_role.rsplit("/", 1)[1]
    rows = iam.get_role_policy(RoleName=name, PolicyName="rows")["PolicyDocument"]
    kept = [each for each in rows["Statement"] if each["Sid"] != "ReadFeatures"]
    iam.put_role_policy(RoleName=name, PolicyName="rows", PolicyDocument=policy(*kept))
    try:
        run = scene.push(NumRound="6")
        failed, message = scene.failed_at(run)
        assert (failed, "the batch transform of the candidate" in message) == (JUDGE_STAGE, True), message
    finally:
        iam.put_role_policy(RoleName=name, PolicyName="rows", PolicyDocument=json.dumps(rows))
    fails(scene, run, " failed: ")


def test_the_rows_held_out_are_nobodys_to_change(scene: Scene) -> None:
    """By any role of the training account, with all the rights that its operator can give; nor are labels read."""
    (first, *_) = scene.project.runs()
    dataset = scene.project.evaluation(first)["data"]["dataset"]
    names = scene.names
    features, labels = (names.holdout_key(dataset, part) for part in ("features", "labels"))
    roles = (names.scoring_role, names.scorer_role, names.training_role, names.state_machine_role, names.evidence_role)
    for role in roles:
        s3 = scene.taken(role).client("s3")
        for key in (features, labels):
            place = {"Bucket": names.bucket, "Key": key}
            for header in ({}, {"IfNoneMatch": "*"}):
                assert error_of(s3.put_object, **place, Body=EVIL, **header, **scene.encrypted())[0] == "AccessDenied"
            assert error_of(s3.delete_object, **place)[0] == "AccessDenied"
        assert error_of(s3.get_object, Bucket=names.bucket, Key=labels)[0] == "AccessDenied"
        if role != names.scoring_role:
            assert error_of(s3.get_object, Bucket=names.bucket, Key=features)[0] == "AccessDenied"
            place = {"Bucket": names.bucket, "Key": names.scores_key(first, "churn-x", "candidate")}
            assert error_of(s3.put_object, **place, Body=EVIL, **scene.encrypted())[0] == "AccessDenied"
        scene.give_back(role)
    assert [len(scene.versions(key)) for key in (features, labels)] == [1, 1]


MODEL = """"Train": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sagemaker:createModel",
                "Parameters": {
                  "ModelName": "churn-scoring-0123456789abcdef",
                  "ExecutionRoleArn": "${TrainingRoleArn}",
                  "EnableNetworkIsolation": true,
                  "PrimaryContainer": {"Image": "${Image}", "ModelDataUrl": "s3://${Bucket}/models/x/model.tar.gz"}
                },
                "Next": "Really"
              },
              "Really": {"""
TRANSFORM = """"Train": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sagemaker:createTransformJob",
                "Parameters": {
                  "TransformJobName": "churn-scoring-0123456789abcdef",
                  "ModelName": "churn-scoring-0123456789abcdef",
                  "TransformInput": {
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/holdout/"}}
                  },
                  "TransformOutput": {"S3OutputPath": "s3://${Bucket}/scores/"},
                  "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1}
                },
                "Next": "Really"
              },
              "Really": {"""


@pytest.mark.parametrize(("state", "action"), [(MODEL, "CreateModel"), (TRANSFORM, "CreateTransformJob")])
def test_a_pushed_template_scores_nothing(scene: Scene, state: str, action: str) -> None:
    failed, message = scene.failed_at(scene.push(replaced('"Train": {', state)))
    assert (failed, f"not authorized to perform: sagemaker:{action}" in message) == (TRAIN_STAGE, True), message
