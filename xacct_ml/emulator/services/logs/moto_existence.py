"""What CloudWatch Logs refuses in a request, whoever asks, and its words for what is not there or there already.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/logs.yaml [C]); days of
retention: CloudWatch Logs API reference, PutRetentionPolicy [D]."""

from collections.abc import Mapping
from typing import Any

from moto.logs.models import logs_backends

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError

_RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_OF_STREAM = ("GetLogEvents", "PutLogEvents", "DeleteLogStream")
_TAGGING = ("ListTagsForResource", "TagResource", "UntagResource")


def precheck(call: ApiCall) -> None:
    """:raises ServiceError: InvalidParameterException, ValidationException, before any permission"""
    params = call.params
    if call.operation == "DescribeLogGroups" and "logGroupNamePrefix" in params and "logGroupNamePattern" in params:
        message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        raise ServiceError("InvalidParameterException", message, 400)
    if call.operation == "DescribeLogStreams" and "logGroupName" in params and "logGroupIdentifier" in params:
        message = "LogGroup name and LogGroup ARN are mutually exclusive parameters."
        raise ServiceError("ValidationException", message, 400)
    days = params.get("retentionInDays")
    if call.operation == "PutRetentionPolicy" and days not in _RETENTION:
        allowed = f"Member must satisfy enum value set: [{', '.join(map(str, _RETENTION))}]"
        message = f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
        raise ServiceError("InvalidParameterException", message + allowed, 400)


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: ResourceNotFoundException, ResourceAlreadyExistsException"""
    del asked
    params, groups = call.params, logs_backends[call.account][call.region].groups
    group, stream = groups.get(str(params.get("logGroupName", ""))), params.get("logStreamName")
    if call.operation in _OF_STREAM and group is not None and stream not in group.streams:
        raise _missing("The specified log stream does not exist.")
    if call.operation == "CreateLogStream" and group is not None and stream in group.streams:
        raise ServiceError("ResourceAlreadyExistsException", "The specified log stream already exists", 400)
    if call.operation in _TAGGING and not _is_known(str(params.get("resourceArn", "")), groups):
        raise _missing("The specified log group does not exist.")
    if call.operation == "DeleteResourcePolicy":
        _require_policy(call)


def _missing(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message, 400)


def _is_known(arn: str, groups: Mapping[str, Any]) -> bool:
    try:
        resource = Arn.parse(arn).resource
    except ValueError:
        return True
    kind, _, name = resource.partition(":")
    return kind != "log-group" or name.removesuffix(":*") in groups


def _require_policy(call: ApiCall) -> None:
    name = call.params.get("policyName")
    if name not in logs_backends[call.account][call.region].resource_policies:
        raise _missing(f"Policy with name [{name}] does not exist.")
