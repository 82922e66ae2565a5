"""The pipeline's structure, as CreatePipeline takes it.

No artifact passes between two accounts neither of which is the pipeline's (CodePipeline User Guide,
pipelines-create-cross-account) [D]: from training to production go variables only.
"""

from __future__ import annotations

import json
from typing import Any

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.documents.statements import Document
from xacct_ml.documents.template import CONFIGURATION_FILE, TEMPLATE_FILE, parameter_overrides
from xacct_ml.naming import EVALUATIONS_PREFIX, Names

SOURCE_ARTIFACT = "Source"
SOURCE_NAMESPACE = "SourceVariables"
TRAIN_NAMESPACE = "TrainVariables"
COMMIT = f"#{{{SOURCE_NAMESPACE}.CommitId}}"
EXECUTION = "#{codepipeline.PipelineExecutionId}"

SOURCE_STAGE = "Source"
WORKFLOW_STAGE = "Workflow"
TRAIN_STAGE = "Train"
APPROVE_STAGE = "Approve"
DEPLOY_STAGE = "Deploy"


def pipeline(config: Config, key_arn: str) -> Document:
    """The ``pipeline`` member of CreatePipeline and UpdatePipeline."""
    names = Names(config)
    return {
        "name": names.pipeline,
        "roleArn": names.pipeline_role,
        "artifactStore": {
            "type": "S3",
            "location": names.bucket,
            # The ARN: an id or alias would resolve in the action's account (CodePipeline User Guide) [D].
            "encryptionKey": {"id": key_arn, "type": "KMS"},
        },
        "pipelineType": "V2",
        "executionMode": "SUPERSEDED",
        "stages": [
            _stage(SOURCE_STAGE, _source(names)),
            _stage(WORKFLOW_STAGE, _workflow(config, key_arn)),
            _stage(TRAIN_STAGE, _train(names)),
            _stage(APPROVE_STAGE, _approve(names)),
            _stage(DEPLOY_STAGE, *(_deploy(names, target) for target in names.production)),
        ],
    }


def action_roles(structure: Document) -> tuple[str, ...]:
    """The role of every action that has one, in the pipeline's order."""
    return tuple(
        action["roleArn"] for stage in structure["stages"] for action in stage["actions"] if "roleArn" in action
    )


def _stage(name: str, *actions: Document) -> Document:
    return {"name": name, "actions": list(actions)}


def _action(
    names: Names, name: str, category: str, provider: str, configuration: dict[str, str], **more: Any
) -> Document:
    return {
        "name": name,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "runOrder": 1,
        "configuration": configuration,
        "inputArtifacts": [],
        "outputArtifacts": [],
        "region": names.region,
        **more,
    }


def _source(names: Names) -> Document:
    return _action(
        names,
        "Repository",
        "Source",
        "CodeCommit",
        {
            "RepositoryName": names.repository,
            "BranchName": names.branch,
            "PollForSourceChanges": "false",
            "OutputArtifactFormat": "CODE_ZIP",
        },
        outputArtifacts=[{"name": SOURCE_ARTIFACT}],
        namespace=SOURCE_NAMESPACE,
    )


def _workflow(config: Config, key_arn: str) -> Document:
    names = Names(config)
    return _action(
        names,
        "TrainingStack",
        "Deploy",
        "CloudFormation",
        {
            "ActionMode": "CREATE_UPDATE",
            "StackName": names.stack,
            "RoleArn": names.cloudformation_role,
            "TemplatePath": f"{SOURCE_ARTIFACT}::{TEMPLATE_FILE}",
            "TemplateConfiguration": f"{SOURCE_ARTIFACT}::{CONFIGURATION_FILE}",
            "ParameterOverrides": compact(parameter_overrides(config, key_arn, COMMIT)),
        },
        inputArtifacts=[{"name": SOURCE_ARTIFACT}],
        roleArn=names.train_action_role,
    )


def _train(names: Names) -> Document:
    return _action(
        names,
        "StateMachine",
        "Invoke",
        "StepFunctions",
        {
            "StateMachineArn": names.state_machine_arn,
            "ExecutionNamePrefix": names.job_prefix,
            "InputType": "Literal",
            "Input": compact({"commit": COMMIT, "pipelineExecutionId": EXECUTION}),
        },
        namespace=TRAIN_NAMESPACE,
        roleArn=names.train_action_role,
    )


def _approve(names: Names) -> Document:
    record = f"{EVALUATIONS_PREFIX}/{EXECUTION}.json"
    return _action(
        names,
        "Review",
        "Approval",
        "Manual",
        {
            "CustomData": (
                f"Commit {COMMIT}. Metrics and gate: s3://{names.bucket}/{record}. "
                f"xacct-ml approve shows both and approves execution {EXECUTION}."
            ),
            "ExternalEntityLink": _console_link(names, record),
        },
    )


def _deploy(names: Names, target: ProductionTarget) -> Document:
    return _action(
        names,
        target.name,
        "Invoke",
        "Lambda",
        {
            "FunctionName": names.function,
            "UserParameters": compact(
                {
                    "executionArn": f"#{{{TRAIN_NAMESPACE}.ExecutionArn}}",
                    "pipelineExecutionId": EXECUTION,
                    "commit": COMMIT,
                }
            ),
        },
        roleArn=names.deploy_action_role(target),
    )


def _console_link(names: Names, key: str) -> str:
    host = {
        "aws": "console.aws.amazon.com",
        "aws-cn": "console.amazonaws.cn",
        "aws-us-gov": "console.amazonaws-us-gov.com",
    }
    console = host.get(names.partition, f"console.{names.dns_suffix}")
    return f"https://{console}/s3/object/{names.bucket}?region={names.region}&prefix={key}"


def compact(value: dict[str, str]) -> str:
    """JSON without white space: configuration values end at 1,000 characters."""
    return json.dumps(value, separators=(",", ":"))
