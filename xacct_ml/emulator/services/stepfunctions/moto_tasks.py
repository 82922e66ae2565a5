"""The tasks of state machines as calls of the machine's role: AWS SDK integrations and the optimized one of SageMaker.

moto runs every task as account 123456789012 and has no ``createTrainingJob.sync``. What the SageMaker
integration does beside the call: Step Functions developer guide, "Manage SageMaker with Step Functions" [D], and the
tag it adds, aws-cdk #27264 [C]."""

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory as moto_factory
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from moto.core.utils import get_service_model
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails, TaskSubmittedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import StateCredentials
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from xacct_ml.arn import Arn, name_of
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable, role_credentials
from xacct_ml.emulator.services.stepfunctions import sdk_integration

SERVICE = "states.amazonaws.com"

_ERROR_PREFIXES = {"s3": "S3", "sagemaker": "SageMaker", "sfn": "Sfn", "dynamodb": "DynamoDb", "kms": "Kms"}
"""The Java SDK's class name of a service, which begins its errors; others are capitalised."""


@dataclass
class _ExecutionCredentials(StateCredentials):
    """moto's credentials of a task, with the execution they belong to."""

    execution_arn: str = ""
    state_machine_arn: str = ""
    machine_role_arn: str = ""


_sessions: dict[tuple[threading.Event, str, str], Credentials] = {}
"""By the running embedded AWS (its ``stopping``), execution and role."""
_sessions_lock = threading.Lock()


def forget(execution_arn: str) -> None:
    """Drop the sessions of an execution that has ended."""
    with _sessions_lock:
        for key in [key for key in _sessions if key[1] == execution_arn]:
            del _sessions[key]


def machine_credentials(role_arn: str, state_machine_arn: str, session_name: str) -> Credentials:
    """A session of the machine's role.

    :raises RoleNotAssumable: its trust policy does not let Step Functions in"""
    return service_credentials(
        role_arn,
        SERVICE,
        session_name=session_name,
        source_arn=state_machine_arn,
        source_account=Arn.parse(state_machine_arn).account,
    )


def _session(task: _ExecutionCredentials) -> Credentials:
    """The task's session, one per execution and role. A task's own ``Credentials`` are assumed by the machine's role
    [D]."""
    key = (runtime.current().stopping, task.execution_arn, task.role_arn)
    with _sessions_lock:
        if key in _sessions:
            return _sessions[key]
    name = name_of(task.execution_arn)[:64]
    machine = machine_credentials(task.machine_role_arn, task.state_machine_arn, name)
    made = machine if task.role_arn == task.machine_role_arn else role_credentials(machine, task.role_arn, name)
    with _sessions_lock:
        return _sessions.setdefault(key, made)


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    """In the place of moto's ``boto_client_for``."""
    if not isinstance(state_credentials, _ExecutionCredentials):
        raise TypeError(f"a task of {service} came without its execution's credentials")
    return _session(state_credentials).client(service, region)


def _eval_state_credentials(self: StateTask, env: Any) -> StateCredentials:
    """In the place of moto's: keeps which execution the task belongs to."""
    machine_role = env.aws_execution_details.role_arn
    role = machine_role
    if self.credentials:
        self.credentials.eval(env=env)
        role = env.stack.pop().role_arn
    context = env.states.context_object.context_object_data
    return _ExecutionCredentials(role, context["Execution"]["Id"], context["StateMachine"]["Id"], machine_role)


class _ApiTask(StateTaskService):
    """A task that is one API call. ``naming`` is how its parameters are named, ``time`` how its times are written."""

    naming = staticmethod(sdk_integration.sdk_name)
    time: Callable[[datetime], Any] = staticmethod(sdk_integration.iso)

    def _validate_service_integration_is_supported(self) -> None:
        """Checked with the whole definition, by :mod:`xacct_ml.emulator.services.stepfunctions.definition_check`."""

    def _call(self, action: str, parameters: Any, region: str, credentials: Any) -> Any:
        operation = sdk_integration.operation(get_service_model, self.resource.api_name, action)
        if operation is None:
            raise ValueError(f"{self.resource.api_name} has no action {action}")
        client = client_for(region, operation.service_model.service_name, credentials)
        request = sdk_integration.to_request(operation.input_shape, parameters, self.naming)
        answer = getattr(client, xform_name(operation.name))(**request)
        return sdk_integration.from_response(operation.output_shape, answer, self.naming, self.time)

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        env.stack.append(
            self._call(self._action, normalised_parameters, resource_runtime_part.region, state_credentials)
        )

    @property
    def _action(self) -> str:
        return str(self.resource.api_action)

    def _client_error(self, error: ClientError) -> tuple[str, str]:
        """Error name and cause for a refused call."""
        prefix = _ERROR_PREFIXES.get(self.resource.api_name, self.resource.api_name.capitalize())
        code = error.response["Error"]["Code"]
        operation = sdk_integration.operation(get_service_model, self.resource.api_name, self._action)
        modelled = set() if operation is None else sdk_integration.errors(operation.service_model)
        name = f"{prefix}.{code.removesuffix('Exception')}" if code in modelled else f"{prefix}.{prefix}"
        return (
            f"{name}Exception",
            f"{error.response['Error']['Message']} ({_detail(error, f'Service: {prefix}', ', ')})",
        )

    def _failure(self, env: Any, error: str, cause: str) -> FailureEvent:
        name = (
            StatesErrorName(typ=StatesErrorNameType.from_name(error))
            if error.startswith("States.")
            else ErrorName(error_name=error)
        )
        details = TaskFailedEventDetails(
            error=error, cause=cause, resource=self._get_sfn_resource(), resourceType=self._get_sfn_resource_type()
        )
        return FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )

    def _from_error(self, env: Any, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            return self._failure(env, *self._client_error(ex))
        if isinstance(ex, RoleNotAssumable):
            return self._failure(env, "States.TaskFailed", str(ex))
        if isinstance(ex, ParamValidationError):
            return self._failure(env, "States.Runtime", str(ex))
        return super()._from_error(env=env, ex=ex)


class _SdkTask(_ApiTask):
    """``aws-sdk:<service>:<action>``."""

    def _get_sfn_resource_type(self) -> str:
        return f"{self.resource.service_name}:{self.resource.api_name}"


class _SageMakerTask(_ApiTask):
    """``sagemaker:<action>`` and ``sagemaker:createTrainingJob.sync``."""

    naming = staticmethod(sdk_integration.api_name)
    time = staticmethod(sdk_integration.milliseconds)

    def _validate_service_integration_is_supported(self) -> None:
        if self.resource.condition is not None and self._get_sfn_resource() != "createTrainingJob.sync":
            raise ValueError(f"The resource provided {self.resource.resource_arn} is not recognized.")

    def _get_sfn_resource(self) -> str:
        waits = self.resource.condition == ResourceCondition.Sync
        return f"{self._action}.sync" if waits else self._action

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        if self.resource.condition != ResourceCondition.Sync:
            super()._eval_service_task(env, resource_runtime_part, normalised_parameters, state_credentials)
            return
        tags = [tag for tag in normalised_parameters.get("Tags", ()) if tag.get("Key") != "MANAGED_BY_AWS"]
        request = {
            **normalised_parameters,
            "Tags": [*tags, {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}],
        }
        started = self._call(self._action, request, resource_runtime_part.region, state_credentials)
        self._submitted(env, started)
        job = {"TrainingJobName": request["TrainingJobName"]}
        running = runtime.current()
        while env.is_running():
            found = self._call("describeTrainingJob", job, resource_runtime_part.region, state_credentials)
            if found["TrainingJobStatus"] == "Completed":
                env.stack.append(found)
                return
            if found["TrainingJobStatus"] in ("Failed", "Stopped"):
                raise FailureEventException(self._failure(env, "States.TaskFailed", json.dumps(found)))
            running.pause(running.pace.poll)
        self._call("stopTrainingJob", job, resource_runtime_part.region, state_credentials)
        env.stack.append(None)

    def _submitted(self, env: Any, started: Any) -> None:
        details = TaskSubmittedEventDetails(
            resource=self._get_sfn_resource(), resourceType=self._get_sfn_resource_type(), output=json.dumps(started)
        )
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.TaskSubmitted,
            event_details=EventDetails(taskSubmittedEventDetails=details),
        )

    def _client_error(self, error: ClientError) -> tuple[str, str]:
        detail = _detail(error, "Service: AmazonSageMaker", "; ", f"Error Code: {error.response['Error']['Code']}")
        return "SageMaker.AmazonSageMakerException", f"{error.response['Error']['Message']} ({detail})"


def _detail(error: ClientError, service: str, separator: str, *more: str) -> str:
    answer = error.response["ResponseMetadata"]
    request = f"Request ID: {answer.get('RequestId', '')}"
    told = [service, f"Status Code: {answer['HTTPStatusCode']}", *more, request]
    if service == "Service: S3":
        told.append(f"Extended {request}")
    return separator.join(told)


def install() -> None:
    """Put these tasks and clients in the place of moto's, in every module that already imported moto's."""
    theirs = moto_factory.state_task_service_for

    def task_for(service_name: str) -> StateTaskService:
        own = {"aws-sdk": _SdkTask, "sagemaker": _SageMakerTask}.get(service_name)
        return theirs(service_name) if own is None else own()

    StateTask._eval_state_credentials = _eval_state_credentials
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions."):
            for attribute, ours in (("boto_client_for", client_for), ("state_task_service_for", task_for)):
                if hasattr(module, attribute):
                    setattr(module, attribute, ours)
