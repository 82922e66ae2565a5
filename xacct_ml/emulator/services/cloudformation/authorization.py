"""The IAM requests of CloudFormation's calls.

Actions and resources: Service Authorization Reference, "AWS CloudFormation" [D]. The stack's ARN ends in an id that a
policy can only name by a wildcard; before the stack exists an id is made up. TemplateURL is read as the caller, whose
credentials sign it, and decided there. Assumed [U]: tags given to CreateStack and UpdateStack are not asked as
``cloudformation:TagResource``, since the pipeline's documented permissions for them have no such action."""

from xacct_ml.access.model import ContextValue
from xacct_ml.arn import Arn
from xacct_ml.emulator.core.authorization import pass_role, tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "cloudformation"

_PASSED_TO = "cloudformation.amazonaws.com"

_SOME_ID = "00000000-0000-0000-0000-000000000000"
"""Stands where the stack's id would be; no policy can know a real one beforehand."""

_ON_NOTHING = {"ListStacks", "ListExports", "ListImports", "ValidateTemplate", "EstimateTemplateCost", "ListTypes"}

_CHANGES_ROLE = {"CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet", "ContinueUpdateRollback"}


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """Every IAM request of one call."""
    params, action = call.params, f"cloudformation:{call.operation}"
    if call.operation in _ON_NOTHING or not params.get("StackName"):
        return (AuthorizationRequest(action, "*", call.account),)
    name = params["StackName"]
    arn = name if name.startswith("arn:") else call.arn("cloudformation", f"stack/{name}/{_SOME_ID}")
    context: dict[str, ContextValue] = dict(tag_context(params.get("Tags")))
    if call.operation in _CHANGES_ROLE and params.get("RoleARN"):
        context["cloudformation:RoleArn"] = params["RoleARN"]
    if params.get("TemplateURL"):
        context["cloudformation:TemplateUrl"] = params["TemplateURL"]
    found = [AuthorizationRequest(action, arn, Arn.parse(arn).account, context)]
    if "cloudformation:RoleArn" in context:
        found.append(pass_role(call, params["RoleARN"], _PASSED_TO))
    return tuple(found)
