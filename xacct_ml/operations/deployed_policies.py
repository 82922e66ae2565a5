"""The policies that really are in the accounts, as a :class:`~xacct_ml.proof.world.World` that the proof can decide.

Read with the operators' clients, written never. What an account adds from outside a role is invisible here: service
control policies, resource control policies and VPC endpoint policies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.access.policy import Policy
from xacct_ml.access.principals import UNIQUE_ID
from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import DENIED, absent_as_none, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.engine.diff import Change, diff
from xacct_ml.operations.preconditions import MISSING_BUCKET
from xacct_ml.proof.policies import DocumentKind, DocumentRef, statements_of
from xacct_ml.proof.widening import widens
from xacct_ml.proof.world import World, policy_ref, topic_ref
from xacct_ml.resources import policy_document
from xacct_ml.resources.event_bus_permission import statements
from xacct_ml.resources.kms_key import its_key
from xacct_ml.resources.policy_document import normalise, parsed
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.statements import Document
from xacct_ml.system.thing import Bucket, EventBusPolicy, Key, Role, Thing, Topic


def _policies_of_aws(place: Place) -> str:
    return place.names.arn("iam", "aws", "policy/*", region="")


def _policies_of_account(place: Place) -> str:
    return place.names.arn("iam", place.account, "policy/*", region="")


RIGHTS = {
    "AWS::IAM::Role": (
        Rights("roles/FindRoles", "iam: GetRole"),
        Rights("roles/ManageRoles", "iam: GetRolePolicy ListAttachedRolePolicies ListRolePolicies"),
        # A boundary, and whatever somebody attached to a role of ours.
        Rights(
            "roles/ReadManagedPolicies", "iam: GetPolicy GetPolicyVersion", on=(_policies_of_aws, _policies_of_account)
        ),
    ),
    "AWS::KMS::Key": (Rights("key/ManageKey", "kms: GetKeyPolicy", on=(its_key,)),),
    "AWS::S3::Bucket": (Rights("bucket/Bucket", "s3: GetBucketPolicy"),),
    "AWS::SNS::Topic": (Rights("notifications/Topic", "sns: GetTopicAttributes"),),
}

ATTACHED = "attached "
"""Begins the policy name of a managed policy; its ARN follows."""

_NOTHING: Document = {"Version": "2012-10-17", "Statement": []}
_UNREADABLE: Document = {"Version": "2012-10-17", "Statement": [{"Sid": "Unreadable"}]}
"""The evaluator takes such a statement for one that may allow or deny anything: nothing is proven by mistake."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """The permissions boundary on a role: the managed policy's ARN and its default version."""

    arn: str
    document: Document


@dataclass(frozen=True)
class Live:
    """``world`` has the documents, a managed policy attached to a role among that role's identity policies.

    ``boundaries`` are by role ARN. ``absent`` are the ARNs of roles and buckets that do not exist, ``unreadable`` the
    titles of documents that this operator may not read; nothing is proven that rests on those."""

    world: World
    boundaries: Mapping[str, Boundary] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One document (or boundary) that is not as the map has it. ``changes`` are those that bootstrap would make;
    ``widens`` where it may permit something that the map's does not."""

    title: str
    changes: tuple[Change, ...]
    widens: bool


@dataclass(frozen=True, slots=True)
class StalePrincipal:
    """A principal that stands in a document as a unique id: its role or user was deleted, and one made again under
    the same name is another principal (IAM User Guide, reference_policies_elements_principal) [D]."""

    title: str
    sid: str
    id: str


# -- reading -----------------------------------------------------------------------------------------------------------


def read_live(meant: World, accounts: Clients) -> Live:
    """Every role, key and bucket, and the event bus's statement, of the map as they are.

    ``meant`` is the map's world with the keys that exist. Raises ClientError where a call fails."""
    read = [thing for thing in meant.things if type(thing) in _READERS]
    things = sorted(read, key=lambda thing: not isinstance(thing, Role))
    seen = [_Seen(meant, accounts) for _ in things]
    there = concurrently([partial(_READERS[type(one)], into, one) for into, one in zip(seen, things, strict=True)])
    policies = replace(meant.policies, entries={ref: each for one in seen for ref, each in one.entries.items()})
    boundaries = {arn: boundary for one in seen for arn, boundary in one.boundaries.items()}
    absent = tuple(thing.arn for thing, exists in zip(things, there, strict=True) if not exists)
    unreadable = tuple(title for one in seen for title in one.unreadable)
    store = policies.store()
    for role_arn, boundary in boundaries.items():
        compiled = Policy.parse(boundary.document, f"boundary {Arn.parse(boundary.arn).name}")
        store = store.with_role(role_arn, replace(store.roles[role_arn], boundary=compiled))
    return Live(meant.with_policies(policies, store), boundaries, absent, unreadable)


@dataclass(frozen=True)
class _Seen:
    """What was read of one thing. Each reader puts in what it finds, and says whether the thing is there."""

    meant: World
    accounts: Clients
    entries: dict[DocumentRef, Document] = field(default_factory=dict)
    boundaries: dict[str, Boundary] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def role(self, thing: Role) -> bool:
        """A role of that name under another path is another ARN, so it counts as absent."""
        iam = self.accounts.client(thing.account, "iam")
        found = absent_as_none("NoSuchEntity", iam.get_role, RoleName=thing.name)
        if found is None or (role := found["Role"])["Arn"] != thing.arn:
            return False

        def ref(kind: DocumentKind, policy: str = "") -> DocumentRef:
            return DocumentRef(kind, thing.arn, thing.account, policy)

        self.entries[ref(DocumentKind.TRUST)] = parsed(role["AssumeRolePolicyDocument"])
        for name in listed(iam, "list_role_policies", "PolicyNames", RoleName=thing.name):
            answer = iam.get_role_policy(RoleName=thing.name, PolicyName=name)
            self.entries[ref(DocumentKind.IDENTITY, name)] = parsed(answer["PolicyDocument"])
        for policy in listed(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=thing.name):
            attached = ref(DocumentKind.IDENTITY, f"{ATTACHED}{policy['PolicyArn']}")
            self.entries[attached] = self._managed(iam, policy["PolicyArn"], attached.title)
        if arn := role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"):
            title = f"permissions boundary {arn} of role {thing.name}"
            self.boundaries[thing.arn] = Boundary(arn, self._managed(iam, arn, title))
        return True

    def key(self, thing: Key) -> bool:
        """The one that the world's keys name for the region."""
        kms = self.accounts.client(thing.account, "kms", thing.region)
        answer = kms.get_key_policy(KeyId=thing.arn, PolicyName="default")
        self.entries[policy_ref(self.meant.names, thing)] = parsed(answer["Policy"])
        return True

    def bucket(self, thing: Bucket) -> bool:
        """A bucket without a policy has an empty one."""
        get_bucket_policy = self.accounts.client(thing.account, "s3", thing.region).get_bucket_policy
        where = {"Bucket": thing.name, "ExpectedBucketOwner": thing.account}
        try:
            answer = absent_as_none(MISSING_BUCKET, get_bucket_policy, **where)
        except ClientError as error:
            if code_of(error) != "NoSuchBucketPolicy":
                raise
            answer = {"Policy": _NOTHING}
        if answer is not None:
            self.entries[policy_ref(self.meant.names, thing)] = parsed(answer["Policy"])
        return answer is not None

    def event_bus(self, thing: EventBusPolicy) -> bool:
        """Of the bus's policy, which the account shares with others, the project's statement alone is judged."""
        all_statements = statements(self.accounts.client(thing.account, "events"))
        own = [statement for statement in all_statements if statement.get("Sid") == thing.name]
        self.entries[DocumentRef(DocumentKind.BUS, thing.arn, thing.account)] = {**_NOTHING, "Statement": own}
        return True

    def topic(self, thing: Topic) -> bool:
        """Of an existing one, every statement is judged, whoever wrote it."""
        sns = self.accounts.client(thing.account, "sns", thing.region)
        found = absent_as_none(("NotFound", "NotFoundException"), sns.get_topic_attributes, TopicArn=thing.arn)
        if found is not None:
            self.entries[topic_ref(self.meant.names, thing)] = parsed(found["Attributes"].get("Policy") or "{}")
        return found is not None

    def _managed(self, iam: Any, arn: str, title: str) -> Document:
        """The default version. A deleted boundary allows nothing (IAM User Guide, access_policies_boundaries) [D]."""
        try:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer = iam.get_policy_version(PolicyArn=arn, VersionId=version)
        except ClientError as error:
            if code_of(error) == "NoSuchEntity":
                return _NOTHING
            if code_of(error) not in DENIED:
                raise
            self.unreadable.append(title)
            return _UNREADABLE
        return parsed(answer["PolicyVersion"]["Document"])


_READERS: Mapping[type[Thing], Callable[[_Seen, Any], bool]] = {
    Role: _Seen.role,
    Key: _Seen.key,
    Bucket: _Seen.bucket,
    EventBusPolicy: _Seen.event_bus,
    Topic: _Seen.topic,
}
"""By what has policies."""


# -- judging -----------------------------------------------------------------------------------------------------------


def differences(live: Live) -> tuple[Difference, ...]:
    """What is not as the map has it, document by document, the map's order first."""
    adopted, wanted = _adopted(live.world), dict(live.world.meant.policies.entries)
    present = {
        ref: policy_document.ours(document) if ref.owner in adopted else document
        for ref, document in live.world.policies.entries.items()
    }
    of_others = {thing.arn for thing in live.world.things if isinstance(thing, Topic) and thing.adopted}
    documents = (
        Difference(ref.title, changes, widens(_listed(present.get(ref)), _listed(wanted.get(ref))))
        for ref in wanted | present
        if ref.owner not in of_others and (changes := diff(_statements(present.get(ref)), _statements(wanted.get(ref))))
    )
    boundaries = (
        Difference(title, changes, meant["boundary"] is not None)
        for title, found, meant in _boundaries(live)
        if (changes := diff(found, meant))
    )
    return (*documents, *boundaries)


def _listed(document: Document | None) -> list[Document]:
    return [] if document is None else statements_of(document)


def stale_principals(live: Live) -> tuple[StalePrincipal, ...]:
    """Principals in trust, key and bucket policies that no longer exist."""
    return tuple(
        StalePrincipal(ref.title, str(statement.get("Sid", f"#{position}")), name)
        for ref, document in live.world.policies.entries.items()
        if ref.kind is not DocumentKind.IDENTITY
        for position, statement in enumerate(document["Statement"], 1)
        for name in _principals(statement)
        if UNIQUE_ID.fullmatch(name)
    )


def others_statements(live: Live) -> dict[str, tuple[str, ...]]:
    """By title of an adopted key's or bucket's policy, the Sids in it that are not ours: they stay, and count."""
    adopted = _adopted(live.world)
    return {
        ref.title: tuple(str(one.get("Sid", "without a Sid")) for one in statements)
        for ref, document in live.world.policies.entries.items()
        if ref.owner in adopted and (statements := policy_document.others(document)["Statement"])
    }


def _adopted(world: World) -> set[str]:
    """The ARNs of the key and the bucket that the map adopts: of their policies, only our statements are as we want."""
    return {thing.arn for thing in world.things if thing.adopted and isinstance(thing, Key | Bucket)}


def _statements(document: Document | None) -> Mapping[str, Any]:
    """By Sid, so that a difference names its statement; the version only where it is not the current one."""
    if document is None:
        return {}
    normal = normalise(document)
    version = {} if normal["Version"] == _NOTHING["Version"] else {"Version": normal["Version"]}
    return {**version, **normal["Statement"]}


def _boundaries(live: Live) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    """An adopted role has its owner's boundary where the map names none."""
    for role in live.world.roles:
        if role.arn not in live.absent and not (role.adopted and role.boundary is None):
            applied = live.boundaries.get(role.arn)
            title = f"permissions boundary of role {role.name} in {role.account}"
            yield title, {"boundary": applied.arn if applied else None}, {"boundary": role.boundary}


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    for member in ("Principal", "NotPrincipal"):
        named = statement.get(member)
        aws = named.get("AWS", []) if isinstance(named, Mapping) else []
        yield from [aws] if isinstance(aws, str) else aws
