"""Documents of the example map with a change, for tests that plant a hole or take something away."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.proof.maps import EXAMPLE
from xacct_ml.arn import Arn
from xacct_ml.operations.policies import world
from xacct_ml.proof.policies import DocumentKind, DocumentRef
from xacct_ml.proof.world import World

WORLD = world(EXAMPLE)
NAMES = WORLD.names
KEY_ARN = WORLD.keys.pipeline
POLICIES = WORLD.policies
BUCKET_POLICY = DocumentRef(DocumentKind.BUCKET, NAMES.bucket_arn, NAMES.shared)
KEY_POLICY = DocumentRef(DocumentKind.KEY, KEY_ARN, NAMES.shared)


def trust_of(role_arn: str) -> DocumentRef:
    return DocumentRef(DocumentKind.TRUST, role_arn, Arn.parse(role_arn).account)


def identity_of(role_arn: str, policy: str) -> DocumentRef:
    return DocumentRef(DocumentKind.IDENTITY, role_arn, Arn.parse(role_arn).account, policy)


def changed(ref: DocumentRef, sid: str, change: Callable[[dict[str, Any]], None]) -> World:
    """The example's world where ``change`` was done to one statement."""
    document = copy.deepcopy(POLICIES.entries[ref])
    (statement,) = (one for one in document["Statement"] if one["Sid"] == sid)
    change(statement)
    return WORLD.with_policies(POLICIES.with_document(ref, document))


def without(ref: DocumentRef, sid: str) -> World:
    document = POLICIES.entries[ref]
    kept = [one for one in document["Statement"] if one["Sid"] != sid]
    assert len(kept) == len(document["Statement"]) - 1
    return WORLD.with_policies(POLICIES.with_document(ref, {**document, "Statement": kept}))
