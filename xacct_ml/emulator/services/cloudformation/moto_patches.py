"""CloudFormation in place of moto's: stacks whose resources are made by API calls under the stack's role.

moto makes resources in its backends directly, under nobody's rights, and ignores a changed inline definition. Here the
role is assumed as CloudFormation (its trust decides) and every call it makes is decided. Stack sets, exports and nested
stacks are not there.
Errors: CloudFormation API reference [D], their words as users report them [C]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import moto.cloudformation.models as moto_models
import moto.cloudformation.urls as moto_urls
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Handle, Operations, Params
from xacct_ml.emulator.services.cloudformation import change_sets
from xacct_ml.emulator.services.cloudformation.moto_state import (
    CloudFormationBackend,
    check_name,
    check_updatable,
    invalid,
    stack_clients,
    stack_or_refusal,
    stack_request,
    template_of,
)
from xacct_ml.emulator.services.cloudformation.stack import Stack
from xacct_ml.emulator.services.cloudformation.stack_resources import StackRequest
from xacct_ml.emulator.services.cloudformation.stack_template import Template, TemplateError


# -- stacks ----------------------------------------------------------------------------------------------------------
def create_stack(backend: CloudFormationBackend, params: Params, caller: Caller) -> Mapping[str, Any]:
    name = params["StackName"]
    check_name(name)
    with backend.lock:
        if backend.living(name) is not None:
            raise ApiError("AlreadyExistsException", f"Stack [{name}] already exists")
        request = stack_request(backend, params, caller, None)
        stack = backend.new_stack(name)
        stack.protected = _true(params.get("EnableTerminationProtection"))
        clients = stack_clients(backend, stack, request.role_arn, caller)
        on_failure = params.get("OnFailure", "DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK")
        try:
            stack.create(request, clients, on_failure)
        except TemplateError as error:
            raise invalid(str(error)) from error
        backend.stacks.append(stack)
    return {"StackId": stack.arn}


def update_stack(backend: CloudFormationBackend, params: Params, caller: Caller) -> Mapping[str, Any]:
    with backend.lock:
        stack = stack_or_refusal(backend, params["StackName"])
        check_updatable(stack)
        request = stack_request(backend, params, caller, stack)
        try:
            stack.update(request, stack_clients(backend, stack, request.role_arn, caller))
        except TemplateError as error:
            raise invalid(str(error)) from error
    return {"StackId": stack.arn}


def continue_update_rollback(backend: CloudFormationBackend, params: Params, caller: Caller) -> Mapping[str, Any]:
    with backend.lock:
        stack = stack_or_refusal(backend, params["StackName"])
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            raise invalid(f"Stack:{stack.arn} is in {stack.status} state and can not continue its update rollback.")
        role = params.get("RoleARN") or (stack.request.role_arn if stack.request is not None else None)
        clients = stack_clients(backend, stack, role, caller)
        stack.continue_rollback(clients, params.get("ResourcesToSkip") or ())
    return {}


def delete_stack(backend: CloudFormationBackend, params: Params, caller: Caller) -> None:
    """Succeeds where there is none, as AWS does [D]."""
    with backend.lock:
        stack = next((each for each in backend.stacks if each.arn == params["StackName"]), None)
        stack = stack or backend.living(params["StackName"])
        if stack is None or stack.deleted is not None:
            return
        if stack.protected:
            raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        role = params.get("RoleARN") or (stack.request.role_arn if stack.request is not None else None)
        stack.delete(stack_clients(backend, stack, role, caller))


def update_termination_protection(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    stack = stack_or_refusal(backend, params["StackName"])
    stack.protected = _true(params["EnableTerminationProtection"])
    return {"StackId": stack.arn}


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def describe_stacks(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    if params.get("StackName"):
        return {"Stacks": [_described(backend.stack(params["StackName"]))]}
    return {"Stacks": [_described(stack) for stack in backend.stacks if stack.deleted is None]}


def _described(stack: Stack) -> dict[str, Any]:
    request = stack.request
    return {
        "StackId": stack.arn,
        "StackName": stack.name,
        "Description": request.template.document.get("Description") if request else None,
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": "****" if _hidden(request, name) else value}
            for name, value in (request.parameters.items() if request else ())
        ],
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DisableRollback": False,
        "Outputs": stack.outputs,
        "RoleARN": request.role_arn if request else None,
        "Tags": [{"Key": key, "Value": value} for key, value in (request.tags.items() if request else ())],
        "EnableTerminationProtection": stack.protected if stack.deleted is None else None,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "NotificationARNs": [],
        "RollbackConfiguration": {},
    }


def _hidden(request: StackRequest | None, name: str) -> bool:
    declared = {} if request is None else request.template.parameters.get(name, {})
    return _true(declared.get("NoEcho"))


def list_stacks(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    wanted = params.get("StackStatusFilter")
    return {
        "StackSummaries": [
            _described(stack) for stack in reversed(backend.stacks) if not wanted or stack.status in wanted
        ]
    }


def describe_stack_events(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    return {"StackEvents": list(reversed(stack_or_refusal(backend, params["StackName"]).events))}


def _resources(backend: CloudFormationBackend, stack_name: str) -> list[dict[str, Any]]:
    stack = backend.stack(stack_name)
    return [
        {
            "StackId": stack.arn,
            "StackName": stack.name,
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.type,
            "ResourceStatus": resource.status,
            "ResourceStatusReason": resource.reason,
            "Timestamp": resource.changed,
            "LastUpdatedTimestamp": resource.changed,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
        for logical_id, resource in stack.resources.items()
    ]


def describe_stack_resources(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    found, wanted = _resources(backend, params["StackName"]), params.get("LogicalResourceId")
    return {"StackResources": [each for each in found if wanted in (None, each["LogicalResourceId"])]}


def describe_stack_resource(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    name, wanted = params["StackName"], params["LogicalResourceId"]
    if backend.living(name) is None and all(stack.arn != name for stack in backend.stacks):
        raise invalid(f"Stack '{name}' does not exist")
    for each in _resources(backend, name):
        if each["LogicalResourceId"] == wanted:
            return {"StackResourceDetail": each}
    raise invalid(f"Resource {wanted} does not exist for stack {name}")


def list_stack_resources(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    return {"StackResourceSummaries": _resources(backend, params["StackName"])}


# -- templates -------------------------------------------------------------------------------------------------------
def get_template(backend: CloudFormationBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    if not params.get("StackName"):
        raise invalid("StackName is required if ChangeSetName is not specified.")
    request = backend.stack(params["StackName"]).request
    return {"TemplateBody": request.template.text if request else None, "StagesAvailable": ["Original", "Processed"]}


def _parameters(template: Template) -> list[dict[str, Any]]:
    return [
        {
            "ParameterKey": name,
            "ParameterType": declared.get("Type"),
            "DefaultValue": None if declared.get("Default") is None else str(declared["Default"]),
            "NoEcho": _true(declared.get("NoEcho")),
            "Description": declared.get("Description"),
        }
        for name, declared in template.parameters.items()
    ]


def validate_template(backend: CloudFormationBackend, params: Params, caller: Caller) -> Mapping[str, Any]:
    template = template_of(backend, params, caller)
    return {"Description": template.document.get("Description"), "Parameters": _parameters(template)}


def get_template_summary(backend: CloudFormationBackend, params: Params, caller: Caller) -> Mapping[str, Any]:
    stack = backend.stack(params["StackName"]) if params.get("StackName") else None
    previous = {"UsePreviousTemplate": True} if stack is not None else {}
    template = template_of(backend, {**params, **previous}, caller, stack)
    return {
        "Description": template.document.get("Description"),
        "Parameters": _parameters(template),
        "ResourceTypes": sorted({each["Type"] for each in template.resources.values()}),
        "Version": template.document.get("AWSTemplateFormatVersion"),
    }


_OPERATIONS = (
    create_stack,
    update_stack,
    continue_update_rollback,
    delete_stack,
    update_termination_protection,
    describe_stacks,
    list_stacks,
    describe_stack_events,
    describe_stack_resources,
    describe_stack_resource,
    list_stack_resources,
    get_template,
    validate_template,
    get_template_summary,
    *change_sets.OPERATIONS,
)


class _Refusal(ServiceException):
    """An ApiError in the query protocol's XML."""


def _operation(handle: Handle) -> Any:
    def answer(self: CloudFormationResponse) -> ActionResult:
        try:
            return ActionResult(handle(self.backend, self.params, self.caller) or {})
        except ApiError as error:
            raise _Refusal(error.code, error.message) from error

    answer.__name__ = handle.__name__
    return answer


class CloudFormationResponse(Operations):
    def __init__(self) -> None:
        super().__init__("cloudformation")

    @property
    def backend(self) -> CloudFormationBackend:
        backend: CloudFormationBackend = moto_models.cloudformation_backends[self.current_account][self.region]
        return backend

    locals().update({handle.__name__: _operation(handle) for handle in _OPERATIONS})


def install() -> None:
    """Put these operations in the place of moto's."""
    moto_models.cloudformation_backends.backend = CloudFormationBackend
    moto_urls.url_paths["{0}/$"] = CloudFormationResponse.dispatch
