"""For scale: the faults of the sample that the project replaces, in documents for our names, under our attacks.

The sample is aws-samples/cross-account-ml-codepipeline; the letters are those of its faults in the project's facts
sheet."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.proof.changes import BUCKET_POLICY, KEY_POLICY, NAMES, WORLD, identity_of, trust_of
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.matrix.matrix import whole_matrix
from xacct_ml.proof.policies import DocumentRef
from xacct_ml.proof.world import World
from xacct_ml.system.statements import Document, allow, deny, grant, policy

TARGET = NAMES.production[0]
OTHERS = [NAMES.account_root(account) for account in (NAMES.training, TARGET.id)]
OBJECTS = NAMES.object_arn("*")


def trust(services: list[str], accounts: list[str]) -> Document:
    roots = [NAMES.account_root(account) for account in accounts]
    principal: Document = {"Service": services, **({"AWS": roots} if roots else {})}
    return policy(grant("Trust", principal, ["sts:AssumeRole"], []))


def bucket() -> Document:
    """Whole accounts read and write everything (A9), any KMS key will do (A6), TLS for objects only (A8)."""
    return policy(
        deny(
            "DenyUnEncryptedObjectUploads",
            "*",
            ["s3:PutObject"],
            [OBJECTS],
            {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        ),
        deny("DenyInsecureConnections", "*", ["s3:*"], [OBJECTS], {"Bool": {"aws:SecureTransport": "false"}}),
        grant("CrossAccountGetPut", {"AWS": OTHERS}, ["s3:Get*", "s3:Put*"], [OBJECTS]),
        grant("CrossAccountList", {"AWS": OTHERS}, ["s3:ListBucket"], [NAMES.bucket_arn]),
    )


def key() -> Document:
    """The pipeline's role administrates the key (A4), whole accounts use it, past S3 and with grants (A5)."""
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    administration = ["kms:Create*", "kms:Put*", "kms:Disable*", "kms:Enable*", "kms:ScheduleKeyDeletion"]
    return policy(
        grant("Root", {"AWS": NAMES.account_root(NAMES.shared)}, ["kms:*"], ["*"]),
        grant("Administration", {"AWS": NAMES.pipeline_role}, administration, ["*"]),
        grant("Use", {"AWS": OTHERS}, use, ["*"]),
        grant("Grants", {"AWS": OTHERS}, ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], ["*"]),
    )


PASS_ANY = allow("PassRole", ["iam:PassRole"], [NAMES.arn("iam", NAMES.training, "role/*", region="")])
SEED: dict[str, dict[DocumentRef, Document]] = {
    "A1": {trust_of(NAMES.pipeline_role): trust(["codepipeline.amazonaws.com"], [NAMES.training, TARGET.id])},
    "A3": {identity_of(NAMES.pipeline_role, "actions"): policy(allow("AssumeRoleFromBC", ["sts:AssumeRole"], ["*"]))},
    "A4, A5": {KEY_POLICY: key()},
    "A6, A8, A9": {BUCKET_POLICY: bucket()},
    "A15": {trust_of(NAMES.job_result_role): trust(["lambda.amazonaws.com"], [TARGET.id])},
    "B4": {identity_of(NAMES.state_machine_role, "pass-role"): policy(PASS_ANY)},
    "B5": {trust_of(NAMES.train_action_role): trust(["codepipeline.amazonaws.com"], [NAMES.shared, NAMES.training])},
    "B11": {
        trust_of(NAMES.training_role): trust(["sagemaker.amazonaws.com", "cloudformation.amazonaws.com"], []),
        trust_of(NAMES.state_machine_role): trust(["states.amazonaws.com"], []),
    },
    "C5": {
        trust_of(NAMES.deploy_function_role(TARGET)): trust(
            ["lambda.amazonaws.com", "sagemaker.amazonaws.com"], [NAMES.shared]
        )
    },
}


def planted(*faults: str) -> World:
    policies = WORLD.policies
    for fault in faults:
        for ref, document in SEED[fault].items():
            assert ref in policies.entries
            policies = policies.with_document(ref, document)
    return WORLD.with_policies(policies)


def succeeding(world: World) -> Counter[str]:
    """Attacks that are not repelled, by their group."""
    return Counter(one.attack.group for one in attack_all(world) if not one.repelled)


def test_the_seeds_faults_together_let_hundreds_of_requests_through() -> None:
    """In every group of attacks, where our documents let none through."""
    assert succeeding(WORLD) == Counter()
    open_groups = succeeding(planted(*SEED))
    assert open_groups.total() > 100
    assert set(open_groups) >= {
        "An administrator of the training account",
        "An administrator of production account production",
        "Uploads",
        "Key",
        "Role assumption",
        "Confused deputy",
        "Passing roles",
    }


@pytest.mark.parametrize("fault", SEED, ids=SEED.keys())
def test_each_fault_of_the_seed_is_found_by_itself(fault: str) -> None:
    """By an attack, or where our other documents still stand in the way, by the matrix."""
    world = planted(fault)
    assert succeeding(world) or whole_matrix(world).unintended


def test_the_matrix_counts_what_the_seed_allows() -> None:
    """Requests that no hop means; an object's data and its administration among them."""
    unintended = {(cell.request.action, cell.resource_class) for cell in whole_matrix(planted(*SEED)).unintended}
    assert {("s3:PutObject", "data"), ("s3:PutObjectAcl", "models"), ("kms:CreateGrant", "key")} <= unintended
