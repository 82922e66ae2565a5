"""The attacks: all denied, and each kind of hole in a document found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.configs import SHARED, TRAINING, example
from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.policy import Policy
from xacct_ml.config.model import Config
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.world import documents_store
from xacct_ml.system.bucket import bucket_policy
from xacct_ml.system.key import key_policy
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.roles import roles

CONFIG = example()
NAMES = Names(CONFIG)
KEY_ARN = NAMES.key_arn()

MAPS = {
    "example": CONFIG,
    "china": example(region="cn-north-1"),
    "no role_arn": example(
        accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": ({"id": "333333333333"},)}
    ),
    "serverless": example(endpoint={"serverless": {}}),
}


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_every_attack_is_denied(config: Config) -> None:
    """Over a thousand requests, none allowed and none undetermined."""
    repelled = attack_all(config)
    assert len(repelled) > 1000
    assert [attack.attack.what for attack in repelled if not attack.repelled] == []


def open_bucket(change: Callable[[dict[str, Any]], None], sid: str) -> DocumentStore:
    document = bucket_policy(CONFIG, Keys.stand_ins(NAMES), CONFIG.region)
    (statement,) = (statement for statement in document["Statement"] if statement["Sid"] == sid)
    change(statement)
    return documents_store(CONFIG, KEY_ARN).with_bucket(NAMES.bucket_arn, Policy.parse(document, "bucket policy"))


def open_key(change: Callable[[dict[str, Any]], None], sid: str) -> DocumentStore:
    document = key_policy(CONFIG, CONFIG.region)
    (statement,) = (statement for statement in document["Statement"] if statement["Sid"] == sid)
    change(statement)
    return documents_store(CONFIG, KEY_ARN).with_key(KEY_ARN, Policy.parse(document, "key policy"))


def open_trust(job: str, change: Callable[[dict[str, Any]], None]) -> DocumentStore:
    (role,) = (role for role in roles(CONFIG, Keys.stand_ins(NAMES)) if role.job == job)
    change(role.trust["Statement"][0])
    store = documents_store(CONFIG, KEY_ARN)
    opened = RolePolicies(Policy.parse(role.trust, "trust"), store.roles[role.arn].identity)
    return store.with_role(role.arn, opened)


def drop_condition(statement: dict[str, Any]) -> None:
    del statement["Condition"]


def any_kms_key(statement: dict[str, Any]) -> None:
    statement["Effect"] = "Allow"


HOLES = {
    "the bucket takes any key, as in the seed (A6)": (
        open_bucket(any_kms_key, "DenyOtherKeys"),
        "churn-training uploads encrypted with another key",
    ),
    "the bucket takes uploads without encryption": (
        open_bucket(any_kms_key, "DenyOtherEncryption"),
        "churn-training uploads with another algorithm and the key",
    ),
    "plain HTTP": (open_bucket(any_kms_key, "DenyInsecureTransport"), "churn-training uploads over plain HTTP"),
    "the whole production account reads the bucket (A9)": (
        open_bucket(drop_condition, "EndpointReadsModels"),
        "s3:GetObject on models/churn-00000000-0000-0000-0000-000000000000/output/model.tar.gz",
    ),
    "the whole accounts use the key, past S3 (A5)": (
        open_key(drop_condition, "WriteThroughS3"),
        "kms:GenerateDataKey on the key",
    ),
    "whole accounts assume the job-result role (A15)": (
        open_trust("job-result", drop_condition),
        "assumes churn-job-result in 111111111111",
    ),
    "SageMaker trains for anyone (B11)": (
        open_trust("training", drop_condition),
        "sagemaker.amazonaws.com assumes churn-training for a foreign account",
    ),
}


@pytest.mark.parametrize(("store", "succeeds"), HOLES.values(), ids=HOLES.keys())
def test_each_kind_of_hole_lets_its_attack_through(store: DocumentStore, succeeds: str) -> None:
    """The attacks can fail: a fault of the seed planted into a document is found."""
    open_attacks = {attack.attack.what for attack in attack_all(CONFIG, store=store) if not attack.repelled}
    assert succeeds in open_attacks
