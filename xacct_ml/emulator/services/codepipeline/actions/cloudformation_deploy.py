"""CloudFormation deploy action.

CodePipeline user guide, action reference "AWS CloudFormation" [D]. Template and template configuration come out of
artifacts that the *action's* role reads; the stack's own role (``RoleArn``) needs no access to them."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed

_REPLACED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED")
"""States in which REPLACE_ON_FAILURE deletes the stack first. All but ROLLBACK_COMPLETE are documented [D]; that one is
deleted in practice [U]."""
_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
_NO_CHANGE = "No updates are to be performed"


def run(context: ActionContext) -> Outcome:
    """Create, update, replace or delete the stack and wait for it."""
    mode = context.configuration["ActionMode"]
    if mode == "DELETE_ONLY":
        return _delete_only(context)
    if mode not in ("CREATE_UPDATE", "REPLACE_ON_FAILURE"):
        raise ActionFailed("ConfigurationError", f"The embedded AWS does not run ActionMode {mode}")
    cloudformation, name = context.client("cloudformation"), context.configuration["StackName"]
    request = _request(context)
    stack = _describe(cloudformation, name)
    if stack is not None and mode == "REPLACE_ON_FAILURE" and stack["StackStatus"] in _REPLACED:
        _delete(context, cloudformation, stack)
        stack = None
    try:
        if stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS":
            cloudformation.create_stack(StackName=name, **request)
        else:
            cloudformation.update_stack(StackName=name, **request)
    except ClientError as error:
        if _NO_CHANGE not in error.response["Error"]["Message"]:
            raise
    stack = _settled(context, cloudformation, name)
    if stack is None:
        raise ActionFailed("JobFailed", f"Stack {name} was deleted while the action waited for it")
    context.report(external_id=stack["StackId"], external_url=_url(context, stack["StackId"]))
    if stack["StackStatus"] not in _GOOD:
        raise ActionFailed("JobFailed", _reason(cloudformation, stack))
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
    context.report(summary=f"Deployment of stack {name} complete: {stack['StackStatus']}")
    file = context.configuration.get("OutputFileName")
    made = context.save(zipped({file: (json.dumps(outputs).encode(), False)})) if file else ()
    return Outcome(outputs, made)


def _request(context: ActionContext) -> dict[str, Any]:
    """What CreateStack and UpdateStack are called with."""
    configuration = _template_configuration(context)
    parameters = {**configuration.get("Parameters", {}), **_overrides(context)}
    request: dict[str, Any] = {
        "TemplateBody": context.text(context.configuration["TemplatePath"]),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "RoleARN": context.configuration["RoleArn"],
    }
    if context.configuration.get("Capabilities"):
        request["Capabilities"] = [word.strip() for word in context.configuration["Capabilities"].split(",")]
    if configuration.get("Tags"):
        request["Tags"] = [{"Key": key, "Value": value} for key, value in configuration["Tags"].items()]
    if configuration.get("StackPolicy"):
        request["StackPolicyBody"] = json.dumps(configuration["StackPolicy"])
    return request


def _template_configuration(context: ActionContext) -> Mapping[str, Any]:
    """``Parameters``, ``Tags`` and ``StackPolicy`` of the template configuration file, if the action names one."""
    reference = context.configuration.get("TemplateConfiguration")
    if reference is None:
        return {}
    parsed = _object(context.text(reference), f"Template configuration {reference}")
    unknown = sorted(parsed.keys() - {"Parameters", "Tags", "StackPolicy"})
    if unknown:
        raise ActionFailed("ConfigurationError", f"Template configuration {reference}: unknown member {unknown[0]}")
    for member in ("Parameters", "Tags"):
        values = parsed.get(member, {})
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise ActionFailed(
                "ConfigurationError", f"Template configuration {reference}: {member} must map to strings"
            )
    return parsed


def _overrides(context: ActionContext) -> dict[str, str]:
    """ParameterOverrides with ``Fn::GetParam`` and ``Fn::GetArtifactAtt`` resolved."""
    text = context.configuration.get("ParameterOverrides")
    if text is None:
        return {}
    return {key: _override(context, key, value) for key, value in _object(text, "ParameterOverrides").items()}


def _override(context: ActionContext, key: str, value: Any) -> str:
    match value:
        case str():
            return value
        case {"Fn::GetParam": [str(artifact), str(file), str(name)]}:
            found = _object(context.text(f"{artifact}::{file}"), f"{artifact}::{file}").get(name)
            if isinstance(found, str):
                return found
            raise ActionFailed("ConfigurationError", f"ParameterOverrides: {artifact}::{file} has no text {name}")
        case {"Fn::GetArtifactAtt": [str(artifact), "BucketName"]}:
            return context.input(artifact).bucket
        case {"Fn::GetArtifactAtt": [str(artifact), "ObjectKey"]}:
            return context.input(artifact).key
    raise ActionFailed("ConfigurationError", f"ParameterOverrides: the value of {key} is neither text nor a function")


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise ActionFailed("ConfigurationError", f"{what} is not valid JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ActionFailed("ConfigurationError", f"{what} is not a JSON object")
    return parsed


def _describe(cloudformation: Any, name: str) -> Any:
    """The stack, by name or id; None where there is none (any more)."""
    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _settled(context: ActionContext, cloudformation: Any, name: str) -> Any:
    """The stack once nothing is in progress any more."""
    while (stack := _describe(cloudformation, name)) is not None and stack["StackStatus"].endswith("_IN_PROGRESS"):
        context.pause()
    return stack


def _delete(context: ActionContext, cloudformation: Any, stack: Any) -> None:
    cloudformation.delete_stack(StackName=stack["StackName"], RoleARN=context.configuration["RoleArn"])
    left = _settled(context, cloudformation, stack["StackId"])
    if left is not None:
        raise ActionFailed("JobFailed", _reason(cloudformation, left))


def _delete_only(context: ActionContext) -> Outcome:
    cloudformation = context.client("cloudformation")
    stack = _describe(cloudformation, context.configuration["StackName"])
    if stack is not None:
        _delete(context, cloudformation, stack)
    return Outcome()


def _reason(cloudformation: Any, stack: Any) -> str:
    """Why the stack failed: the reason of the resource that failed first in its last operation."""
    own = stack.get("StackStatusReason")
    said = f"Stack {stack['StackName']} is in {stack['StackStatus']}"
    cause = None
    for event in cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]:  # newest first
        of_stack = event.get("PhysicalResourceId") == stack["StackId"]
        if of_stack and event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
            break
        if not of_stack and event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason"):
            cause = f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
    return ". ".join(part for part in (said, cause or own) if part)


def _url(context: ActionContext, stack_id: str) -> str:
    region = context.action_region
    return f"https://{region}.console.aws.amazon.com/cloudformation/home?region={region}#/stacks/stackinfo?stackId={stack_id}"
