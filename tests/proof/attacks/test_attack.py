"""The attacks: all denied, and each kind of hole in a document found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.configs import SHARED, TRAINING, example
from tests.proof.changes import BUCKET_POLICY, KEY_POLICY, NAMES, changed, identity_of, trust_of
from tests.proof.maps import EXAMPLE
from tests.proof.maps import MAPS as PROOF_MAPS
from xacct_ml.access.model import Outcome
from xacct_ml.access.policy import Policy
from xacct_ml.access.store import authorize
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import attack_all, attacks
from xacct_ml.proof.attacks.intruder import with_intruders
from xacct_ml.proof.attacks.storage import BEYOND, MADE_AGAIN
from xacct_ml.proof.minimality.minimality import open_resources
from xacct_ml.proof.policies import DocumentRef, statements_of
from xacct_ml.proof.requests.samples import DIGEST, job_name
from xacct_ml.proof.world import World
from xacct_ml.system.approver import approver_policies
from xacct_ml.system.bucket import DENY_DELETION
from xacct_ml.system.statements import Document

MAPS = {
    "example": EXAMPLE,
    "china": example(region="cn-north-1"),
    "no role_arn": example(
        accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": ({"id": "333333333333"},)}
    ),
    "serverless": example(endpoint={"serverless": {}}),
}


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_every_attack_is_denied(config: Config) -> None:
    """Over a thousand requests, none allowed and none undetermined."""
    repelled = attack_all(world(config))
    assert len(repelled) > 1000
    assert [attack.attack.what for attack in repelled if not attack.repelled] == []


def drop_condition(statement: dict[str, Any]) -> None:
    del statement["Condition"]


def only_if_sent(statement: dict[str, Any]) -> None:
    statement["Condition"] = {f"{operator}IfExists": keys for operator, keys in statement["Condition"].items()}


def any_kms_key(statement: dict[str, Any]) -> None:
    statement["Effect"] = "Allow"


HOLES = {
    "the bucket takes any key, as in the seed (A6)": (
        (BUCKET_POLICY, "DenyOtherKeys", any_kms_key),
        "churn-training uploads models encrypted with another key",
    ),
    "the bucket takes uploads without encryption": (
        (BUCKET_POLICY, "DenyOtherEncryption", any_kms_key),
        "churn-training uploads models with another algorithm and the key",
    ),
    "plain HTTP": (
        (BUCKET_POLICY, "DenyInsecureTransport", any_kms_key),
        "churn-training uploads models over plain HTTP",
    ),
    "the whole production account reads the bucket (A9)": (
        (BUCKET_POLICY, "EndpointReadsModels", drop_condition),
        f"s3:GetObject on {NAMES.judged_key(DIGEST)}",
    ),
    "records may be written over": (
        (BUCKET_POLICY, "DenyOverwriting", any_kms_key),
        "churn-judge of 111111111111 writes over records",
    ),
    "data may be written over": (
        (BUCKET_POLICY, "DenyOverwriting", any_kms_key),
        "xacct-ml-operator of 111111111111 writes over data",
    ),
    "the account's administrators write records": (
        (BUCKET_POLICY, "DenyOtherWriters", any_kms_key),
        "churn-0 of 111111111111 writes records",
    ),
    "the account's administrators delete judged models": (
        (BUCKET_POLICY, "DenyDeletion", any_kms_key),
        "churn-0 of 111111111111: s3:DeleteObjectVersion of judged models of us-east-1",
    ),
    "training has a network": (
        (identity_of(NAMES.state_machine_role, "training"), "RunTrainingJob", drop_condition),
        "The state machine trains with a network",
    ),
    "training may take any instances": (
        (identity_of(NAMES.state_machine_role, "training"), "RunTrainingJob", drop_condition),
        "The state machine trains on other instances too",
    ),
    "a model is scored with a network": (
        (identity_of(NAMES.scorer_role, "transforms"), "MakeModels", drop_condition),
        "The judge's role makes a model without a word on the network",
    ),
    "a transform takes any instances": (
        (identity_of(NAMES.scorer_role, "transforms"), "StartTransforms", drop_condition),
        "The judge's role starts a transform on other instances",
    ),
    "a transform writes under any key": (
        (identity_of(NAMES.scorer_role, "transforms"), "StartTransforms", drop_condition),
        "The judge's role starts a transform whose output is under another key",
    ),
    "what is held out may be written over": (
        (BUCKET_POLICY, "DenyOverwriting", any_kms_key),
        "xacct-ml-operator of 111111111111 writes over the labels",
    ),
    "the scorer's role is anybody's": (
        (trust_of(NAMES.scorer_role), "Roles", drop_condition),
        "assumes churn-scorer in 222222222222",
    ),
    "scoring acts for anyone": (
        (trust_of(NAMES.scoring_role), "Service", drop_condition),
        "sagemaker.amazonaws.com assumes churn-scoring for a foreign account",
    ),
    "training writes into any account's bucket": (
        (identity_of(NAMES.training_role, "data"), "WriteModels", drop_condition),
        f"churn-training in 222222222222: s3:PutObject on {NAMES.object_arn(NAMES.model_key(job_name(NAMES)))}",
    ),
    "anybody assumes the evidence role": (
        (trust_of(NAMES.evidence_role), "Roles", drop_condition),
        "assumes churn-evidence in 222222222222",
    ),
    "the whole accounts use the key, past S3 (A5)": (
        (KEY_POLICY, "WriteThroughS3", drop_condition),
        "kms:GenerateDataKey on the key",
    ),
    "whole accounts assume the job-result role (A15)": (
        (trust_of(NAMES.job_result_role), "Roles", drop_condition),
        "assumes churn-job-result in 111111111111",
    ),
    "EventBridge need not say for which rule": (
        (trust_of(NAMES.start_role), "Service", only_if_sent),
        "events.amazonaws.com assumes churn-start without saying for whom",
    ),
    "CloudFormation need not say for which stack": (
        (trust_of(NAMES.cloudformation_role), "Service", only_if_sent),
        "cloudformation.amazonaws.com assumes churn-cloudformation without saying for whom",
    ),
    "SageMaker trains for anyone (B11)": (
        (trust_of(NAMES.training_role), "Service", drop_condition),
        "sagemaker.amazonaws.com assumes churn-training for a foreign account",
    ),
}


Hole = tuple[DocumentRef, str, Callable[[dict[str, Any]], None]]


@pytest.mark.long
@pytest.mark.parametrize(("hole", "succeeds"), HOLES.values(), ids=HOLES.keys())
def test_each_kind_of_hole_lets_its_attack_through(hole: Hole, succeeds: str) -> None:
    """The attacks can fail: a fault of the seed planted into a document is found."""
    open_attacks = {attack.attack.what for attack in attack_all(changed(*hole)) if not attack.repelled}
    assert succeeds in open_attacks


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
@pytest.mark.parametrize("words", ["records", "judged models of us-east-1"])
def test_without_an_operator_nobody_deletes_evidence(words: str, action: str) -> None:
    """The account's administrator neither, before he writes the bucket's policy; without the statement he does."""
    given = world(MAPS["no role_arn"])
    document = given.policies.entries[BUCKET_POLICY]
    rest = [one for one in document["Statement"] if one["Sid"] != DENY_DELETION]
    without = given.with_policies(given.policies.with_document(BUCKET_POLICY, {**document, "Statement": rest}))
    what = f"churn-0 of {SHARED}: {action} of {words}"
    for denied, changed_world in ((True, given), (False, without)):
        (found,) = (attack for attack in attack_all(changed_world) if attack.attack.what == what)
        assert found.repelled is denied


@pytest.mark.parametrize("name", PROOF_MAPS)
def test_a_roles_own_policies_keep_it_to_its_job(name: str) -> None:
    """Whatever the resources' policies let in: otherwise a policy that is too wide hides behind them."""
    given = world(PROOF_MAPS[name])
    assert beyond(given) == set()


def test_a_policy_that_is_too_wide_does_not_hide_behind_the_resources() -> None:
    """The endpoint's role with the whole bucket: its policy is not what lets it read no more than judged models."""
    endpoint = NAMES.endpoint_role(NAMES.production[0])
    ref = identity_of(endpoint, "model")
    wide = changed(ref, "ReadModels", lambda statement: statement.update(Resource=NAMES.object_arn("*")))
    assert all(attack.repelled for attack in attack_all(wide))
    assert "churn-endpoint of production reads data" in beyond(wide)


def beyond(given: World) -> set[str]:
    """What roles may do beyond their jobs, where every resource lets in all accounts."""
    store = open_resources(with_intruders(given.names, given.store), given.names)
    tried = [one for one in attacks(given) if one.group in (BEYOND, "Role assumption", "Passing roles")]
    assert len(tried) > 500
    return {one.what for one in tried if authorize(one.request, store).outcome is not Outcome.DENIED}


def without_owner(document: Document, position: int) -> Document:
    """The policy whose statement of that position no longer asks whose the bucket is."""
    changed_one = copy.deepcopy(document)
    conditions = changed_one["Statement"][position]["Condition"]
    del conditions["StringEquals"]["aws:ResourceAccount"]
    if not conditions["StringEquals"]:
        del conditions["StringEquals"]
    return changed_one


def asks_for_owner(document: Document) -> list[int]:
    """The positions of its statements that do."""
    return [at for at, one in enumerate(statements_of(document)) if "aws:ResourceAccount" in str(one.get("Condition"))]


@pytest.mark.parametrize("name", ["source zip", "git host", "two approvers", "everything"])
def test_every_right_on_a_bucket_says_whose_it_must_be(name: str) -> None:
    """Of no role of the project is there one without: taken out of any statement, somebody's bucket of our name is
    used."""
    given = world(PROOF_MAPS[name])
    tried = [attack for attack in attacks(given) if attack.group == MADE_AGAIN]

    def used(changed_world: World) -> bool:
        store = with_intruders(given.names, changed_world.store)
        return any(authorize(attack.request, store).outcome is not Outcome.DENIED for attack in tried)

    assert not used(given)
    unguarded = [
        (ref.name, document["Statement"][at]["Sid"])
        for ref, document in given.policies.entries.items()
        for at in asks_for_owner(document)
        if not used(given.with_policies(given.policies.with_document(ref, without_owner(document, at))))
    ]
    assert unguarded == []
    approver = given.names.approver_role
    for document in approver_policies(given.names).values():
        for at in asks_for_owner(document):
            one = Policy.parse(without_owner(document, at), "approver")
            assert used(given.with_policies(replace(given.policies, principals={approver or "": (one,)})))
