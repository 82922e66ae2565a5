"""What is nearly the project's: names that a pattern takes for one of its own, and what others let everybody use.

A grant that is too wide by a prefix (``<project>*``) or by a whole type (``role/*``, ``key/*``) reaches one of these
places, and their own policies do not keep our roles away: only ours can."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.policy import Policy
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.namesakes import open_to_all
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT, Place, ResourceCatalog
from xacct_ml.system.names import Names
from xacct_ml.system.statements import grant, policy

ENDINGS = ("x", "-0")
"""Behind a name of ours they make one that is not ours, and that ``<name>*``, ``<name>?`` or ``<name>-*`` covers."""

_OPEN_KINDS = frozenset({"bucket", "object", "key", "role"})
"""What has a policy of its own that may let others in, and is asked about as if it did."""


def near_places(names: Names, ours: ResourceCatalog) -> Iterator[Place]:
    """Siblings of everything of ours in its own account, and buckets of such names in a foreign one.

    Whatever a class of ours is meant to cover (a training job's name, for example) is none."""
    found: dict[tuple[str, str, str], Place] = {}
    for place in ours:
        if place.service not in ("s3", "kms"):  # a key's id says nothing; buckets follow
            for arn in _siblings(names.project, place.arn):
                if ours.of(arn) is None:
                    words = f"near miss of the {place.resource_class}"
                    found.setdefault(
                        (place.service, place.kind, arn),
                        Place(place.service, place.kind, arn, place.account, words, arn),
                    )
    yield from found.values()
    keys = dict.fromkeys(
        place.arn.partition("/")[2] for place in ours if (place.service, place.kind) == ("s3", "object")
    )
    buckets = {name for each in (names.project, names.bucket) for name in _endings(each)}
    for bucket in sorted(buckets):
        arn = str(Arn(names.partition, "s3", "", "", bucket))
        yield Place("s3", "bucket", arn, FOREIGN_ACCOUNT, "foreign near miss of the bucket", arn)
        for key in keys:
            yield Place("s3", "object", f"{arn}/{key}", FOREIGN_ACCOUNT, "object in it", f"{arn}/{key}")


def _siblings(project: str, arn: str) -> Iterator[str]:
    """The ARN with another name of the same beginning in place of ours."""
    parsed = Arn.parse(arn)
    own = re.search(rf"\b{re.escape(project)}(-[A-Za-z0-9-]*)?", parsed.resource)
    if own is None:
        yield from _endings(arn)
        return
    name = own[0]
    others = (
        *_endings(name),
        *_endings(project),
        *(f"{each}{name.removeprefix(project)}" for each in _endings(project)),
    )
    for other in dict.fromkeys(others):
        resource = f"{parsed.resource[: own.start()]}{other}{parsed.resource[own.end() :]}"
        yield str(replace(parsed, resource=resource))


def _endings(name: str) -> list[str]:
    return [f"{name}{ending}" for ending in ENDINGS]


def is_open(place: Place) -> bool:
    """Whether :func:`with_open` lets every account of the map use what is unrelated, near or foreign."""
    return place.kind in _OPEN_KINDS


def with_open(store: DocumentStore, names: Names, places: Iterable[Place]) -> DocumentStore:
    """Buckets, keys and roles that are not ours, as open to the map's accounts as their owners may make them. A key's
    default policy delegates to its account, whose identity policies then decide (KMS Developer Guide,
    key-policy-default) [D]."""
    roots = {"AWS": [names.account_root(account) for account in names.accounts]}
    opened = open_to_all(names)
    trust = Policy.parse(policy(grant("Open", roots, "*", [])), "trust policy of somebody else")
    resources, roles = dict(store.resources), dict(store.roles)
    for place in places:
        if place.kind in ("bucket", "key"):
            resources[place.arn] = opened
        elif place.kind == "role":
            roles[place.arn] = RolePolicies(trust)
    return replace(store, resources=resources, roles=roles)
