"""Verdicts of the example map, and of documents that differ from its own in one statement."""

from __future__ import annotations

from typing import Any

from tests.configs import SHARED, example
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.matrix.matrix import Matrix
from xacct_ml.proof.policies import DocumentKind, DocumentRef, statements_of
from xacct_ml.proof.prove import prove
from xacct_ml.proof.verify import Verdict
from xacct_ml.proof.world import World

CONFIG = example()
WORLD = world(CONFIG)
KEY_POLICY = DocumentRef(DocumentKind.KEY, WORLD.keys.pipeline, SHARED)
DATA_POLICY = DocumentRef(DocumentKind.IDENTITY, WORLD.names.training_role, WORLD.names.training, "data")
"""Of the role of training jobs."""


def verdict_of(given: World) -> Verdict:
    """Hops and attacks; of the matrix, which takes longer, nothing."""
    return Verdict(given, prove(given), attack_all(given), Matrix(376_805, 1, (), (), ()))


def with_changed(ref: DocumentRef, without: str, *more: dict[str, Any]) -> World:
    """The world whose document ``ref`` lacks the statement ``without`` and has ``more``."""
    document = WORLD.policies.entries[ref]
    statements = [one for one in statements_of(document) if one["Sid"] != without]
    changed = WORLD.policies.with_document(ref, {**document, "Statement": [*statements, *more]})
    return WORLD.with_policies(changed)
