"""Step Functions invoke action.

CodePipeline user guide, action reference "AWS Step Functions" [D]: DescribeStateMachine, StartExecution under the name
``<prefix>-<action execution id>``, DescribeExecution until it has ended; variables StateMachineArn and ExecutionArn.
The execution of an abandoned action goes on."""

import json
from typing import Any

from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed

_OUTPUT_FILE = "output.json"


def run(context: ActionContext) -> Outcome:
    """Run the state machine to its end."""
    states, arn = context.client("stepfunctions"), context.configuration["StateMachineArn"]
    machine = states.describe_state_machine(stateMachineArn=arn)
    prefix = context.configuration.get("ExecutionNamePrefix")
    name = f"{prefix}-{context.execution.id}" if prefix else context.execution.id
    execution = states.start_execution(stateMachineArn=arn, name=name, input=_input(context))["executionArn"]
    context.report(external_id=execution, external_url=_url(context, execution))
    if machine.get("type") == "EXPRESS":  # cannot be described; the action ends once it has started
        return Outcome({"StateMachineArn": arn})
    output = _result(context, states, execution)
    made = context.save(zipped({_OUTPUT_FILE: (output.encode(), False)})) if context.output_names else ()
    return Outcome({"StateMachineArn": arn, "ExecutionArn": execution}, made)


def _result(context: ActionContext, states: Any, execution: str) -> str:
    while True:
        seen = states.describe_execution(executionArn=execution)
        if seen["status"] != "RUNNING":
            break
        context.pause()
    if seen["status"] != "SUCCEEDED":
        parts = [f"The Step Functions execution {execution} ended with status {seen['status']}"]
        parts += [f"{word.capitalize()}: {seen[word]}" for word in ("error", "cause") if seen.get(word)]
        raise ActionFailed("JobFailed", ". ".join(parts))
    return str(seen.get("output") or "{}")


def _input(context: ActionContext) -> str:
    given = context.configuration.get("Input")
    if context.configuration.get("InputType", "Literal") == "FilePath":
        if given is None or len(context.inputs) != 1:
            raise ActionFailed("ConfigurationError", "InputType FilePath needs Input and one input artifact")
        name = context.inputs[0].name
        given = context.text(given if given.startswith(f"{name}::") else f"{name}::{given}")
    if given is None:
        return "{}"
    try:
        json.loads(given)
    except ValueError as error:
        raise ActionFailed("ConfigurationError", f"The state machine's input is not JSON: {error}") from error
    return given


def _url(context: ActionContext, execution: str) -> str:
    region = context.action_region
    console = f"https://{region}.console.aws.amazon.com/states/home"
    return f"{console}?region={region}#/executions/details/{execution}"
