"""Why a request is denied: the missing statements to paste, or the statement that denies and why.

Statements have the form of the project's own: resource policies name the account and narrow it to the role; what the
request says of service, bucket and prefix becomes a condition."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xacct_ml.access.context import UNKNOWN, RequestContext
from xacct_ml.access.model import Decision, Layer, PrincipalKind, Request
from xacct_ml.access.policy import Policy
from xacct_ml.access.truth import YES
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.policies import DocumentKind, DocumentRef, statements_of
from xacct_ml.proof.world import World
from xacct_ml.system.bucket_layout import HOLDOUT_PREFIX, JUDGED_PREFIX, MODELS_PREFIX, SCORES_PREFIX
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, accounts_of, allow, grant, only_roles, trust_service

_WHOLE_FAMILIES = ("sagemaker.amazonaws.com", "states.amazonaws.com")
_HARD_SOURCES = (*_WHOLE_FAMILIES, "events.amazonaws.com", "scheduler.amazonaws.com", "cloudformation.amazonaws.com")
"""Services that are known to send the source of a call when they assume a role: SageMaker Developer Guide,
security-confused-deputy-prevention; Step Functions Developer Guide, procedure-create-iam-role; EventBridge User Guide
and EventBridge Scheduler User Guide, cross-service-confused-deputy-prevention [D]; aws-deployment-framework for
CloudFormation [C]. Those of the first two are bound to all resources of a type."""

_TRAINING = (
    ("Bool", "sagemaker:NetworkIsolation"),
    ("ForAllValues:StringEquals", "sagemaker:InstanceTypes"),
    ("NumericLessThanEquals", "sagemaker:MaxRuntimeInSeconds"),
)
"""What of a training job is bound: operator and condition key."""


@dataclass(frozen=True)
class MissingStatement:
    """``statement`` belongs into the document at ``ref``; for an identity policy into any policy of the role."""

    ref: DocumentRef
    statement: Document


@dataclass(frozen=True)
class Denial:
    """``statement`` of the document at ``ref`` denies; ``hits`` says which parts of the request meet its conditions."""

    ref: DocumentRef
    statement: Document
    hits: tuple[str, ...]


def missing_statements(world: World, request: Request, decision: Decision) -> tuple[MissingStatement, ...]:
    """What to paste where, for each layer that had to allow ``request`` and did not; nothing if none is missing.

    A boundary or session policy is not ours to write: for these layers there is no statement."""
    found: list[MissingStatement] = []
    if Layer.IDENTITY in decision.missing and request.principal.role_arn is not None:
        role = request.principal.role_arn
        statement = allow(
            _sid(world, request), [request.action], _resource(world, request), _conditions(world.names, request)
        )
        ref = DocumentRef(DocumentKind.IDENTITY, role, request.principal.account)
        found.append(MissingStatement(ref, statement))
    if Layer.RESOURCE in decision.missing:
        resource_side = _resource_side(world, request)
        if resource_side is not None:
            found.append(resource_side)
    return tuple(found)


def denial(world: World, request: Request, decision: Decision) -> Denial | None:
    """The statement that denies ``request`` explicitly; ``None`` where nothing does, or it is in no document."""
    if decision.allowed or not decision.statements:
        return None
    ref = decision.statements[0]
    speaking, entries = world.store.policies_for(request), world.policies.entries
    for policy in (*speaking.identity, *((speaking.resource,) if speaking.resource else ())):
        place = next((one for one in entries if one.name == policy.name and one.speaks_on(request)), None)
        if policy.name != ref.document or place is None:
            continue
        for compiled, statement in zip(policy.statements, statements_of(entries[place]), strict=True):
            if compiled.sid == ref.sid:
                return Denial(place, statement, tuple(_hits(policy, ref.sid, statement, request)))
    return None


def _hits(policy: Policy, sid: str, statement: Document, request: Request) -> Iterator[str]:
    """Each condition of the denying statement against what the request says."""
    context = RequestContext(request)
    texts = {
        f"{operator} {key}": (key, values)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    }
    compiled = next(one for one in policy.statements if one.sid == sid)
    for condition in compiled.conditions.conditions:
        if condition.evaluate(context) is YES and condition.text in texts:
            key, wanted = texts[condition.text]
            values = context.get(key.lower())
            said = "does not say" if not values or values is UNKNOWN else f"says {' and '.join(values)}"
            yield f"{condition.text} {wanted}: the request {said}"
    if not compiled.conditions.conditions:
        yield f"every {request.action} on {request.resource}"


# -- statements --------------------------------------------------------------------------------------------------------


def _resource_side(world: World, request: Request) -> MissingStatement | None:
    """A statement for the policy of the bucket, key, event bus or role that the request is about."""
    names, principal, resource = world.names, request.principal, request.resource
    region, bucket = _region_of(names, request), _bucket_of(names, request)
    elsewhere = "" if region == names.region else region
    if principal.kind is PrincipalKind.SERVICE:
        if ":role/" not in resource:
            return None
        trust = trust_service(principal.arn, _source_conditions(world, request))["Statement"][0]
        service = _camel(principal.arn.partition(".")[0])
        ref = DocumentRef(DocumentKind.TRUST, resource, request.resource_account)
        return MissingStatement(ref, {**trust, "Sid": f"{service}AssumesRole"})
    if principal.role_arn is None:
        return None
    who, narrowed = accounts_of(names, [principal.role_arn]), only_roles([principal.role_arn])
    sid = _sid(world, request, account=principal.account)
    conditions = {**narrowed, **_conditions(names, request)}
    for kind, owner, is_about, covered in (
        (DocumentKind.KEY, resource, ":kms:" in resource, "*"),
        (DocumentKind.BUCKET, bucket, f"{resource}/".startswith(f"{bucket}/"), _resource(world, request)),
        (DocumentKind.BUS, resource, resource == names.event_bus_arn, resource),
        (DocumentKind.TRUST, resource, ":role/" in resource, ()),
    ):
        if is_about:
            ref = DocumentRef(kind, owner, request.resource_account, region=elsewhere)
            return MissingStatement(ref, grant(sid, who, [request.action], covered, conditions))
    return None


_LISTED = (MODELS_PREFIX, HOLDOUT_PREFIX, SCORES_PREFIX, JUDGED_PREFIX)
"""Where listing is a right of its own."""


def _sid(world: World, request: Request, *, account: str = "") -> str:
    """Who (of which account, in documents that several accounts share) does what with what, in letters and digits as
    a Sid must be; one for each right, as IAM wants them unique."""
    service, _, operation = request.action.partition(":")
    role = (request.principal.role_arn or "").rsplit("/", 1)[-1]
    place = world.places.of(request.resource)
    listed = str(request.context.get("s3:prefix", ""))
    families = {
        **{f"{prefix}/": f"Under{prefix.title()}" for prefix in _LISTED},
        world.names.artifact_prefix: "UnderArtifacts",
    }
    under = next((words for family, words in families.items() if listed.startswith(family)), "")
    through = "ThroughS3" if any(key.lower() == "kms:viaservice" for key in request.context) else ""
    what = ""
    if place is not None:
        classes = dict.fromkeys(("s3", "codepipeline"), place.resource_class)
        named = {
            **classes,
            "iam": f"{place.account} {place.arn.rsplit('/', 1)[-1]}",
            "kms": f"{_others(world.names, request)} key",
            "lambda": f"{place.arn.rpartition(':')[2]} function",
        }
        what = named.get(place.service, place.kind)
    temporary = "Temporary" if world.names.smoke_prefix in request.resource else ""
    return f"{_camel(role)}{account}{service.capitalize()}{operation}{temporary}{_camel(what)}{under}{through}"


def _others(names: Names, request: Request) -> str:
    """Whose key the request is about; nothing for that of the pipeline's region."""
    if _captured_at(names, request) is not None:
        return "Captured"
    region = _region_of(names, request)
    return "" if region == names.region else region


def _camel(text: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text))


def _region_of(names: Names, request: Request) -> str:
    """The region whose key or bucket the request is about; the pipeline's for everything else."""
    resource = request.resource
    for region in names.other_regions:
        bucket = names.bucket_arn_in(region)
        if resource == bucket or resource.startswith((f"{bucket}/", names.key_arn("", region))):
            return region
    target = _captured_at(names, request)
    return names.region if target is None else names.region_of(target)


def _bucket_of(names: Names, request: Request) -> str:
    """The bucket that the request is about, itself, an object or the key of it; the pipeline's for everything else."""
    target = _captured_at(names, request)
    return names.bucket_arn_in(_region_of(names, request)) if target is None else names.capture_bucket_arn(target)


def _captured_at(names: Names, request: Request) -> ProductionTarget | None:
    """The target whose captured requests, or their key, it is about."""
    for target in names.capturing:
        bucket, key = names.capture_bucket_arn(target), names.capture_key_arn(target, "")
        if request.resource == bucket or request.resource.startswith((f"{bucket}/", key)):
            return target
    return None


def _resource(world: World, request: Request) -> str:
    """The class of the resource rather than one name of it: a prefix of the bucket, the jobs of the project."""
    place = world.places.of(request.resource)
    return place.pattern if place else request.resource


def _conditions(names: Names, request: Request) -> dict[str, dict[str, Any]]:
    """What the request says of service, prefix and encryption context, as the project's documents bind it."""
    given = {key.lower(): value for key, value in request.context.items()}
    equal = {key: given[key.lower()] for key in ("kms:ViaService", "iam:PassedToService") if key.lower() in given}
    like: dict[str, Any] = {}
    prefix = given.get("s3:prefix")
    if isinstance(prefix, str):
        prefixes = (names.data_prefix, MODELS_PREFIX, HOLDOUT_PREFIX, SCORES_PREFIX)
        families = (*(f"{family}/" for family in prefixes), names.artifact_prefix)
        like["s3:prefix"] = next((f"{family}*" for family in families if prefix.startswith(family)), prefix)
    if "kms:encryptioncontext:aws:s3:arn" in given:
        bucket = _bucket_of(names, request)
        like["kms:EncryptionContext:aws:s3:arn"] = [bucket, f"{bucket}/*"]
    found: dict[str, dict[str, Any]] = {"StringEquals": equal, "StringLike": like}
    for operator, key in _TRAINING:
        if (value := given.get(key.lower())) is not None:
            found[operator] = {key: list(value) if isinstance(value, tuple) else value}
    if "sagemaker:instancetypes" in given:
        found["Null"] = {"sagemaker:InstanceTypes": "false"}
    return {operator: conditions for operator, conditions in found.items() if conditions}


def _source_conditions(world: World, request: Request) -> Mapping[str, Mapping[str, Any]]:
    """Against the confused deputy: hard where the service documents what it sends, otherwise binding only if sent.

    A request that does not say for whom the service acts is bound as the hop of the same service that does."""
    account, arns = request.resource_account, _source_arns(world, request)
    if request.principal.arn in _HARD_SOURCES and arns:
        arn = arns[0]
        if arn.endswith(f":{account}:*"):
            # SageMaker hosting sends this very text; its asterisk is no wildcard (the guide above) [D].
            return {"StringEquals": {"aws:SourceArn": arn}}
        family = arn[: max(arn.rfind("/"), arn.rfind(":")) + 1]
        sources = f"{family}*" if request.principal.arn in _WHOLE_FAMILIES else _patterns(world, arns)
        named = {} if "aws:SourceAccount" not in request.context else {"StringEquals": {"aws:SourceAccount": account}}
        return {**named, "ArnLike": {"aws:SourceArn": sources}}
    conditions: dict[str, Mapping[str, Any]] = {"StringEqualsIfExists": {"aws:SourceAccount": account}}
    if arns:
        conditions["ArnLikeIfExists"] = {"aws:SourceArn": _patterns(world, arns)}
    return conditions


def _patterns(world: World, arns: Sequence[str]) -> str | list[str]:
    patterns = [place.pattern if (place := world.places.of(arn)) else arn for arn in arns]
    return patterns[0] if len(patterns) == 1 else patterns


def _source_arns(world: World, request: Request) -> tuple[str, ...]:
    """What the service acts for under this role: one statement covers every hop of it, in their order."""
    same = (
        hop.request
        for hop in world.hops
        if hop.request.principal == request.principal and hop.request.resource == request.resource
    )
    hops, own = _sources(same), _sources([request])
    return hops if set(own) <= set(hops) else (*own, *hops)


def _sources(requests: Iterable[Request]) -> tuple[str, ...]:
    found = (value for one in requests for key, value in one.context.items() if key.lower() == "aws:sourcearn")
    return tuple(dict.fromkeys(arn for arn in found if isinstance(arn, str)))
