"""EventBridge: delivery to targets with the target's role, in place of moto's.

Repairs of moto 5.2.5: targets that moto knows nothing of (CodePipeline, Step Functions) are called as
their role instead of ending PutEvents with a 500; event buses are targets with policies, in other accounts too; a
disabled rule delivers nothing; ``aws.*`` sources are refused to customers. Events of CodeCommit and S3 come in through
:func:`emit`; moto's other targets keep working."""

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

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_validation, runtime
from xacct_ml.emulator.core.clock import iso
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.emulator.services.events import bus_delivery, existence
from xacct_ml.emulator.services.events import moto_buses as event_buses
from xacct_ml.emulator.services.events.delivery import CALLS, Delivery, deliver
from xacct_ml.emulator.services.events.transforming import transformed
from xacct_ml.emulator.services.s3 import moto_patches as s3
from xacct_ml.emulator.services.sns import moto_patches as sns

_moto_send = moto_models.Rule.send_to_targets


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
    event = _event(account, region, source=source, detail_type=detail_type, resources=resources, detail=detail)
    _match(moto_models.events_backends[account][region].event_buses["default"], event)


def _event(
    account: str, region: str, *, source: str, detail_type: str, resources: list[str], detail: Mapping[str, Any]
) -> dict[str, Any]:
    return {
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


def _complete(entry: Mapping[str, Any]) -> bool:
    """Whether moto finds nothing to refuse in an entry of PutEvents."""
    try:
        return bool(entry["Source"] and entry["DetailType"]) and isinstance(json.loads(entry["Detail"]), dict)
    except (KeyError, ValueError):
        return False


def _match(bus: Any, event: Mapping[str, Any]) -> None:
    """Hand the event to the bus's rules."""
    for rule in list(bus.rules.values()):
        rule.send_to_targets(event, transform_input=False)


def _arrive(bus_arn: str, event: Mapping[str, Any]) -> None:
    """An event that a rule sent to a bus; a bus that is gone loses it."""
    bus = event_buses.bus(bus_arn)
    if bus is not None:
        _match(bus, event)


def _leaves(rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether the target's bus gets the event: one that came from another account goes no further (eb-cross-account:
    "if a rule in account B sends it on to account C, the event is not sent") [D]."""
    return bool(event["account"] == rule.account_id or Arn.parse(target["Arn"]).account == rule.account_id)


def _send_to_targets(rule: Any, event: Mapping[str, Any], transform_input: bool = True) -> None:
    """In the place of moto's ``Rule.send_to_targets``."""
    shown = {name: value for name, value in event.items() if name != "ingestion-time"}
    if isinstance(shown["time"], int | float):  # moto's own form
        shown["time"] = iso(shown["time"])
    if rule.state == "DISABLED" or not rule.event_pattern.matches_event(shown):
        return
    for target in list(rule.targets):
        if Arn.parse(target["Arn"]).service in CALLS:
            payload = _payload(target, shown)
            _spawn(rule, target, shown, payload)
            continue
        if Arn.parse(target["Arn"]).service == "sns":
            _spawn_to_topic(rule, target, shown)
            continue
        if event_buses.bus(target["Arn"]) is not None:
            if _leaves(rule, target, shown):
                _spawn_to_bus(rule, target, shown)
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


def _spawn_to_bus(rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    running = runtime.current()

    def work() -> None:
        running.pause(running.pace.event_delivery)
        _record(rule, bus_delivery.deliver(rule.arn, target, event, _arrive))

    running.spawn(f"events: {rule.name}", work)


def _spawn_to_topic(rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """EventBridge publishes as itself, whatever role the target names (EventBridge User Guide, eb-use-resource-based)
    [D]."""
    running = runtime.current()

    def work() -> None:
        running.pause(running.pace.event_delivery)
        transformer = target.get("InputTransformer")
        message = _payload(target, event) if transformer is None else transformed(transformer, event)
        done = sns.publish(sns.EVENTS, target["Arn"], message)
        failed = None if done.error is None else ("AuthorizationError", done.error)
        backend = moto_models.events_backends[rule.account_id][rule.region_name]
        backend.deliveries.append(Delivery(rule.arn, target["Arn"], event, result="a notification", error=failed))

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
        """Entries of ``aws.*`` sources fail one by one; the others are put, each on its bus."""
        entries = self._get_param("Entries")
        results: list[Any] = [None] * len(entries)
        own = [index for index, entry in enumerate(entries) if not str(entry.get("Source", "")).startswith("aws.")]
        put = [self._put(entries[index]) for index in own]
        for index, result in zip(own, put, strict=True):
            results[index] = result
        refused = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
        results = [result or refused for result in results]
        failed = sum("ErrorCode" in result for result in results)
        return json.dumps({"FailedEntryCount": failed, "Entries": results})

    def _put(self, entry: Any) -> Any:
        """One entry's result. For another account's bus the event keeps the account that it comes from."""
        name = str(entry.get("EventBusName") or "default")
        bus = event_buses.bus(name) if name.startswith("arn:") else None
        if bus is None or bus.account_id == self.current_account or not _complete(entry):
            return self.events_backend.put_events([entry])[0]
        event = _event(
            self.current_account,
            self.region,
            source=entry["Source"],
            detail_type=entry["DetailType"],
            resources=entry.get("Resources") or [],
            detail=json.loads(entry["Detail"]),
        )
        _match(bus, event)
        return {"EventId": event["id"]}

    def put_permission(self) -> Any:
        """A whole policy replaces the one that is there."""
        text = self._get_param("Policy")
        if not text:
            return super().put_permission()
        event_buses.put_policy(self.events_backend.describe_event_bus(self._get_param("EventBusName")), text)
        return ""

    def put_targets(self) -> Any:
        """A target that is called as a role must name the role."""
        for target in self._get_param("Targets") or ():
            service = Arn.parse(target["Arn"]).service if target["Arn"].count(":") >= 5 else ""
            if service in CALLS and not target.get("RoleArn"):
                raise JsonRESTError("ValidationException", f"RoleArn is required for target {target['Arn']}.")
        return super().put_targets()


def install() -> None:
    """Put backend, operations and delivery in the place of moto's, and listen to S3."""
    moto_models.events_backends.backend = EventsBackend
    dispatch.checks["events"] = existence.check
    moto_validation.install("events", "ValidationException")
    moto_urls.url_paths["{0}/"] = EventsResponse.dispatch
    moto_models.Rule.send_to_targets = _send_to_targets
    if object_created not in s3.on_object_created:
        s3.on_object_created.append(object_created)
