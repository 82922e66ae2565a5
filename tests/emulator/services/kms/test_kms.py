"""KMS: decided by the key policy, across accounts too, with the states and refusals of KMS."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of, policy, statement
from xacct_ml.emulator.server import EmbeddedAws


def root(account: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account}:root"}


@pytest.fixture
def kms(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("kms")


def test_the_key_policy_decides_across_accounts(roles: Roles, kms: Any) -> None:
    """A key of another account works by its ARN if, and only if, key policy and identity policy allow."""
    delegating = allow("kms:*", principal=root(SHARED), resource="*")
    to_training = allow("kms:GenerateDataKey", "kms:Decrypt", principal=root(TRAINING), resource="*")
    key = kms.create_key(Policy=policy(delegating, to_training))["KeyMetadata"]["Arn"]
    user = roles.session("kms-user", allow("kms:*", resource=key), account=TRAINING).client("kms")
    bystander = roles.session("kms-bystander", account=TRAINING).client("kms")
    outsider = roles.session("kms-outsider", allow("kms:*", resource="*"), account=PRODUCTION).client("kms")
    made = user.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert made["KeyId"] == key
    assert user.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    code, message, _ = error_of(outsider.decrypt, CiphertextBlob=made["CiphertextBlob"])
    assert code == "AccessDeniedException"
    assert f"kms:Decrypt on resource: {key} because no resource-based policy allows the kms:Decrypt" in message
    assert error_of(bystander.decrypt, CiphertextBlob=made["CiphertextBlob"])[0] == "AccessDeniedException"
    assert error_of(user.disable_key, KeyId=key)[0] == "AccessDeniedException"


def test_the_encryption_context_reaches_the_conditions(roles: Roles, kms: Any) -> None:
    """kms:EncryptionContext:… is what the request carries."""
    matching = {"StringEquals": {"kms:EncryptionContext:purpose": "training"}}
    narrow = allow("kms:Encrypt", principal=root(TRAINING), resource="*", **matching)
    key = kms.create_key(Policy=policy(allow("kms:*", principal=root(SHARED), resource="*"), narrow))
    arn = key["KeyMetadata"]["Arn"]
    user = roles.session("kms-context", allow("kms:Encrypt", resource="*"), account=TRAINING).client("kms")
    user.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext={"purpose": "training"})
    assert error_of(user.encrypt, KeyId=arn, Plaintext=b"x")[0] == "AccessDeniedException"


def test_a_deny_in_the_key_policy_is_read_with_its_principal(kms: Any) -> None:
    """moto would let a Deny of kms:DescribeKey hit everyone."""
    deny = statement("Deny", "kms:DescribeKey", principal=root(TRAINING), resource="*")
    everything = allow("kms:*", principal=root(SHARED), resource="*")
    key = kms.create_key(Policy=policy(everything, deny))["KeyMetadata"]["Arn"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key


def test_states_are_changed_by_arn_and_enforced(kms: Any) -> None:
    """Disable, enable, schedule and cancel take ARNs; a key that is not enabled refuses to work."""
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.disable_key(KeyId=key)
    assert error_of(kms.encrypt, KeyId=key, Plaintext=b"x")[0] == "DisabledException"
    kms.enable_key(KeyId=key)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["KeyId"] == key
    assert error_of(kms.decrypt, CiphertextBlob=blob)[0] == "KMSInvalidStateException"
    assert error_of(kms.enable_key, KeyId=key)[0] == "KMSInvalidStateException"
    assert error_of(kms.create_alias, AliasName="alias/pending", TargetKeyId=key)[0] == "KMSInvalidStateException"
    kms.put_key_policy(KeyId=key, Policy=policy(allow("kms:*", principal=root(SHARED), resource="*")))
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == key
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    assert error_of(kms.cancel_key_deletion, KeyId=key)[0] == "KMSInvalidStateException"


def test_a_key_is_for_encryption_unless_said_otherwise(kms: Any) -> None:
    """DescribeKey says so too."""
    described = kms.describe_key(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])["KeyMetadata"]
    assert (described["KeyUsage"], described["KeySpec"]) == ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")


@pytest.mark.parametrize("days", [3, 31])
def test_the_deletion_window_is_checked(kms: Any, days: int) -> None:
    """7 to 30 days."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    code, *_ = error_of(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=days)
    assert code == "ValidationException"
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_the_rotation_period_is_reported(kms: Any) -> None:
    """What was asked for, a year where nothing was."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 180
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    assert error_of(kms.enable_key_rotation, KeyId=key, RotationPeriodInDays=2561)[0] == "ValidationException"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{bad", "Json"),
        (policy(allow("kms:*", principal={"AWS": f"arn:aws:iam::{SHARED}:role/ghost"}, resource="*")), "ghost"),
        (policy(allow("kms:*", principal={"AWS": "not an arn"}, resource="*")), "Invalid principal"),
        (policy(allow("kms:Encrypt", principal=root(SHARED), resource="*")), "will not allow you to update"),
        (policy(allow("kms:*", principal=root(TRAINING), resource="*")), "will not allow you to update"),
    ],
)
def test_a_bad_key_policy_is_refused(kms: Any, document: str, reason: str) -> None:
    """Malformed, with a principal that does not exist, or one that locks its writer out."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for call, parameters in ((kms.put_key_policy, {"KeyId": key}), (kms.create_key, {})):
        code, message, _ = error_of(call, Policy=document, **parameters)
        assert code == "MalformedPolicyDocumentException"
        assert reason in message


def test_the_lock_out_check_can_be_bypassed(kms: Any) -> None:
    """As in KMS; afterwards nobody of the account can change the key policy."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    locked = policy(allow("kms:Encrypt", principal=root(SHARED), resource="*"))
    kms.put_key_policy(KeyId=key, Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    assert error_of(kms.put_key_policy, KeyId=key, Policy=locked)[0] == "AccessDeniedException"


def test_the_lock_out_check_asks_the_callers_own_policies(roles: Roles) -> None:
    """Where the key's policy leaves it to the account's IAM (aws-solutions/innovation-sandbox-on-aws #31)."""
    left_to_iam = policy(allow("kms:*", principal=root(SHARED), resource="*"))
    makes = allow("kms:CreateKey", resource="*")
    without = roles.session("kms-makes", makes).client("kms")
    code, message, _ = error_of(without.create_key, Policy=left_to_iam)
    assert code == "MalformedPolicyDocumentException"
    assert message == "The new key policy will not allow you to update the key policy in the future."
    assert without.create_key(Policy=left_to_iam, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["KeyId"]
    both = roles.session("kms-administers", makes, allow("kms:PutKeyPolicy", resource="*")).client("kms")
    assert both.create_key(Policy=left_to_iam)["KeyMetadata"]["KeyId"]


def test_an_alias_needs_the_right_on_alias_and_key(roles: Roles, kms: Any) -> None:
    """kms:CreateAlias is asked on both."""
    key = kms.create_key()["KeyMetadata"]["Arn"]
    alias = f"arn:aws:kms:us-east-1:{SHARED}:alias/both"
    one = roles.session("kms-alias-one", allow("kms:CreateAlias", resource=alias)).client("kms")
    both = roles.session("kms-alias-both", allow("kms:CreateAlias", resource=[alias, key])).client("kms")
    assert error_of(one.create_alias, AliasName="alias/both", TargetKeyId=key)[0] == "AccessDeniedException"
    both.create_alias(AliasName="alias/both", TargetKeyId=key)
    assert kms.describe_key(KeyId="alias/both")["KeyMetadata"]["Arn"] == key


def test_tags_of_the_key_and_of_the_request_are_conditions(roles: Roles) -> None:
    """Only keys with the project's tag may be made, and used."""
    tagged = {"StringEquals": {"aws:RequestTag/project": "churn"}}
    own = {"StringEquals": {"aws:ResourceTag/project": "churn"}}
    session = roles.session(
        "kms-tags",
        allow("kms:CreateKey", "kms:TagResource", resource="*", **tagged),
        allow("kms:PutKeyPolicy", "kms:DescribeKey", resource="*", **own),
    ).client("kms")
    bypass = {"BypassPolicyLockoutSafetyCheck": True}
    assert error_of(session.create_key, **bypass)[0] == "AccessDeniedException"
    key = session.create_key(Tags=[{"TagKey": "project", "TagValue": "churn"}], **bypass)["KeyMetadata"]["KeyId"]
    assert session.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key


def test_a_missing_key_or_alias_of_ones_own_account_is_not_found_rather_than_denied(aws: EmbeddedAws) -> None:
    """Who may describe keys by ARN only still learns that the alias does not exist."""
    client = aws.administrator(SHARED).client("kms")
    for missing in ("alias/nothing", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(ClientError, match="NotFoundException"):
            client.describe_key(KeyId=missing)
