"""CloudWatch Logs, repaired: parameters against its model, the order of events, and streams by the beginning of their
names.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/logs.yaml [C]). FilterLogEvents:
CloudWatch Logs API reference [D]."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import moto.logs.urls as moto_urls
from moto.core.exceptions import JsonRESTError
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse as MotoResponse

from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_validation
from xacct_ml.emulator.services.logs import moto_existence as existence


class LogsResponse(MotoResponse):
    def filter_log_events(self) -> str:
        """Across streams by time, always."""
        group, prefix = self._get_param("logGroupName"), self._get_param("logStreamNamePrefix")
        names = self._get_param("logStreamNames") or []
        if prefix and names:
            raise JsonRESTError(
                "InvalidParameterException", "logStreamNames and logStreamNamePrefix are mutually exclusive"
            )
        known = self.logs_backend.groups.get(group)
        if prefix and known is not None:
            names = [name for name in list(known.streams) if name.startswith(prefix)]
            if not names:
                return json.dumps({"events": [], "searchedLogStreams": []})
        events, token, searched = self.logs_backend.filter_log_events(
            group,
            names,
            self._get_param("startTime"),
            self._get_param("endTime"),
            self._get_param("limit"),
            self._get_param("nextToken"),
            self._get_param("filterPattern"),
            interleaved=True,
        )
        return json.dumps({"events": events, "nextToken": token, "searchedLogStreams": searched})


def _in_order(put: Callable[..., Any]) -> Callable[..., Any]:
    def put_log_events(self: Any, group: str, stream: str, events: list[dict[str, Any]]) -> Any:
        if any(first["timestamp"] > second["timestamp"] for first, second in pairwise(events)):
            message = "Log events in a single PutLogEvents request must be in chronological order."
            raise JsonRESTError("InvalidParameterException", message)
        return put(self, group, stream, events)

    return put_log_events


def _with_class(describe: Callable[..., Any]) -> Callable[..., Any]:
    def to_describe_dict(self: Any) -> dict[str, Any]:
        return {**describe(self), "logGroupClass": "STANDARD"}

    return to_describe_dict


def _with_its_tags(delete: Callable[..., Any]) -> Callable[..., Any]:
    """A group of the same name that is made later has none of them; moto keeps them."""

    def delete_log_group(self: Any, log_group_name: str) -> None:
        group = self.groups.get(log_group_name)
        delete(self, log_group_name)
        if group is not None:
            self.tagger.delete_all_tags_for_resource(group.arn)

    return delete_log_group


def install() -> None:
    """Put these operations in the place of moto's."""
    dispatch.prechecks["logs"] = existence.precheck
    dispatch.checks["logs"] = existence.check
    moto_validation.install("logs", "InvalidParameterException")
    LogGroup.to_describe_dict = _with_class(LogGroup.to_describe_dict)
    moto_urls.url_paths["{0}/$"] = LogsResponse.dispatch
    LogsBackend.put_log_events = _in_order(LogsBackend.put_log_events)
    LogsBackend.delete_log_group = _with_its_tags(LogsBackend.delete_log_group)
