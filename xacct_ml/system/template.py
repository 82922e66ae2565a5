"""The training stack's template and its configuration file, the two files of the repository's first commit.

The template is generic: names, roles, bucket, key and image come from the pipeline (``parameter_overrides``),
everything an ML team tunes from ``configuration.json`` (CloudFormation template configuration file: all values are
text)."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from xacct_ml.config.model import Config
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.state_machine import definition_text
from xacct_ml.tables.service_limits import MAXIMUM_RUNTIME_SECONDS
from xacct_ml.tables.xgboost_distribution import BY_DASK, REPLICATED, SHARDED
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, REQUIRED, cloudformation_parameter, text
from xacct_ml.tables.xgboost_metrics import direction

TEMPLATE_FILE = "template.yaml"
CONFIGURATION_FILE = "configuration.json"

TEMPLATE_VERSION = 5
"""In the template's metadata. The first, whose state machine judged the gate and wrote the record, had none; the second
gave what it makes no tag of the pipeline's; the third never read the manifest again, and asked the integration for
fields that nobody has shown in it; the fourth gave every instance all of the training data."""

REVISION_PARAMETER = "Commit"

_HYPERPARAMETER_PATTERN = r"^[A-Za-z0-9_.:,@()\[\]{}+ -]*$"
"""Values are spliced into JSON text: no quotes, backslashes or control characters."""

_BY_DASK = "DividedByDask"
"""Whether the container divides the data over the instances itself, and so wants all of them on each."""

_SPOT = "OnSpotInstances"
SPOT_MEMBERS: Mapping[str, str] = {
    "Spot": '"EnableManagedSpotTraining": true, ',
    "MaxWait": '"MaxWaitTimeInSeconds": ${MaxWaitSeconds}, ',
}
"""Place → the member that a spot training has there, and no other may have: "It is only supported when
EnableManagedSpotTraining is set to true" (users' refusals, Kenza-AI/sagify #111) [C]."""

_NAMES_AND_ARNS = ("StateMachineName", "StateMachineRoleArn", "TrainingRoleArn", "Bucket", "KeyArn", "PipelineArn")

_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    **{name: {"Type": "String", "Description": "Set by the pipeline"} for name in _NAMES_AND_ARNS},
    "Image": {"Type": "String", "Description": "Set by the pipeline: the SageMaker XGBoost image"},
    "ManifestKey": {"Type": "String", "Description": "Set by the pipeline: names the current data set"},
    "MaxWaitSeconds": {
        "Type": "Number",
        "MinValue": 0,
        "Description": "Set by the pipeline: how long a spot training may take with its waiting; 0: no spot",
    },
    "Commit": {"Type": "String", "Description": "Set by the pipeline: the commit this definition comes from"},
    "InstanceType": {"Type": "String", "AllowedPattern": r"^ml\.[a-z0-9-]+\.[a-z0-9]+$"},
    "InstanceCount": {"Type": "Number", "MinValue": 1},
    "VolumeGB": {"Type": "Number", "MinValue": 1},
    "MaxRuntimeSeconds": {"Type": "Number", "MinValue": 1, "MaxValue": MAXIMUM_RUNTIME_SECONDS.maximum},
    "GateMetric": {"Type": "String", "AllowedPattern": r"^validation:[A-Za-z0-9_@.-]+$"},
    "GateThreshold": {"Type": "Number"},
    "GateDirection": {"Type": "String", "AllowedValues": ["maximize", "minimize"]},
}


@lru_cache(maxsize=16)
def template(config: Config) -> str:
    """The template as YAML text."""
    return _yaml(json.dumps(_template(config)))


@lru_cache(maxsize=4)
def _yaml(template: str) -> str:
    """A JSON document as YAML. Kept, because several documents have the same template in them, and it takes long."""
    return yaml.dump(json.loads(template), Dumper=_Dumper, sort_keys=False, width=120)


def configuration(config: Config) -> dict[str, dict[str, str]]:
    """The template configuration: ``{"Parameters": {name: text}}``, seeded from the map."""
    training, gate = config.training, config.quality_gate
    return {
        "Parameters": {
            "InstanceType": training.instance_type,
            "InstanceCount": str(training.instance_count),
            "VolumeGB": str(training.volume_gb),
            "MaxRuntimeSeconds": str(training.max_runtime_seconds),
            "GateMetric": gate.metric,
            "GateThreshold": text(gate.threshold),
            "GateDirection": gate_direction(config),
            **{cloudformation_parameter(name): text(value) for name, value in training.hyperparameters.items()},
        }
    }


def parameter_overrides(config: Config, keys: Keys, commit: str) -> dict[str, str]:
    """What the infrastructure decides. ``commit`` is a commit id, or the variable that CodePipeline resolves to
    one."""
    names = Names(config)
    return {
        "StateMachineName": names.state_machine,
        "StateMachineRoleArn": names.state_machine_role,
        "TrainingRoleArn": names.training_role,
        "Bucket": names.bucket,
        "KeyArn": keys.pipeline,
        "PipelineArn": names.pipeline_arn,
        "Image": names.image_uri,
        "ManifestKey": names.manifest_key,
        "MaxWaitSeconds": str(config.training.wait_seconds),
        REVISION_PARAMETER: commit,
    }


def declared(config: Config) -> dict[str, dict[str, Any]]:
    """The template's parameters, as it declares them."""
    found: dict[str, dict[str, Any]] = _template(config)["Parameters"]
    return found


def gate_direction(config: Config) -> str:
    """``maximize`` or ``minimize``: the map's word, else what the metric is known for (the map was checked for
    one of them)."""
    known = config.quality_gate.direction or direction(config.quality_gate.metric)
    if known is None:
        raise ValueError(f"no direction is known for {config.quality_gate.metric}")
    return known


def _template(config: Config) -> dict[str, Any]:
    optional = [name for name in HYPERPARAMETERS if name != REQUIRED]
    optional_text = {"Type": "String", "Default": "", "AllowedPattern": _HYPERPARAMETER_PATTERN}
    places = {
        "HyperParameters": {"Fn::Join": [", ", _hyperparameters(optional)]},
        "TrainDistribution": {"Fn::If": [_BY_DASK, REPLICATED, SHARDED]},
        **{
            place: {"Fn::If": [_SPOT, {"Fn::Sub": member} if "${" in member else member, ""]}
            for place, member in SPOT_MEMBERS.items()
        },
    }
    tags = Names(config).template_tags({"Ref": "PipelineArn"})
    properties = {
        "StateMachineName": {"Ref": "StateMachineName"},
        "StateMachineType": "STANDARD",
        "RoleArn": {"Ref": "StateMachineRoleArn"},
        "DefinitionString": {"Fn::Sub": [definition_text(config), places]},
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"xacct-ml {config.project}: the state machine that trains the model",
        "Metadata": {"xacct-ml": {"TemplateVersion": TEMPLATE_VERSION}},
        "Parameters": {
            **_PARAMETERS,
            cloudformation_parameter(REQUIRED): {"Type": "Number", "MinValue": 1},
            **{
                cloudformation_parameter(name): {
                    **optional_text,
                    "Description": f"Hyperparameter {name}; left to XGBoost if empty",
                }
                for name in optional
            },
        },
        "Conditions": {
            _has(name): {"Fn::Not": [{"Fn::Equals": [{"Ref": cloudformation_parameter(name)}, ""]}]}
            for name in optional
        }
        | {
            _BY_DASK: {"Fn::Equals": [{"Ref": cloudformation_parameter(BY_DASK)}, "true"]},
            _SPOT: {"Fn::Not": [{"Fn::Equals": [{"Ref": "MaxWaitSeconds"}, "0"]}]},
        },
        "Resources": {"StateMachine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}},
        "Outputs": {
            "StateMachineArn": {"Value": {"Ref": "StateMachine"}},
            "QualityGate": {
                "Description": "Judged in the shared account",
                "Value": {"Fn::Sub": "${GateDirection} ${GateMetric}, threshold ${GateThreshold}"},
            },
        },
    }


def _hyperparameters(optional: list[str]) -> list[dict[str, Any]]:
    return [
        _hyperparameter(REQUIRED),
        *({"Fn::If": [_has(name), _hyperparameter(name), {"Ref": "AWS::NoValue"}]} for name in optional),
    ]


def _hyperparameter(name: str) -> dict[str, str]:
    return {"Fn::Sub": f'"{name}": "${{{cloudformation_parameter(name)}}}"'}


def _has(hyperparameter: str) -> str:
    return f"Has{cloudformation_parameter(hyperparameter)}"


class _Dumper(yaml.SafeDumper):
    """Multi-line text as a block, so that the definition reads as one."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent)
_Dumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign]
