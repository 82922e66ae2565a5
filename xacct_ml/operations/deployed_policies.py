"""The policies that really are in the accounts, as a :class:`~xacct_ml.proof.world.World` that the proof can decide.

Read with the operators' clients, written never. What an account adds from outside a role is invisible here: service
control policies, resource control policies and VPC endpoint policies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from xacct_ml.access.policy import Policy
from xacct_ml.access.principals import UNIQUE_ID
from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import DENIED, absent_as_none, code_of
from xacct_ml.engine.diff import Change, diff
from xacct_ml.operations.preconditions import MISSING_BUCKET
from xacct_ml.proof.policies import DocumentKind, DocumentRef, Policies
from xacct_ml.proof.world import World, bucket_ref, key_ref
from xacct_ml.resources import shared_policy
from xacct_ml.resources.event_bus_permission import statements
from xacct_ml.resources.kms_key import every_key
from xacct_ml.resources.policy_document import normalise
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document
from xacct_ml.system.thing import Bucket, Key


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
    "AWS::KMS::Key": (Rights("key/ReadAndFinishKeys", "kms: GetKeyPolicy", on=(every_key,)),),
    "AWS::S3::Bucket": (Rights("bucket/Bucket", "s3: GetBucketPolicy"),),
}

NO_BUCKET_POLICY = frozenset({"NoSuchBucketPolicy"})
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
    titles of documents that this operator may not read; nothing is proven that rests on those.
    """

    world: World
    boundaries: Mapping[str, Boundary] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One document (or boundary) that is not as the map has it. ``changes`` are those that bootstrap would make."""

    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class StalePrincipal:
    """A principal that stands in a document as a unique id: its role or user was deleted, and one made again under
    the same name is another principal (IAM User Guide, reference_policies_elements_principal) [D].
    """

    title: str
    sid: str
    id: str


# -- reading -----------------------------------------------------------------------------------------------------------


def read_live(meant: World, accounts: Clients) -> Live:
    """Every role, key and bucket, and the event bus's statement, of the map as they are.

    ``meant`` is the map's world with the keys that exist. Raises ClientError where a call fails.
    """
    names, made = meant.names, meant.roles
    found = concurrently([_Role(accounts, role.account, role.name, role.arn).read for role in made])
    entries: dict[DocumentRef, Document] = {}
    boundaries: dict[str, Boundary] = {}
    absent: list[str] = []
    unreadable: list[str] = []
    for role, one in zip(made, found, strict=True):
        if one is None:
            absent.append(role.arn)
            continue
        entries |= one.entries
        unreadable += one.unreadable
        if one.boundary is not None:
            boundaries[role.arn] = one.boundary
    for region, key in meant.keys.items():
        kms = accounts.client(names.shared, "kms", region)
        text = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
        entries[key_ref(names, meant.keys, region)] = _document(text)
        bucket = _bucket_policy(accounts.client(names.shared, "s3", region), names.bucket_in(region), names.shared)
        if bucket is None:
            absent.append(names.bucket_arn_in(region))
        else:
            entries[bucket_ref(names, region)] = bucket
    if names.source_account is not None:
        own = [one for one in statements(accounts.client(names.shared, "events")) if _ours(one, names)]
        entries[DocumentRef(DocumentKind.BUS, names.event_bus_arn, names.shared)] = {**_NOTHING, "Statement": own}
    policies = Policies(entries, meant.policies.principals)
    return Live(_bounded(meant, policies, boundaries), boundaries, tuple(absent), tuple(unreadable))


def _bounded(meant: World, policies: Policies, boundaries: Mapping[str, Boundary]) -> World:
    """The documents compiled, every boundary in force."""
    store = policies.store()
    for role_arn, boundary in boundaries.items():
        compiled = Policy.parse(boundary.document, f"boundary {Arn.parse(boundary.arn).name}")
        store = store.with_role(role_arn, replace(store.roles[role_arn], boundary=compiled))
    return meant.with_policies(policies, store)


def _ours(statement: Mapping[str, Any], names: Names) -> bool:
    """Of the event bus's policy, which the account shares with others, the project's statement alone is judged."""
    return statement.get("Sid") == names.event_bus_statement


@dataclass(frozen=True)
class _Found:
    entries: dict[DocumentRef, Document]
    boundary: Boundary | None
    unreadable: tuple[str, ...]


class _Role:
    """One role's documents."""

    def __init__(self, accounts: Clients, account: str, name: str, arn: str) -> None:
        self.iam = accounts.client(account, "iam")
        self.account, self.name, self.arn = account, name, arn
        self.unreadable: list[str] = []

    def read(self) -> _Found | None:
        """None where the role does not exist, or exists under another path, which makes it another ARN."""
        found = absent_as_none("NoSuchEntity", self.iam.get_role, RoleName=self.name)
        if found is None or (role := found["Role"])["Arn"] != self.arn:
            return None
        entries = {self._ref(DocumentKind.TRUST): _document(role["AssumeRolePolicyDocument"])}
        for page in self.iam.get_paginator("list_role_policies").paginate(RoleName=self.name):
            for name in page["PolicyNames"]:
                answer = self.iam.get_role_policy(RoleName=self.name, PolicyName=name)
                entries[self._ref(DocumentKind.IDENTITY, name)] = _document(answer["PolicyDocument"])
        for page in self.iam.get_paginator("list_attached_role_policies").paginate(RoleName=self.name):
            for policy in page["AttachedPolicies"]:
                ref = self._ref(DocumentKind.IDENTITY, f"{ATTACHED}{policy['PolicyArn']}")
                entries[ref] = self._managed(policy["PolicyArn"], ref.title)
        arn = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        boundary = None
        if arn is not None:
            boundary = Boundary(arn, self._managed(arn, f"permissions boundary {arn} of role {self.name}"))
        return _Found(entries, boundary, tuple(self.unreadable))

    def _ref(self, kind: DocumentKind, policy: str = "") -> DocumentRef:
        return DocumentRef(kind, self.arn, self.account, policy)

    def _managed(self, arn: str, title: str) -> Document:
        """The default version. A deleted boundary allows nothing (IAM User Guide, access_policies_boundaries) [D]."""
        try:
            version = self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer = self.iam.get_policy_version(PolicyArn=arn, VersionId=version)
        except ClientError as error:
            if code_of(error) == "NoSuchEntity":
                return _NOTHING
            if code_of(error) in DENIED:
                self.unreadable.append(title)
                return _UNREADABLE
            raise
        return _document(answer["PolicyVersion"]["Document"])


def _bucket_policy(s3: Any, bucket: str, owner: str) -> Document | None:
    """None without the bucket; a bucket without a policy has an empty one."""
    try:
        answer = s3.get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=owner)
    except ClientError as error:
        if code_of(error) in NO_BUCKET_POLICY:
            return _NOTHING
        if code_of(error) in MISSING_BUCKET:
            return None
        raise
    return _document(answer["Policy"])


def _document(content: Any) -> Document:
    """IAM gives URL-encoded text that botocore mostly decodes; KMS and S3 give plain text. Statements become a list."""
    if isinstance(content, str):
        content = json.loads(content if content.lstrip().startswith("{") else unquote(content))
    statements = content.get("Statement", [])
    return {**content, "Statement": [statements] if isinstance(statements, Mapping) else statements}


# -- judging -----------------------------------------------------------------------------------------------------------


def differences(live: Live) -> tuple[Difference, ...]:
    """What is not as the map has it, document by document, the map's order first."""
    adopted, wanted = _adopted(live.world), live.world.meant.policies.entries
    present = {
        ref: shared_policy.ours(document) if ref.owner in adopted else document
        for ref, document in live.world.policies.entries.items()
    }
    return tuple(
        Difference(title, changes)
        for title, found, meant in (*_pairs(wanted, present), *_boundaries(live))
        if (changes := diff(found, meant))
    )


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
        if ref.owner in adopted and (statements := shared_policy.others(document)["Statement"])
    }


def _adopted(world: World) -> set[str]:
    """The ARNs of the key and the bucket that the map adopts: of their policies, only our statements are as we want."""
    return {thing.arn for thing in world.things if thing.adopted and isinstance(thing, Key | Bucket)}


Pair = tuple[str, Mapping[str, Any], Mapping[str, Any]]


def _pairs(wanted: Mapping[DocumentRef, Document], found: Mapping[DocumentRef, Document]) -> Iterator[Pair]:
    for ref in (*wanted, *(ref for ref in found if ref not in wanted)):
        yield ref.title, _statements(found.get(ref)), _statements(wanted.get(ref))


def _statements(document: Document | None) -> Mapping[str, Any]:
    """By Sid, so that a difference names its statement; the version only where it is not the current one."""
    if document is None:
        return {}
    normal = normalise(document)
    version = {} if normal["Version"] == _NOTHING["Version"] else {"Version": normal["Version"]}
    return {**version, **normal["Statement"]}


def _boundaries(live: Live) -> Iterator[Pair]:
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
