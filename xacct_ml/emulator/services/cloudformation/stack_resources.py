"""The resource types that stacks can hold here, as calls with the stack's credentials.

Calls of each handler: the permissions of the handlers in the type's registry schema, for example in
aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions [C]. A type that is not
here is refused, never skipped."""

import json
import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from botocore.exceptions import ClientError

from xacct_ml.arn import name_of
from xacct_ml.emulator.services.cloudformation.stack_template import Template, TemplateError

ClientFor = Callable[[str], Any]
"""boto3 service name → a client with the stack's credentials."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a resource should be: resolved ``properties``, and the stack's ``tags``."""

    logical_id: str
    stack: str
    properties: Mapping[str, Any]
    tags: Mapping[str, str]

    def all_tags(self) -> dict[str, str]:
        """The stack's tags and the resource's own, these winning [D]."""
        own = {tag["Key"]: str(tag["Value"]) for tag in self.properties.get("Tags", ())}
        return {**self.tags, **own}


class ResourceType(Protocol):
    """How CloudFormation handles one type. Every method may raise botocore's ClientError or
    :class:`InvalidProperties`."""

    properties: frozenset[str]
    required: frozenset[str]
    attributes: frozenset[str]

    def create(self, wanted: Wanted, client_for: ClientFor) -> str:
        """The physical id of a new resource."""

    def replaces(self, before: Wanted, after: Wanted) -> bool:
        """Whether the change needs another resource."""

    def update(self, physical_id: str, before: Wanted, after: Wanted, client_for: ClientFor) -> None: ...

    def delete(self, physical_id: str, client_for: ClientFor) -> None: ...

    def attribute(self, physical_id: str, wanted: Wanted, name: str) -> str: ...


class InvalidProperties(Exception):
    """The handler refuses the properties; the message is the resource's status reason."""


def generated_name(wanted: Wanted) -> str:
    alphabet = string.ascii_letters + string.digits
    return f"{wanted.logical_id}-{''.join(secrets.choice(alphabet) for _ in range(12))}"


class StateMachine:
    """``AWS::StepFunctions::StateMachine``; Ref and Arn are the ARN."""

    properties = frozenset(
        {
            "Definition",
            "DefinitionS3Location",
            "DefinitionString",
            "DefinitionSubstitutions",
            "LoggingConfiguration",
            "RoleArn",
            "StateMachineName",
            "StateMachineType",
            "Tags",
            "TracingConfiguration",
        }
    )
    required = frozenset({"RoleArn"})
    attributes = frozenset({"Arn", "Name", "StateMachineRevisionId"})

    def create(self, wanted: Wanted, client_for: ClientFor) -> str:
        states = client_for("stepfunctions")
        tags = wanted.all_tags()
        request = {
            "name": wanted.properties.get("StateMachineName") or generated_name(wanted),
            "type": wanted.properties.get("StateMachineType", "STANDARD"),
            **self._changeable(wanted, client_for),
        }
        if tags:
            request["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
        arn = str(states.create_state_machine(**request)["stateMachineArn"])
        states.describe_state_machine(stateMachineArn=arn)
        return arn

    def replaces(self, before: Wanted, after: Wanted) -> bool:
        return any(
            before.properties.get(name) != after.properties.get(name)
            for name in ("StateMachineName", "StateMachineType")
        )

    def update(self, physical_id: str, before: Wanted, after: Wanted, client_for: ClientFor) -> None:
        states = client_for("stepfunctions")
        states.update_state_machine(stateMachineArn=physical_id, **self._changeable(after, client_for))
        old, new = before.all_tags(), after.all_tags()
        if old != new:
            gone = [key for key in old if key not in new]
            if gone:
                states.untag_resource(resourceArn=physical_id, tagKeys=gone)
            if new:
                states.tag_resource(
                    resourceArn=physical_id, tags=[{"key": key, "value": value} for key, value in new.items()]
                )
        states.describe_state_machine(stateMachineArn=physical_id)

    def delete(self, physical_id: str, client_for: ClientFor) -> None:
        client_for("stepfunctions").delete_state_machine(stateMachineArn=physical_id)

    def attribute(self, physical_id: str, wanted: Wanted, name: str) -> str:  # noqa: ARG002
        return name_of(physical_id) if name == "Name" else physical_id

    def _changeable(self, wanted: Wanted, client_for: ClientFor) -> dict[str, Any]:
        request: dict[str, Any] = {
            "definition": _definition(wanted.properties, client_for),
            "roleArn": wanted.properties["RoleArn"],
        }
        for name, parameter in (
            ("LoggingConfiguration", "loggingConfiguration"),
            ("TracingConfiguration", "tracingConfiguration"),
        ):
            if name in wanted.properties:
                request[parameter] = _lower_camel(wanted.properties[name])
        return request


class LogGroup:
    """``AWS::Logs::LogGroup``; Ref is the name."""

    properties = frozenset({"KmsKeyId", "LogGroupName", "RetentionInDays", "Tags"})
    required: frozenset[str] = frozenset()
    attributes = frozenset({"Arn"})

    def create(self, wanted: Wanted, client_for: ClientFor) -> str:
        logs = client_for("logs")
        name = wanted.properties.get("LogGroupName") or generated_name(wanted)
        more: dict[str, Any] = {"kmsKeyId": wanted.properties["KmsKeyId"]} if "KmsKeyId" in wanted.properties else {}
        if tags := wanted.all_tags():
            more["tags"] = tags
        logs.create_log_group(logGroupName=name, **more)
        self._retain(logs, name, wanted)
        return str(name)

    def replaces(self, before: Wanted, after: Wanted) -> bool:
        return bool(before.properties.get("LogGroupName") != after.properties.get("LogGroupName"))

    def update(self, physical_id: str, before: Wanted, after: Wanted, client_for: ClientFor) -> None:  # noqa: ARG002
        self._retain(client_for("logs"), physical_id, after)

    def delete(self, physical_id: str, client_for: ClientFor) -> None:
        client_for("logs").delete_log_group(logGroupName=physical_id)

    def attribute(self, physical_id: str, wanted: Wanted, name: str) -> str:  # noqa: ARG002
        return physical_id

    def _retain(self, logs: Any, name: str, wanted: Wanted) -> None:
        if "RetentionInDays" in wanted.properties:
            logs.put_retention_policy(logGroupName=name, retentionInDays=int(wanted.properties["RetentionInDays"]))


RESOURCE_TYPES: Mapping[str, ResourceType] = {
    "AWS::StepFunctions::StateMachine": StateMachine(),
    "AWS::Logs::LogGroup": LogGroup(),
}


@dataclass
class StackResource:
    """A resource as it is now."""

    type: str
    physical_id: str
    wanted: Wanted
    status: str
    reason: str | None = None
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))

    def attribute(self, name: str | None) -> str:
        """Ref for ``None``, else GetAtt."""
        handler = RESOURCE_TYPES[self.type]
        if name is None:
            return self.physical_id
        if name not in handler.attributes:
            raise TemplateError(
                f"Template error: resource {self.wanted.logical_id} does not support attribute type {name} in "
                "Fn::GetAtt"
            )
        return handler.attribute(self.physical_id, self.wanted, name)


@dataclass(frozen=True, slots=True)
class StackRequest:
    """What CreateStack and UpdateStack ask for. ``parameters`` are complete and checked."""

    template: Template
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    role_arn: str | None = None


def _definition(properties: Mapping[str, Any], client_for: ClientFor) -> str:
    """The definition, from exactly one of its three properties, with DefinitionSubstitutions in it."""
    given = [name for name in ("Definition", "DefinitionString", "DefinitionS3Location") if name in properties]
    if len(given) != 1:
        raise InvalidProperties(
            "Property validation failure: exactly one of Definition, DefinitionString and DefinitionS3Location is "
            "needed"
        )
    if given == ["Definition"]:
        text = json.dumps(properties["Definition"])
    elif given == ["DefinitionString"]:
        text = str(properties["DefinitionString"])
    else:
        where = properties["DefinitionS3Location"]
        version = {"VersionId": where["Version"]} if "Version" in where else {}
        text = client_for("s3").get_object(Bucket=where["Bucket"], Key=where["Key"], **version)["Body"].read().decode()
    substitutions = properties.get("DefinitionSubstitutions", {})

    def replace(found: re.Match[str]) -> str:
        if found[1] not in substitutions:
            return found[0]
        value = substitutions[found[1]]
        return json.dumps(value) if isinstance(value, bool) else str(value)

    return re.sub(r"\$\{([^}]+)\}", replace, text)


def _lower_camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key[0].lower() + key[1:]: _lower_camel(inner) for key, inner in value.items()}
    return [_lower_camel(item) for item in value] if isinstance(value, list) else value


def reason(error: Exception) -> str:
    """Why a resource failed, as its event says it."""
    if isinstance(error, ClientError):
        answer, meta = error.response["Error"], error.response["ResponseMetadata"]
        code = "AccessDenied" if "AccessDenied" in answer["Code"] else "GeneralServiceException"
        return (
            f'Resource handler returned message: "{answer["Message"]} (Status Code: {meta["HTTPStatusCode"]})" '
            f"(HandlerErrorCode: {code}; Error Code: {answer['Code']})"
        )
    return f'Resource handler returned message: "{error}" (HandlerErrorCode: InvalidRequest)'
