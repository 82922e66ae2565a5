"""The actions that the judge decides: a Lambda function of the shared account (:mod:`xacct_ml.system.judge`), which is
the pipeline's own account, so the pipeline's own role invokes it."""

from typing import Any

from xacct_ml.system.actions import lambda_invoke
from xacct_ml.system.actions.action import EXECUTION, Action
from xacct_ml.system.names import Names

CHECK_STAGE, JUDGE_STAGE, HAND_OVER_STAGE = "Check", "Judge", "HandOver"
CHECK_ACTION, JUDGE_ACTION, HAND_OVER_ACTION = "Configuration", "Evaluation", "Source"
CHECK, JUDGE = f"{CHECK_STAGE}/{CHECK_ACTION}", f"{JUDGE_STAGE}/{JUDGE_ACTION}"
HAND_OVER = f"{HAND_OVER_STAGE}/{HAND_OVER_ACTION}"
CHECK_NAMESPACE, JUDGE_NAMESPACE = "CheckVariables", "JudgeVariables"

MANIFEST_VERSION = f"#{{{CHECK_NAMESPACE}.ManifestVersionId}}"
"""The version of the data manifest that the run trains on."""
TRAINING_JOB = f"#{{{JUDGE_NAMESPACE}.TrainingJob}}"
MODEL_DIGEST = f"#{{{JUDGE_NAMESPACE}.ModelDigest}}"
RECORD_DIGEST = f"#{{{JUDGE_NAMESPACE}.RecordDigest}}"
"""The SHA-256 of the model's archive."""
MODEL_PACKAGE = f"#{{{JUDGE_NAMESPACE}.ModelPackage}}"
"""The ARN of the model package, where models are registered."""


def hand_over(names: Names, *, reads: str, writes: str) -> Action:
    """The artifact ``reads`` becomes ``writes``, an object of the pipeline's account."""
    artifacts = {"inputArtifacts": [{"name": reads}], "outputArtifacts": [{"name": writes}]}
    return _action(names, HAND_OVER_ACTION, "hand-over", **artifacts)


def check(names: Names, artifact: str) -> Action:
    """Before anything is deployed: is the configuration in ``artifact`` one that the map allows?"""
    return _action(names, CHECK_ACTION, "check", inputArtifacts=[{"name": artifact}], namespace=CHECK_NAMESPACE)


def judge(names: Names, artifact: str) -> Action:
    """After training: was what the configuration in ``artifact`` says really done, and does the model pass the gate?"""
    return _action(names, JUDGE_ACTION, "judge", inputArtifacts=[{"name": artifact}], namespace=JUDGE_NAMESPACE)


def _action(names: Names, name: str, task: str, **more: Any) -> Action:
    parameters = {"task": task, "pipelineExecutionId": EXECUTION}
    return Action(
        lambda_invoke.declaration(names, name, names.judge_function, parameters, **more),
        {"judge": lambda_invoke.invocation(names.judge_function_arn)},
    )
