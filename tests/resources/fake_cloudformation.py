"""CloudFormation with stacks whose fate is scripted: what a creation or deletion ends in, and after how many looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.aws.client_errors import client_error


@dataclass
class FakeCloudFormation:
    """``creations`` has a failure's reason for each creation in turn, None for a success; the last one repeats."""

    calls: list[str]
    creations: list[str | None] = field(default_factory=lambda: [None])
    deletion_fails: str | None = None
    looks: int = 3
    stack: dict[str, Any] | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    _next: list[str | None] = field(default_factory=list)

    def create_stack(self, **request: Any) -> None:
        self.calls.append("cloudformation:CreateStack")
        if self.stack is not None:
            raise client_error("AlreadyExistsException", "Stack already exists")
        reason = self.creations.pop(0) if len(self.creations) > 1 else self.creations[0]
        self.stack = {"Tags": request["Tags"], "RoleARN": request["RoleARN"], "Parameters": request["Parameters"]}
        self._begin("CREATE_IN_PROGRESS", "CREATE_COMPLETE" if reason is None else "ROLLBACK_COMPLETE")
        self.events = [_event("Stack", "CREATE_IN_PROGRESS", "User Initiated"), *self.events]
        if reason is not None:
            self.events = [
                _event("Other", "CREATE_FAILED", "Resource creation cancelled"),
                _event("StateMachine", "CREATE_FAILED", reason),
                *self.events,
            ]

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803, ARG002
        self.calls.append("cloudformation:DeleteStack")
        self.events = [_event("Stack", "DELETE_IN_PROGRESS", "User Initiated"), *self.events]
        if self.deletion_fails:
            self.events = [_event("StateMachine", "DELETE_FAILED", self.deletion_fails), *self.events]
        self._begin("DELETE_IN_PROGRESS", "DELETE_FAILED" if self.deletion_fails else None)

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        self.calls.append("cloudformation:DescribeStacks")
        if self.stack is None:
            raise client_error("ValidationError", f"Stack with id {StackName} does not exist")
        shown = dict(self.stack)
        if self._next:
            status = self._next.pop(0)
            self.stack = None if status is None else {**self.stack, "StackStatus": status}
        return {"Stacks": [shown]}

    def get_paginator(self, operation: str) -> FakeCloudFormation:
        assert operation == "describe_stack_events"
        return self

    def paginate(self, *, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803, ARG002
        self.calls.append("cloudformation:DescribeStackEvents")
        yield {"StackEvents": self.events}

    def will_become(self, status: str | None) -> None:
        """After the given number of looks; None is gone."""
        assert self.stack is not None
        self._begin(self.stack["StackStatus"], status)

    def _begin(self, now: str, then: str | None) -> None:
        assert self.stack is not None
        if self.looks == 0:
            self.stack = None if then is None else {**self.stack, "StackStatus": then}
            return
        self.stack["StackStatus"] = now
        self._next = [*([now] * (self.looks - 1)), then]


def _event(resource: str, status: str, reason: str) -> dict[str, Any]:
    return {"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason}
