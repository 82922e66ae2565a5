"""moto in this process as the accounts of the map, with every call on record."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import boto3
import botocore.session
from botocore.loaders import Loader

from tests.configs import example
from tests.engine.fakes import FakeClock
from xacct_ml.aws.errors import watch
from xacct_ml.config.model import Config
from xacct_ml.engine.apply import apply, destroy
from xacct_ml.engine.events import Report
from xacct_ml.engine.resource import Resource
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.system.names import Names

LOADER = Loader()
"""It keeps the service models that it has read: most of what a client costs."""

_READING = ("Get", "List", "Describe", "Head", "BatchGet", "Validate")


class Cloud:
    """The clients of all accounts. ``calls`` are ``service:Operation``, in order; ``replaced`` has clients that win."""

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or example()
        self.names = Names(self.config)
        self.clock = FakeClock()
        self.calls: list[str] = []
        self.replaced: dict[str, Any] = {}
        self._session = _session()
        self._lock = threading.Lock()
        self._blueprint: tuple[Config, dict[str, Any]] | None = None
        self._clients: dict[tuple[str, str, str], Any] = {}

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        if service in self.replaced:
            return self.replaced[service]
        key = account_id, service, region or self.names.region
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._make(*key)
            return self._clients[key]

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.split(":")[1].startswith(_READING)]

    def map(self, **changes: Any) -> None:
        """From now on another map, of the same accounts."""
        self.config = example(**changes)
        self.names = Names(self.config)

    def forget(self) -> None:
        self.calls.clear()

    def apply(self, *resources: Resource) -> Report:
        """Applied without failure, or the failure raised."""
        report = apply(resources, clock=self.clock)
        report.raise_failures()
        return report

    def attempt(self, *resources: Resource) -> Report:
        return apply(resources, clock=self.clock)

    def destroy(self, *resources: Resource) -> Report:
        return destroy(resources, clock=self.clock)

    def resources(self, *ids: str) -> tuple[Any, ...]:
        """These resources of the blueprint, which then depend on each other only."""
        if self._blueprint is None or self._blueprint[0] is not self.config:  # rendering all documents takes its time
            every = (
                *bootstrap_resources(self.config, self, clock=self.clock),
                *pipeline_resources(self.config, self, clock=self.clock),
            )
            self._blueprint = self.config, {resource.id: resource for resource in every}
        by_id = self._blueprint[1]
        return tuple(
            replace(by_id[id_], depends_on=tuple(need for need in by_id[id_].depends_on if need in ids)) for id_ in ids
        )

    def observe(self, id_: str) -> Any:
        """What is, as the resource sees it."""
        return self.resources(id_)[0].read({})

    def _make(self, account_id: str, service: str, region: str) -> Any:
        sts = self._session.client("sts", region, aws_access_key_id="x", aws_secret_access_key="x")
        role = f"arn:{self.names.partition}:iam::{account_id}:role/operator"
        keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        client: Any = self._session.client(
            service,
            region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        watch(client, account_id)
        client.meta.events.register("before-call", self._record)
        return NotifyingS3(client) if service == "s3" else client

    def _record(self, model: Any, **_: Any) -> None:
        self.calls.append(f"{model.service_model.service_name}:{model.name}")


class NotifyingS3:
    """moto's S3, which takes EventBridge notifications but does not give them back."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self.notifying: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def put_bucket_notification_configuration(self, **request: Any) -> Any:
        notifies = "EventBridgeConfiguration" in request["NotificationConfiguration"]
        (self.notifying.add if notifies else self.notifying.discard)(request["Bucket"])
        return self._s3.put_bucket_notification_configuration(**request)

    def get_bucket_notification_configuration(self, **request: Any) -> Any:
        answer = self._s3.get_bucket_notification_configuration(**request)
        return answer | ({"EventBridgeConfiguration": {}} if request["Bucket"] in self.notifying else {})


def _session() -> Any:
    core = botocore.session.Session()
    core.register_component("data_loader", LOADER)
    return boto3.session.Session(botocore_session=core)
