"""How the project's key is found, which has no name: by its alias, else by its tag, so that a key that was made but not
yet given its alias is found too."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.concurrently import both, concurrently
from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.engine.backoff import SETTLING
from xacct_ml.engine.clock import Clock
from xacct_ml.resources.tags import tag_map
from xacct_ml.system.names import ADOPTED_TAG

PENDING_DELETION = "PendingDeletion"

Tags = dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A key: DescribeKey's ``KeyMetadata``, and its tags."""

    metadata: dict[str, Any]
    tags: Tags


def by_alias(kms: Any, alias: str) -> Found | None:
    """The key that has the alias, whoever it belongs to."""
    target = alias_target(kms, alias)
    if target is None:
        return None
    metadata, tags = both(lambda: kms.describe_key(KeyId=target)["KeyMetadata"], lambda: tags_of(kms, target))
    return Found(metadata, tags)


def by_tag(kms: Any, owns: Callable[[Tags], bool]) -> Found | None:
    """Our key without its alias. ``owns`` tells by a key's tags whether it is ours.

    There is a second one where two runs made one at the same time. The one that lost was never used: what a run puts
    to use is rotated (see :class:`~xacct_ml.resources.kms_key.KmsKey`), or was adopted, or waits for its deletion.
    """
    looks = [partial(_if_ours, kms, owns, key["KeyId"]) for key in listed(kms, "list_keys", "Keys")]
    ours = [found for found in concurrently(looks) if found]
    if len(ours) < 2:
        return ours[0] if ours else None
    rotating = concurrently([partial(_rotates, kms, found) for found in ours])

    def rank(index: int) -> tuple[int, Any]:
        metadata, tags = ours[index].metadata, ours[index].tags
        pending = metadata["KeyState"] == PENDING_DELETION
        used = rotating[index] or ADOPTED_TAG in tags
        return (1 if pending else 0 if used else 2), metadata["CreationDate"]

    return ours[min(range(len(ours)), key=rank)]


def alias_target(kms: Any, name: str) -> str | None:
    """The id of the key that an alias points to; None where it does not exist.

    Listed, not described: for an alias that does not exist there is no key whose policy or ARN could allow the
    question, and the answer may be a denial."""
    for alias in listed(kms, "list_aliases", "Aliases"):
        if alias["AliasName"] == name and "TargetKeyId" in alias:
            return str(alias["TargetKeyId"])
    return None


def wait_for_alias(kms: Any, name: str, clock: Clock) -> str | None:
    """The target of an alias that exists, once the list shows it."""
    for _ in SETTLING.attempts(clock, f"{name} to show up"):
        if (target := alias_target(kms, name)) is not None:
            return target
    return None


def tags_of(kms: Any, key: str) -> Tags:
    return tag_map(listed(kms, "list_resource_tags", "Tags", KeyId=key), "TagKey", "TagValue")


def _if_ours(kms: Any, owns: Callable[[Tags], bool], key: str) -> Found | None:
    try:
        tags = tags_of(kms, key)
    except ClientError as error:
        if code_of(error) in DENIED:  # a key whose policy shuts the account out is not one of ours
            return None
        raise
    return Found(kms.describe_key(KeyId=key)["KeyMetadata"], tags) if owns(tags) else None


def _rotates(kms: Any, found: Found) -> bool:
    """Waiting for its deletion a key has no rotation status (KMS Developer Guide, key-state) [D]."""
    if found.metadata["KeyState"] == PENDING_DELETION:
        return False
    return bool(kms.get_key_rotation_status(KeyId=found.metadata["KeyId"])["KeyRotationEnabled"])
