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

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.serving_faults import ServingFault, fault_of
from xacct_ml.emulator.services.sagemaker import container_log, data_capture, traffic
from xacct_ml.emulator.services.sagemaker.data_capture import Invocation, Payload
from xacct_ml.emulator.services.sagemaker.hosting import DeploymentFailed, EndpointConfig, Model, invalid
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
        self._routed = itertools.count(1)
        self._counts: dict[str, int] = {}
        self._retained = False
        self._comes: Served | None = None
        self._share = 0

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
                traffic.check_alarms(self._deployment, model)
            self._shift(Served(wanted, loaded, datetime.now(UTC), instance))
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

    def _shift(self, comes: Served) -> None:
        """The new fleet gets its share of the requests, step after step, while the alarms are looked at.

        :raises DeploymentFailed: an alarm, or what is wrong with the model"""
        running, since = runtime.current(), traffic.now()
        models, raised = [model for model, _ in comes.models.values()], list[str]()
        try:
            for share, seconds in traffic.shares(self._deployment) if self.served is not None else ():
                self._comes, self._share = comes, share
                running.pause(min(seconds, running.pace.endpoint_bake))
                raised = traffic.judged(self.arn, self.region, traffic.alarms_of(self._deployment), since)
                for model in models:
                    traffic.check_alarms(self._deployment, model)
        finally:
            self._comes = None
            traffic.over(self.arn, self.region, raised)
        if self.served is not None and any(self._fault(model).silent for model in models):
            raise DeploymentFailed("")

    def _fault(self, model: Model) -> ServingFault:
        return fault_of(runtime.current().serving, str(model.container.get("ModelDataUrl")), self.name)

    def choose(self, variant: str | None) -> tuple[str, LoadedModel, ServingFault]:
        """The variant that answers, its model, and what is wrong with that.

        :raises ApiError: ValidationError, not in service or no such variant"""
        served = self.served
        if served is None or self.status in ("Creating", "Failed", "Deleting"):
            raise ApiError(
                "ValidationError", f"Endpoint {self.name} of account {Arn.parse(self.arn).account} not found."
            )
        if variant is not None and variant not in served.models:
            raise ApiError("ValidationError", f"Variant {variant} not found for endpoint {self.name}.")
        chosen = variant or next(iter(served.models))
        comes, number = self._comes, next(self._routed)
        if comes is not None and number * self._share // 100 > (number - 1) * self._share // 100:
            served = comes
        model, loaded = served.models[chosen]
        return chosen, loaded, self._fault(model)

    def answered(self, variant: str, status: int, size: int, latency_ms: float = 1.0) -> None:
        """The container writes an answer's status, and its size in bytes, into its log; it is counted."""
        traffic.count(self.arn, self.region, self.name, variant, status, latency_ms)
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
            if fails := self._fault(model).fails:
                raise DeploymentFailed(fails)
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
            self._reason = reason or None
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
        stage = [{"Status": "Creating" if self._comes is None else "Baking", "StartTime": self.modified}]
        variants = [
            {"VariantName": variant["VariantName"], "VariantStatus": stage} for variant in self._wanted.variants
        ]
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


def after(seconds: float, work: Callable[[], None]) -> Callable[[], None]:
    """``work``, ``seconds`` later; for :meth:`Runtime.spawn`."""

    def run() -> None:
        runtime.current().pause(seconds)
        work()

    return run
