"""SimulatePrincipalPolicy, which moto 5.2.5 does not have: decided by the evaluator, from the stored policies.

Members and what is looked at: IAM API reference, SimulatePrincipalPolicy [D]. The accounts are in no organization, so
nothing is said of one."""

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException

from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import ContextValue, Layer, Principal, Request
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core.policies import StoredPolicies


def simulate_principal_policy(_: Any) -> ActionResult:
    call = dispatch.served_call.get()
    params, source = call.params, str(call.params["PolicySourceArn"])
    if principals.role(source) is None and principals.user(source) is None:
        raise NotFoundException(f"Entity with arn {source} not found")
    principal = Principal.role(source) if ":role/" in source else Principal.user(source)
    context = _context(params)
    found = [
        _result(principal, action, resource, call.account, context)
        for action in params["ActionNames"]
        for resource in params.get("ResourceArns") or ("*",)
    ]
    return ActionResult({"EvaluationResults": found, "IsTruncated": False})


def _context(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    given: dict[str, ContextValue] = {}
    for entry in params.get("ContextEntries") or ():
        values = entry["ContextKeyValues"]
        given[entry["ContextKeyName"]] = tuple(values) if entry["ContextKeyType"].endswith("List") else values[0]
    return given


def _result(
    principal: Principal, action: str, resource: str, account: str, context: Mapping[str, ContextValue]
) -> dict[str, Any]:
    request = Request(principal, action, resource, account, context)
    stored = StoredPolicies().policies_for(request)
    decision = decide(request, PolicySet(identity=stored.identity, boundary=stored.boundary))
    refused = "explicitDeny" if decision.statements else "implicitDeny"
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": "allowed" if decision.allowed else refused,
        "MatchedStatements": [],
        "MissingContextValues": [],
    }
    if stored.boundary is not None:
        by_boundary = Layer.BOUNDARY not in decision.missing
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": by_boundary}
    return result
