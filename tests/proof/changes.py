"""Documents of the example map with a change, for tests that plant a hole or take something away."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.proof.maps import EXAMPLE
from xacct_ml.proof.world import DocumentKind, DocumentRef, Documents, documents
from xacct_ml.system.names import Names

NAMES = Names(EXAMPLE)
KEY_ARN = NAMES.key_arn()
DOCUMENTS = documents(EXAMPLE, KEY_ARN)
BUCKET_POLICY = DocumentRef(DocumentKind.BUCKET, NAMES.bucket_arn, NAMES.shared)
KEY_POLICY = DocumentRef(DocumentKind.KEY, KEY_ARN, NAMES.shared)


def trust_of(role_arn: str) -> DocumentRef:
    return DocumentRef(DocumentKind.TRUST, role_arn, role_arn.split(":")[4])


def identity_of(role_arn: str, policy: str) -> DocumentRef:
    return DocumentRef(DocumentKind.IDENTITY, role_arn, role_arn.split(":")[4], policy)


def changed(ref: DocumentRef, sid: str, change: Callable[[dict[str, Any]], None]) -> Documents:
    """The example's documents where ``change`` was done to one statement."""
    document = copy.deepcopy(DOCUMENTS.entries[ref])
    (statement,) = (one for one in document["Statement"] if one["Sid"] == sid)
    change(statement)
    return DOCUMENTS.with_document(ref, document)


def without(ref: DocumentRef, sid: str) -> Documents:
    document = DOCUMENTS.entries[ref]
    kept = [one for one in document["Statement"] if one["Sid"] != sid]
    assert len(kept) == len(document["Statement"]) - 1
    return DOCUMENTS.with_document(ref, {**document, "Statement": kept})
