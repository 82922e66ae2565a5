"""What really happened, from DescribeTrainingJob, against what should have: the training account's template decides
neither what is trained with nor on what.

Every member that lets a job do something else is compared; :data:`ABSENT` are those that no job of the project has
(checkpoints too: a training that finds one begins with that model, whoever stored it),
:data:`_CHANNEL` those that a channel has (SageMaker API reference, DescribeTrainingJob) [B].
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.foreign import line
from xacct_ml.tables.xgboost_container import log_pattern
from xacct_ml.tables.xgboost_distribution import REPLICATED, of_train

Job = Mapping[str, Any]
"""DescribeTrainingJob's answer."""

ABSENT = (
    "AlgorithmSpecification.AlgorithmName",
    "AlgorithmSpecification.ContainerArguments",
    "AlgorithmSpecification.ContainerEntrypoint",
    "AlgorithmSpecification.TrainingImageConfig",
    "AutoMLJobArn",
    "CheckpointConfig",
    "DebugHookConfig",
    "DebugRuleConfigurations",
    "Environment",
    "ExperimentConfig",
    "InfraCheckConfig.EnableInfraCheck",
    "LabelingJobArn",
    "MlflowConfig",
    "ModelPackageConfig",
    "ProfilerConfig.ProfilingParameters",
    "ProfilerConfig.S3OutputPath",
    "ProfilerRuleConfigurations",
    "RemoteDebugConfig.EnableRemoteDebug",
    "ResourceConfig.InstanceGroups",
    "ResourceConfig.InstancePlacementConfig",
    "ResourceConfig.InstancePreferences",
    "ResourceConfig.KeepAlivePeriodInSeconds",
    "ResourceConfig.TrainingPlanArn",
    "ResourceConfig.VolumeKmsKeyId",
    "ServerlessJobConfig",
    "TensorBoardOutputConfig",
    "TuningJobArn",
    "VpcConfig",
    "WarmPoolStatus",
)
_CHANNEL = {"ChannelName", "DataSource", "ContentType", "CompressionType", "RecordWrapperType", "InputMode"}
_SHARED_OUT = "train"
_ANYTHING, _NUMBER = r"(\S+)", r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"
"""How a metric's number is found in the log: as the container publishes it (its table) [C], and as DescribeTrainingJob
shows it [U].
"""
_SHOWN = 200
"""So many characters of a value are shown: what the training account wrote is quoted, not trusted."""


@dataclass(frozen=True)
class Wanted:
    """What a run's training job must be. ``channels`` is the URI of each channel's manifest file; ``hyperparameters``
    as SageMaker has them, all text.
    """

    job: str
    image: str
    role: str
    hyperparameters: Mapping[str, str]
    channels: Mapping[str, str]
    content_types: Mapping[str, str]
    """By channel."""
    output: str
    key: str
    instance_type: str
    instance_count: int
    volume_gb: int
    max_runtime_seconds: int
    max_wait_seconds: int
    """With the wait for spot instances; 0 where the job is not to have them."""
    metric: str
    """The gate's."""
    container_version: str

    @property
    def model(self) -> str:
        """Where SageMaker puts the model of a job (Developer Guide, cdf-training) [D]."""
        return f"{self.output}{self.job}/output/model.tar.gz"


def differences(job: Job, wanted: Wanted) -> Iterator[str]:
    """Each difference as a clause that names the member."""
    yield from _values(job, wanted)
    for path in ABSENT:
        if found := _member(job, path):
            yield f"{path} is {_quoted(found)}, expected none"
    yield from _metric_definitions(_member(job, "AlgorithmSpecification.MetricDefinitions") or (), wanted)
    yield from _channels(job.get("InputDataConfig") or (), wanted)
    yield from _spot(job, wanted.max_wait_seconds)


def _values(job: Job, wanted: Wanted) -> Iterator[str]:
    expected = {
        "TrainingJobName": wanted.job,
        "TrainingJobStatus": "Completed",
        "AlgorithmSpecification.TrainingImage": wanted.image,
        "AlgorithmSpecification.TrainingInputMode": "File",
        "RoleArn": wanted.role,
        "EnableNetworkIsolation": True,
        "HyperParameters": dict(wanted.hyperparameters),
        "OutputDataConfig.S3OutputPath": wanted.output,
        "OutputDataConfig.KmsKeyId": wanted.key,
        "ResourceConfig.InstanceType": wanted.instance_type,
        "ResourceConfig.InstanceCount": wanted.instance_count,
        "ResourceConfig.VolumeSizeInGB": wanted.volume_gb,
        "StoppingCondition.MaxRuntimeInSeconds": wanted.max_runtime_seconds,
        "ModelArtifacts.S3ModelArtifacts": wanted.model,
    }
    for path, value in expected.items():
        if (found := _member(job, path)) != value:
            yield f"{path} is {_quoted(found)}, expected {_quoted(value)}"


def _spot(job: Job, max_wait_seconds: int) -> Iterator[str]:
    """What is absent was not asked for."""
    expected = {
        "EnableManagedSpotTraining": max_wait_seconds > 0,
        "StoppingCondition.MaxWaitTimeInSeconds": max_wait_seconds,
    }
    for path, value in expected.items():
        if (found := _member(job, path) or 0) != value:
            yield f"{path} is {_quoted(found)}, expected {_quoted(value or 'none')}"


def _metric_definitions(found: Any, wanted: Wanted) -> Iterator[str]:
    """DescribeTrainingJob shows those of SageMaker's images too, so that they cannot all be refused: but the gate's
    metric must be found where the container writes it.
    """
    metric, published = wanted.metric, log_pattern(wanted.container_version, wanted.metric)
    known = [published, published.removesuffix(_ANYTHING) + _NUMBER]
    for definition in found:
        if definition.get("Name") == metric and definition.get("Regex") not in known:
            expression = _quoted(definition.get("Regex"))
            yield f"AlgorithmSpecification.MetricDefinitions finds {metric} by {expression}, expected {known[0]}"


def _channels(found: Any, wanted: Wanted) -> Iterator[str]:
    names = [channel.get("ChannelName") for channel in found]
    if sorted(map(str, names)) != sorted(wanted.channels):
        yield f"InputDataConfig has the channels {_quoted(names)}, expected {_quoted(sorted(wanted.channels))}"
        return
    for channel in found:
        name = channel["ChannelName"]
        path = f"InputDataConfig.{name}"
        distribution = of_train(wanted.hyperparameters) if name == _SHARED_OUT else REPLICATED
        source = {"S3DataSource": _manifest(wanted.channels[name], distribution)}
        expected = {
            "DataSource": source,
            "ContentType": wanted.content_types[name],
            "CompressionType": "None",
            "RecordWrapperType": "None",
        }
        for member, value in expected.items():
            default = "None" if value == "None" else None
            if (given := channel.get(member, default)) != value:
                yield f"{path}.{member} is {_quoted(given)}, expected {_quoted(value)}"
        if channel.get("InputMode") not in (None, "File"):
            yield f"{path}.InputMode is {_quoted(channel['InputMode'])}, expected File"
        for member in sorted(channel.keys() - _CHANNEL):
            if channel[member]:
                yield f"{path}.{line(member)} is {_quoted(channel[member])}, expected none"


def _manifest(uri: str, distribution: str) -> dict[str, str]:
    return {"S3DataType": "ManifestFile", "S3Uri": uri, "S3DataDistributionType": distribution}


def _member(job: Job, path: str) -> Any:
    found: Any = job
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _quoted(value: object) -> str:
    return line(repr(value), _SHOWN)
