"""IAM and STS: what AWS refuses and moto takes, sessions and their limits."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from tests.configs import SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of, policy
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core.identity import Credentials, role_credentials
from xacct_ml.emulator.server import EmbeddedAws

ROOT = {"AWS": f"arn:aws:iam::{SHARED}:root"}
TRUST = policy(allow("sts:AssumeRole", principal=ROOT))


@pytest.fixture
def iam(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("iam")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{bad", "Json"),
        (policy(allow("sts:AssumeRole", principal=ROOT, resource="*")), "Resource"),
        (policy(allow("sts:AssumeRole")), "Principal"),
        (policy(allow("s3:GetObject", principal=ROOT)), "STS AssumeRole actions"),
        (policy(allow("sts:AssumeRole", principal={"AWS": f"arn:aws:iam::{TRAINING}:role/ghost"})), "ghost"),
        (policy(allow("sts:AssumeRole", principal={"Service": "nonsense"})), "nonsense"),
    ],
)
def test_a_bad_trust_policy_is_refused(iam: Any, unique: str, document: str, reason: str) -> None:
    """On creation and on update."""
    code, message, _ = error_of(iam.create_role, RoleName=unique, AssumeRolePolicyDocument=document)
    assert code == "MalformedPolicyDocument"
    assert reason in message
    iam.create_role(RoleName=unique, AssumeRolePolicyDocument=TRUST)
    assert error_of(iam.update_assume_role_policy, RoleName=unique, PolicyDocument=document)[0] == code


def test_principals_of_accounts_elsewhere_are_taken_on_trust(iam: Any, unique: str) -> None:
    """Nothing is known here of an account that is not on the map."""
    elsewhere = policy(allow("sts:AssumeRole", principal={"AWS": "arn:aws:iam::999999999999:role/theirs"}))
    iam.create_role(RoleName=unique, AssumeRolePolicyDocument=elsewhere)


def test_a_role_made_again_is_another_principal(aws: EmbeddedAws, roles: Roles, iam: Any, unique: str) -> None:
    """Policies hold principals by id: trust, key and bucket policy stop speaking of it until they are saved again."""
    arn = roles.create(unique)
    kms, s3 = aws.administrator(SHARED).client("kms"), aws.administrator(SHARED).client("s3")
    iam.create_role(
        RoleName=f"{unique}-b", AssumeRolePolicyDocument=policy(allow("sts:AssumeRole", principal={"AWS": arn}))
    )
    by_condition = allow("kms:Decrypt", principal=ROOT, resource="*", ArnEquals={"aws:PrincipalArn": arn})
    everything = allow("kms:*", principal={"AWS": [ROOT["AWS"], arn]}, resource="*")
    key = kms.create_key(Policy=policy(everything, by_condition))["KeyMetadata"]["KeyId"]
    s3.create_bucket(Bucket=unique)
    bucket_policy = policy(allow("s3:GetObject", principal={"AWS": arn}, resource=f"arn:aws:s3:::{unique}/*"))
    s3.put_bucket_policy(Bucket=unique, Policy=bucket_policy)
    s3.put_object(Bucket=unique, Key="a", Body=b"1")

    def read() -> None:
        session = role_credentials(aws.administrator(SHARED), arn, "me")
        session.client("s3").get_object(Bucket=unique, Key="a")["Body"].read()

    read()
    old = iam.get_role(RoleName=unique)["Role"]["RoleId"]
    iam.delete_role(RoleName=unique)
    roles.create(unique)
    assert error_of(read)[0] == "AccessDenied"
    assert iam.get_role(RoleName=f"{unique}-b")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "AWS": old
    }
    stored = json.loads(kms.get_key_policy(KeyId=key)["Policy"])["Statement"]
    assert stored[0]["Principal"]["AWS"] == [ROOT["AWS"], old]
    assert stored[1]["Condition"]["ArnEquals"]["aws:PrincipalArn"] == arn
    shown = s3.get_bucket_policy(Bucket=unique)["Policy"]
    assert error_of(s3.put_bucket_policy, Bucket=unique, Policy=shown)[0] == "MalformedPolicy"
    s3.put_bucket_policy(Bucket=unique, Policy=bucket_policy)
    read()


def test_role_names_are_unique_without_case(iam: Any, unique: str) -> None:
    """As in IAM."""
    iam.create_role(RoleName=unique, AssumeRolePolicyDocument=TRUST)
    again = {"RoleName": unique.upper(), "AssumeRolePolicyDocument": TRUST}
    assert error_of(iam.create_role, **again)[::2] == ("EntityAlreadyExists", 409)


def test_quotas_of_documents(iam: Any, unique: str) -> None:
    """2,048 characters of trust, 10,240 inline per role, 6,144 in a managed policy; white space is free."""

    def sized(length: int) -> str:
        return policy(allow("s3:GetObject", resource="arn:aws:s3:::" + "x" * length))

    long_trust = TRUST.replace('"Effect"', f'"Sid": "{"a" * 2048}", "Effect"')
    assert error_of(iam.create_role, RoleName=unique, AssumeRolePolicyDocument=long_trust)[0] == "LimitExceeded"
    iam.create_role(RoleName=unique, AssumeRolePolicyDocument=TRUST + " " * 3000)
    iam.put_role_policy(RoleName=unique, PolicyName="one", PolicyDocument=sized(6000))
    code, message, _ = error_of(iam.put_role_policy, RoleName=unique, PolicyName="two", PolicyDocument=sized(6000))
    assert (code, message) == ("LimitExceeded", f"Maximum policy size of 10240 bytes exceeded for role {unique}")
    assert error_of(iam.create_policy, PolicyName=unique, PolicyDocument=sized(7000))[0] == "LimitExceeded"


def test_an_attached_policy_cannot_be_deleted(iam: Any, unique: str) -> None:
    """Neither while a role has it, nor while it is a boundary."""
    document = policy(allow("kms:ListKeys", resource="*"))
    arn = iam.create_policy(PolicyName=unique, PolicyDocument=document)["Policy"]["Arn"]
    iam.create_role(RoleName=unique, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    assert error_of(iam.delete_policy, PolicyArn=arn)[::2] == ("DeleteConflict", 409)
    iam.delete_role_permissions_boundary(RoleName=unique)
    iam.attach_role_policy(RoleName=unique, PolicyArn=arn)
    assert error_of(iam.delete_policy, PolicyArn=arn)[0] == "DeleteConflict"
    iam.detach_role_policy(RoleName=unique, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_a_boundary_must_exist(iam: Any, unique: str) -> None:
    """NoSuchEntity, as IAM says it."""
    ghost = {"PermissionsBoundary": f"arn:aws:iam::{SHARED}:policy/ghost"}
    assert error_of(iam.create_role, RoleName=unique, AssumeRolePolicyDocument=TRUST, **ghost)[0] == "NoSuchEntity"


def test_managed_policies_count_in_their_default_version(iam: Any, roles: Roles, unique: str) -> None:
    """The version that is default at the time of the request."""
    no, yes = policy(allow("kms:ListAliases", resource="*")), policy(allow("kms:ListKeys", resource="*"))
    arn = iam.create_policy(PolicyName=unique, PolicyDocument=no)["Policy"]["Arn"]
    session = roles.session(unique)
    iam.attach_role_policy(RoleName=unique, PolicyArn=arn)
    assert error_of(session.client("kms").list_keys)[0] == "AccessDeniedException"
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=yes, SetAsDefault=True)
    session.client("kms").list_keys()


def test_creating_with_tags_needs_the_right_to_tag(roles: Roles, unique: str) -> None:
    """iam:TagRole beside iam:CreateRole, with the tags as conditions."""
    made = {"RoleName": f"{unique}-made", "AssumeRolePolicyDocument": TRUST}
    tags = [{"Key": "project", "Value": "churn"}]
    matching = {"StringEquals": {"aws:RequestTag/project": "churn"}}
    creator = roles.session(unique, allow("iam:CreateRole", resource="*")).client("iam")
    tagger = roles.session(f"{unique}-tagger", allow("iam:CreateRole", "iam:TagRole", resource="*", **matching))
    assert "iam:TagRole" in error_of(creator.create_role, **made, Tags=tags)[1]
    assert error_of(tagger.client("iam").create_role, **made)[0] == "AccessDenied"
    tagger.client("iam").create_role(**made, Tags=tags)
    iam = tagger.client("iam")
    assert error_of(iam.list_role_tags, RoleName=made["RoleName"])[0] == "AccessDenied"


def test_a_session_shows_who_it_is(aws: EmbeddedAws, iam: Any, unique: str) -> None:
    """The role's unique id, the session's name and the account."""
    made = iam.create_role(RoleName=unique, Path="/ml/", AssumeRolePolicyDocument=TRUST)["Role"]
    assert made["RoleId"].startswith("AROA")
    session = role_credentials(aws.administrator(SHARED), made["Arn"], "me")
    assert session.client("sts").get_caller_identity() | {"ResponseMetadata": None} == {
        "UserId": f"{made['RoleId']}:me",
        "Account": SHARED,
        "Arn": f"arn:aws:sts::{SHARED}:assumed-role/{unique}/me",
        "ResponseMetadata": None,
    }


def test_session_durations_are_checked(aws: EmbeddedAws, roles: Roles, iam: Any, unique: str) -> None:
    """The role's maximum, and an hour for chained roles."""
    arn = roles.create(unique, allow("sts:AssumeRole", resource="*"))
    assume = {"RoleArn": arn, "RoleSessionName": "me"}
    sts_of_admin = aws.administrator(SHARED).client("sts")
    assert error_of(sts_of_admin.assume_role, **assume, DurationSeconds=7200)[0] == "ValidationError"
    iam.update_role(RoleName=unique, MaxSessionDuration=7200)
    sts_of_admin.assume_role(**assume, DurationSeconds=7200)
    chained = role_credentials(aws.administrator(SHARED), arn, "me").client("sts")
    assert "role chaining" in error_of(chained.assume_role, **assume, DurationSeconds=7200)[1]


def test_an_expired_session_is_refused_in_each_service_s_words(roles: Roles, unique: str) -> None:
    """After its time a session's key is as good as none."""
    arn = roles.create(unique)
    over = sessions.mint(arn, "me", region="us-east-1", duration=-1)
    expired = Credentials(over.access_key_id, over.secret_access_key, over.session_token, arn)
    assert error_of(expired.client("kms").list_keys)[0] == "ExpiredTokenException"
    assert error_of(expired.client("sts").get_caller_identity)[0] == "ExpiredToken"
    assert error_of(expired.client("s3").list_buckets)[0] == "ExpiredToken"


def test_session_tags_are_principal_tags(aws: EmbeddedAws, unique: str) -> None:
    """aws:PrincipalTag comes from the role's tags, session tags winning; giving them needs sts:TagSession."""
    client = aws.administrator(SHARED).client("iam")
    both = policy(allow("sts:AssumeRole", "sts:TagSession", principal=ROOT))
    tags = [{"Key": "team", "Value": "ops"}]
    arn = client.create_role(RoleName=unique, AssumeRolePolicyDocument=both, Tags=tags)["Role"]["Arn"]
    matching = {"StringEquals": {"aws:PrincipalTag/team": "ml"}}
    rights = policy(allow("kms:ListKeys", resource="*", **matching))
    client.put_role_policy(RoleName=unique, PolicyName="rights", PolicyDocument=rights)
    admin = aws.administrator(SHARED)
    assert error_of(role_credentials(admin, arn, "me").client("kms").list_keys)[0] == "AccessDeniedException"
    answer = admin.client("sts").assume_role(RoleArn=arn, RoleSessionName="me", Tags=[{"Key": "team", "Value": "ml"}])[
        "Credentials"
    ]
    tagged = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], arn)
    tagged.client("kms").list_keys()


def test_a_users_session_with_a_device(aws: EmbeddedAws) -> None:
    """One code gives a session that is the user's and has the device; temporary credentials get none."""
    admin = aws.administrator(SHARED)
    sts, device = admin.client("sts"), f"arn:aws:iam::{SHARED}:mfa/ann"
    answer = sts.get_session_token(SerialNumber=device, TokenCode="123456")["Credentials"]
    again = error_of(sts.get_session_token, SerialNumber=device, TokenCode="123456")
    assert again == ("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", 403)
    session = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
    assert session.client("sts").get_caller_identity()["Arn"] == sts.get_caller_identity()["Arn"]
    assert error_of(session.client("sts").get_session_token)[0] == "AccessDenied"
    keys = {"aws_access_key_id": answer["AccessKeyId"], "aws_secret_access_key": answer["SecretAccessKey"]}
    wrong = boto3.client("sts", "us-east-1", endpoint_url=aws.endpoint, aws_session_token="wrong", **keys)
    assert error_of(wrong.get_caller_identity)[0] == "InvalidClientTokenId"
    listed = admin.client("iam").list_access_keys()["AccessKeyMetadata"]
    assert answer["AccessKeyId"] not in [key["AccessKeyId"] for key in listed]


def test_canned_credentials_are_not_given_out(aws: EmbeddedAws) -> None:
    """moto would answer with keys that nobody has."""
    assert error_of(aws.administrator(SHARED).client("sts").get_federation_token, Name="ann")[0] == "NotImplemented"
