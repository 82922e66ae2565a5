"""From a refusal to the request that was refused, the document that refuses it, and the change that allows it.

The request is rebuilt from the hop that it belongs to, so that its context is whole: through which service, for which
bucket, with which headers. Where the message leaves open which request failed, every hop that it may mean is decided,
and those that the documents deny are the answer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from xacct_ml.access.model import Decision, Principal, PrincipalKind, Request
from xacct_ml.access.store import authorize
from xacct_ml.arn import account_of
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.proof.attacks.namesakes import EVERYTHING
from xacct_ml.proof.rehearsal import resource_class
from xacct_ml.proof.remediation.denial_message import Refusal, arn_of_uri, parse, role_of, session_of
from xacct_ml.proof.remediation.remedies import Change, Remedies, Remedy
from xacct_ml.proof.requests.hop import Hop
from xacct_ml.proof.world import World
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names


@dataclass(frozen=True)
class Finding:
    """One request that the message may mean. ``number`` and ``hop`` are None where no hop sends it.

    ``stranger``: it was sent by none of the project's roles. Then the decision is on our documents alone, as if its own
    account let it do everything."""

    number: int | None
    hop: Hop | None
    request: Request
    decision: Decision
    remedies: tuple[Remedy, ...] = ()
    stranger: bool = False


@dataclass(frozen=True)
class Explanation:
    """``denied`` are the requests that the documents do not allow, ``allowed`` those that they do although the message
    may mean them. Both are empty where the message names no refusal, or one that is none of this project's."""

    refusals: tuple[Refusal, ...]
    denied: tuple[Finding, ...]
    allowed: tuple[Finding, ...]

    @property
    def understood(self) -> bool:
        return bool(self.refusals)

    @property
    def outside(self) -> str | None:
        """AWS's name for the policy that it blames, where no document of this project can be that."""
        return next((refusal.blamed for refusal in self.refusals if refusal.outside), None)


def explain(message: str, world: World, *, stage: str | None = None) -> Explanation:
    """What ``message`` means. ``stage`` (``Train``, ``Deploy``) narrows it to what that stage of the pipeline does."""
    partition = world.names.partition
    refusals = tuple(_with_arn(refusal, partition) for refusal in parse(message))
    remedies = Remedies(world)
    listed = [(number, hop) for number, hop in enumerate(world.hops, 1) if _in(hop, stage)]
    judged: list[Finding] = []
    for refusal in refusals:
        meant = [(number, hop) for number, hop in listed if _means(refusal, hop, world.names)]
        found = [_judged(remedies, number, hop, _as_said(refusal, hop.request)) for number, hop in meant]
        rebuilt = None if meant else _rebuilt(refusal, world.names)
        if rebuilt is not None:
            found.append(_judged(remedies, None, None, rebuilt))
        if not refusal.names_who and meant:
            found = [_blaming_nobody(finding) for finding in found]
        judged += [_without_remedy(finding) for finding in found] if refusal.beyond_rights else found
    findings = _distinct(judged)
    denied = tuple(finding for finding in findings if not finding.decision.allowed)
    allowed = tuple(finding for finding in findings if finding.decision.allowed)
    return Explanation(refusals, denied, allowed)


def denied_at(stage: str, world: World) -> tuple[Finding, ...]:
    """All that the documents deny of what ``stage`` does (``Start``, ``Deploy``), whether a message tells of it or not.

    Of some refusals nobody is told: EventBridge counts a start that is refused in a metric, and a function that cannot
    report its result leaves CodePipeline with "no result" after 20 minutes."""
    remedies = Remedies(world)
    asked = ((number, hop) for number, hop in enumerate(world.hops, 1) if _in(hop, stage))
    judged = (_judged(remedies, number, hop, hop.request) for number, hop in asked)
    return _distinct(finding for finding in judged if not finding.decision.allowed)


def keys_in(message: str, config: Config) -> Keys:
    """The keys of the shared account that the message names, of any region; the map alone does not know them.

    Stand-ins for the others."""
    names = Names(config)
    resources = [refusal.resource for refusal in parse(message) if refusal.resource is not None]
    stand_ins = Keys.stand_ins(names)
    return Keys.of(
        {
            region: next((arn for arn in resources if arn.startswith(names.key_arn("", region))), stand_ins[region])
            for region in names.regions
        },
        {
            target.name: next((arn for arn in resources if arn.startswith(names.capture_key_arn(target, ""))), stand_in)
            for target, (_, stand_in) in zip(names.capturing, stand_ins.captured, strict=True)
        },
    )


# -- judged ------------------------------------------------------------------------------------------------------------


def _judged(remedies: Remedies, number: int | None, hop: Hop | None, request: Request) -> Finding:
    role = request.principal.role_arn
    if role is not None and role not in remedies.roles:
        return _strangers(remedies, number, hop, request, role)
    decision = authorize(request, remedies.world.store)
    return Finding(number, hop, request, decision, tuple(remedies.of(request, decision)))


def _strangers(remedies: Remedies, number: int | None, hop: Hop | None, request: Request, role: str) -> Finding:
    """What others may do is up to their accounts. Ours to explain is what our documents deny, and what operators need;
    nothing is offered that would let somebody in."""
    decision = authorize(request, remedies.world.store.with_principal(role, (EVERYTHING,)))
    if decision.allowed:
        changes = tuple(remedies.operators(request))
    else:
        changes = tuple(one for one in remedies.of(request, decision) if one.change is not Change.ADD)
    return Finding(number, hop, request, decision, changes, stranger=True)


def _with_arn(refusal: Refusal, partition: str) -> Refusal:
    return refusal if refusal.resource is None else replace(refusal, resource=arn_of_uri(refusal.resource, partition))


def _blaming_nobody(finding: Finding) -> Finding:
    """Where the message does not say who asked, an operator's request that our documents allow is no reason to say
    what operators need."""
    return _without_remedy(finding) if finding.stranger else finding


def _without_remedy(finding: Finding) -> Finding:
    """Nothing is to be given to whom our documents allow it."""
    return replace(finding, remedies=()) if finding.decision.allowed else finding


# -- which request -----------------------------------------------------------------------------------------------------


def _in(hop: Hop, stage: str | None) -> bool:
    """The targets of a wave are one stage of the pipeline."""
    return stage is None or hop.stage == stage or hop.stage.startswith(f"{stage} ")


def _means(refusal: Refusal, hop: Hop, names: Names) -> bool:
    request = hop.request
    if refusal.service is not None:
        if request.principal.kind is not PrincipalKind.SERVICE or request.principal.arn != refusal.service:
            return False
    elif refusal.principal is not None:
        role = request.principal.role_arn
        if role is None or role_of(role) != role_of(refusal.principal):
            return False
    if not any(fnmatchcase(request.action.lower(), action.lower()) for action in refusal.actions):
        return False
    if refusal.resource is None:
        return True
    return resource_class(names, request.resource) == resource_class(names, refusal.resource)


def _as_said(refusal: Refusal, request: Request) -> Request:
    """The hop's request with the session and the resource of the message."""
    role, session = request.principal.role_arn, session_of(refusal.principal or "")
    if role is not None and session is not None:
        request = replace(request, principal=Principal.session(role, session))
    return request if refusal.resource is None else replace(request, resource=refusal.resource)


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Hops that differ only in what a service may or may not send count once if they have the same remedies."""
    found: list[Finding] = []
    for finding in findings:
        if not any(_answer(finding) == _answer(other) for other in found):
            found.append(finding)
    return tuple(found)


def _answer(finding: Finding) -> tuple[object, ...]:
    request = finding.request
    return request.principal, request.action, request.resource, finding.decision.outcome, finding.remedies


def _rebuilt(refusal: Refusal, names: Names) -> Request | None:
    """A request that no hop means, from the message alone; None where it does not say enough."""
    if len(refusal.actions) != 1 or "*" in refusal.actions[0]:
        return None
    resource = refusal.resource or "*"
    if refusal.service is not None:
        principal = Principal.service(refusal.service)
    elif refusal.principal is not None and (principal_ := _principal(refusal.principal, names)) is not None:
        principal = principal_
    else:
        return None
    account = account_of(resource, "")
    buckets = tuple(map(names.bucket_arn_in, names.regions))
    account = account or (names.shared if resource.startswith(buckets) else principal.account)
    account = next(
        (each.id for each in names.capturing if resource.startswith(names.capture_bucket_arn(each))), account
    )
    context = {"aws:SecureTransport": "true", "aws:RequestedRegion": names.region}
    return Request(principal, refusal.actions[0], resource, account, context)


def _principal(arn: str, names: Names) -> Principal | None:
    """A session's ARN does not have its role's path: the project's roles and the map's operators are known by name."""
    role = role_of(arn)
    if role is None:
        user = arn.startswith("arn:") and ":user/" in arn
        return Principal.user(arn) if user else None
    account, name = role
    ours = f"role{names.config.roles.path}{name}" if name.startswith(names.role_name("")) else f"role/{name}"
    operators = (account.role_arn for _, account in named_accounts(names.config))
    known = next((one for one in operators if one is not None and role_of(one) == role), None)
    role_arn = known or (arn if ":role/" in arn else names.arn("iam", account, ours, region=""))
    return Principal.session(role_arn, session_of(arn) or "explain")
