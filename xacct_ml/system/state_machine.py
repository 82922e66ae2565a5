"""The state machine's definition, as text with ``${Parameter}`` places that CloudFormation fills.

What it does: checks that it is the definition of this run's commit, reads the data manifest, trains on exactly the
objects that it names, judges the gate, writes the evaluation record, and ends as the gate says. Sources: Step
Functions Developer Guide (connect-sagemaker, supported-services-awssdk, amazon-states-language-fail-state, …-paths).

Parameters of SDK integrations are the API's names in PascalCase as the Java SDK v2 spells them, hence ``SsekmsKeyId``
(assumed [U]; a wrong name makes CreateStateMachine fail at bootstrap, not a run).
"""

from __future__ import annotations

import json
import re
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.names import EVALUATIONS_PREFIX, MODELS_PREFIX, Names
from xacct_ml.tables.regions import partition

EVALUATION_SCHEMA = "xacct-ml/evaluation/1"

Definition = dict[str, Any]


def definition_text(config: Config) -> str:
    """The definition with its places, as JSON text for ``Fn::Sub``.

    Places that stand for numbers or for the inside of an object are not quoted; with the places filled, it is JSON.
    """
    text = json.dumps(_definition(config), indent=2)
    return re.sub(r'"@(\w+)@"', r"${\1}", text).replace('"@{HyperParameters}@"', "{${HyperParameters}}")


def _definition(config: Config) -> Definition:
    states: Definition = {
        "CheckDefinition": {
            "Comment": "Right after an update, StartExecution may still use the old definition",
            "Type": "Choice",
            "Choices": [{"Variable": "$.commit", "StringEquals": "${Commit}", "Next": "ReadManifest"}],
            "Default": "StaleDefinition",
        },
        "StaleDefinition": {
            "Type": "Fail",
            "Error": "StaleDefinition",
            "Cause": (
                "Step Functions started an older definition than this commit's. Nothing was trained. Retry the stage."
            ),
        },
        "ReadManifest": _task(
            config,
            "aws-sdk:s3:getObject",
            {"Bucket": "${Bucket}", "Key": "${ManifestKey}"},
            next_state="Train",
            ResultSelector={"manifest.$": "States.StringToJson($.Body)", "versionId.$": "$.VersionId"},
            ResultPath="$.data",
        ),
        "Train": _task(
            config, "sagemaker:createTrainingJob.sync", _training_job(config), next_state="ReadMetrics", ResultPath=None
        ),
        "ReadMetrics": _task(
            config,
            "aws-sdk:sagemaker:describeTrainingJob",
            {"TrainingJobName.$": "$$.Execution.Name"},
            next_state="Gate",
            ResultSelector={
                "metrics.$": "$.FinalMetricDataList[*]",
                "values.$": "$.FinalMetricDataList[?(@.MetricName=='${GateMetric}')].Value",
                "model.$": "$.ModelArtifacts.S3ModelArtifacts",
            },
            ResultPath="$.evaluation",
        ),
        "Gate": {
            "Type": "Choice",
            "Choices": [
                {"Not": {"Variable": "$.evaluation.values[0]", "IsPresent": True}, "Next": "MetricWasNotReported"},
                {"Variable": "$.evaluation.values[0]", "${GateComparison}": "@GateThreshold@", "Next": "GateWasPassed"},
            ],
            "Default": "GateWasMissed",
        },
        "GateWasPassed": _verdict("passed"),
        "GateWasMissed": _verdict("missed"),
        "MetricWasNotReported": _verdict("not reported"),
        "Record": _task(config, "aws-sdk:s3:putObject", _record(), next_state="Verdict", ResultPath="$.record"),
        "Verdict": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.verdict.outcome", "StringEquals": "passed", "Next": "Passed"},
                {"Variable": "$.verdict.outcome", "StringEquals": "missed", "Next": "GateMissed"},
            ],
            "Default": "MetricNotReported",
        },
        "Passed": {"Type": "Succeed"},
        "GateMissed": {
            "Type": "Fail",
            "Error": "GateMissed",
            "CausePath": (
                "States.Format('The quality gate was missed: ${GateMetric} is {}, "
                "required is ${GateBound} ${GateThreshold}', $.evaluation.values[0])"
            ),
        },
        "MetricNotReported": {
            "Type": "Fail",
            "Error": "MetricNotReported",
            "Cause": (
                "The training job reported no ${GateMetric}, so the quality gate cannot be judged. "
                "Name it in the hyperparameter eval_metric."
            ),
        },
    }
    return {
        "Comment": "Trains XGBoost on the current data set, judges the quality gate and records the evaluation",
        "StartAt": "CheckDefinition",
        "States": states,
    }


def _task(config: Config, integration: str, parameters: Definition, *, next_state: str, **fields: Any) -> Definition:
    resource = f"arn:{partition(config.region)}:states:::{integration}"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, **fields, "Next": next_state}


def _verdict(outcome: str) -> Definition:
    return {"Type": "Pass", "Result": {"outcome": outcome}, "ResultPath": "$.verdict", "Next": "Record"}


def _training_job(config: Config) -> Definition:
    names = Names(config)
    return {
        "TrainingJobName.$": "$$.Execution.Name",
        "RoleArn": "${TrainingRoleArn}",
        "AlgorithmSpecification": {"TrainingImage": "${Image}", "TrainingInputMode": "File"},
        "HyperParameters": "@{HyperParameters}@",
        "InputDataConfig": [_channel("train"), _channel("validation")],
        "OutputDataConfig": {"S3OutputPath": f"s3://${{Bucket}}/{MODELS_PREFIX}/", "KmsKeyId": "${KeyArn}"},
        "ResourceConfig": {
            "InstanceType": "${InstanceType}",
            "InstanceCount": "@InstanceCount@",
            "VolumeSizeInGB": "@VolumeGB@",
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": "@MaxRuntimeSeconds@"},
        "RetryStrategy": {"MaximumRetryAttempts": 2},
        "EnableNetworkIsolation": True,
        # The profiler would write to the bucket on its own, without the key.
        "ProfilerConfig": {"DisableProfiler": True},
        "Tags": [{"Key": key, "Value": value} for key, value in names.tags.items()],
    }


def _channel(name: str) -> Definition:
    return {
        "ChannelName": name,
        "ContentType": "text/csv",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri.$": f"$.data.manifest.channels.{name}.prefix_uri",
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }


def _record() -> Definition:
    return {
        "Bucket": "${Bucket}",
        "Key.$": f"States.Format('{EVALUATIONS_PREFIX}/{{}}.json', $.pipelineExecutionId)",
        "ContentType": "application/json",
        "ServerSideEncryption": "aws:kms",
        "SsekmsKeyId": "${KeyArn}",
        "Body": {
            "schema": EVALUATION_SCHEMA,
            "pipelineExecutionId.$": "$.pipelineExecutionId",
            "commit.$": "$.commit",
            "job.$": "$$.Execution.Name",
            "model.$": "$.evaluation.model",
            "metrics.$": "$.evaluation.metrics",
            "gate": {
                "metric": "${GateMetric}",
                "direction": "${GateDirection}",
                "threshold": "@GateThreshold@",
                "values.$": "$.evaluation.values",
                "outcome.$": "$.verdict.outcome",
            },
            "data": {
                "dataset.$": "$.data.manifest.dataset",
                "manifestVersionId.$": "$.data.versionId",
                "channels.$": "$.data.manifest.channels",
            },
        },
    }
