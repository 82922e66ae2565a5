"""The pipeline's structure."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.waved import waved
from xacct_ml.config.model import Config
from xacct_ml.system.actions.action import Action, Stage
from xacct_ml.system.function import pipelines
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import action_rights, action_roles, pipeline, release_pipeline, rights_of
from xacct_ml.system.registry import registry_environment
from xacct_ml.system.statements import Document, allow, policy

CONFIG = example()
STRUCTURE = pipeline(CONFIG, Keys.stand_ins(Names(CONFIG)))
ACTIONS = {action["name"]: action for stage in STRUCTURE["stages"] for action in stage["actions"]}


def test_stages_in_order() -> None:
    """Source, a check, stack and training in B, the judge, a person, production."""
    stages = ["Source", "Check", "Workflow", "Train", "Judge", "Approve", "Deploy"]
    assert [stage["name"] for stage in STRUCTURE["stages"]] == stages


def test_each_action_runs_as_a_role_of_its_own_account() -> None:
    """Only the source, the judge and the approval run as the pipeline itself."""
    assert [action["roleArn"] for action in ACTIONS.values() if "roleArn" in action] == [
        f"arn:aws:iam::{TRAINING}:role/churn-train-action",
        f"arn:aws:iam::{TRAINING}:role/churn-train-action",
        f"arn:aws:iam::{PRODUCTION}:role/churn-deploy-action",
    ]


def test_every_role_of_an_action_is_one_that_the_pipeline_may_assume() -> None:
    """Whoever adds an action with a role need not think of it."""
    config = waved()
    names = Names(config)
    rights = action_rights(config, Keys.stand_ins(names))
    assert set(action_roles(names, rights)) == set(rights) - {names.pipeline_role}


def test_no_artifact_passes_from_training_to_production() -> None:
    """Artifacts cannot pass between accounts neither of which is the pipeline's: training makes none, production
    takes none. The judge is in the pipeline's account."""
    assert [name for name, action in ACTIONS.items() if action["outputArtifacts"]] == ["Repository"]
    reading = [name for name, action in ACTIONS.items() if action["inputArtifacts"]]
    assert reading == ["Configuration", "TrainingStack", "Evaluation"]


def test_the_key_is_given_as_an_arn() -> None:
    """A key id or alias would be looked up in the action's account."""
    assert STRUCTURE["artifactStore"]["encryptionKey"]["id"].startswith(f"arn:aws:kms:us-east-1:{SHARED}:key/")


def test_configuration_values_are_texts_within_codepipelines_limit() -> None:
    """botocore checks neither the type of these values nor their length."""
    for action in ACTIONS.values():
        for value in action["configuration"].values():
            assert isinstance(value, str)
            assert 1 <= len(value) <= 1000


def test_one_deploy_action_per_production_target() -> None:
    """Several targets are several actions; then what serves is written down."""
    targets = ({"name": "eu", "id": PRODUCTION}, {"name": "us", "id": "444444444444"})
    config = example(accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": targets})
    deploy = pipeline(config, Keys.stand_ins(Names(config)))["stages"][-1]
    assert [(action["name"], action["runOrder"]) for action in deploy["actions"]] == [("eu", 1), ("us", 1), ("Live", 2)]


def test_waves_are_stages_in_order() -> None:
    """Each with its own approval, or none; the first may have none."""
    config = waved(("first", ["canary"], False), ("rest", ["web", "mobile"], True))
    *_, first, approve, rest = pipeline(config, Keys.stand_ins(Names(config)))["stages"]
    assert [stage["name"] for stage in (first, approve, rest)] == ["Deploy-first", "Approve-rest", "Deploy-rest"]
    assert [[action["name"] for action in stage["actions"]] for stage in (first, rest)] == [
        ["canary", "Live"],
        ["web", "mobile", "Live"],
    ]
    assert approve["actions"][0]["configuration"]["CustomData"].startswith("Wave rest. Commit ")
    assert [action["runOrder"] for action in rest["actions"]] == [1, 1, 2]


def test_the_run_reaches_the_state_machine_and_the_function_as_variables() -> None:
    """JSON texts whose values are variables in quotes."""
    assert json.loads(ACTIONS["StateMachine"]["configuration"]["Input"]) == {
        "commit": "#{SourceVariables.CommitId}",
        "pipelineExecutionId": "#{codepipeline.PipelineExecutionId}",
        "manifestVersionId": "#{CheckVariables.ManifestVersionId}",
    }
    parameters = json.loads(ACTIONS["production"]["configuration"]["UserParameters"])
    assert parameters["modelDigest"] == "#{JudgeVariables.ModelDigest}"


def test_two_approvals_are_two_actions_side_by_side() -> None:
    """And the function that deploys waits for both."""
    config = example(approvals=2)
    approve = pipeline(config, Keys.stand_ins(Names(config)))["stages"][-2]
    assert [action["name"] for action in approve["actions"]] == ["Review", "SecondReview"]
    (target,) = config.accounts.production
    reviews = ["Approve/Review", "Approve/SecondReview"]
    assert [each["approvals"] for each in pipelines(config, target).values()] == [reviews, reviews]


def test_a_statement_that_two_actions_of_a_role_need_is_there_once() -> None:
    """In the policy of the first; what only the second needs is in its own."""
    lists = allow("ListFunctions", ["lambda:ListFunctions"], ["*"])
    invokes = [allow("InvokeFunction", ["lambda:InvokeFunction"], [f"arn:{name}"]) for name in ("one", "two")]
    stage = Stage("S", tuple(Action({}, {str(n): policy(one, lists)}) for n, one in enumerate(invokes)))
    third = Stage("T", (Action({}, {"2": policy(lists)}),))
    assert rights_of([stage, third], "role") == {"role": {"0": policy(invokes[0], lists), "1": policy(invokes[1])}}


def test_what_is_deployed_everywhere_is_released_last() -> None:
    """Where the map has a registry: one action of the shared account, as the pipeline itself."""
    config = example(registry={"model_package_group": "churn-models"})
    *before, release = pipeline(config, Keys.stand_ins(Names(config)))["stages"]
    assert before == STRUCTURE["stages"]
    (action,) = release["actions"]
    assert (release["name"], action["name"]) == ("Registry", "Package")
    assert "roleArn" not in action
    assert json.loads(action["configuration"]["UserParameters"]) == {
        "pipeline": "churn",
        "pipelineExecutionId": "#{codepipeline.PipelineExecutionId}",
        "modelPackage": "#{JudgeVariables.ModelPackage}",
        "recordDigest": "#{JudgeVariables.RecordDigest}",
    }


@pytest.mark.parametrize("described", [pipeline, release_pipeline], ids=["training", "release"])
def test_a_package_is_approved_after_every_wave(described: Callable[[Config, Keys], Document]) -> None:
    """What the function waits for are the approvals and deployments of the very pipeline."""
    config = waved(registry={"model_package_group": "churn-models"})
    declared = described(config, Keys.stand_ins(Names(config)))
    given, stages = json.loads(registry_environment(config)["PIPELINES"])[declared["name"]], declared["stages"]
    named = {f"{stage['name']}/{action['name']}" for stage in stages for action in stage["actions"]}
    assert {each for each in named if each.startswith("Approve")} == set(given["approvals"])
    deploying = {each for each in named if each.startswith("Deploy") and not each.endswith("/Live")}
    assert deploying == set(given["deployments"])
    assert {given["action"], given["judgeAction"]} <= named
