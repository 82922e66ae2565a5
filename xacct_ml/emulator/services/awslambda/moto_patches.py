"""Lambda with functions that run, each in a process that has its role's credentials and nothing else.

Repaired: Invoke without Docker, Invoke by another account's ARN, a dead runtime, a bogus zip, a role that
Lambda may not assume, code in S3 read as the caller, a second event-invoke configuration. Errors: Lambda API reference
[D]."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import moto.awslambda.models as moto_models
import moto.awslambda.urls as moto_urls
from botocore.exceptions import ClientError
from moto.awslambda.responses import LambdaResponse as MotoResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult

from xacct_ml.arn import name_of
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable
from xacct_ml.emulator.services.awslambda import moto_validation as validation
from xacct_ml.emulator.services.awslambda import process as lambda_process
from xacct_ml.emulator.services.awslambda.moto_functions import (
    FUNCTION_ARN,
    SERVICE,
    LambdaFunction,
    enqueue,
    invalid,
    run,
)
from xacct_ml.emulator.services.awslambda.moto_validation import check_runtime


class LambdaResponse(MotoResponse):
    """moto's operations, and these in the place of some."""

    @property
    def backend(self) -> Any:
        """The backend of the account that the path names by ARN, else the caller's."""
        named = FUNCTION_ARN.search(unquote(self.path))
        account, region = (named[2], named[1]) if named else (self.current_account, self.region)
        return moto_models.lambda_backends[account][region]

    def create_function(self) -> Any:
        spec = self.json_body
        check_runtime(spec.get("Runtime"), spec.get("PackageType", "Zip"))
        self._check_role(spec["Role"], name_of(spec["FunctionName"]))
        spec["Code"] = self._code(spec["Code"])
        self.body = json.dumps(spec)
        return super().create_function()

    def update_function_code(self) -> Any:
        spec = self.json_body
        if "ZipFile" in spec or "S3Bucket" in spec:
            spec = {**{name: value for name, value in spec.items() if not name.startswith("S3")}, **self._code(spec)}
        self.body = json.dumps(spec)
        return super().update_function_code()

    def update_function_configuration(self) -> Any:
        spec = self.json_body
        if "Runtime" in spec:
            check_runtime(spec["Runtime"], "Zip")
        if "Role" in spec:
            self._check_role(spec["Role"], name_of(unquote(self.path.rsplit("/", 2)[-2])))
        return super().update_function_configuration()

    def invoke(self) -> Any:
        function = self.backend.get_function(unquote(self.path.rsplit("/", 2)[-2]), self._get_param("Qualifier"))
        event = self.body.encode() if isinstance(self.body, str) else self.body or b"{}"
        try:
            json.loads(event or b"{}")
        except ValueError as error:
            raise JsonRESTError(
                "InvalidRequestContentException", f"Could not parse request body into json: {error}"
            ) from error
        kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return 204, {"status": 204}, ""
        if kind == "Event":
            enqueue(function, event)
            return 202, {"status": 202}, ""
        _until_active(function)
        try:
            done = run(function, event)
        except RoleNotAssumable as error:
            raise invalid(str(error)) from error
        headers: dict[str, Any] = {"Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST"}
        if done.failed:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if self.headers.get("X-Amz-Log-Type") == "Tail":
            headers["X-Amz-Log-Result"] = base64.b64encode(done.log.encode()[-4096:]).decode()
        return 200, headers, done.payload

    def add_permission(self) -> Any:
        """moto keeps the principal as given; a policy has it as an ARN or a service (Lambda API reference [D])."""
        super().add_permission()
        statement = self.backend.get_function(unquote(self.path.split("/")[-2])).policy.statements[-1]
        statement["Principal"] = _principal(statement["Principal"], self.partition)
        return 201, {"status": 201}, json.dumps({"Statement": _compact(_in_order(statement))})

    def get_policy(self) -> Any:
        found = json.loads(super().get_policy())
        policy = json.loads(found["Policy"])
        statements = [_in_order(statement) for statement in policy["Statement"]]
        shown = {"Version": policy["Version"], "Id": policy["Id"], "Statement": statements}
        return json.dumps({**found, "Policy": _compact(shown)})

    def put_function_event_invoke_config(self) -> Any:
        """moto keeps the first configuration for ever; a second one replaces it."""
        function = self.backend.get_function(unquote(self.path.rsplit("/", 2)[-2]))
        function.event_invoke_config = []
        super().put_function_event_invoke_config()
        return _event_invoke_config(function)

    def get_function_event_invoke_config(self) -> Any:
        return _event_invoke_config(self.backend.get_function(unquote(self.path.rsplit("/", 2)[-2])))

    def update_function_event_invoke_config(self) -> Any:
        function = self.backend.get_function(unquote(self.path.rsplit("/", 2)[-2]))
        before = function.event_invoke_config[-1].config if function.event_invoke_config else {}
        self.body = json.dumps({**before, **self.json_body})
        function.event_invoke_config = []
        super().update_function_event_invoke_config()
        return _event_invoke_config(function)

    def _check_role(self, role_arn: str, function_name: str) -> None:
        arn = f"arn:{self.partition}:lambda:{self.region}:{self.current_account}:function:{function_name}"
        try:
            service_credentials(
                role_arn, SERVICE, session_name=function_name, source_arn=arn, source_account=self.current_account
            )
        except RoleNotAssumable as error:
            raise invalid(str(error)) from error

    def _code(self, code: Mapping[str, Any]) -> dict[str, Any]:
        """The code as a checked zip; from S3 it is read as the caller."""
        if "ImageUri" in code:
            raise invalid("Only functions of package type Zip run here.")
        if "S3Bucket" in code:
            version = {"VersionId": code["S3ObjectVersion"]} if code.get("S3ObjectVersion") else {}
            key = principals.access_key(self.access_key)
            session = None if key is None else sessions.session_of(key)
            caller = Credentials(
                self.access_key, principals.secret(self.access_key), None if session is None else session.session_token
            )
            try:
                answer = caller.client("s3", self.region).get_object(
                    Bucket=code["S3Bucket"], Key=code["S3Key"], **version
                )
            except ClientError as error:
                said = error.response["Error"]
                raise invalid(
                    f"Error occurred while GetObject. S3 Error Code: {said['Code']}. "
                    f"S3 Error Message: {said['Message']}"
                ) from error
            archive = answer["Body"].read()
        else:
            archive = _decoded(code.get("ZipFile", ""))
        try:
            lambda_process.check_archive(archive)
        except ValueError as error:
            raise invalid(str(error)) from error
        return {"ZipFile": base64.b64encode(archive).decode()}


_ELEMENTS = ("Sid", "Effect", "Principal", "Action", "Resource", "Condition")


def _in_order(statement: dict[str, Any]) -> dict[str, Any]:
    """As Lambda writes a statement [C]."""
    return {
        name: statement[name] for name in (*_ELEMENTS, *sorted(statement.keys() - {*_ELEMENTS})) if name in statement
    }


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _event_invoke_config(function: Any) -> ActionResult:
    """The configuration is the unpublished version's, and has its destinations even where there are none [C]."""
    found = function.event_invoke_config[-1].response()
    destinations = {"OnFailure": {}, "OnSuccess": {}, **(found.get("DestinationConfig") or {})}
    arn = f"{function.function_arn.removesuffix(':$LATEST')}:$LATEST"
    return ActionResult({**found, "FunctionArn": arn, "DestinationConfig": destinations})


def _principal(given: Any, partition: str) -> Any:
    if not isinstance(given, str) or given == "*":
        return given
    if given.isdigit():
        return {"AWS": f"arn:{partition}:iam::{given}:root"}
    return {"AWS": given} if given.startswith("arn:") else {"Service": given}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error as error:
        raise invalid("ZipFile is not base64") from error


def _until_active(function: Any) -> None:
    """An invocation that comes too early waits here; AWS refuses it."""
    while function.pending:
        runtime.current().pause(runtime.current().pace.poll)


def install() -> None:
    """Put these operations in the place of moto's."""
    dispatch.prechecks["lambda"] = validation.precheck
    dispatch.checks["lambda"] = validation.check
    moto_models.LambdaFunction = LambdaFunction
    for path in moto_urls.url_paths:
        moto_urls.url_paths[path] = LambdaResponse.dispatch
