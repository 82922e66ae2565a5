"""One CloudFormation stack: create, update and delete with roll-back, and the events that tell of it.

Statuses and their order: CloudFormation user guide, "Stack status codes" and "Roll back" [D]. The work is done before
the call answers; on AWS the call answers first and the statuses follow."""

import uuid
from collections.abc import Container, Mapping
from datetime import UTC, datetime
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.emulator.services.cloudformation.stack_changes import resource_changes
from xacct_ml.emulator.services.cloudformation.stack_resources import (
    RESOURCE_TYPES,
    ClientFor,
    InvalidProperties,
    StackRequest,
    StackResource,
    Wanted,
    reason,
)
from xacct_ml.emulator.services.cloudformation.stack_scope import Scope
from xacct_ml.emulator.services.cloudformation.stack_template import TemplateError, dependencies

STACK_TYPE = "AWS::CloudFormation::Stack"


class _ResourceFailed(Exception):
    """A resource could not be created or changed; its event is already written."""

    def __init__(self, logical_id: str) -> None:
        super().__init__(f"The following resource(s) failed: [{logical_id}]. ")
        self.logical_id = logical_id


class Stack:
    """``pseudo`` are the pseudo parameters, ``AWS::StackName`` and ``AWS::StackId`` included."""

    def __init__(self, name: str, arn: str, pseudo: Mapping[str, str]) -> None:
        self.name = name
        self.arn = arn
        self.protected = False
        self.created = datetime.now(UTC)
        self.updated: datetime | None = None
        self.deleted: datetime | None = None
        self.status = "CREATE_IN_PROGRESS"
        self.reason: str | None = None
        self.request: StackRequest | None = None
        self.resources: dict[str, StackResource] = {}
        self.outputs: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self._left: dict[str, tuple[StackResource, StackResource]] = {}
        self._pseudo = dict(pseudo)

    # -- the three operations ------------------------------------------------------------------------------------
    def create(self, request: StackRequest, client_for: ClientFor, on_failure: str = "ROLLBACK") -> None:
        """``on_failure`` is ROLLBACK, DO_NOTHING or DELETE. A failing resource ends in the stack's status, not in an
        error.

        :raises TemplateError: the template cannot be resolved; nothing was made"""
        order = self._order(request)
        self.request = request
        self._enter("CREATE_IN_PROGRESS", "User Initiated")
        try:
            for logical_id in order:
                self._create(logical_id, request, client_for)
            self.outputs = self._resolve_outputs(request)
        except (_ResourceFailed, TemplateError) as error:
            if on_failure == "DO_NOTHING":
                self._enter("CREATE_FAILED", str(error))
                return
            self._enter("ROLLBACK_IN_PROGRESS", f"{error} Rollback requested by user.".replace("  ", " "))
            clean = self._delete_all(client_for)
            self._enter("ROLLBACK_COMPLETE" if clean else "ROLLBACK_FAILED")
            if on_failure == "DELETE" and clean:
                self._enter("DELETE_COMPLETE")
                self.deleted = datetime.now(UTC)
            return
        self._enter("CREATE_COMPLETE")

    def update(self, request: StackRequest, client_for: ClientFor) -> None:
        """:raises TemplateError: the template cannot be resolved, or nothing would change; nothing was changed"""
        order, old = self._order(request), dict(self.resources)
        if not self.would_change(request):
            raise TemplateError("No updates are to be performed.")
        self.updated = datetime.now(UTC)
        self._enter("UPDATE_IN_PROGRESS", "User Initiated")
        gone = [logical_id for logical_id in old if logical_id not in order]
        replaced: list[tuple[str, StackResource]] = []
        try:
            for logical_id in order:
                self._create_or_update(logical_id, request, client_for, replaced)
            outputs = self._resolve_outputs(request)
        except (_ResourceFailed, TemplateError) as error:
            self._enter("UPDATE_ROLLBACK_IN_PROGRESS", str(error).strip())
            clean = self._restore(old, client_for)
            self._enter("UPDATE_ROLLBACK_COMPLETE" if clean else "UPDATE_ROLLBACK_FAILED")
            return
        self.request, self.outputs = request, outputs
        self._enter("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for logical_id in reversed(gone):
            if self._delete(logical_id, self.resources[logical_id], client_for):
                del self.resources[logical_id]
        for logical_id, resource in replaced:
            self._delete(logical_id, resource, client_for)
        self._enter("UPDATE_COMPLETE")

    def continue_rollback(self, client_for: ClientFor, skipped: Container[str]) -> None:
        """Of an update whose rollback failed: what could not be restored is tried again, or left as it is."""
        self._enter("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
        for logical_id, (now, before) in list(self._left.items()):
            if logical_id in skipped or self._undo(logical_id, now, before, client_for):
                del self._left[logical_id]
        self._enter("UPDATE_ROLLBACK_FAILED" if self._left else "UPDATE_ROLLBACK_COMPLETE")

    def delete(self, client_for: ClientFor) -> None:
        self._enter("DELETE_IN_PROGRESS", "User Initiated")
        if self._delete_all(client_for):
            self._enter("DELETE_COMPLETE")
            self.deleted = datetime.now(UTC)
        else:
            failed = ", ".join(name for name, resource in self.resources.items() if resource.status == "DELETE_FAILED")
            self._enter("DELETE_FAILED", f"The following resource(s) failed to delete: [{failed}]. ")

    # -- resolution ----------------------------------------------------------------------------------------------
    def _scope(self, request: StackRequest) -> Scope:
        def resource(logical_id: str, attribute: str | None) -> str:
            if logical_id not in self.resources:
                raise TemplateError(
                    f"Template error: instance of Fn::GetAtt references undefined resource {logical_id}"
                )
            return self.resources[logical_id].attribute(attribute)

        return Scope(request.template, {**self._pseudo, **request.parameters}, resource)

    def _order(self, request: StackRequest) -> list[str]:
        """The resources that apply, each after what it depends on."""
        template, scope = request.template, self._scope(request)
        unknown = sorted({each["Type"] for each in template.resources.values()} - set(RESOURCE_TYPES))
        if unknown:
            raise TemplateError(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
        try:
            order = list(TopologicalSorter(dependencies(template)).static_order())
        except CycleError as error:
            raise TemplateError(f"Circular dependency between resources: [{', '.join(error.args[1])}]") from error
        return [logical_id for logical_id in order if scope.applies(template.resources[logical_id])]

    def _wanted(self, logical_id: str, request: StackRequest) -> Wanted:
        declared = request.template.resources[logical_id]
        properties = self._scope(request).resolve(declared.get("Properties", {})) or {}
        return Wanted(logical_id, self.name, properties, dict(request.tags))

    def _resolve_outputs(self, request: StackRequest) -> list[dict[str, Any]]:
        scope = self._scope(request)
        return [
            {
                "OutputKey": key,
                "OutputValue": str(scope.resolve(declared["Value"])),
                "Description": declared.get("Description"),
                "ExportName": scope.resolve(declared["Export"]["Name"]) if "Export" in declared else None,
            }
            for key, declared in (request.template.document.get("Outputs") or {}).items()
            if scope.applies(declared)
        ]

    def changes(self, request: StackRequest) -> list[dict[str, Any]]:
        """What an update to ``request`` would do, as a change set's ResourceChange each.

        :raises TemplateError: the template cannot be resolved"""
        return resource_changes(request, self._order(request), self.resources, partial(self._wanted, request=request))

    def would_change(self, request: StackRequest) -> bool:
        """Whether an update to ``request`` would do anything. Raises :class:`TemplateError` like :meth:`changes`."""
        before = self.request
        if before is None or request.tags != before.tags:
            return True
        outputs = request.template.document.get("Outputs") != before.template.document.get("Outputs")
        return outputs or bool(self.changes(request))

    # -- resources -----------------------------------------------------------------------------------------------
    def _create_or_update(
        self, logical_id: str, request: StackRequest, client_for: ClientFor, replaced: list[tuple[str, StackResource]]
    ) -> None:
        current = self.resources.get(logical_id)
        kind = request.template.resources[logical_id]["Type"]
        if current is None:
            self._create(logical_id, request, client_for)
            return
        wanted = self._wanted(logical_id, request)
        if kind == current.type and wanted == current.wanted:
            return
        if kind != current.type or RESOURCE_TYPES[kind].replaces(current.wanted, wanted):
            replaced.append((logical_id, current))
            self._create(logical_id, request, client_for)
            return
        self._event(logical_id, kind, current.physical_id, "UPDATE_IN_PROGRESS")
        try:
            _check(kind, wanted)
            RESOURCE_TYPES[kind].update(current.physical_id, current.wanted, wanted, client_for)
        except (ClientError, InvalidProperties) as error:
            self.resources[logical_id] = StackResource(
                kind, current.physical_id, current.wanted, "UPDATE_FAILED", reason(error)
            )
            self._event(logical_id, kind, current.physical_id, "UPDATE_FAILED", reason(error))
            raise _ResourceFailed(logical_id) from error
        self.resources[logical_id] = StackResource(kind, current.physical_id, wanted, "UPDATE_COMPLETE")
        self._event(logical_id, kind, current.physical_id, "UPDATE_COMPLETE")

    def _create(self, logical_id: str, request: StackRequest, client_for: ClientFor) -> None:
        kind, wanted = request.template.resources[logical_id]["Type"], self._wanted(logical_id, request)
        self._event(logical_id, kind, "", "CREATE_IN_PROGRESS")
        try:
            _check(kind, wanted)
            physical_id = RESOURCE_TYPES[kind].create(wanted, client_for)
        except (ClientError, InvalidProperties) as error:
            if logical_id not in self.resources:
                self.resources[logical_id] = StackResource(kind, "", wanted, "CREATE_FAILED", reason(error))
            self._event(logical_id, kind, "", "CREATE_FAILED", reason(error))
            raise _ResourceFailed(logical_id) from error
        self.resources[logical_id] = StackResource(kind, physical_id, wanted, "CREATE_COMPLETE")
        self._event(logical_id, kind, physical_id, "CREATE_COMPLETE")

    def _restore(self, old: Mapping[str, StackResource], client_for: ClientFor) -> bool:
        """Every resource as it was before the update; whether that worked."""
        clean = True
        for logical_id, now in reversed(list(self.resources.items())):
            before = old.get(logical_id)
            if before is None or before.physical_id != now.physical_id:
                clean = self._delete(logical_id, now, client_for) and clean
                self.resources.pop(logical_id)
            elif now is not before:
                clean = self._undo(logical_id, now, before, client_for) and clean
        self.resources = dict(old)
        return clean

    def _undo(self, logical_id: str, now: StackResource, before: StackResource, client_for: ClientFor) -> bool:
        self._event(logical_id, now.type, now.physical_id, "UPDATE_IN_PROGRESS")
        try:
            RESOURCE_TYPES[now.type].update(now.physical_id, now.wanted, before.wanted, client_for)
        except (ClientError, InvalidProperties) as error:
            if now.status != "UPDATE_FAILED":  # what could not be changed needs no restoring
                self._left[logical_id] = now, before
                self._event(logical_id, now.type, now.physical_id, "UPDATE_FAILED", reason(error))
                return False
        self._event(logical_id, now.type, now.physical_id, "UPDATE_COMPLETE")
        return True

    def _delete_all(self, client_for: ClientFor) -> bool:
        for logical_id, resource in reversed(list(self.resources.items())):
            if self._delete(logical_id, resource, client_for):
                self.resources[logical_id].status = "DELETE_COMPLETE"
        return all(resource.status == "DELETE_COMPLETE" for resource in self.resources.values())

    def _delete(self, logical_id: str, resource: StackResource, client_for: ClientFor) -> bool:
        if resource.physical_id and resource.status != "DELETE_COMPLETE":
            self._event(logical_id, resource.type, resource.physical_id, "DELETE_IN_PROGRESS")
            try:
                RESOURCE_TYPES[resource.type].delete(resource.physical_id, client_for)
            except ClientError as error:
                resource.status, resource.reason = "DELETE_FAILED", reason(error)
                self._event(logical_id, resource.type, resource.physical_id, "DELETE_FAILED", reason(error))
                return False
        self._event(logical_id, resource.type, resource.physical_id, "DELETE_COMPLETE")
        return True

    # -- events --------------------------------------------------------------------------------------------------
    def _enter(self, status: str, why: str | None = None) -> None:
        self.status, self.reason = status, why
        self._event(self.name, STACK_TYPE, self.arn, status, why)

    def _event(self, logical_id: str, kind: str, physical_id: str, status: str, why: str | None = None) -> None:
        self.events.append(
            {
                "StackId": self.arn,
                "EventId": str(uuid.uuid4()) if kind == STACK_TYPE else f"{logical_id}-{status}-{uuid.uuid4()}",
                "StackName": self.name,
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": physical_id,
                "ResourceType": kind,
                "Timestamp": datetime.now(UTC),
                "ResourceStatus": status,
                "ResourceStatusReason": why,
            }
        )


def _check(kind: str, wanted: Wanted) -> None:
    handler = RESOURCE_TYPES[kind]
    unknown = sorted(set(wanted.properties) - handler.properties)
    if unknown:
        raise InvalidProperties(f"Encountered unsupported property {unknown[0]}")
    missing = sorted(handler.required - set(wanted.properties))
    if missing:
        raise InvalidProperties(
            f"Properties validation failed for resource {wanted.logical_id}: #: required key [{missing[0]}] not found"
        )
