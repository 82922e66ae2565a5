"""What the operator does with the key itself, as hops: the key policy must allow it."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.system.names import PROJECT_TAG

OPERATOR_ROLE = "xacct-ml-operator"
"""Stands for whoever runs this tool in the shared account, where the map names no role."""

KEY_API = "Service Authorization Reference, AWS KMS"

_OPERATIONS = (
    "CancelKeyDeletion",
    "CreateAlias",
    "DeleteAlias",
    "DescribeKey",
    "EnableKey",
    "EnableKeyRotation",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListResourceTags",
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
)
"""What bootstrap and teardown call on a key that exists, from the calls themselves and from no policy: a right that an
operator's policy has too many must not make the key policy's right count as needed.
"""


def administration_hops(send: Sender, operator: str) -> Iterator[Hop]:
    """Every call on the key of every region, other than its use through S3."""
    names = send.names
    tags = {f"aws:{origin}Tag/{PROJECT_TAG}": names.project for origin in ("Resource", "Request")}
    for region in names.regions:
        there = send.in_region(region)
        for operation in _OPERATIONS:
            action = f"kms:{operation}"
            request = there.call(operator, action, there.key_arn, names.shared, tags)
            yield Hop("Bootstrap", f"The operator manages the key: {action}", request, KEY_API, Evidence.DOCUMENTED)
