"""Explaining and mending what concerns another region: its own document, key and bucket are named."""

from __future__ import annotations

from tests.configs import ireland
from xacct_ml.access.store import authorize
from xacct_ml.operations.policies import world
from xacct_ml.proof.policies import Policies, statements_of
from xacct_ml.proof.prove import prove
from xacct_ml.proof.remediation.explain import explain, keys_in
from xacct_ml.proof.remediation.missing_statement import missing_statements
from xacct_ml.proof.remediation.remedies import Change
from xacct_ml.proof.requests.samples import DIGEST
from xacct_ml.proof.world import World
from xacct_ml.system.keys import Keys

CONFIG = ireland()
WORLD = world(CONFIG)
NAMES = WORLD.names
KEY = "arn:aws:kms:eu-west-1:111111111111:key/12345678-0000-0000-0000-000000000000"
KEYS = Keys.of({**WORLD.keys, "eu-west-1": KEY})


def without(sid: str, *, region: str) -> World:
    """The map's documents without the statements of this name in what belongs to the region, or to no region."""
    whole = world(CONFIG, KEYS)
    entries = {
        ref: {
            **document,
            "Statement": [one for one in statements_of(document) if one["Sid"] != sid or ref.region != region],
        }
        for ref, document in whole.policies.entries.items()
    }
    return whole.with_policies(Policies(entries, whole.policies.principals))


def test_a_copy_that_is_refused_names_its_statement() -> None:
    """It is a hop of the action that failed."""
    resource = NAMES.object_arn(NAMES.judged_key(DIGEST), "eu-west-1")
    who = "arn:aws:sts::111111111111:assumed-role/churn-copy-model/churn-copy"
    message = f"User: {who} is not authorized to perform: s3:PutObject on resource: {resource} because no policy allows"
    found = explain(message, without("WriteCopies", region=""), stage="Deploy copy-eu-west-1")
    (finding,) = found.denied
    assert finding.hop is not None
    (remedy,) = finding.remedies
    assert (remedy.change, remedy.statement["Sid"]) == (Change.PUT_BACK, "WriteCopies")


def test_a_regions_key_policy_is_told_from_the_others() -> None:
    """Both have a statement of that name; the one that lacks it is named."""
    who = "arn:aws:sts::333333333333:assumed-role/churn-endpoint-eu-west-1/SageMaker"
    message = f"User: {who} is not authorized to perform: kms:Decrypt on resource: {KEY} because no policy allows"
    assert keys_in(message, CONFIG) == KEYS
    (finding,) = explain(message, without("ReadThroughS3", region="eu-west-1")).denied
    (remedy,) = finding.remedies
    assert remedy.ref.title == "key policy of 111111111111 in eu-west-1"
    assert remedy.statement["Sid"] == "ReadThroughS3"


def test_a_missing_right_is_bound_to_the_regions_bucket() -> None:
    """What to paste says through which region's S3 and for which bucket."""
    there = WORLD.send.in_region("eu-west-1")
    request = there.key_through_s3(NAMES.training_role, "kms:Decrypt")
    decision = authorize(request, WORLD.store)
    missing = missing_statements(WORLD, request, decision)
    (resource_side,) = (one for one in missing if one.ref.region == "eu-west-1")
    condition = resource_side.statement["Condition"]
    assert condition["StringEquals"]["kms:ViaService"] == "s3.eu-west-1.amazonaws.com"
    assert condition["StringLike"]["kms:EncryptionContext:aws:s3:arn"][0] == NAMES.bucket_arn_in("eu-west-1")


def test_the_keys_that_exist_are_proven() -> None:
    """Not their stand-ins: documents for one key deny the other."""
    existing = world(CONFIG, KEYS)
    assert prove(existing).holds
    assert not prove(WORLD.with_policies(existing.policies)).holds
