"""How what runs of the pipeline leave behind is looked at and deleted: made by SageMaker, the judge and the deploy
function, never by the engine.

Each carries the project's tag, which the state machine and the functions give it; without the tag it is somebody
else's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.resource import Kept, Outputs, Resource, State
from xacct_ml.errors import XacctError
from xacct_ml.operations.predict_batch import BATCH_JOB, BATCH_MODEL
from xacct_ml.operations.runs.endpoint import could_not_find
from xacct_ml.resources.base import AwsResource
from xacct_ml.resources.rights import Place, Rights, anything, itself, within
from xacct_ml.resources.tags import tag_map
from xacct_ml.system.autoscaling import OF_VARIANTS

P = TypeVar("P", bound="RunProduct")


def _scalable_targets(place: Place) -> str:
    """Of the endpoint's account and region: their ids are AWS's own."""
    return str(replace(Arn.parse(place.arn), service="application-autoscaling", resource="scalable-target/*"))


ENDPOINT_PATIENCE = Backoff(limit=1800.0, first=0.5, longest=15.0)
"""Deleting an endpoint, or the update that must end before, takes minutes."""

JOB_PATIENCE = Backoff(limit=600.0, first=0.5, longest=15.0)

_MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
_RUNNING_JOB = frozenset({"InProgress", "Stopping", "Deleting"})


@dataclass(frozen=True, kw_only=True)
class RunProduct(AwsResource):
    """Something that is only looked at and deleted."""

    def how_to_adopt(self, observed: State | None) -> None:
        """The deploy function makes it."""

    def desired(self, outputs: Outputs) -> State:
        raise NotImplementedError(f"{self.kind} is made by runs of the pipeline")

    def make(self, outputs: Outputs) -> None:
        self.desired(outputs)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        self.desired(outputs)


@dataclass(frozen=True, kw_only=True)
class SageMakerProduct(RunProduct):
    """``noun`` begins the members of SageMaker's requests and answers, ``describe`` and ``delete`` are its calls;
    ``has_status`` says whether it goes through states."""

    noun: ClassVar[str]
    describe: ClassVar[str]
    delete_call: ClassVar[str]
    has_status: ClassVar[bool] = False
    is_gone = staticmethod(could_not_find)

    def observe(self, outputs: Outputs) -> State | None:
        """One that is being deleted may be gone between the two calls."""
        return absent_as_none(self.is_gone, self._look)

    def _look(self) -> State:
        found = self._call(self.describe)
        status = {"status": found[f"{self.noun}Status"]} if self.has_status else {}
        tags = listed(self.client("sagemaker"), "list_tags", "Tags", ResourceArn=found[f"{self.noun}Arn"])
        return {**status, "tags": tag_map(tags)}

    def remove(self, observed: State) -> None:
        self._call(self.delete_call)

    def _call(self, name: str) -> Any:
        return getattr(self.client("sagemaker"), name)(**{f"{self.noun}Name": self.name})

    def _wait(self, done: Callable[[State | None], bool], patience: Backoff, waiting_for: str, still: str) -> None:
        """Raises XacctError, which says ``still``, where it is not ``done`` for so long."""
        for _ in patience.attempts(self.clock, waiting_for):
            if done(self.observe({})):
                return
        raise XacctError(still, next_step="run the same command again later")


@dataclass(frozen=True, kw_only=True)
class Endpoint(SageMakerProduct):
    """``scaled`` is the variant whose instances follow the requests; None where the map scales nothing."""

    scaled: str | None = None
    kind = "SageMaker endpoint"
    noun, describe, delete_call, has_status = "Endpoint", "describe_endpoint", "delete_endpoint", True
    rights = (
        Rights("endpoint/Endpoint", "sagemaker: DeleteEndpoint DescribeEndpoint ListTags"),
        Rights(
            "endpoint/Scaling",
            "application-autoscaling: DeregisterScalableTarget",
            on=(_scalable_targets,),
            condition=lambda _: OF_VARIANTS,
            needed=lambda place: place.names.config.endpoint.autoscaling is not None,
        ),
    )

    def remove(self, observed: State) -> None:
        """Waits for a deployment under way to end: SageMaker refuses to delete an endpoint that is changing [U]. It
        refuses, too, one whose instances follow the requests, to who may not end that (SageMaker Developer Guide,
        endpoint-delete-with-scaling) [D]."""
        self._while("changing", lambda state: state is None or state["status"] not in _MOVING)
        if self.scaled is not None:
            absent_as_none(
                "ObjectNotFoundException",
                self.client("application-autoscaling").deregister_scalable_target,
                ServiceNamespace="sagemaker",
                ScalableDimension="sagemaker:variant:DesiredInstanceCount",
                ResourceId=f"endpoint/{self.name}/variant/{self.scaled}",
            )
        if observed["status"] != "Deleting":
            super().remove(observed)
        self._while("being deleted", lambda state: state is None)

    def holds(self, other: Resource) -> bool:
        """Its configurations: none may be deleted that a live endpoint uses (API, DeleteEndpointConfig) [D]."""
        return isinstance(other, EndpointConfig)

    def _while(self, what: str, done: Callable[[State | None], bool]) -> None:
        still = f"endpoint {self.name} in account {self.account} is still {what}"
        self._wait(done, ENDPOINT_PATIENCE, f"endpoint {self.name}, which is {what}", still)


@dataclass(frozen=True, kw_only=True)
class EndpointConfig(SageMakerProduct):
    kind = "SageMaker endpoint configuration"
    noun, describe, delete_call = "EndpointConfig", "describe_endpoint_config", "delete_endpoint_config"
    rights = (
        Rights("endpoint/EndpointConfigurations", "sagemaker: DeleteEndpointConfig DescribeEndpointConfig ListTags"),
    )


@dataclass(frozen=True, kw_only=True)
class Model(SageMakerProduct):
    kind = "SageMaker model"
    noun, describe, delete_call = "Model", "describe_model", "delete_model"
    rights = (Rights("endpoint/Models", "sagemaker: DeleteModel DescribeModel ListTags"),)


def _job_not_found(error: ClientError) -> bool:
    return could_not_find(error) or "not found" in error.response["Error"].get("Message", "").lower()


@dataclass(frozen=True, kw_only=True)
class TrainingJob(SageMakerProduct):
    """A job that runs is stopped first. Where the service cannot delete jobs, the record stays."""

    kind = "training job"
    noun, describe, delete_call, has_status = "TrainingJob", "describe_training_job", "delete_training_job", True
    is_gone = staticmethod(_job_not_found)
    rights = (Rights("jobs/Jobs", "sagemaker: DeleteTrainingJob DescribeTrainingJob ListTags StopTrainingJob"),)

    def remove(self, observed: State) -> None:
        if observed["status"] == "InProgress":
            self._call("stop_training_job")
        waiting_for, still = f"training job {self.name} to stop", f"training job {self.name} does not stop"
        self._wait(lambda state: state is None or state["status"] not in _RUNNING_JOB, JOB_PATIENCE, waiting_for, still)
        if not hasattr(self.client("sagemaker"), self.delete_call):
            raise Kept("this version of boto3 cannot delete training jobs")
        try:
            super().remove(observed)
        except ClientError as error:
            if code_of(error) not in {"UnknownOperationException", "501", "NotImplemented"}:
                raise
            raise Kept("SageMaker in this region cannot delete training jobs; a record costs nothing") from error


@dataclass(frozen=True, kw_only=True)
class BatchTransform(SageMakerProduct):
    """One that runs is stopped; SageMaker keeps the record of each for good, so one that has ended counts as gone."""

    kind = "batch transform"
    noun, describe, has_status = "TransformJob", "describe_transform_job", True
    is_gone = staticmethod(_job_not_found)
    rights = (Rights("jobs/Transforms", "sagemaker: DescribeTransformJob ListTags StopTransformJob"),)

    def observe(self, outputs: Outputs) -> State | None:
        found = super().observe(outputs)
        return found if found is not None and found["status"] in _RUNNING_JOB else None

    def remove(self, observed: State) -> None:
        if observed["status"] == "InProgress":
            self._call("stop_transform_job")
        waiting_for, still = f"batch transform {self.name} to stop", f"batch transform {self.name} does not stop"
        self._wait(lambda state: state is None, JOB_PATIENCE, waiting_for, still)


@dataclass(frozen=True, kw_only=True)
class ScoringModel(Model):
    """Of a batch transform whose judge did not come to clear it away."""

    rights = (Rights("jobs/ScoringModels", "sagemaker: DeleteModel DescribeModel ListTags"),)


@dataclass(frozen=True, kw_only=True)
class FilesTransform(BatchTransform):
    """Of files in production, which an operator began."""

    rights = (Rights("batch/Transforms", "sagemaker: DescribeTransformJob ListTags StopTransformJob"),)


@dataclass(frozen=True, kw_only=True)
class FilesModel(Model):
    """Of such a batch transform, whose command did not come to clear it away."""

    rights = (Rights("batch/Models", "sagemaker: DeleteModel DescribeModel ListTags"),)


@dataclass(frozen=True, kw_only=True)
class EndpointLogGroup(RunProduct):
    """SageMaker makes it, without tags, when the endpoint's containers first write. Ours where the endpoint was."""

    kind = "log group"
    has_tags = False  # it is asked for only where the endpoint or its configurations are ours
    rights = (
        Rights("function/FindLogGroups", "logs: DescribeLogGroups", on=(anything,)),
        Rights("function/LogGroups", "logs: DeleteLogGroup", on=(itself, within(":*"))),
    )

    def observe(self, outputs: Outputs) -> State | None:
        groups = listed(self.client("logs"), "describe_log_groups", "logGroups", logGroupNamePrefix=self.name)
        return {} if any(group["logGroupName"] == self.name for group in groups) else None

    def remove(self, observed: State) -> None:
        self.client("logs").delete_log_group(logGroupName=self.name)


ENDPOINT_LOGS = "log group of an endpoint"
SCORING_MODEL = "model of a batch transform"
DRIVERS: Mapping[str, type[RunProduct]] = {
    "AWS::SageMaker::Endpoint": Endpoint,
    "AWS::SageMaker::EndpointConfig": EndpointConfig,
    "AWS::SageMaker::Model": Model,
    "AWS::SageMaker::TrainingJob": TrainingJob,
    "AWS::SageMaker::TransformJob": BatchTransform,
    SCORING_MODEL: ScoringModel,
    BATCH_JOB: FilesTransform,
    BATCH_MODEL: FilesModel,
    ENDPOINT_LOGS: EndpointLogGroup,
}


@dataclass(frozen=True, kw_only=True)
class Unlisted(RunProduct):
    """Stands for what an account may hold where it could not be listed: deleting fails."""

    error: XacctError
    kind = "SageMaker resources"

    def observe(self, outputs: Outputs) -> State | None:
        raise self.error

    def remove(self, observed: State) -> None:
        raise self.error
