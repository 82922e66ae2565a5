"""EventBridge on moto's seams.

Repairs of moto 5.2.5 (moto-map 10): targets that moto knows nothing of (CodePipeline, Step Functions) are called as
their role instead of ending PutEvents with a 500; a disabled rule delivers nothing; ``aws.*`` sources are refused to
customers. Events of CodeCommit and S3 come in through :func:`emit`; moto's other targets keep working.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import moto.events.models as moto_models
import moto.events.urls as moto_urls
from moto.core.exceptions import JsonRESTError
from moto.events.responses import EventsHandler
from moto.events.utils import EventTemplateParser

from xacct_ml.emulator import runtime
from xacct_ml.emulator.identity import Credentials
from xacct_ml.emulator.moto_ext import s3
from xacct_ml.emulator.runner.delivery import CALLS, Delivery, deliver

_moto_send = moto_models.Rule.send_to_targets
_ISO = "%Y-%m-%dT%H:%M:%SZ"


class EventsBackend(moto_models.EventsBackend):
    """moto's, with a record of what was delivered to targets that are called as a role."""

    __module__ = moto_models.__name__  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.deliveries: list[Delivery] = []
        self.rules_by_key: dict[str, str] = {}
        """Access key of a target role's session → ARN of the rule that uses it."""


def deliveries(account: str, region: str) -> list[Delivery]:
    """What the account's rules delivered so far, failures included, oldest first."""
    return list(moto_models.events_backends[account][region].deliveries)


def rule_of(account: str, region: str, access_key: str) -> str | None:
    """The rule on whose behalf EventBridge signs with this key; None for anybody else's key."""
    found: str | None = moto_models.events_backends[account][region].rules_by_key.get(access_key)
    return found


def emit(
    account: str, region: str, *, source: str, detail_type: str, resources: list[str], detail: Mapping[str, Any]
) -> None:
    """Put an AWS service's event on the account's default bus. Rules are matched now, targets called a moment later."""
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": datetime.now(UTC).timestamp(),
        "region": region,
        "resources": resources,
        "detail": dict(detail),
    }
    for rule in list(moto_models.events_backends[account][region].event_buses["default"].rules.values()):
        rule.send_to_targets(event, transform_input=False)


def _send_to_targets(rule: Any, event: Mapping[str, Any], transform_input: bool = True) -> None:
    """In the place of moto's ``Rule.send_to_targets``."""
    shown = {name: value for name, value in event.items() if name != "ingestion-time"}
    if isinstance(shown["time"], int | float):  # moto's own form
        shown["time"] = datetime.fromtimestamp(shown["time"], UTC).strftime(_ISO)
    if rule.state == "DISABLED" or not rule.event_pattern.matches_event(shown):
        return
    for target in list(rule.targets):
        if target["Arn"].split(":")[2] in CALLS:
            payload = _payload(target, shown)
            _spawn(rule, target, shown, payload)
            continue
        alone = copy.copy(rule)
        alone.targets = [target]
        try:
            with_time = {"ingestion-time": event["time"], **event}
            transformed = transform_input or "InputTransformer" in target
            _moto_send(alone, with_time if transformed else event, transformed)
        except NotImplementedError:
            refusal = ("NotImplemented", "the embedded AWS does not deliver to targets of this service")
            _record(rule, Delivery(rule.arn, target["Arn"], shown, error=refusal))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a target is never the sender's failure
            _record(rule, Delivery(rule.arn, target["Arn"], shown, error=(type(error).__name__, str(error))))


def _spawn(rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], payload: str) -> None:
    running = runtime.current()
    backend = moto_models.events_backends[rule.account_id][rule.region_name]

    def remember(credentials: Credentials) -> None:
        backend.rules_by_key[credentials.access_key_id] = rule.arn

    def work() -> None:
        running.pause(running.pace.event_delivery)
        _record(rule, deliver(rule.arn, target, event, payload, remember))

    running.spawn(f"events: {rule.name}", work)


def _record(rule: Any, delivery: Delivery) -> None:
    moto_models.events_backends[rule.account_id][rule.region_name].deliveries.append(delivery)
    if delivery.error is not None:
        runtime.current().notices(str(delivery))


def _payload(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """What the target receives: its constant input, its transformed input, or the event."""
    if "Input" in target:
        return str(target["Input"])
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        given = {**event, "ingestion-time": event["time"]}
        parsed = EventTemplateParser.parse(transformer["InputTemplate"], transformer.get("InputPathsMap") or {}, given)
        return json.dumps(parsed)
    return json.dumps(event)


def object_created(
    account: str, region: str, bucket: str, key: str, size: int, version: str | None, etag: str, reason: str
) -> None:
    """S3's "Object Created" (S3 user guide, "EventBridge event message structure" [D]) on the bucket owner's bus."""
    partition = moto_models.get_partition(region)
    described = {"key": key, "size": size, "etag": etag.strip('"'), "sequencer": uuid.uuid4().hex[:16].upper()}
    if version is not None:
        described["version-id"] = version
    emit(
        account,
        region,
        source="aws.s3",
        detail_type="Object Created",
        resources=[f"arn:{partition}:s3:::{bucket}"],
        detail={
            "version": "0",
            "bucket": {"name": bucket},
            "object": described,
            "request-id": uuid.uuid4().hex[:16].upper(),
            "requester": account,
            "source-ip-address": "127.0.0.1",
            "reason": reason,
        },
    )


class EventsResponse(EventsHandler):
    """moto's operations with what AWS refuses."""

    def put_events(self) -> str:
        """Entries of ``aws.*`` sources fail one by one; the others are put."""
        entries = self._get_param("Entries")
        results: list[Any] = [None] * len(entries)
        own = [index for index, entry in enumerate(entries) if not str(entry.get("Source", "")).startswith("aws.")]
        put = self.events_backend.put_events([entries[index] for index in own])
        for index, result in zip(own, put, strict=True):
            results[index] = result
        refused = {
            "ErrorCode": "NotAuthorizedForSourceException",
            "ErrorMessage": "Not authorized for the source.",
        }
        results = [result or refused for result in results]
        failed = sum("ErrorCode" in result for result in results)
        return json.dumps({"FailedEntryCount": failed, "Entries": results})

    def put_targets(self) -> Any:
        """A target that is called as a role must name the role."""
        for target in self._get_param("Targets") or ():
            service = target["Arn"].split(":")[2] if target["Arn"].count(":") >= 5 else ""
            if service in CALLS and not target.get("RoleArn"):
                raise JsonRESTError("ValidationException", f"RoleArn is required for target {target['Arn']}.")
        return super().put_targets()


def install() -> None:
    """Put backend, operations and delivery in the place of moto's, and listen to S3."""
    moto_models.events_backends.backend = EventsBackend
    moto_urls.url_paths["{0}/"] = EventsResponse.dispatch
    moto_models.Rule.send_to_targets = _send_to_targets
    if object_created not in s3.on_object_created:
        s3.on_object_created.append(object_created)
