"""The hop table: everything a run needs is allowed, and a missing statement is found at its hop."""

from __future__ import annotations

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.access.documents_store import DocumentStore
from xacct_ml.access.policy import Policy
from xacct_ml.config.model import Config
from xacct_ml.proof.prove import prove
from xacct_ml.proof.requests.hop import Evidence
from xacct_ml.proof.world import documents_store
from xacct_ml.system.bucket import bucket_policy
from xacct_ml.system.key import key_policy
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document

CONFIG = example()
NAMES = Names(CONFIG)
KEY_ARN = NAMES.key_arn()

SEVERAL = {
    "shared": {"id": SHARED},
    "training": {"id": TRAINING},
    "production": ({"name": "eu", "id": PRODUCTION}, {"name": "us", "id": "444444444444"}),
}

MAPS = {
    "example": CONFIG,
    "china": example(region="cn-north-1"),
    "gov": example(region="us-gov-west-1"),
    "two production targets, ambient operator": example(accounts=SEVERAL),
    "role path and prefix": example(roles={"path": "/ml/", "name_prefix": "acme-"}),
    "serverless": example(endpoint={"serverless": {}}),
    "other names": example(
        data={"prefix": "datasets/churn"},
        pipeline={"name": "a-very-long-pipeline-name", "repository": "repo", "branch": "dev"},
    ),
}


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_every_hop_is_allowed(config: Config) -> None:
    """From the documents alone, for maps of every kind."""
    proof = prove(config)
    assert [str(proven.hop.request) for proven in proof.hops if not proven.decision.allowed] == []
    assert proof.holds


def test_every_hop_says_where_its_knowledge_comes_from() -> None:
    """A source each; assumptions are marked and few."""
    proven = prove(CONFIG).hops
    assert all(hop.hop.source for hop in proven)
    assumed = [hop.hop.what for hop in proven if hop.hop.evidence is Evidence.ASSUMED]
    assert 0 < len(assumed) < 6
    assert all("if it sends" in what for what in assumed)


def without(document: Document, sid: str) -> Document:
    kept = [statement for statement in document["Statement"] if statement["Sid"] != sid]
    assert len(kept) == len(document["Statement"]) - 1
    return {**document, "Statement": kept}


def denied(store: DocumentStore) -> list[str]:
    return [proven.hop.what for proven in prove(CONFIG, store=store).hops if not proven.decision.allowed]


def test_a_statement_taken_out_of_the_key_policy_breaks_its_hops_only() -> None:
    """Readers of the key are the stack action and the endpoint."""
    policy = Policy.parse(without(key_policy(CONFIG, CONFIG.region), "ReadThroughS3"), "key policy")
    store = documents_store(CONFIG, KEY_ARN)
    assert denied(store) == []
    assert denied(store.with_key(KEY_ARN, policy)) == ["… S3 decrypts it for the action", "… S3 decrypts it"]


def test_a_statement_taken_out_of_the_bucket_policy_breaks_its_hop_only() -> None:
    """The endpoint cannot read the model."""
    policy = Policy.parse(
        without(bucket_policy(CONFIG, Keys.stand_ins(NAMES), CONFIG.region), "EndpointReadsModels"), "bucket policy"
    )
    store = documents_store(CONFIG, KEY_ARN).with_bucket(NAMES.bucket_arn, policy)
    assert denied(store) == ["The endpoint reads the model"]


def test_a_permissions_boundary_is_noted_as_assumed() -> None:
    """Its document is not in the map."""
    notes = prove(example(roles={"permissions_boundary": "boundary"})).notes
    assert any("boundary" in note for note in notes)


def test_the_policies_of_what_is_adopted_are_noted_as_partly_unknown() -> None:
    """The owner's statements are not in the map; with them, the live proof decides."""
    key = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    notes = prove(example(key={"arn": key}, adopt=("shared/bucket",))).notes
    assert [note.split(":")[0] for note in notes] == ["the key is adopted", "the bucket is adopted"]
