"""The pipeline's structure, as CreatePipeline takes it.

No artifact passes between two accounts neither of which is the pipeline's (CodePipeline User Guide,
pipelines-create-cross-account) [D]: from training to production go variables only.
"""

from __future__ import annotations

from xacct_ml.config.model import Config
from xacct_ml.system.actions.declaration import EXECUTION, action, compact, stage
from xacct_ml.system.deployment import deployment
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.sources import source
from xacct_ml.system.sources.source import Source
from xacct_ml.system.statements import Document
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE, parameter_overrides

TRAIN_NAMESPACE = "TrainVariables"

WORKFLOW_STAGE = "Workflow"
TRAIN_STAGE = "Train"


def pipeline(config: Config, keys: Keys) -> Document:
    """The ``pipeline`` member of CreatePipeline and UpdatePipeline."""
    names, origin = Names(config), source(config)
    structure = {
        "name": names.pipeline,
        "roleArn": names.pipeline_role,
        **_artifact_stores(names, keys),
        "pipelineType": "V2",
        "executionMode": "SUPERSEDED",
        "stages": [
            *origin.stages,
            stage(WORKFLOW_STAGE, _workflow(config, keys, origin)),
            stage(TRAIN_STAGE, _train(names, origin)),
            *deployment(config, revision=origin.revision, training_execution=f"#{{{TRAIN_NAMESPACE}.ExecutionArn}}"),
        ],
    }
    if origin.triggers:
        structure["triggers"] = list(origin.triggers)
    return structure


def _artifact_stores(names: Names, keys: Keys) -> Document:
    """One store, or with actions in other regions one for each region (CodePipeline API reference) [B].

    The key's ARN: an id or alias would resolve in the action's account (CodePipeline User Guide) [D].
    """
    stores = {
        region: {"type": "S3", "location": names.bucket_in(region), "encryptionKey": {"id": key_arn, "type": "KMS"}}
        for region, key_arn in keys.items()
    }
    return {"artifactStore": stores[names.region]} if len(stores) == 1 else {"artifactStores": stores}


def action_roles(structure: Document) -> tuple[str, ...]:
    """The role of every action that has one, in the pipeline's order."""
    return tuple(one["roleArn"] for each in structure["stages"] for one in each["actions"] if "roleArn" in one)


def _workflow(config: Config, keys: Keys, origin: Source) -> Document:
    names = Names(config)
    return action(
        names,
        "TrainingStack",
        "Deploy",
        "CloudFormation",
        {
            "ActionMode": "CREATE_UPDATE",
            "StackName": names.stack,
            "RoleArn": names.cloudformation_role,
            "TemplatePath": f"{origin.artifact}::{TEMPLATE_FILE}",
            "TemplateConfiguration": f"{origin.artifact}::{CONFIGURATION_FILE}",
            "ParameterOverrides": compact(parameter_overrides(config, keys, origin.revision)),
        },
        inputArtifacts=[{"name": origin.artifact}],
        roleArn=names.train_action_role,
    )


def _train(names: Names, origin: Source) -> Document:
    return action(
        names,
        "StateMachine",
        "Invoke",
        "StepFunctions",
        {
            "StateMachineArn": names.state_machine_arn,
            "ExecutionNamePrefix": names.job_prefix,
            "InputType": "Literal",
            "Input": compact({"commit": origin.revision, "pipelineExecutionId": EXECUTION}),
        },
        namespace=TRAIN_NAMESPACE,
        roleArn=names.train_action_role,
    )
