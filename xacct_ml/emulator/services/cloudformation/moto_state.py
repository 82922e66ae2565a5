"""What CloudFormation's operations share: the stacks of an account and region, and what a request asks for."""

import re
import threading
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit

import moto.cloudformation.models as moto_models
from botocore.exceptions import ClientError
from moto.core.base_backend import BaseBackend

from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable
from xacct_ml.emulator.core.moto_operations import Caller, Params
from xacct_ml.emulator.services.cloudformation.stack import Stack
from xacct_ml.emulator.services.cloudformation.stack_resources import ClientFor, StackRequest
from xacct_ml.emulator.services.cloudformation.stack_template import MAX_BODY, MAX_FROM_S3, Template, TemplateError
from xacct_ml.tables.regions import dns_suffix

SERVICE = "cloudformation.amazonaws.com"
_UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


def invalid(message: str) -> ApiError:
    return ApiError("ValidationError", message)


_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*")
_LONGEST_NAME = 128
_S3_HOST = re.compile(r"(?:^|\.)s3[.-]|^(?:localhost|127\.0\.0\.1)$")
"""S3's names, and this machine's, where S3 is here."""


class CloudFormationBackend(BaseBackend):
    """The stacks of one account and region, deleted ones included, oldest first."""

    __module__ = moto_models.__name__  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        self.stacks: list[Stack] = []
        self.change_sets: list[Any] = []

    def new_stack(self, name: str) -> Stack:
        """A stack that does not exist yet, not added to :attr:`stacks`."""
        arn = self.arn(f"stack/{name}/{uuid.uuid4()}")
        pseudo = {
            "AWS::AccountId": self.account_id,
            "AWS::Partition": self.partition,
            "AWS::Region": self.region_name,
            "AWS::StackId": arn,
            "AWS::StackName": name,
            "AWS::URLSuffix": dns_suffix(self.region_name),
        }
        return Stack(name, arn, pseudo)

    def arn(self, resource: str) -> str:
        return f"arn:{self.partition}:cloudformation:{self.region_name}:{self.account_id}:{resource}"

    def living(self, name: str) -> Stack | None:
        return next((each for each in self.stacks if each.deleted is None and each.name == name), None)

    def stack(self, name_or_id: str) -> Stack:
        """By name a stack that was not deleted, by id any. Raises ValidationError."""
        found = next((each for each in self.stacks if each.arn == name_or_id), None) or self.living(name_or_id)
        if found is None:
            raise invalid(f"Stack with id {name_or_id} does not exist")
        return found


def stack_or_refusal(backend: CloudFormationBackend, name_or_id: str) -> Stack:
    """As :meth:`CloudFormationBackend.stack`, in the words of calls about a stack's update, events and change
    sets [C].

    :raises ApiError: ValidationError"""
    try:
        return backend.stack(name_or_id)
    except ApiError as error:
        raise invalid(f"Stack [{name_or_id}] does not exist") from error


def check_name(name: str) -> None:
    """:raises ApiError: ValidationError, no stack can have this name"""
    if not _NAME.fullmatch(name):
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
        )
    if len(name) > _LONGEST_NAME:
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must "
            f"have length less than or equal to {_LONGEST_NAME}"
        )


def caller_credentials(caller: Caller) -> Credentials:
    """What signed the call, to act for its caller where a stack has no role."""
    key = principals.access_key(caller.access_key)
    session = None if key is None else sessions.session_of(key)
    return Credentials(
        caller.access_key, principals.secret(caller.access_key), None if session is None else session.session_token
    )


def stack_clients(backend: CloudFormationBackend, stack: Stack, role_arn: str | None, caller: Caller) -> ClientFor:
    """Clients with the stack's role, or with the caller's credentials where it has none. That CloudFormation names the
    stack as it assumes the role: aws-deployment-framework, pipeline_management.yml [C].

    :raises ApiError: ValidationError, CloudFormation cannot assume the role"""
    if role_arn is None:
        credentials = caller_credentials(caller)
    else:
        try:
            credentials = service_credentials(
                role_arn,
                SERVICE,
                session_name="AWSCloudFormation",
                source_arn=stack.arn,
                source_account=backend.account_id,
            )
        except RoleNotAssumable as error:
            raise invalid(str(error)) from error
    return lambda service: credentials.client(service, backend.region_name)


def template_of(backend: CloudFormationBackend, params: Params, caller: Caller, stack: Stack | None = None) -> Template:
    """The template of a request: its body, or what TemplateURL names, read as the caller.

    :raises ApiError: ValidationError"""
    given = [name for name in ("TemplateBody", "TemplateURL") if params.get(name)]
    if params.get("UsePreviousTemplate") and stack is not None and stack.request is not None and not given:
        return stack.request.template
    if len(given) != 1:
        raise invalid("Either Template URL or Template Body must be specified.")
    try:
        if given == ["TemplateURL"]:
            return Template.parse(_from_s3(backend, params["TemplateURL"], caller))
        if len(params["TemplateBody"].encode()) > MAX_BODY:
            raise invalid(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have "
                f"length less than or equal to {MAX_BODY}"
            )
        return Template.parse(params["TemplateBody"])
    except TemplateError as error:
        raise invalid(str(error)) from error


def _from_s3(backend: CloudFormationBackend, url: str, caller: Caller) -> str:
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    bucket, dot, _ = host.partition(".s3")
    if not dot or not bucket:
        bucket, _, path = path.partition("/")
    if parts.scheme == "s3":
        raise invalid(f"S3 error: Domain name specified in {host} is not a valid S3 domain")
    if not _S3_HOST.search(host):
        raise invalid("TemplateURL must be a supported URL.")
    if not bucket or not path:
        raise invalid("TemplateURL must reference a valid S3 object to which you have access.")
    try:
        answer = caller_credentials(caller).client("s3", backend.region_name).get_object(Bucket=bucket, Key=path)
    except ClientError as error:
        raise invalid(f"S3 error: {error.response['Error']['Message']}") from error
    content: bytes = answer["Body"].read()
    if len(content) > MAX_FROM_S3:
        raise invalid(f"Template may not exceed {MAX_FROM_S3} bytes in size.")
    return content.decode()


def stack_request(backend: CloudFormationBackend, params: Params, caller: Caller, stack: Stack | None) -> StackRequest:
    """What a create, an update or a change set asks for, parameters complete and checked."""
    template = template_of(backend, params, caller, stack)
    before = stack.request if stack is not None else None
    given = {each["ParameterKey"]: each for each in params.get("Parameters", ())}
    previous = before.parameters if before is not None else {}
    kept = {name: previous[name] for name, each in given.items() if each.get("UsePreviousValue") and name in previous}
    values = {name: each["ParameterValue"] for name, each in given.items() if "ParameterValue" in each}
    tags = {tag["Key"]: tag["Value"] for tag in params["Tags"]} if "Tags" in params else before.tags if before else {}
    role = params.get("RoleARN") or (before.role_arn if before is not None else None)
    try:
        return StackRequest(template, template.values({**kept, **values}), tags, role)
    except TemplateError as error:
        raise invalid(str(error)) from error


def check_updatable(stack: Stack) -> None:
    """:raises ApiError: ValidationError in a state that takes no update"""
    if stack.status not in _UPDATABLE:
        raise invalid(f"Stack:{stack.arn} is in {stack.status} state and can not be updated.")
