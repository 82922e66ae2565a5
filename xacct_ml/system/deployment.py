"""The stages that bring an approved model to production."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.system.actions.declaration import EXECUTION, action, compact, stage
from xacct_ml.system.model_copy import copy_actions
from xacct_ml.system.names import EVALUATIONS_PREFIX, Names
from xacct_ml.system.statements import Document
from xacct_ml.system.waves import DeploymentWave, waves
from xacct_ml.tables.regions import console_host


def deployment(config: Config, *, revision: str, training_execution: str) -> Iterator[Document]:
    """Wave after wave: its approval, if it has one, then its targets side by side.

    A stage begins when every action of the one before has succeeded (CodePipeline User Guide, concepts) [D], and a
    deploy action succeeds when its endpoint is InService with the intended configuration: so a wave whose endpoint
    fails or rolls back is the last one. ``revision`` and ``training_execution`` are pipeline variables: what was
    trained from, and the ARN of the Step Functions execution that trained.
    """
    names = Names(config)
    for wave in waves(config):
        if wave.approve_stage is not None:
            yield stage(wave.approve_stage, _approve(names, wave, revision))
        yield stage(wave.deploy_stage, *_deploy_all(names, wave.targets, revision, training_execution))


def _approve(names: Names, wave: DeploymentWave, revision: str) -> Document:
    record = f"{EVALUATIONS_PREFIX}/{EXECUTION}.json"
    subject = f"Wave {wave.name}. " if wave.name else ""
    return action(
        names,
        "Review",
        "Approval",
        "Manual",
        {
            "CustomData": (
                f"{subject}{names.revision_word.capitalize()} {revision}. "
                f"Metrics and gate: s3://{names.bucket}/{record}. "
                f"xacct-ml approve shows both and approves execution {EXECUTION}."
            ),
            "ExternalEntityLink": _console_link(names, record),
        },
    )


def _deploy_all(
    names: Names, targets: Sequence[ProductionTarget], revision: str, training_execution: str
) -> Iterator[Document]:
    """A stage's actions: the model into the targets' regions first, where there are other ones than the pipeline's."""
    copies = copy_actions(names, targets, training_execution)
    yield from copies
    for target in targets:
        yield {**_deploy(names, target, revision, training_execution), "runOrder": 2 if copies else 1}


def _deploy(names: Names, target: ProductionTarget, revision: str, training_execution: str) -> Document:
    return action(
        names,
        target.name,
        "Invoke",
        "Lambda",
        {
            "FunctionName": names.function,
            "UserParameters": compact(
                {"executionArn": training_execution, "pipelineExecutionId": EXECUTION, "commit": revision}
            ),
        },
        roleArn=names.deploy_action_role(target),
        region=names.region_of(target),
    )


def _console_link(names: Names, key: str) -> str:
    return f"https://{console_host(names.region)}/s3/object/{names.bucket}?region={names.region}&prefix={key}"
