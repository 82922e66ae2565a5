"""Step Functions on moto's interpreter, with AWS's checks around it and every task made as the machine's role.

Repaired: executions without a name, a role that Step Functions may not assume, transitions to nowhere,
CreateStateMachine of another definition under a used name, the reason of a stopped execution, an absent value behind a
JSONPath filter. Errors: Step Functions API reference [D]."""

import json
import logging
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import moto.stepfunctions.parser.asl.utils.json_path as moto_json_path
import moto.stepfunctions.parser.models as moto_models
import moto.stepfunctions.urls as moto_urls
from moto.core.utils import get_service_model
from moto.stepfunctions.exceptions import StateMachineDoesNotExist
from moto.stepfunctions.responses import StepFunctionResponse as MotoResponse

from xacct_ml.emulator.core import json_text, moto_validation
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Operations, Params, operation
from xacct_ml.emulator.services.stepfunctions import moto_tasks as tasks
from xacct_ml.emulator.services.stepfunctions.arn_check import check_arns
from xacct_ml.emulator.services.stepfunctions.definition_check import problems
from xacct_ml.emulator.services.stepfunctions.moto_state import Execution, StepFunctionsBackend

_UPDATES = (
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
    "publish",
)


# -- state machines --------------------------------------------------------------------------------------------------
def create_state_machine(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    """Idempotent for the same definition, type, logging and tracing; role and tags are not compared [D]."""
    name, definition = params["name"], params["definition"]
    arn = backend.machine_arn(name)
    backend._validate_name(name)
    if params.get("versionDescription") and not params.get("publish"):
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
    backend.check_logging(params.get("loggingConfiguration") or {})
    backend.check(arn, definition, params["roleArn"], "CreateStateMachine")
    with backend.lock:
        try:
            known = backend.existing(arn)
        except StateMachineDoesNotExist:
            known = None
        if known is not None and not _same(known, params):
            raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
        machine = known or backend.create_state_machine(
            name=name,
            definition=definition,
            roleArn=params["roleArn"],
            tags=params.get("tags"),
            publish=params.get("publish"),
            loggingConfiguration=params.get("loggingConfiguration"),
            tracingConfiguration=params.get("tracingConfiguration"),
            encryptionConfiguration=params.get("encryptionConfiguration"),
            version_description=params.get("versionDescription"),
            sm_type=params.get("type"),
        )
        if known is None:
            backend.revisions.pop(arn, None)
    version = machine.latest_version
    return {
        "stateMachineArn": machine.arn,
        "creationDate": machine.creation_date,
        "stateMachineVersionArn": version.arn if version else None,
    }


def _same(known: Any, params: Params) -> bool:
    return (
        known.definition == params["definition"]
        and known.type == params.get("type", "STANDARD")
        and known.loggingConfiguration == (params.get("loggingConfiguration") or {"level": "OFF"})
        and known.tracingConfiguration == (params.get("tracingConfiguration") or {"enabled": False})
    )


def update_state_machine(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    """Executions under way go on with the definition they began with [D]."""
    machine = backend.existing(params["stateMachineArn"])
    if not any(params.get(name) for name in _UPDATES):
        parts = "the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration"
        raise ApiError("MissingRequiredParameter", f"Either {parts} must be specified")
    backend.check_logging(params.get("loggingConfiguration") or {})
    backend.check(
        machine.arn,
        params.get("definition", machine.definition),
        params.get("roleArn", machine.roleArn),
        "UpdateStateMachine",
    )
    with backend.lock:
        updated = backend.update_state_machine(
            machine.arn,
            definition=params.get("definition"),
            role_arn=params.get("roleArn"),
            logging_configuration=params.get("loggingConfiguration"),
            tracing_configuration=params.get("tracingConfiguration"),
            encryption_configuration=params.get("encryptionConfiguration"),
            publish=params.get("publish"),
            version_description=params.get("versionDescription"),
        )
        backend.revisions[machine.arn] = str(uuid.uuid4())
    version = updated.latest_version if params.get("publish") else None
    return {
        "updateDate": updated.update_date,
        "revisionId": backend.revisions[machine.arn],
        "stateMachineVersionArn": version.arn if version else None,
    }


def describe_state_machine(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    machine = backend.existing(params["stateMachineArn"])
    return {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": machine.definition,
        "roleArn": machine.roleArn,
        "type": machine.type,
        "creationDate": machine.creation_date,
        "loggingConfiguration": {"includeExecutionData": False, **machine.loggingConfiguration},
        "tracingConfiguration": machine.tracingConfiguration,
        "encryptionConfiguration": machine.encryptionConfiguration,
        "description": machine.description,
        "revisionId": backend.revisions.get(machine.arn),
    }


def delete_state_machine(backend: StepFunctionsBackend, params: Params, _: Caller) -> None:
    """Succeeds where there is none, as AWS does [D]."""
    arn = params["stateMachineArn"]
    backend.delete_state_machine(arn)
    backend.tagger.delete_all_tags_for_resource(arn)
    backend.revisions.pop(arn, None)


def validate_state_machine_definition(_: StepFunctionsBackend, params: Params, __: Caller) -> Mapping[str, Any]:
    """What CreateStateMachine would refuse, said without making anything (API reference,
    ValidateStateMachineDefinition [D])."""
    try:
        found = list(problems(json.loads(params["definition"]), get_service_model))
    except ValueError as error:
        found = [f"INVALID_JSON_DESCRIPTION: {error} at /"]
    diagnostics = []
    for each in found:
        code, said = each.split(": ", 1)
        message, location = said.rsplit(" at ", 1)
        diagnostics.append({"severity": "ERROR", "code": code, "message": message, "location": location})
    return {"result": "FAIL" if found else "OK", "diagnostics": diagnostics, "truncated": False}


def list_tags_for_resource(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    arn = params["resourceArn"]
    if not any(machine.arn == arn for machine in backend.state_machines) and arn not in backend.activities:
        raise ApiError("ResourceNotFound", f"Resource not found: '{arn}'")
    found: Mapping[str, Any] = backend.list_tags_for_resource(arn)
    return found


# -- executions ------------------------------------------------------------------------------------------------------
def start_execution(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    name, given = params.get("name") or str(uuid.uuid4()), params.get("input", "{}")
    backend._validate_name(name)
    if (problem := "Invalid execution input." if not given else json_text.problem(given)) is not None:
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{problem}'")
    with backend.lock:
        execution = backend.start_execution(params["stateMachineArn"], name, given)
    return {"executionArn": execution.execution_arn, "startDate": execution.start_date}


def describe_execution(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    execution = backend.describe_execution(params["executionArn"])
    succeeded = execution.status == "SUCCEEDED"
    return {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": json.dumps(execution.output) if succeeded else None,
        "outputDetails": {"included": True} if succeeded else None,
        "error": execution.error,
        "cause": execution.cause,
        **_redrive(execution.status),
    }


def _redrive(status: str) -> dict[str, Any]:
    """Nothing is redriven here; what AWS would let be is told (API_DescribeExecution, ``redriveStatus`` [D])."""
    if status in ("FAILED", "TIMED_OUT", "ABORTED"):
        return {"redriveCount": 0, "redriveStatus": "REDRIVABLE"}
    reason = f"Execution is {status} and cannot be redriven"
    return {"redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}


def stop_execution(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    execution = backend.describe_execution(params["executionArn"])
    execution.stop(datetime.now(UTC), params.get("error"), params.get("cause"))
    return {"stopDate": execution.stop_date}


def list_executions(backend: StepFunctionsBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    found, token = backend.list_executions(
        params["stateMachineArn"],
        status_filter=params.get("statusFilter"),
        max_results=params.get("maxResults"),
        next_token=params.get("nextToken"),
    )
    return {
        "executions": [
            {
                "executionArn": execution.execution_arn,
                "stateMachineArn": execution.state_machine_arn,
                "name": execution.name,
                "status": execution.status,
                "startDate": execution.start_date,
                "stopDate": execution.stop_date,
                "redriveCount": 0,
            }
            for execution in found
        ],
        "nextToken": token,
    }


_OPERATIONS = (
    create_state_machine,
    update_state_machine,
    describe_state_machine,
    delete_state_machine,
    list_tags_for_resource,
    validate_state_machine_definition,
    start_execution,
    describe_execution,
    stop_execution,
    list_executions,
)


class StepFunctionsResponse(Operations, MotoResponse):
    """These operations, and moto's for the rest (history, versions, tags, activities)."""

    def __init__(self) -> None:
        MotoResponse.__init__(self)
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> StepFunctionsBackend:
        backend: StepFunctionsBackend = moto_models.stepfunctions_parser_backends[self.current_account][self.region]
        return backend

    @property
    def stepfunction_backend(self) -> StepFunctionsBackend:
        return self.backend

    locals().update({handle.__name__: operation(handle, check=False) for handle in _OPERATIONS})


_FILTER = re.compile(r"\[\?\(")


def install() -> None:
    """Put these operations and tasks in the place of moto's."""
    moto_models.stepfunctions_parser_backends.backend = StepFunctionsBackend
    moto_models.Execution = Execution
    dispatch.prechecks["stepfunctions"] = check_arns
    moto_validation.install("stepfunctions", "ValidationException", but=("CreateStateMachine", "StartExecution"))
    moto_urls.url_paths["{0}/$"] = StepFunctionsResponse.dispatch
    tasks.install()
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)  # a failed execution is its owner's error
    theirs = moto_json_path._contains_slice_or_wildcard_array

    def may_be_empty(path: str) -> bool:
        """AWS answers a filter that matches nothing with an empty list; moto raises (getmoto/moto#10078)."""
        return bool(_FILTER.search(path)) or theirs(path)

    moto_json_path._contains_slice_or_wildcard_array = may_be_empty
