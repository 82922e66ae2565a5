"""CloudWatch Logs, repaired: parameters against its model, and the order of events.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/logs.yaml [C])."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.logs.models import LogsBackend

from xacct_ml.emulator.core import moto_validation


def _in_order(put: Callable[..., Any]) -> Callable[..., Any]:
    def put_log_events(self: Any, group: str, stream: str, events: list[dict[str, Any]]) -> Any:
        if any(first["timestamp"] > second["timestamp"] for first, second in pairwise(events)):
            message = "Log events in a single PutLogEvents request must be in chronological order."
            raise JsonRESTError("InvalidParameterException", message)
        return put(self, group, stream, events)

    return put_log_events


def install() -> None:
    moto_validation.install("logs", "InvalidParameterException")
    LogsBackend.put_log_events = _in_order(LogsBackend.put_log_events)
