"""The state machines and executions of an account and region, and what Step Functions checks before it takes a
machine."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import moto.stepfunctions.parser.backend.execution as moto_execution
import moto.stepfunctions.parser.models as moto_models
from moto.core.utils import get_service_model
from moto.events.models import events_backends
from moto.logs.models import logs_backends

from xacct_ml.access.model import Principal
from xacct_ml.emulator.core import authorizer, context
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.calls import AuthorizationRequest
from xacct_ml.emulator.core.identity import RoleNotAssumable
from xacct_ml.emulator.services.stepfunctions import definition_check
from xacct_ml.emulator.services.stepfunctions import moto_tasks as tasks

MANAGED_RULE = "StepFunctionsGetEventsForSageMakerTrainingJobsRule"
_ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


class _Communication(moto_execution.BaseExecutionWorkerCommunication):
    """Told at an execution's end."""

    def terminated(self) -> None:
        super().terminated()
        tasks.forget(self.execution.exec_arn)


class Execution(moto_execution.Execution):
    """moto's execution; a stopped one keeps the reason it was stopped for."""

    def _get_start_execution_worker_comm(self) -> _Communication:
        return _Communication(self)

    def stop(self, stop_date: datetime, error: str | None, cause: str | None) -> None:
        if self.status in _ENDED:
            return
        self.exec_status = moto_execution.ExecutionStatus.ABORTED
        self.stop_date, self.error, self.cause = stop_date, error, cause
        worker = self.exec_worker
        if worker is not None and worker.env is not None:
            worker.stop(stop_date=stop_date, error=error, cause=cause)


class StepFunctionsBackend(moto_models.StepFunctionsParserBackend):
    """The state machines of one account and region."""

    __module__ = "moto.stepfunctions.models"  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        self.revisions: dict[str, str] = {}

    def machine_arn(self, name: str) -> str:
        return f"arn:{self.partition}:states:{self.region_name}:{self.account_id}:stateMachine:{name}"

    def existing(self, arn: str) -> Any:
        """Raises StateMachineDoesNotExist, InvalidArn."""
        return self.describe_state_machine(arn)

    def check_logging(self, given: Mapping[str, Any]) -> None:
        """:raises ApiError: InvalidLoggingConfiguration, in AWS's recorded words [C]"""
        if given.get("level", "OFF") == "OFF":
            return
        destinations = list(given.get("destinations") or [])
        if len(destinations) != 1:
            raise _invalid_logging("Must specify exactly one Log Destination.")
        arn = str((destinations[0].get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", ""))
        name = arn.partition(":log-group:")[2].removesuffix(":*")
        if name not in logs_backends[self.account_id][self.region_name].groups:
            raise _invalid_logging("Log Destination not found.")

    def check(self, arn: str, definition: str, role_arn: str, operation_name: str) -> None:
        """The definition, the role's trust, and the role's rights to the rule that training jobs need.

        :raises ApiError: InvalidDefinition, AccessDeniedException"""
        try:
            parsed = json.loads(definition)
        except ValueError as error:
            raise _invalid_definition(f"INVALID_JSON_DESCRIPTION: {error}") from error
        if not isinstance(parsed, dict):
            raise _invalid_definition("SCHEMA_VALIDATION_FAILED: The definition must be a JSON object at /")
        found = list(definition_check.problems(parsed, get_service_model))
        if found:
            raise _invalid_definition(", ".join(found))
        try:
            self._validate_definition(definition)
        except moto_models.InvalidDefinition as error:
            raise _invalid_definition(f"SCHEMA_VALIDATION_FAILED: {error}") from error
        self._validate_role_arn(role_arn)
        try:
            tasks.machine_credentials(role_arn, arn, "StepFunctions")
        except RoleNotAssumable as error:
            raise ApiError("AccessDeniedException", str(error)) from error
        if definition_check.waits_for_training_job(parsed):
            self._check_managed_rule(role_arn, operation_name)

    def _check_managed_rule(self, role_arn: str, operation_name: str) -> None:
        """What Step Functions does as the machine's role for ``createTrainingJob.sync``.

        Developer guide, sagemaker-iam [D].

        The rule is there afterwards, without a target: the integration looks at the job itself here."""
        rule = f"arn:{self.partition}:events:{self.region_name}:{self.account_id}:rule/{MANAGED_RULE}"
        principal = Principal.session(role_arn, "StepFunctions")
        for action in ("events:DescribeRule", "events:PutRule", "events:PutTargets"):
            decision = authorizer.decide(
                principal,
                AuthorizationRequest(action, rule, self.account_id, by=tasks.SERVICE),
                service="stepfunctions",
                operation=operation_name,
                context_keys=context.constant(self.region_name),
            )
            if not decision.allowed:
                raise ApiError("AccessDeniedException", f"'{role_arn}' is not authorized to create managed-rule.")
        events = events_backends[self.account_id][self.region_name]
        if MANAGED_RULE not in events.event_buses["default"].rules:
            pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Training Job State Change"]}
            events.put_rule(MANAGED_RULE, event_pattern=json.dumps(pattern), managed_by=tasks.SERVICE)


def _invalid_logging(reason: str) -> ApiError:
    return ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {reason}")


def _invalid_definition(problem: str) -> ApiError:
    return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{problem}'")
