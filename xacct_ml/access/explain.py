"""One line for a person: why a request was allowed, denied or left open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xacct_ml.access.context import RequestContext
from xacct_ml.access.model import Layer, Principal, PrincipalKind, Request, ResourcePolicyKind, StatementRef
from xacct_ml.access.policy import Policy, Statement
from xacct_ml.access.truth import MAYBE

_RESOURCE_NOUN = {
    ResourcePolicyKind.NONE: "resource policy",
    ResourcePolicyKind.BUCKET: "resource policy",
    ResourcePolicyKind.KEY: "key policy",
    ResourcePolicyKind.TRUST: "trust policy",
}


@dataclass(frozen=True, slots=True)
class Culprit:
    """A statement that may or may not match."""

    layer: Layer
    policy: Policy
    statement: Statement

    @property
    def ref(self) -> StatementRef:
        return StatementRef(self.layer, self.policy.name, self.statement.sid)


def who(principal: Principal) -> str:
    """The principal as a reason names it."""
    return "an anonymous caller" if principal.kind is PrincipalKind.ANONYMOUS else principal.arn


def explicit_reason(request: Request, denying: StatementRef, kind: ResourcePolicyKind) -> str:
    return f"{_noun(denying.layer, kind)} {denying} denies {_asked(request)}"


def granted_reason(request: Request, allowing: Iterable[StatementRef], kind: ResourcePolicyKind) -> str:
    grants = " and ".join(f"{_noun(ref.layer, kind)} {ref}" for ref in allowing)
    return f"{grants or 'full access of the root user'} allows {_asked(request)}"


def _asked(request: Request) -> str:
    return f"{request.action} on {request.resource} to {who(request.principal)}"


def _noun(layer: Layer, kind: ResourcePolicyKind) -> str:
    return _RESOURCE_NOUN[kind] if layer is Layer.RESOURCE else layer.value


def denied_reason(
    request: Request, missing: Iterable[Layer], kind: ResourcePolicyKind, names: Mapping[Layer, tuple[str, ...]]
) -> str:
    """Which documents had to allow and do not. ``names`` are the documents of each layer."""
    silent = " and none of ".join(_documents(layer, kind, names[layer]) for layer in missing)
    return f"no statement of {silent} allows {_asked(request)}"


def _documents(layer: Layer, kind: ResourcePolicyKind, names: tuple[str, ...]) -> str:
    noun = _noun(layer, kind)
    if not names:
        return f"any {noun} (there is none)"
    if len(names) == 1:
        return f"the {noun} '{names[0]}'"
    plural = noun.removesuffix("y") + "ies"
    return f"the {plural} {', '.join(repr(name) for name in names)}"


def undetermined_reason(context: RequestContext, culprits: Iterable[Culprit]) -> str:
    """What keeps the first of the ``culprits`` from matching, or from not matching, for certain."""
    for culprit in culprits:
        return f"undetermined: {culprit.layer.value} {culprit.ref} may match: {_doubt(context, culprit)}"
    return "undetermined: AWS does not document how boundary and session policies limit this grant"


def _doubt(context: RequestContext, culprit: Culprit) -> str:
    statement = culprit.statement
    if statement.defects:
        return statement.defects[0]
    in_resource_policy = culprit.layer in (Layer.RESOURCE, Layer.RESOURCE_CONTROL)
    if in_resource_policy is (statement.principal is None):
        return "it has no Principal" if in_resource_policy else "an identity policy cannot have a Principal"
    if (variable := statement.unresolved(context)) is not None:
        return f"the policy variable '${{{variable.key}}}' has no value in this request"
    for condition in statement.conditions.undecided(context):
        return f"the condition '{condition.text}' cannot be decided from this request"
    if statement.resource is not None and statement.resource.match(context.resource, context) is MAYBE:
        return f"whether its Resource covers {context.resource} cannot be decided"
    if statement.principal is not None and statement.principal.negated and statement.effect == "Deny":
        return (
            "NotPrincipal may or may not spare who asks: write Principal '*' and the condition "
            "ArnNotEquals aws:PrincipalArn with the roles to spare instead"
        )
    if in_resource_policy:
        return f"whether it means {who(context.principal)}, or has its place in this policy, cannot be decided"
    return "it has no Resource"
