"""The actions of the judge: a Lambda function of the shared account (:mod:`xacct_ml.system.judge`), which is
the pipeline's own account, so the pipeline's own role invokes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.system.actions import lambda_invoke
from xacct_ml.system.actions.action import EXECUTION, Action
from xacct_ml.system.names import Names

CHECK_STAGE, JUDGE_STAGE, HAND_OVER_STAGE, RELEASE_STAGE = "Check", "Judge", "HandOver", "Release"
CHECK_ACTION, JUDGE_ACTION, HAND_OVER_ACTION, RELEASE_ACTION = "Configuration", "Evaluation", "Source", "Model"
CHECK, JUDGE = f"{CHECK_STAGE}/{CHECK_ACTION}", f"{JUDGE_STAGE}/{JUDGE_ACTION}"
HAND_OVER, RELEASE = f"{HAND_OVER_STAGE}/{HAND_OVER_ACTION}", f"{RELEASE_STAGE}/{RELEASE_ACTION}"
LIVE_ACTION = "Live"
"""The last one of each stage that deploys."""
CHECK_NAMESPACE, JUDGE_NAMESPACE, RELEASE_NAMESPACE = "CheckVariables", "JudgeVariables", "ReleaseVariables"

MANIFEST_VERSION = f"#{{{CHECK_NAMESPACE}.ManifestVersionId}}"
"""The version of the data manifest that the run trains on."""
RECORD_DIGEST = f"#{{{JUDGE_NAMESPACE}.RecordDigest}}"
"""The SHA-256 of the record."""


@dataclass(frozen=True)
class Judged:
    """What was judged, as the actions of a pipeline are told of it: ``pipeline`` is its name, ``namespace`` has the
    output variables of the action that judged, or that found what was judged."""

    pipeline: str
    namespace: str

    def variable(self, name: str) -> str:
        """``TrainingJob``, ``ModelDigest``, ``RecordKey``, ``RecordDigest``; where models are registered,
        ``ModelPackage``: an ARN, or of a release ``none``."""
        return f"#{{{self.namespace}.{name}}}"


def hand_over(names: Names, *, reads: str, writes: str) -> Action:
    """The artifact ``reads`` becomes ``writes``, an object of the pipeline's account."""
    artifacts: dict[str, Any] = {"inputArtifacts": [{"name": reads}], "outputArtifacts": [{"name": writes}]}
    return _action(names, HAND_OVER_ACTION, "hand-over", **artifacts)


def check(names: Names, artifact: str) -> Action:
    """Before anything is deployed: is the configuration in ``artifact`` one that the map allows?"""
    return _action(names, CHECK_ACTION, "check", inputArtifacts=[{"name": artifact}], namespace=CHECK_NAMESPACE)


def judge(names: Names, artifact: str) -> Action:
    """After training: was what the configuration in ``artifact`` says really done, and does the model pass the gate?"""
    return _action(names, JUDGE_ACTION, "judge", inputArtifacts=[{"name": artifact}], namespace=JUDGE_NAMESPACE)


def release(names: Names, artifact: str) -> Action:
    """Is what ``artifact`` asks for a model that was judged and passed, and may it serve where it shall?"""
    told = {"pipeline": names.release_pipeline}
    read = [{"name": artifact}]
    return _action(names, RELEASE_ACTION, "release", told, inputArtifacts=read, namespace=RELEASE_NAMESPACE)


def live(names: Names, pipeline: str, stage: str, *, run_order: int) -> Action:
    """After a stage's deployments: what serves where since when is written down."""
    told = {"pipeline": pipeline, "action": f"{stage}/{LIVE_ACTION}"}
    return _action(names, LIVE_ACTION, "live", told, runOrder=run_order)


def _action(names: Names, name: str, task: str, told: Mapping[str, str] | None = None, **more: Any) -> Action:
    parameters = {"task": task, "pipelineExecutionId": EXECUTION, **(told or {})}
    return Action(
        lambda_invoke.declaration(names, name, names.judge_function, parameters, **more),
        {"judge": lambda_invoke.invocation(names.judge_function_arn)},
    )
