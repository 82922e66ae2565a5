"""The decision on one request.

Sources [D], IAM User Guide unless another guide is named:

- "How AWS enforcement code logic evaluates requests to allow or deny access" and "Policy evaluation for requests
  within a single account": an explicit deny first; in one account either side's allow is enough; a boundary and a
  session policy limit what identity policies grant, and what a resource policy grants to a *role*; a grant to the
  *session* or to the *user* is not limited by the boundary. "IAM role trust policies and KMS key policies are
  exceptions to this logic, because they must explicitly allow access for principals."
- The same, and AWS Organizations User Guide: a service control policy has to allow beside, and one of either kind may
  deny (:mod:`~xacct_ml.access.organization` says whom they limit).
- "AWS account principals": naming the account only delegates to its identity policies.
- "Cross-account policy evaluation logic": both accounts must allow.
- "Session policies" (access_policies): also limit resource-policy grants to the role's or user's ARN.
- KMS Developer Guide, "Key policies in AWS KMS" and "Allowing users in other accounts to use a KMS key".
- STS API Reference, AssumeRole: "You cannot call AssumeRole by using AWS account root user credentials" (AWS
  answers "Roles may not be assumed by root accounts").

Read on the safe side, as ``MAYBE``: a grant to ``*`` where boundary or session policy does not allow (documented as
unlimited only together with ``aws:PrincipalArn``), and several session policies of which only some allow."""

from dataclasses import dataclass

from xacct_ml.access.context import RequestContext
from xacct_ml.access.explain import Culprit, denied_reason, explicit_reason, granted_reason, undetermined_reason
from xacct_ml.access.model import Decision, Layer, Outcome, PrincipalKind, Request, ResourcePolicyKind, StatementRef
from xacct_ml.access.organization import Level
from xacct_ml.access.policy import Policy, Statement
from xacct_ml.access.principals import Grant
from xacct_ml.access.truth import MAYBE, NO, YES, Truth

_KMS_ACROSS_ACCOUNTS = frozenset(
    f"kms:{operation}".lower()
    for operation in (
        "CreateGrant",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListGrants",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    )
)
"""KMS Developer Guide, "Allowing users in other accounts": only these have effect across accounts."""


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policies that speak on one request.

    ``session`` is ``None`` where the session was made without session policies. ``resource`` needs its
    ``resource_kind``; a kind without ``resource`` means that the resource has no policy or does not exist. Of
    ``service_control``, each level has to allow; of ``resource_control``, only denials count. Raises ``ValueError`` for
    a resource policy without kind."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    resource: Policy | None = None
    resource_kind: ResourcePolicyKind = ResourcePolicyKind.NONE
    service_control: tuple[Level, ...] = ()
    resource_control: tuple[Policy, ...] = ()

    def __post_init__(self) -> None:
        if self.resource is not None and self.resource_kind is ResourcePolicyKind.NONE:
            raise ValueError("a resource policy needs its resource_kind")


@dataclass(frozen=True, slots=True)
class _Side:
    """What one layer, or several together, say: ``missing`` had to allow and did not, ``allowing`` did."""

    truth: Truth
    allowing: tuple[StatementRef, ...] = ()
    missing: tuple[Layer, ...] = ()


_SILENT = _Side(YES)
_NO_GRANT = _Side(NO, (), (Layer.RESOURCE,))
_EVERY_GRANT = tuple(Grant)


def _both(one: _Side, other: _Side) -> _Side:
    if other is _SILENT:
        return one
    if one is _SILENT:
        return other
    return _Side(min(one.truth, other.truth), one.allowing + other.allowing, one.missing + other.missing)


class _Survey:
    """One pass over all statements: explicit denies, what each layer allows, and what stayed open."""

    def __init__(self, context: RequestContext, policies: PolicySet) -> None:
        self.context = context
        self.policies = policies
        self.denial: tuple[Truth, StatementRef | None] = (NO, None)
        self.open: list[Culprit] = []
        self.grants: dict[Grant, tuple[Truth, StatementRef]] = {}
        self.identity = self._identity_side(Layer.IDENTITY, policies.identity)
        if context.principal.kind is PrincipalKind.ROOT:
            self.identity = _SILENT
        self.boundary = _SILENT
        if policies.boundary is not None:
            self.boundary = self._identity_side(Layer.BOUNDARY, (policies.boundary,))
        self.session = _SILENT if policies.session is None else self._session_side(policies.session)
        self.service_control = self._service_control_side(policies.service_control)
        for policy in policies.resource_control:
            self._survey_resource_control(policy)
        if policies.resource is not None:
            self._survey_resource(policies.resource)

    def _identity_side(self, layer: Layer, policies: tuple[Policy, ...]) -> _Side:
        best, allowing = NO, None
        for policy in policies:
            for statement in policy.naming(self.context.action):
                truth = statement.applies(self.context)
                if truth is NO:
                    continue
                if statement.principal is not None:
                    truth = MAYBE
                if truth is MAYBE:
                    self.open.append(Culprit(layer, policy, statement))
                if statement.effect != "Allow":
                    self._deny(truth, layer, policy, statement)
                if statement.effect != "Deny" and truth > best:
                    best, allowing = truth, StatementRef(layer, policy.name, statement.sid)
        if best is YES and allowing is not None:
            return _Side(YES, (allowing,))
        return _Side(best, (), (layer,))

    def _session_side(self, policies: tuple[Policy, ...]) -> _Side:
        """The union of the session policies; open where only some of them allow."""
        sides = [self._identity_side(Layer.SESSION, (policy,)) for policy in policies]
        if not sides:
            return _Side(NO, (), (Layer.SESSION,))
        best = max(sides, key=lambda side: side.truth)
        if best.truth is YES and any(side.truth is not YES for side in sides):
            return _Side(MAYBE, (), (Layer.SESSION,))
        return best

    def _service_control_side(self, levels: tuple[Level, ...]) -> _Side:
        """They grant nothing: their statements are not what allows."""
        sides = [self._identity_side(Layer.SERVICE_CONTROL, level) for level in levels]
        truth = min((side.truth for side in sides), default=YES)
        return _SILENT if truth is YES else _Side(truth, (), (Layer.SERVICE_CONTROL,))

    def _survey_resource_control(self, policy: Policy) -> None:
        for statement in policy.naming(self.context.action):
            applies = statement.applies(self.context)
            if applies is not NO and statement.effect != "Allow":
                self._deny_by_resource(applies, Layer.RESOURCE_CONTROL, policy, statement)

    def _deny_by_resource(self, applies: Truth, layer: Layer, policy: Policy, statement: Statement) -> None:
        element = statement.principal
        hits = MAYBE if element is None else element.denies(self.context.principal, has_boundary=self._has_boundary)
        self._deny(min(applies, hits), layer, policy, statement)
        if min(applies, hits) is MAYBE:
            self.open.append(Culprit(layer, policy, statement))

    def _survey_resource(self, policy: Policy) -> None:
        principal = self.context.principal
        to_trust = self.policies.resource_kind is ResourcePolicyKind.TRUST
        for statement in policy.naming(self.context.action):
            applies = statement.applies(self.context, to_trust=to_trust)
            if applies is NO:
                continue
            element = statement.principal
            if to_trust and element is not None and element.negated:
                applies = MAYBE
            if statement.effect != "Allow":
                self._deny_by_resource(applies, Layer.RESOURCE, policy, statement)
            if statement.effect != "Deny":
                named = [(Grant.DIRECT, MAYBE)] if element is None else element.allows(principal)
                for grant, truth in named:
                    truth = min(truth, applies)
                    if truth is MAYBE:
                        self.open.append(Culprit(Layer.RESOURCE, policy, statement))
                    if truth > self.grants.get(grant, (NO, None))[0]:
                        self.grants[grant] = (truth, StatementRef(Layer.RESOURCE, policy.name, statement.sid))

    @property
    def _has_boundary(self) -> bool:
        return self.policies.boundary is not None

    def _deny(self, truth: Truth, layer: Layer, policy: Policy, statement: Statement) -> None:
        if truth > self.denial[0]:
            self.denial = (truth, StatementRef(layer, policy.name, statement.sid))

    def granted(self, *grants: Grant) -> _Side:
        """What the resource policy grants in one of these ways."""
        if not self.grants:
            return _NO_GRANT
        known = [self.grants[grant] for grant in grants if grant in self.grants]
        truth, ref = max(known, key=lambda grant: grant[0], default=(NO, None))
        if truth is YES and ref is not None:
            return _Side(YES, (ref,))
        return _Side(truth, (), (Layer.RESOURCE,))


def decide(request: Request, policies: PolicySet, context: RequestContext | None = None) -> Decision:
    """Whether AWS would allow ``request`` under ``policies``, by which statements, or what is missing. ``context`` is
    the request's, where it was prepared before: a request that is asked again and again needs one only.

    Raises ``ValueError`` where the request is not concrete (a wildcard in action or resource)."""
    context = context or RequestContext(request)
    survey = _Survey(context, policies)
    denial, denying = survey.denial
    if denial is YES and denying is not None:
        return Decision(Outcome.DENIED, explicit_reason(request, denying, policies.resource_kind), (denying,))
    impossible = _impossible(request, policies.resource_kind)
    if impossible is not None:
        return Decision(Outcome.DENIED, impossible)
    side = _both(survey.service_control, _allowed(survey, request, policies.resource_kind))
    if side.truth is NO:
        names = {layer: _names(policies, layer) for layer in side.missing}
        reason = denied_reason(request, side.missing, policies.resource_kind, names)
        return Decision(Outcome.DENIED, reason, (), side.missing)
    if side.truth is MAYBE or denial is MAYBE:
        culprits = [one for one in survey.open if denial is NO or one.statement.effect != "Allow"]
        return Decision(Outcome.UNDETERMINED, undetermined_reason(context, culprits), (), side.missing)
    return Decision(Outcome.ALLOWED, granted_reason(request, side.allowing, policies.resource_kind), side.allowing)


def _names(policies: PolicySet, layer: Layer) -> tuple[str, ...]:
    match layer:
        case Layer.IDENTITY:
            return tuple(policy.name for policy in policies.identity)
        case Layer.BOUNDARY:
            return (policies.boundary.name,) if policies.boundary else ()
        case Layer.SESSION:
            return tuple(policy.name for policy in policies.session or ())
        case Layer.SERVICE_CONTROL:
            return tuple(policy.name for level in policies.service_control for policy in level)
        case _:
            return (policies.resource.name,) if policies.resource else ()


def _impossible(request: Request, kind: ResourcePolicyKind) -> str | None:
    """What no policy can allow."""
    principal = request.principal
    action = request.action.lower()
    if principal.kind is PrincipalKind.ROOT and (kind is ResourcePolicyKind.TRUST or action == "sts:assumerole"):
        return "the root user of an account cannot assume a role"
    if principal.kind is PrincipalKind.ANONYMOUS and kind is not ResourcePolicyKind.BUCKET:
        return f"{request.action} needs a signed request"
    if (
        kind is ResourcePolicyKind.KEY
        and principal.account
        and principal.account != request.resource_account
        and action not in _KMS_ACROSS_ACCOUNTS
    ):
        return f"{request.action} has no effect across accounts"
    return None


def _allowed(survey: _Survey, request: Request, kind: ResourcePolicyKind) -> _Side:
    """Explicit denies aside, whether the request is allowed, in the way that comes nearest to it."""
    principal = request.principal
    anyhow = survey.granted(*_EVERY_GRANT)
    if not principal.account:
        return anyhow
    limits = _both(survey.boundary, survey.session)
    by_identity = _both(survey.identity, limits)
    if principal.account != request.resource_account:
        return _both(by_identity, anyhow)
    silent = not survey.grants and survey.session is _SILENT
    by_resource = _NO_GRANT if silent else _granted(survey, limits)
    if kind in (ResourcePolicyKind.KEY, ResourcePolicyKind.TRUST):
        return _best(_both(by_identity, survey.granted(Grant.ACCOUNT)), by_resource)
    if by_identity.truth is YES and by_resource.truth is YES:
        return _Side(YES, tuple(dict.fromkeys(by_identity.allowing + by_resource.allowing)))
    return _best(by_identity, by_resource)


def _granted(survey: _Survey, limits: _Side) -> _Side:
    """What the resource policy grants beside identity policies, within the ``limits`` that hold for such a grant."""
    direct = survey.granted(Grant.DIRECT)
    if survey.context.principal.kind is PrincipalKind.USER:
        direct = _both(direct, survey.session)
    to_anyone = _both(survey.granted(Grant.ANYONE), limits)
    if survey.granted(Grant.ANYONE).truth is not NO and to_anyone.truth is NO:
        to_anyone = _Side(MAYBE, (), to_anyone.missing)
    return _best(_both(survey.granted(Grant.ROLE), limits), to_anyone, direct)


def _best(*sides: _Side) -> _Side:
    """The side that is nearest to an allow; among equals the one with the fewest missing layers, then the first."""
    return max(sides, key=lambda side: (side.truth, -len(side.missing)))
