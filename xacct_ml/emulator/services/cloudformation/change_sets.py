"""Change sets, which ``aws cloudformation deploy`` and CodePipeline's CHANGE_SET modes use.

Statuses and texts: CloudFormation API reference, CreateChangeSet and DescribeChangeSet [D]; the reason of an empty
change set as users report it [C]."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Params
from xacct_ml.emulator.services.cloudformation.moto_state import (
    CloudFormationBackend,
    check_updatable,
    invalid,
    stack_clients,
    stack_or_refusal,
    stack_request,
)
from xacct_ml.emulator.services.cloudformation.stack import Stack
from xacct_ml.emulator.services.cloudformation.stack_resources import StackRequest
from xacct_ml.emulator.services.cloudformation.stack_template import TemplateError

_NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


@dataclass
class ChangeSet:
    """A change set; ``kind`` is CREATE or UPDATE."""

    name: str
    arn: str
    kind: str
    stack: Stack
    request: StackRequest
    changes: list[dict[str, Any]]
    status: str
    reason: str | None
    execution: str
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def describe(self) -> dict[str, Any]:
        return {
            "ChangeSetName": self.name,
            "ChangeSetId": self.arn,
            "StackName": self.stack.name,
            "StackId": self.stack.arn,
            "CreationTime": self.created,
            "Status": self.status,
            "StatusReason": self.reason,
            "ExecutionStatus": self.execution,
            "IncludeNestedStacks": False,
            "NotificationARNs": [],
            "RollbackConfiguration": {},
            "Changes": [{"Type": "Resource", "ResourceChange": change} for change in self.changes],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in self.request.parameters.items()
            ],
            "Tags": [{"Key": key, "Value": value} for key, value in self.request.tags.items()],
        }


def create_change_set(backend: CloudFormationBackend, params: Params, caller: Caller) -> Mapping[str, Any]:
    name, kind = params["ChangeSetName"], params.get("ChangeSetType", "UPDATE")
    with backend.lock:
        stack = _stack(backend, params["StackName"], kind, name)
        request = stack_request(backend, params, caller, stack)
        if any(each.name == name and each.stack is stack for each in backend.change_sets):
            raise ApiError("AlreadyExistsException", f"ChangeSet {name} already exists")
        try:
            changes = stack.changes(request)
            empty = kind == "UPDATE" and not stack.would_change(request)
        except TemplateError as error:
            raise invalid(str(error)) from error
        made = ChangeSet(
            name,
            backend.arn(f"changeSet/{name}/{uuid.uuid4()}"),
            kind,
            stack,
            request,
            changes,
            "FAILED" if empty else "CREATE_COMPLETE",
            _NO_CHANGES if empty else None,
            "UNAVAILABLE" if empty else "AVAILABLE",
        )
        if stack not in backend.stacks:
            stack.status = "REVIEW_IN_PROGRESS"
            backend.stacks.append(stack)
        backend.change_sets.append(made)
    return {"Id": made.arn, "StackId": stack.arn}


def _stack(backend: CloudFormationBackend, name: str, kind: str, change_set: str) -> Stack:
    living = backend.living(name)
    if kind == "CREATE":
        if living is not None and living.status != "REVIEW_IN_PROGRESS":
            raise invalid(
                f"Stack [{name}] already exists and cannot be created again with the changeSet [{change_set}]."
            )
        return living or backend.new_stack(name)
    stack = stack_or_refusal(backend, name)
    check_updatable(stack)
    return stack


def _change_set(backend: CloudFormationBackend, params: Params) -> ChangeSet:
    name, stack = params["ChangeSetName"], params.get("StackName")
    if stack is None and not name.startswith("arn:"):
        raise invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
    if stack is not None:
        stack_or_refusal(backend, stack)
    known: list[ChangeSet] = backend.change_sets
    for each in reversed(known):
        if each.arn == name or (each.name == name and stack in (each.stack.name, each.stack.arn)):
            return each
    raise ApiError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")


def describe_change_set(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    return _change_set(backend, params).describe()


def list_change_sets(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    stack = stack_or_refusal(backend, params["StackName"])
    return {"Summaries": [each.describe() for each in backend.change_sets if each.stack is stack]}


def delete_change_set(backend: CloudFormationBackend, params: Params, _: Caller) -> None:
    with backend.lock:
        backend.change_sets.remove(_change_set(backend, params))


def execute_change_set(backend: CloudFormationBackend, params: Params, caller: Caller) -> None:
    """All change sets of the stack go with it, as on AWS [D]."""
    with backend.lock:
        found = _change_set(backend, params)
        if found.execution != "AVAILABLE":
            raise ApiError(
                "InvalidChangeSetStatus",
                f"ChangeSet [{found.arn}] cannot be executed in its current status of [{found.status}]",
            )
        clients = stack_clients(backend, found.stack, found.request.role_arn, caller)
        try:
            if found.kind == "CREATE":
                found.stack.create(found.request, clients)
            else:
                found.stack.update(found.request, clients)
        except TemplateError as error:
            raise invalid(str(error)) from error
        backend.change_sets = [each for each in backend.change_sets if each.stack is not found.stack]


OPERATIONS = (create_change_set, describe_change_set, list_change_sets, delete_change_set, execute_change_set)
