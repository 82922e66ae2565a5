"""Captured requests: every document of them proven on maps of each kind, and a planted right found."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example, operator_role
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.attacks.capture import CAPTURED
from xacct_ml.proof.policies import DocumentKind, DocumentRef, statements_of
from xacct_ml.proof.verify import verify
from xacct_ml.proof.world import World
from xacct_ml.system.statements import grant
from xacct_ml.system.thing import Bucket, Key


def captured(**changes: Any) -> Config:
    return example(endpoint={"capture": {}}, **changes)


WORLD = world(captured())
TWO_REGIONS = {
    "shared": {"id": SHARED, "role_arn": operator_role(SHARED)},
    "training": {"id": TRAINING, "role_arn": operator_role(TRAINING)},
    "production": (
        {"name": "us", "id": PRODUCTION, "role_arn": operator_role(PRODUCTION)},
        {"name": "eu", "id": PRODUCTION, "region": "eu-west-1", "role_arn": operator_role(PRODUCTION)},
        {"name": "asia", "id": "444444444444"},
    ),
}


@pytest.mark.long
@pytest.mark.parametrize(
    "config",
    [
        captured(),
        pytest.param(captured(accounts=TWO_REGIONS), marks=pytest.mark.long),
        pytest.param(captured(region="cn-north-1"), marks=pytest.mark.long),
    ],
    ids=["one target", "two regions, one operator not named", "china"],
)
def test_everything_is_proven(config: Config) -> None:
    assert verify(world(config)).failures() == ()


def through(kind: DocumentKind, thing: Key | Bucket, statement: dict[str, Any]) -> list[str]:
    """Attacks that succeed once the statement is in the document of the thing."""
    ref = DocumentRef(kind, thing.arn, PRODUCTION)
    changed = WORLD.with_policies(WORLD.policies.with_statement(ref, statement))
    return [one.attack.what for one in attack_all(changed) if not one.repelled]


def thing(kind: type[Key | Bucket]) -> Any:
    return next(one for one in WORLD.things if isinstance(one, kind) and one.account == PRODUCTION)


def test_a_door_for_another_account_is_found() -> None:
    """Of an administrator of the shared account, into the bucket; the key keeps its own."""
    root = {"AWS": WORLD.names.account_root(SHARED)}
    bucket = thing(Bucket)
    opened = through(DocumentKind.BUCKET, bucket, grant("Door", root, "s3:GetObject", f"{bucket.arn}/*"))
    assert opened == ["s3:GetObject on what production was asked"]
    opened = through(DocumentKind.KEY, thing(Key), grant("Door", root, "kms:Decrypt", "*"))
    assert "kms:Decrypt on production's key" in opened


def test_what_the_endpoint_writes_without_headers_is_the_buckets_to_encrypt() -> None:
    """So that no capture is lost where SageMaker leaves them out; a header that says otherwise is refused."""
    (statements,) = (
        statements_of(document)
        for ref, document in WORLD.policies.entries.items()
        if ref.kind is DocumentKind.BUCKET and ref.account == PRODUCTION
    )
    by_sid = {one["Sid"]: one["Condition"] for one in statements}
    assert by_sid["DenyOtherEncryption"]["Null"] == {"s3:x-amz-server-side-encryption": "false"}
    assert by_sid["DenyOtherKeys"]["StringEquals"] == {"s3:x-amz-server-side-encryption": "aws:kms"}


def test_without_capture_there_is_nothing_to_attack() -> None:
    def groups(given: World) -> set[str]:
        return {one.attack.group for one in attack_all(given)}

    assert CAPTURED in groups(WORLD)
    assert CAPTURED not in groups(world(example()))
