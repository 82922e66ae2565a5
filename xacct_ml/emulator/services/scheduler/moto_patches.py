"""EventBridge Scheduler over moto's groups and schedules.

Repairs of moto 5.2.5: a group that is there is not made anew, one that is not there is no internal error, and its
deletion takes its tags along; expressions, time zones and the target's role are looked at when a schedule is made
(EventBridge Scheduler API reference, CreateSchedule [B]; the words about roles: public issues [C])."""

from collections.abc import Iterator
from typing import Any

import moto.scheduler.models as moto_models

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_validation
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.core.identity import RoleNotAssumable
from xacct_ml.emulator.services.scheduler.invocation import SERVICE, Invocation
from xacct_ml.tables.schedule_expressions import fault, zone


class SchedulerBackend(moto_models.EventBridgeSchedulerBackend):
    """moto's, with a record of what was invoked."""

    __module__ = moto_models.__name__  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.invocations: list[Invocation] = []

    def delete_schedule_group(self, name: str | None) -> None:
        group = self.get_schedule_group(name)
        super().delete_schedule_group(name)
        self.tagger.delete_all_tags_for_resource(group.arn)


def invocations(account: str, region: str) -> list[Invocation]:
    """What the account's schedules invoked so far, failures included, oldest first."""
    return list(moto_models.scheduler_backends[account][region].invocations)


def enabled() -> Iterator[tuple[Any, Any]]:
    """Each backend's schedules that are at work, of all accounts."""
    for of_account in list(moto_models.scheduler_backends.values()):
        for backend in list(of_account.values()):
            for group in list(backend.schedule_groups.values()):
                yield from ((backend, each) for each in list(group.schedules.values()) if each.state == "ENABLED")


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: ResourceNotFoundException, ConflictException, ValidationException"""
    del asked
    params = call.params
    backend = moto_models.scheduler_backends[call.account][call.region]
    match call.operation:
        case "CreateScheduleGroup" if params["Name"] in backend.schedule_groups:
            raise ServiceError("ConflictException", f"Schedule group {params['Name']} already exists.", 409)
        case "GetScheduleGroup" | "DeleteScheduleGroup":
            _require_group(backend, params["Name"])
            if call.operation == "DeleteScheduleGroup" and params["Name"] == "default":
                raise ServiceError("ValidationException", "The default schedule group cannot be deleted.", 400)
        case "CreateSchedule" | "UpdateSchedule":
            _require_group(backend, params.get("GroupName") or "default")
            _check_schedule(params)
        case "ListTagsForResource" | "TagResource" | "UntagResource":
            _require_group(backend, Arn.parse(params["ResourceArn"]).name)


def _require_group(backend: Any, name: str) -> None:
    if name not in backend.schedule_groups:
        raise ServiceError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)


def _check_schedule(params: Any) -> None:
    expression, role = params["ScheduleExpression"], params["Target"]["RoleArn"]
    if not expression.startswith("at(") and fault(expression) is not None:
        raise ServiceError("ValidationException", f"Invalid Schedule Expression {expression}.", 400)
    try:
        zone(params.get("ScheduleExpressionTimezone") or "UTC")
    except LookupError:
        raise ServiceError("ValidationException", "Invalid ScheduleExpressionTimezone.", 400) from None
    group = params.get("GroupName") or "default"
    own = Arn.parse(role)
    source = f"arn:{own.partition}:scheduler:{_region(params)}:{own.account}:schedule-group/{group}"
    try:
        service_credentials(
            role, SERVICE, session_name="scheduler-validation", source_arn=source, source_account=own.account
        )
    except RoleNotAssumable as error:
        words = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        raise ServiceError("ValidationException", words, 400) from error


def _region(params: Any) -> str:
    return Arn.parse(params["Target"]["Arn"]).region


def install() -> None:
    moto_models.scheduler_backends.backend = SchedulerBackend
    dispatch.checks["scheduler"] = check
    moto_validation.install("scheduler", "ValidationException")
