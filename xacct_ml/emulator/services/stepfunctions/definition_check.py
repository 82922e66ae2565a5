"""What Step Functions refuses in a state machine's definition beyond its grammar: transitions and task parameters.

Codes: Step Functions API reference, ValidateStateMachineDefinition [D]; their words are those users report [C]."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.emulator.services.stepfunctions import sdk_integration

_ENDS = ("Succeed", "Fail", "Choice")
"""State types that have neither Next nor End."""

_TYPES = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")

TRAINING_JOB_SYNC = "sagemaker:createTrainingJob.sync"


def problems(definition: Mapping[str, Any], models: Callable[[str], Any], path: str = "") -> Iterator[str]:
    """Each problem as ``CODE: text at /path``, outermost states first.

    ``models`` gives botocore's service model for a service's name."""
    missing = [field for field in ("StartAt", "States") if field not in definition]
    if missing:
        yield f"SCHEMA_VALIDATION_FAILED: These fields are required: [{', '.join(missing)}] at {path or '/'}"
        return
    states = definition["States"]
    if not isinstance(states, Mapping) or not states:
        yield f"SCHEMA_VALIDATION_FAILED: Value cannot be empty at {path}/States"
        return
    start = definition.get("StartAt")
    if start not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'StartAt' target: {start} at {path}/StartAt"
    reached = {start}
    for name, state in states.items():
        where = f"{path}/States/{name}"
        if not isinstance(state, Mapping) or state.get("Type") not in _TYPES:
            allowed = f"The field 'Type' should have one of these values: [{', '.join(_TYPES)}]"
            yield f"SCHEMA_VALIDATION_FAILED: {allowed} at {where}/Type"
            continue
        for target, place in _targets(state, where):
            reached.add(target)
            if target not in states:
                yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {place}"
        if state.get("Type") not in _ENDS and ("Next" in state) == (state.get("End") is True):
            yield f"SCHEMA_VALIDATION_FAILED: A state must have either Next or End at {where}"
        credentials = state.get("Credentials")
        if isinstance(credentials, Mapping) and not {"RoleArn", "RoleArn.$"} & {*credentials}:
            yield f"SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at {where}/Credentials"
        yield from _task_problems(state, models, where)
        for inner, place in _inner(state, where):
            yield from problems(inner, models, place)
    for name in states:
        if name not in reached:
            yield f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable. at {path}/States/{name}'


def waits_for_training_job(definition: Any) -> bool:
    """Whether any task runs a training job to its end, which needs EventBridge's managed rule."""
    if isinstance(definition, Mapping):
        resource = definition.get("Resource")
        if isinstance(resource, str) and resource.endswith(f":{TRAINING_JOB_SYNC}"):
            return True
        return any(waits_for_training_job(value) for value in definition.values())
    return isinstance(definition, list) and any(waits_for_training_job(item) for item in definition)


def _targets(state: Mapping[str, Any], where: str) -> Iterator[tuple[Any, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield state[field], f"{where}/{field}"
    for field in ("Choices", "Catch"):
        for position, rule in enumerate(state.get(field, ())):
            if "Next" in rule:
                yield rule["Next"], f"{where}/{field}[{position}]/Next"


def _inner(state: Mapping[str, Any], where: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    for position, branch in enumerate(state.get("Branches", ())):
        yield branch, f"{where}/Branches[{position}]"
    for field in ("Iterator", "ItemProcessor"):
        if field in state:
            yield state[field], f"{where}/{field}"


def _task_problems(state: Mapping[str, Any], models: Callable[[str], Any], where: str) -> Iterator[str]:
    resource = state.get("Resource")
    if state.get("Type") != "Task" or not isinstance(resource, str):
        return
    try:
        arn = Arn.parse(resource)
    except ValueError:
        return
    service, _, action = arn.id.partition(":") if arn.type == "aws-sdk" else ("sagemaker", ":", arn.id)
    if arn.service != "states" or arn.type not in ("aws-sdk", "sagemaker"):
        return
    naming = sdk_integration.sdk_name if arn.type == "aws-sdk" else sdk_integration.api_name
    action = action.split(".")[0]
    operation = sdk_integration.operation(models, service, action)
    if operation is None:
        yield (
            f"SCHEMA_VALIDATION_FAILED: The resource provided {resource} is not recognized. The value is not a valid "
            f"resource ARN, or the resource is not available in this region. at {where}/Resource"
        )
    else:
        given = state.get("Parameters", {})
        yield from sdk_integration.problems(operation.input_shape, given, naming, f"{where}/Parameters")
