"""Lambda functions that run, as their role; and the policy that lets others invoke them."""

import hashlib
import json
import math
import re
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import moto.awslambda.models as moto_models
from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError

from xacct_ml.access.model import Request, ResourcePolicyKind
from xacct_ml.arn import Arn
from xacct_ml.emulator.core import policies, runtime
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable
from xacct_ml.emulator.services.awslambda import process as lambda_process
from xacct_ml.emulator.services.awslambda.process import FunctionCode, Invocation
from xacct_ml.emulator.services.cloudwatch import moto_metrics

SERVICE = "lambda.amazonaws.com"
FUNCTION_ARN = re.compile(r"arn:[\w-]+:lambda:([\w-]+):(\d{12}):function:")
_DEFAULT_RETRIES = 2

_BEING_CREATED = "The function is being created."
_NANOSECONDS = re.compile(r"(\.\d{3})\d*Z$")
"""Lambda tells milliseconds and an offset without a colon [C]."""

_PENDING = {"State": "Pending", "StateReason": _BEING_CREATED, "StateReasonCode": "Creating"}
_IN_PROGRESS = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": _BEING_CREATED,
    "LastUpdateStatusReasonCode": "Creating",
}
"""Members of a configuration, as recorded from AWS (tests/emulator/recorded/lambda.yaml [C])."""


def invalid(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidParameterValueException", message)


def _credentials(function: Any) -> Credentials:
    """:raises RoleNotAssumable: the role's trust policy does not let Lambda in"""
    return service_credentials(
        function.role,
        SERVICE,
        session_name=function.function_name,
        source_arn=function.function_arn,
        source_account=function.account_id,
    )


def run(function: Any, event: bytes) -> Invocation:
    """Invoke ``function`` (a moto LambdaFunction) and write its log.

    :raises RoleNotAssumable: its role cannot be assumed any more"""
    credentials = _credentials(function)
    environment = {
        **{key: str(value) for key, value in function.environment_vars.items()},
        **credentials.environment(),
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ENDPOINT_URL": runtime.current().endpoint,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
    }
    code = FunctionCode(
        function.function_name,
        function.function_arn,
        function.code_bytes,
        function.handler,
        int(function.timeout),
        int(function.memory_size),
        function.logs_group_name,
        environment,
    )
    done = lambda_process.invoke(code, event)
    _write_log(credentials, function, done)
    return done


def _write_log(credentials: Credentials, function: Any, done: Invocation) -> None:
    """As the role; a role that may not has no log, and the function does not notice, as on AWS [D]."""
    group, now = function.logs_group_name, datetime.now(UTC)
    stream = f"{now:%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
    lines = [
        f"START RequestId: {done.request_id} Version: $LATEST",
        *done.log.splitlines(),
        f"END RequestId: {done.request_id}",
        f"REPORT RequestId: {done.request_id}\tDuration: {done.duration_ms} ms\tMemory Size: {function.memory_size} MB",
    ]
    logs = credentials.client("logs", function.region)
    at = int(now.timestamp() * 1000)
    events = [{"timestamp": at, "message": line or " "} for line in lines]
    try:
        try:
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        except logs.exceptions.ResourceNotFoundException:
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    except ClientError:
        return


def enqueue(function: Any, event: bytes) -> None:
    """An asynchronous invocation: retried after a function error as the event-invoke configuration says, twice by
    default.

    On AWS the retries come after one and two minutes [D]; here at once, at the pace of the embedded AWS. What fails to
    the last is counted as AsyncEventsDropped (Lambda Developer Guide, monitoring-metrics-types) [D]."""
    configured = function.event_invoke_config[-1].config if function.event_invoke_config else {}
    attempts = 1 + int(configured.get("MaximumRetryAttempts", _DEFAULT_RETRIES))
    running = runtime.current()

    def deliver() -> None:
        for attempt in range(attempts):
            if attempt:
                running.pause(running.pace.lambda_continuation)
            try:
                if not run(function, event).failed:
                    return
            except RoleNotAssumable as error:
                running.notices(f"Lambda function {function.function_name} was not invoked: {error}")
                break
        account, dimensions = Arn.parse(function.function_arn).account, {"FunctionName": function.function_name}
        moto_metrics.occurred(account, function.region, "AWS/Lambda", "AsyncEventsDropped", dimensions)

    running.spawn(f"lambda {function.function_name}", deliver)


def function_by_arn(arn: str) -> Any:
    """The function behind an ARN of any account. Raises moto's ResourceNotFoundException."""
    found = FUNCTION_ARN.match(arn)
    if found is None:
        raise invalid(f"{arn} is not a function ARN")
    return moto_models.lambda_backends[found[2]][found[1]].get_function(arn)


@policies.resource_policies("lambda")
def _function_policy(request: Request) -> policies.ResourcePolicy:
    """The function's own policy, made by AddPermission; qualifiers share the function's (as far as moto keeps them)."""
    named = FUNCTION_ARN.match(request.resource)
    if named is None:
        return None, ResourcePolicyKind.NONE
    function_arn = named[0] + Arn.parse(request.resource).id.partition(":")[0]
    try:
        function = moto_models.lambda_backends[named[2]][named[1]].get_function(function_arn)
    except JsonRESTError:
        return None, ResourcePolicyKind.NONE
    statements = function.policy.statements
    document = json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None
    return document, ResourcePolicyKind.BUCKET


class LambdaFunction(moto_models.LambdaFunction):
    """moto's function, and the members that its configuration lacks."""

    __module__ = moto_models.__name__  # moto derives the service from it

    def __init__(self, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1) -> None:
        super().__init__(account_id, spec, region, version)
        self.created, self.updated = time.monotonic(), -math.inf
        self.revision = str(uuid.uuid4())
        self.more: dict[str, Any] = {name: spec[name] for name in ("LoggingConfig", "DeadLetterConfig") if name in spec}
        self._follow_logging()

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        return self._configuration(pending=on_create or self.pending, updating=self.updating, on_create=on_create)

    def _configuration(
        self, *, pending: bool = False, updating: bool = False, on_create: bool = False
    ) -> dict[str, Any]:
        logging = {"LogFormat": "Text", "LogGroup": self.logs_group_name}
        found: dict[str, Any] = super().get_configuration(on_create)
        found["LastModified"] = _NANOSECONDS.sub(r"\1+0000", str(found["LastModified"]))
        found["RuntimeVersionConfig"] = {"RuntimeVersionArn": self._runtime_arn()}
        progress = _PENDING if pending else _IN_PROGRESS if updating else {}
        return {**found, **self.more, **progress, "LoggingConfig": logging, "RevisionId": self.revision}

    def _runtime_arn(self) -> str:
        own = Arn.parse(self.function_arn)
        version = hashlib.sha256(str(self.run_time).encode()).hexdigest()
        return str(Arn(own.partition, "lambda", own.region, "", f"runtime:{version}"))

    @property
    def pending(self) -> bool:
        """A new function cannot be changed or invoked at once (Lambda developer guide, "functions-states") [D]."""
        return time.monotonic() < self.created + runtime.current().pace.lambda_transition

    @property
    def updating(self) -> bool:
        """While an update is under way the one before it serves, and no other is taken."""
        return not self.pending and time.monotonic() < self.updated + runtime.current().pace.lambda_transition

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        self.more |= {
            name: config_updates[name] for name in ("LoggingConfig", "DeadLetterConfig") if name in config_updates
        }
        if "EphemeralStorage" in config_updates:
            self.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
        if "TracingConfig" in config_updates:
            self.tracing_config = config_updates["TracingConfig"]
        if "KMSKeyArn" in config_updates:
            self.kms_key_arn = config_updates["KMSKeyArn"]
        self._follow_logging()
        super().update_configuration(config_updates)
        self._touch()
        return self._configuration(updating=True)

    def update_function_code(self, updated_spec: dict[str, Any]) -> dict[str, Any]:
        if updated_spec.get("Architectures"):
            self.architectures = updated_spec["Architectures"]
        super().update_function_code(updated_spec)
        self._touch()
        return self._configuration(updating=True)

    def _follow_logging(self) -> None:
        default = f"/aws/lambda/{self.function_name}"
        self.logs_group_name = self.more.get("LoggingConfig", {}).get("LogGroup") or default

    def _touch(self) -> None:
        self.updated = time.monotonic()
        self.revision = str(uuid.uuid4())
        self.last_modified = moto_models.iso_8601_datetime_with_nanoseconds()
