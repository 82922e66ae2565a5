"""Whether somebody may do something: at once, or after tagging the resource or writing its policy."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.evaluate import decide
from xacct_ml.access.model import ContextValue, Outcome, Principal, Request
from xacct_ml.access.policy import Policy
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.namesakes import EVERYTHING
from xacct_ml.proof.policies import DocumentKind, listed, statements_of
from xacct_ml.proof.world import World
from xacct_ml.system.statements import Document, grant, policy

POLICY_WRITERS = {
    "kms": "kms:PutKeyPolicy",
    "s3": "s3:PutBucketPolicy",
    "events": "events:PutPermission",
    "sns": "sns:SetTopicAttributes",
}
"""By service, what writes the policy of a key, a bucket, an event bus or a topic."""

TAGGING = {"iam": "iam:TagRole", "sagemaker": "sagemaker:AddTags", "s3": "s3:PutBucketTagging"}
"""By service, what tags a resource, where that is not called TagResource."""

OPERATOR_ROLE = "Operator"
"""Stands for the operator of an account whose role the map does not name."""

TAG_CONDITIONS = ("aws:resourcetag/", "iam:resourcetag/")
"""How condition keys begin that ask for a tag of the resource."""

PRINCIPAL_TAG_CONDITIONS = ("aws:principaltag/",)
"""How they begin that ask for a tag of who asks."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks, by the ARN of its role. With ``everything`` its own policies do not limit it: somebody within reach
    writes them."""

    arn: str
    everything: bool = False

    @property
    def account(self) -> str:
        return Arn.parse(self.arn).account

    @property
    def name(self) -> str:
        return Arn.parse(self.arn).name


class Decisions:
    """Each request is decided once, however many attackers come to ask it."""

    def __init__(self, world: World, store: DocumentStore, beside: World | None = None) -> None:
        """``beside`` is another project, whose operators ask too."""
        self._store = store
        self._own_tags: dict[str, Mapping[str, str]] = {thing.arn: thing.tags for thing in world.things}
        keys = (*world.keys.values(), *(arn for _, arn in world.keys.captured))
        self._own_tags |= dict.fromkeys(keys, world.names.tags)
        worlds = (*((beside,) if beside else ()), world)
        self._resource_tags = {arn: tags for one in worlds for arn, tags in _tags_of_resources(one).items()}
        self._principal_tags = _conditional_tags(
            [document for one in worlds for document in _all_documents(one)], PRINCIPAL_TAG_CONDITIONS
        )
        self._known: dict[tuple[Holder, str, str, str, frozenset[tuple[str, ContextValue]], bool], bool] = {}

    def how(self, holder: Holder, request: Request) -> tuple[str, ...] | None:
        """What has to be done before the request is allowed; None where that does not help."""
        if self.allowed(holder, request):
            return ()
        of_resource = self._resource_tags.get(holder.arn, {})
        tries = [(of_resource, {}), ({}, self._principal_tags), (of_resource, self._principal_tags)]
        for resource, principal in tries:
            if (resource or principal) and self._after_tagging(holder, request, resource, principal):
                tagged = (("it", resource), (holder.name, principal))
                return tuple(f"tags {what} {_words(tags)}" for what, tags in tagged if tags)
        return None

    def _after_tagging(
        self, holder: Holder, request: Request, resource: Mapping[str, str], principal: Mapping[str, str]
    ) -> bool:
        """Whether the request is allowed with these tags, and the holder may set them."""
        tags = {
            **{f"aws:ResourceTag/{key}": value for key, value in resource.items()},
            **{f"aws:PrincipalTag/{key}": value for key, value in principal.items()},
        }
        itself = replace(request, resource=holder.arn, resource_account=holder.account)
        return (
            self.allowed(holder, replace(request, context={**request.context, **tags}))
            and (not resource or self.allowed(holder, _tagging(request, resource)))
            and (not principal or self.allowed(holder, _tagging(itself, principal)))
        )

    def allowed(self, holder: Holder, request: Request, *, opened: bool = False) -> bool:
        """Only a certain denial counts as one. ``opened``: the resource's policy was written for the holder."""
        asked = (request.action, request.resource, request.resource_account, frozenset(request.context.items()))
        key = (holder, *asked, opened)
        if key not in self._known:
            self._known[key] = self._decided(holder, request, opened=opened)
        return self._known[key]

    def _decided(self, holder: Holder, request: Request, *, opened: bool) -> bool:
        asked = self._as(holder, request)
        policies = self._store.policies_for(asked)
        if holder.everything:
            policies = replace(policies, identity=(EVERYTHING,), boundary=None)
        if opened:
            policies = replace(policies, resource=_opened(holder.arn))
        return decide(asked, policies).outcome is not Outcome.DENIED

    def _as(self, holder: Holder, request: Request) -> Request:
        """The request as the holder sends it; what is the project's carries its tags."""
        tags = {f"aws:ResourceTag/{key}": value for key, value in self._own_tags.get(request.resource, {}).items()}
        caller = {"kms:CallerAccount": holder.account} if "kms:CallerAccount" in request.context else {}
        asking = Principal.session(holder.arn, "reach")
        return replace(request, principal=asking, context={**tags, **request.context, **caller})


@cache
def _opened(arn: str) -> Policy:
    return Policy.parse(policy(grant("Opened", {"AWS": arn}, "*", "*")), "written for the attacker")


def policy_writer(request: Request) -> Request | None:
    """What writes the policy that guards the request's resource; None where it has none."""
    resource = Arn.parse(request.resource) if request.resource != "*" else None
    if resource is None or resource.service not in POLICY_WRITERS:
        return None
    guarded = request.resource.partition("/")[0] if resource.service == "s3" else request.resource
    return replace(request, action=POLICY_WRITERS[resource.service], resource=guarded, context=_plain(request))


def _plain(request: Request) -> dict[str, ContextValue]:
    return {key: value for key, value in request.context.items() if key.lower().startswith("aws:")}


def _words(tags: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in tags.items())


def _tagging(request: Request, tags: Mapping[str, str]) -> Request:
    service = Arn.parse(request.resource).service if request.resource != "*" else ""
    given: dict[str, ContextValue] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    action = TAGGING.get(service, f"{service}:TagResource")
    return replace(request, action=action, context={**_plain(request), **given, "aws:TagKeys": tuple(tags)})


def _all_documents(world: World) -> Iterator[Document]:
    yield from world.policies.entries.values()
    for documents in world.operators.values():
        yield from documents.values()


def _tags_of_resources(world: World) -> dict[str, dict[str, str]]:
    """By principal, the tags that its policies ask of a resource."""
    documents: dict[str, list[Document]] = {}
    for ref, document in world.policies.entries.items():
        if ref.kind is DocumentKind.IDENTITY:
            documents.setdefault(ref.owner, []).append(document)
    for operator in operators(world):
        documents.setdefault(operator.arn, []).extend(world.operators[operator.account].values())
    return {arn: tags for arn, given in documents.items() if (tags := _conditional_tags(given, TAG_CONDITIONS))}


def _conditional_tags(documents: Iterable[Document], prefixes: tuple[str, ...]) -> dict[str, str]:
    """Tags that conditions ask for, each with the first of its values."""
    found: dict[str, str] = {}
    for statement in (one for document in documents for one in statements_of(document)):
        for keys in statement.get("Condition", {}).values():
            for key, values in keys.items():
                if key.lower().startswith(prefixes):
                    found[key.partition("/")[2]] = listed(values)[0]
    return found


def operators(world: World) -> tuple[Holder, ...]:
    """Who runs this tool in each account; a stand-in where the map names no role."""
    named = {Arn.parse(arn).account: arn for arn in world.named_operators}
    stand_in = {
        account: world.names.arn("iam", account, f"role/{OPERATOR_ROLE}", region="") for account in world.operators
    }
    return tuple(dict.fromkeys(Holder(named.get(account, stand_in[account])) for account in world.operators))
