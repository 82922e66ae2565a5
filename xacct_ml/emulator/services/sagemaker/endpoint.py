"""A SageMaker endpoint that really loads its models, with blue/green updates that roll back.

Status values, members and behaviour: SageMaker API reference and developer guide, "Deployment guardrails" [D]; after a
roll-back the endpoint is InService with its old configuration."""

import itertools
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.identity import RoleNotAssumable
from xacct_ml.emulator.services.sagemaker import container_log, data_capture
from xacct_ml.emulator.services.sagemaker.data_capture import Invocation, Payload
from xacct_ml.emulator.services.sagemaker.hosting import DeploymentFailed, EndpointConfig, Model, invalid, reason
from xacct_ml.emulator.services.sagemaker.serving import LoadedModel


@dataclass(frozen=True, slots=True)
class Served:
    """A configuration that is live: its models in memory, by variant."""

    config: EndpointConfig
    models: Mapping[str, tuple[Model, LoadedModel]]
    since: datetime
    instance: str
    """The end of the names of its log streams."""


class Endpoint:
    """One endpoint. The old configuration answers until the new one is loaded."""

    def __init__(self, name: str, arn: str, region: str) -> None:
        self.name = name
        self.arn = arn
        self.region = region
        self.created = self.modified = datetime.now(UTC)
        self.status = "Creating"
        self.served: Served | None = None
        self._wanted: EndpointConfig | None = None
        self._reason: str | None = None
        self._deployment: Mapping[str, Any] | None = None
        self._lock = threading.Lock()
        self._asked = itertools.count(1)
        self._counts: dict[str, int] = {}
        self._retained = False

    @property
    def config_name(self) -> str:
        config = self.served.config if self.served is not None else self._wanted
        return config.name if config is not None else ""

    def describe(self) -> dict[str, Any]:
        """DescribeEndpoint's answer."""
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.config_name,
            "ProductionVariants": self._variants(),
            "EndpointStatus": self.status,
            "FailureReason": self._reason,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "LastDeploymentConfig": self._deployment,
            "PendingDeploymentSummary": self._pending(),
            "DataCaptureConfig": data_capture.summary(None if self.served is None else self.served.config.capture),
        }

    def summary(self) -> dict[str, Any]:
        names = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        described = self.describe()
        return {name: described[name] for name in names}

    def begin(
        self, config: EndpointConfig, deployment: Mapping[str, Any] | None = None, *, retained: bool = False
    ) -> None:
        """Creating or Updating, towards ``config``. :meth:`deploy` does the work. ``retained``: as many instances run
        afterwards as now, whatever the configuration begins with.

        :raises ApiError: ValidationException in a state that cannot be updated"""
        with self._lock:
            if self._wanted is not None:
                self._check_updatable()
                self.status = "Updating"
            self._wanted, self._reason, self._deployment = config, None, deployment
            self._retained = retained
            self.modified = datetime.now(UTC)

    def deploy(self, models: Mapping[str, Model]) -> None:
        """Load the wanted configuration's models and switch to it; roll back, or fail where nothing served before."""
        wanted = self._wanted
        if wanted is None:
            return
        loaded, failure, instance = {}, None, f"i-{uuid.uuid4().hex[:17]}"
        try:
            for variant in wanted.variants:
                model = models.get(variant["ModelName"])
                if model is None:
                    raise DeploymentFailed(f'Could not find model "{variant["ModelName"]}".')
                loaded[variant["VariantName"]] = (model, self._load(model, f"{variant['VariantName']}/{instance}"))
                _check_alarms(self._deployment, model)
        except DeploymentFailed as error:
            failure = str(error)
        except BaseException:
            failure = "Request to service failed. If failure persists after retry, contact customer support."
            raise
        finally:
            self._finish(wanted, loaded, failure, instance)

    def begin_delete(self) -> None:
        """:raises ApiError: ValidationException while it is being changed"""
        with self._lock:
            if self.status in ("Creating", "Updating", "RollingBack", "Deleting"):
                raise invalid(f'Cannot update in-progress endpoint "{self.arn}".')
            self.status = "Deleting"

    def choose(self, variant: str | None) -> tuple[str, LoadedModel]:
        """The variant that answers, and its model.

        :raises ApiError: ValidationError, not in service or no such variant"""
        served = self.served
        if served is None or self.status in ("Creating", "Failed", "Deleting"):
            raise ApiError(
                "ValidationError", f"Endpoint {self.name} of account {Arn.parse(self.arn).account} not found."
            )
        if variant is not None and variant not in served.models:
            raise ApiError("ValidationError", f"Variant {variant} not found for endpoint {self.name}.")
        chosen = variant or next(iter(served.models))
        return chosen, served.models[chosen][1]

    def answered(self, variant: str, status: int, size: int) -> None:
        """The container writes an answer's status, and its size in bytes, into its log."""
        if (served := self.served) is not None:
            line = container_log.invoked(status, size)
            self._write_log(served.models[variant][0], f"{variant}/{served.instance}", (line,))

    def captured(self, variant: str, asked: Payload, answered: Payload, inference_id: str | None) -> None:
        """Keeps a request where the configuration says so."""
        if (served := self.served) is not None:
            count, model = next(self._asked), served.models[variant][0]
            invocation = Invocation(self.name, variant, count, asked, answered, inference_id)
            if (failure := data_capture.capture(served.config.capture, model, invocation)) is not None:
                self._write_log(model, f"{variant}/{served.instance}", (failure,))

    def _load(self, model: Model, stream: str) -> LoadedModel:
        try:
            loaded = model.load()
        except DeploymentFailed as error:
            self._write_log(model, stream, (str(error),))
            raise
        self._write_log(model, stream, container_log.started())
        return loaded

    def _write_log(self, model: Model, stream: str, lines: Sequence[str]) -> None:
        container_log.write(model.credentials, self.region, f"/aws/sagemaker/Endpoints/{self.name}", stream, lines)

    def _finish(
        self, wanted: EndpointConfig, loaded: Mapping[str, tuple[Model, LoadedModel]], reason: str | None, instance: str
    ) -> None:
        with self._lock:
            now = datetime.now(UTC)
            if reason is None:
                self.served = Served(wanted, loaded, now, instance)
                self._counts = self._counts if self._retained else {}
            self._reason = reason
            self.status = "InService" if self.served is not None else "Failed"
            self.modified = now

    def _check_updatable(self) -> None:
        if self.status in ("Creating", "Updating", "RollingBack", "Deleting"):
            raise invalid(f'Cannot update in-progress endpoint "{self.arn}".')
        if self.status == "Failed":
            raise invalid(f'Cannot update endpoint "{self.arn}" with status "Failed".')

    def _pending(self) -> dict[str, Any] | None:
        if self.status != "Updating" or self._wanted is None:
            return None
        variants = [{"VariantName": variant["VariantName"]} for variant in self._wanted.variants]
        return {"EndpointConfigName": self._wanted.name, "ProductionVariants": variants, "StartTime": self.modified}

    def _variants(self) -> list[dict[str, Any]] | None:
        if self.served is None:
            return None
        return [
            _variant(
                {**variant, **self._count(variant)}, self.served.models[variant["VariantName"]][0], self.served.since
            )
            for variant in self.served.config.variants
        ]

    def _count(self, variant: Mapping[str, Any]) -> dict[str, int]:
        count = self._counts.get(variant["VariantName"])
        return {} if count is None else {"InitialInstanceCount": count}

    def scale(self, variant: str, count: int) -> None:
        """So many instances of a variant.

        :raises ApiError: ValidationException while it is being changed, or without such a variant"""
        with self._lock:
            self._check_updatable()
            served = self.served
            if served is None or variant not in served.models:
                raise invalid(f'Could not find variant "{variant}" of endpoint "{self.arn}".')
            self._counts[variant] = count


def _variant(variant: Mapping[str, Any], model: Model, since: datetime) -> dict[str, Any]:
    image = model.container.get("Image")
    weight = variant.get("InitialVariantWeight", 1.0)
    size: dict[str, Any] = (
        {"CurrentServerlessConfig": variant["ServerlessConfig"]}
        if "ServerlessConfig" in variant
        else {name: variant.get("InitialInstanceCount", 1) for name in ("CurrentInstanceCount", "DesiredInstanceCount")}
    )
    return {
        "VariantName": variant["VariantName"],
        "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": since}],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        **size,
    }


def _check_alarms(deployment: Mapping[str, Any] | None, model: Model) -> None:
    """The alarms that would roll the update back, looked at as the execution role.

    That role needs ``cloudwatch:DescribeAlarms``, and an alarm that is already on stops the update (developer guide,
    "Auto-rollback configuration" [D]).

    :raises DeploymentFailed: they cannot be read, do not exist, or are on"""
    alarms = ((deployment or {}).get("AutoRollbackConfiguration") or {}).get("Alarms", ())
    names = [alarm["AlarmName"] for alarm in alarms]
    if not names:
        return
    try:
        found = model.credentials().client("cloudwatch", model.region).describe_alarms(AlarmNames=names)
    except (ClientError, RoleNotAssumable) as error:
        raise DeploymentFailed(
            f"The alarms of the rollback configuration could not be read: {reason(error)}"
        ) from error
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found["MetricAlarms"]}
    missing = [name for name in names if name not in states]
    if missing:
        raise DeploymentFailed(f"Alarm(s) {', '.join(missing)} of the rollback configuration do not exist.")
    alarming = [name for name, state in states.items() if state == "ALARM"]
    if alarming:
        raise DeploymentFailed(f"One or more alarms are in ALARM state: {', '.join(alarming)}.")


def after(seconds: float, work: Callable[[], None]) -> Callable[[], None]:
    """``work``, ``seconds`` later; for :meth:`Runtime.spawn`."""

    def run() -> None:
        runtime.current().pause(seconds)
        work()

    return run
