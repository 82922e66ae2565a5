"""What Lambda refuses, whoever asks, and its words for what is not there or not ready.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/lambda.yaml [C]); runtimes:
Lambda developer guide, "Lambda runtimes" [D]."""

import json
import re
from collections.abc import Mapping
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError
from moto.core.utils import get_service_model

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.constraints import message, violations
from xacct_ml.emulator.core.denials import ServiceError

_RUNTIMES = ("python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "python3.15")
"""Python runtimes that are not deprecated; only these run here."""

_RETIRED = ("dotnetcore", "go1.x", "java8", "nodejs", "provided", "python", "ruby2")
_NOT_RETIRED = ("java8.al2", "nodejs20.x", "nodejs22.x", "nodejs24.x", "provided.al2", "provided.al2023")

_LONGEST_NAME = 64
_TAGS_OF_FUNCTION = 50
_DESTINATIONS = ("events", "lambda", "s3", "sns", "sqs")
"""Services that take the record of an asynchronous invocation (Lambda developer guide,
"invocation-async-retain-records" [D])."""

_ENVIRONMENT_BYTES = 4096
_RESERVED = frozenset(
    ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "_HANDLER"]
)
_UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided"
)
_TAGGING = ("TagResource", "UntagResource")
_UNQUALIFIED = 6
"""Colons in a function's ARN without version or alias."""

_PRINCIPAL = re.compile(
    r"\*|\d{12}|arn:[\w-]+:(?:iam|sts)::\d{12}:.+|[\w.-]+\.amazonaws\.com(?:\.cn)?|[\w.-]+\.alexa\.com"
)
_UPDATES = ("UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion")


def _invalid(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text, 400)


def _missing(text: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", text, 404)


# -- before any permission ---------------------------------------------------------------------------------------------
def precheck(call: ApiCall) -> None:
    """:raises ServiceError: ValidationException, InvalidParameterValueException, ResourceNotFoundException"""
    name = str(call.params.get("FunctionName") or "")
    if name.startswith("arn:") and name.count(":") >= 6 and (region := Arn.parse(name).region) != call.region:
        raise _missing(f"Functions from '{region}' are not reachable in this region ('{call.region}')")
    qualifier = call.params.get("Qualifier")
    if qualifier and _qualifier(name) not in (None, qualifier):
        raise _invalid("The derived qualifier from the function name does not match the specified qualifier.")
    if call.operation == "DeleteFunction" and "$LATEST" in (qualifier, _qualifier(name)):
        raise _invalid("$LATEST version cannot be deleted without deleting the function.")
    shape = get_service_model("lambda").operation_model(call.operation).input_shape
    found = [] if shape is None else [each for each in violations(shape, call.params) if " at 'runtime' " not in each]
    if found:
        raise ServiceError("ValidationException", message(found), 400)
    if call.operation == "CreateFunction" and ":" not in name and len(name) > _LONGEST_NAME:
        constraint = f"Member must have length less than or equal to {_LONGEST_NAME}"
        raise _invalid(message([f"Value '{name}' at 'functionName' failed to satisfy constraint: {constraint}"]))
    _check_permission(call)
    if call.operation == "TagResource" and not call.params.get("Tags"):
        raise _invalid("An error occurred and the request cannot be processed.")
    if call.operation in _TAGGING and str(call.params.get("Resource", "")).count(":") > _UNQUALIFIED:
        raise _invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    if call.operation in ("CreateFunction", "TagResource") and len(call.params.get("Tags") or ()) > _TAGS_OF_FUNCTION:
        raise _invalid("Number of tags exceeds resource tag limit.")
    _check_environment((call.params.get("Environment") or {}).get("Variables") or {})


def _qualifier(name: str) -> str | None:
    """Of a function's name, partial ARN or ARN, where it has one."""
    bare = name.rpartition("function:")[2]
    return bare.partition(":")[2] or None


def _check_permission(call: ApiCall) -> None:
    if call.operation != "AddPermission":
        return
    if call.params.get("Qualifier") == "$LATEST":
        raise _invalid("We currently do not support adding policies for $LATEST.")
    if not _PRINCIPAL.fullmatch(str(call.params.get("Principal", ""))):
        raise _invalid("The provided principal was invalid. Please check the principal and try again.")


def _check_environment(variables: dict[str, str]) -> None:
    reserved = sorted(_RESERVED & set(variables))
    if reserved:
        raise _invalid(
            f"{_UNABLE} contains reserved keys that are currently not supported for modification. Reserved keys used "
            f"in this request: {', '.join(reserved)}"
        )
    text = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > _ENVIRONMENT_BYTES:
        raise _invalid(f"{_UNABLE} exceeded the 4KB limit. String measured: {text}")


def check_runtime(name: str | None, package_type: str) -> None:
    """:raises ServiceError: none of Lambda's, one that is retired, or one that does not run here"""
    if package_type != "Zip" or name in _RUNTIMES:
        return
    known = get_service_model("lambda").shape_for("Runtime").enum
    if name not in known:
        allowed = f"Member must satisfy enum value set: [{', '.join(known)}] or be a valid ARN"
        raise _invalid(f"Value {name} at 'runtime' failed to satisfy constraint: {allowed}")
    if str(name).startswith(_RETIRED) and name not in _NOT_RETIRED:
        raise _invalid(
            f"The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. We "
            "recommend you use a supported runtime while creating or updating functions."
        )
    raise _invalid(f"Only Python runtimes run here, not {name}: {', '.join(_RUNTIMES)}")


# -- after it ----------------------------------------------------------------------------------------------------------
def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: ResourceNotFoundException, ResourceConflictException, InvalidParameterValueException"""
    if not call.params.get("FunctionName"):
        return
    arn = asked[0].resource
    function = _function(arn)
    if call.operation in _UPDATES and function is not None:
        _check_ready(function)
    match call.operation:
        case "GetPolicy" if function is None or not function.policy.statements:
            raise _missing("The resource you requested does not exist.")
        case "RemovePermission":
            _check_statement(function, arn, str(call.params["StatementId"]))
        case "AddPermission" if function is not None and call.params["StatementId"] in _sids(function):
            text = f"The statement id ({call.params['StatementId']}) provided already exists. Please provide a new "
            raise ServiceError(
                "ResourceConflictException", f"{text}statement id, or remove the existing statement.", 409
            )
        case "ListVersionsByFunction" if function is None:
            raise _missing(f"Function not found: {arn}")
        case "GetFunctionUrlConfig" | "DeleteFunctionUrlConfig" if function is None or function.url_config is None:
            raise _missing("The resource you requested does not exist.")
        case "PublishVersion" if function is not None:
            _check_publication(call, function)
        case "PutFunctionEventInvokeConfig" if function is None:
            raise _missing("The function doesn't exist.")
        case "PutFunctionEventInvokeConfig":
            _check_event_settings(call, arn)
        case "GetFunctionEventInvokeConfig" | "DeleteFunctionEventInvokeConfig" | "UpdateFunctionEventInvokeConfig":
            if function is None or not function.event_invoke_config:
                qualified = arn if arn.count(":") > 6 else f"{arn}:$LATEST"
                raise _missing(f"The function {qualified} doesn't have an EventInvokeConfig")


def _function(arn: str) -> Any | None:
    parsed = Arn.parse(arn)
    try:
        return lambda_backends[parsed.account][parsed.region].get_function(arn)
    except JsonRESTError:
        return None


def _check_ready(function: Any) -> None:
    if function.pending:
        text = (
            "The operation cannot be performed at this time. The function is currently in the following state: Pending"
        )
        raise ServiceError("ResourceConflictException", text, 409)
    if function.updating:
        text = "The operation cannot be performed at this time. An update is in progress for resource: "
        raise ServiceError("ResourceConflictException", text + function.function_arn, 409)


def _check_publication(call: ApiCall, function: Any) -> None:
    digest, revision = call.params.get("CodeSha256"), call.params.get("RevisionId")
    if digest and digest != function.code_sha_256:
        raise _invalid(
            f"CodeSHA256 ({digest}) is different from current CodeSHA256 in $LATEST ({function.code_sha_256}). Please "
            "try again with the CodeSHA256 in $LATEST."
        )
    if revision and revision != function.revision:
        message = (
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
            "retrieve the latest Revision Id"
        )
        raise ServiceError("PreconditionFailedException", message, 412)


def _sids(function: Any) -> list[str]:
    return [str(statement.get("Sid")) for statement in function.policy.statements]


def _check_statement(function: Any, arn: str, sid: str) -> None:
    if function is None:
        raise _missing(f"No policy found for: {arn}")
    if not function.policy.statements:
        raise _missing("No policy is associated with the given resource.")
    if sid not in _sids(function):
        raise _missing(f"Statement {sid} is not found in resource policy.")


def _check_event_settings(call: ApiCall, arn: str) -> None:
    params = call.params
    if not any(name in params for name in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")):
        raise _invalid("You must specify at least one of error handling or destination setting.")
    for destination in (params.get("DestinationConfig") or {}).values():
        target = destination.get("Destination")
        if target == arn:
            raise _invalid("You can't specify the function as a destination for itself.")
        if target and target.startswith("arn:") and Arn.parse(target).service not in _DESTINATIONS:
            raise _invalid(f"The provided destination config {_shown(params['DestinationConfig'])} is invalid.")
        if target and ":lambda:" in target and _function(target) is None:
            raise _invalid(f"The destination ARN {target} is invalid.")


def _shown(config: Mapping[str, Any]) -> str:
    """As Lambda's words have it."""
    kinds = [
        f"{name[0].lower()}{name[1:]}={f'{name}(destination={found})' if found else 'null'}"
        for name, found in ((name, (config.get(name) or {}).get("Destination")) for name in ("OnSuccess", "OnFailure"))
    ]
    return f"DestinationConfig({', '.join(kinds)})"
