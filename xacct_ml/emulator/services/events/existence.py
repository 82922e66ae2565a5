"""EventBridge's words for what is not there, and for patterns and targets that it does not take.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/events.yaml [C])."""

import json
import re
from collections.abc import Mapping
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import json_text
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.events import moto_buses as event_buses
from xacct_ml.emulator.services.events import pattern_check

_OF_RULE = {
    "DescribeRule": "Name",
    "DisableRule": "Name",
    "EnableRule": "Name",
    "ListTargetsByRule": "Rule",
    "PutTargets": "Rule",
    "RemoveTargets": "Rule",
}
"""Operations that want their rule to exist, and the parameter that names it."""

_LARGEST = 256 * 1024
_FIELDS = 6
_RATE = re.compile(r"rate\((\d+) (?:minute|hour|day)(s?)\)")
_PLACEHOLDER = re.compile(r"<([\w.-]+)>")
_INPUTS = ("Input", "InputPath", "InputTransformer")


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: ResourceNotFoundException, InvalidEventPatternException, ValidationException"""
    del asked
    named = _OF_RULE.get(call.operation)
    if named is not None:
        _require_rule(call, str(call.params.get("EventBusName") or "default"), str(call.params.get(named, "")))
    match call.operation:
        case "PutRule":
            _check_schedule(str(call.params.get("ScheduleExpression") or ""))
            _check_pattern(call.params.get("EventPattern"))
        case "TestEventPattern":
            _check_event(str(call.params.get("Event", "")))
            _check_pattern(call.params.get("EventPattern"))
        case "PutEvents" if sum(map(_size, call.params.get("Entries") or ())) > _LARGEST:
            raise _invalid("Total size of the entries in the request is over the limit.")
        case "PutTargets":
            _check_targets(call.params)
        case "RemovePermission":
            _check_statement(call)
        case "ListTagsForResource" | "TagResource" | "UntagResource":
            _require_tagged(call, str(call.params.get("ResourceARN", "")))


def _check_schedule(expression: str) -> None:
    """``rate(1 hour)``, ``rate(2 hours)``, ``cron`` of six fields (EventBridge user guide, "Schedule expressions"
    [D])."""
    if not expression:
        return
    if rate := _RATE.fullmatch(expression):
        valid = int(rate[1]) > 0 and (int(rate[1]) == 1) != bool(rate[2])
    else:
        fields = expression.removeprefix("cron(").removesuffix(")").split()
        valid = expression.startswith("cron(") and len(fields) == _FIELDS and "?" in (fields[2], fields[4])
    if not valid:
        raise _invalid("Parameter ScheduleExpression is not valid.")


def _check_event(text: str) -> None:
    if json_text.problem(text) is not None or not isinstance(json.loads(text), Mapping):
        raise _invalid("Parameter Event is not valid.")


def _size(entry: Mapping[str, Any]) -> int:
    """In bytes (EventBridge user guide, "Calculating PutEvents event entry size" [D])."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or ())]
    return sum(len(str(text).encode()) for text in texts if text is not None)


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message, 400)


def _missing(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message, 400)


def _bus(call: ApiCall, name: str) -> Any | None:
    return event_buses.bus(name if name.startswith("arn:") else call.arn("events", f"event-bus/{name}"))


def _require_rule(call: ApiCall, bus_name: str, rule: str) -> None:
    bus, short = _bus(call, bus_name), bus_name.rpartition("/")[2]
    if bus is None:
        raise _missing(f"Event bus {short} does not exist.")
    if rule not in bus.rules:
        raise _missing(f"Rule {rule} does not exist on EventBus {short}.")


def _require_tagged(call: ApiCall, arn: str) -> None:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        return
    kind, _, name = parsed.resource.partition("/")
    if kind == "rule":
        bus, _, rule = name.rpartition("/")
        _require_rule(call, bus or "default", rule)
    elif kind == "event-bus" and _bus(call, name) is None:
        raise _missing(f"Event bus {name} does not exist.")


def _check_pattern(pattern: Any) -> None:
    if pattern and (problem := pattern_check.problem(str(pattern))) is not None:
        message = f"Event pattern is not valid. Reason: {problem}"
        raise ServiceError("InvalidEventPatternException", message, 400)


def _check_targets(params: Mapping[str, Any]) -> None:
    for target in params.get("Targets") or ():
        if sum(name in target for name in _INPUTS) > 1:
            raise _invalid(
                f"Only one of Input, InputPath, or InputTransformer must be provided for target {target['Id']}."
            )
        transformer = target.get("InputTransformer") or {}
        known = {*(transformer.get("InputPathsMap") or ())}
        for name in _PLACEHOLDER.findall(str(transformer.get("InputTemplate", ""))):
            if name not in known and not name.startswith("aws.events."):
                raise _invalid(f"InputTemplate for target {target['Id']} contains invalid placeholder {name}.")


def _check_statement(call: ApiCall) -> None:
    """The policy's statement must be there, unless all are removed."""
    bus = _bus(call, str(call.params.get("EventBusName") or "default"))
    if bus is None or call.params.get("RemoveAllPermissions"):
        return
    text = bus.policy or "{}"
    if not any(each.get("Sid") == call.params.get("StatementId") for each in json.loads(text).get("Statement", ())):
        raise _missing("Statement with the provided id does not exist.")
