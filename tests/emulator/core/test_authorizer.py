"""Every request is decided by the stored policies, and refused in AWS's words."""

from __future__ import annotations

import pytest
from botocore import UNSIGNED
from botocore.config import Config as ClientConfig
from botocore.session import get_session

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of, policy, statement
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable, role_credentials
from xacct_ml.emulator.server import EmbeddedAws


def test_a_right_is_needed_for_each_call(roles: Roles, unique: str) -> None:
    """Without a statement a call is denied, with AWS's sentence; with it, it is served."""
    session = roles.session(unique, allow("kms:ListAliases", resource="*"))
    kms = session.client("kms")
    kms.list_aliases()
    code, message, status = error_of(kms.list_keys)
    assert (code, status) == ("AccessDeniedException", 400)
    assert message == (
        f"User: arn:aws:sts::{SHARED}:assumed-role/{unique}/me is not authorized to perform: "
        "kms:ListKeys on resource: * because no identity-based policy allows the kms:ListKeys action"
    )


def test_the_query_protocol_has_its_own_code(roles: Roles, unique: str) -> None:
    """IAM says AccessDenied with 403, and names the resource."""
    code, message, status = error_of(roles.session(unique).client("iam").get_role, RoleName=unique)
    assert (code, status) == ("AccessDenied", 403)
    assert f"iam:GetRole on resource: arn:aws:iam::{SHARED}:role/{unique} because no identity-based policy" in message


def test_an_explicit_deny_is_named(roles: Roles, unique: str) -> None:
    """A Deny beats an Allow, and the message says so."""
    session = roles.session(unique, allow("kms:*", resource="*"), statement("Deny", "kms:ListKeys", resource="*"))
    _, message, _ = error_of(session.client("kms").list_keys)
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_a_permissions_boundary_limits(aws: EmbeddedAws, roles: Roles, unique: str) -> None:
    """What the boundary does not allow is denied, whatever the role's policies say."""
    iam = aws.administrator(SHARED).client("iam")
    boundary = iam.create_policy(PolicyName=unique, PolicyDocument=policy(allow("kms:ListAliases", resource="*")))[
        "Policy"
    ]["Arn"]
    arn = roles.create(unique, allow("kms:*", resource="*"), PermissionsBoundary=boundary)
    kms = role_credentials(aws.administrator(SHARED), arn, "me").client("kms")
    kms.list_aliases()
    assert "because no permissions boundary allows" in error_of(kms.list_keys)[1]


def test_a_session_policy_limits(aws: EmbeddedAws, roles: Roles, unique: str) -> None:
    """A policy given to AssumeRole narrows that session, and only that."""
    arn = roles.create(unique, allow("kms:*", resource="*"))
    answer = (
        aws.administrator(SHARED)
        .client("sts")
        .assume_role(RoleArn=arn, RoleSessionName="narrow", Policy=policy(allow("kms:ListAliases", resource="*")))[
            "Credentials"
        ]
    )
    narrow = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], arn)
    narrow.client("kms").list_aliases()
    assert "because no session policy allows" in error_of(narrow.client("kms").list_keys)[1]
    role_credentials(aws.administrator(SHARED), arn, "wide").client("kms").list_keys()


def test_a_change_of_policy_counts_at_once(aws: EmbeddedAws, roles: Roles, unique: str) -> None:
    """The stored policy is read at each request."""
    kms = roles.session(unique).client("kms")
    assert error_of(kms.list_keys)[0] == "AccessDeniedException"
    aws.administrator(SHARED).client("iam").put_role_policy(
        RoleName=unique, PolicyName="more", PolicyDocument=policy(allow("kms:ListKeys", resource="*"))
    )
    kms.list_keys()


def test_crossing_accounts_needs_both_sides(aws: EmbeddedAws, roles: Roles, unique: str) -> None:
    """AssumeRole into another account: the trust policy and the caller's identity policy must allow."""
    target = f"arn:aws:iam::{TRAINING}:role/{unique}"
    caller = roles.session(unique, allow("sts:AssumeRole", resource=target))
    other = roles.session(f"{unique}-other")
    trust = policy(allow("sts:AssumeRole", principal={"AWS": f"arn:aws:iam::{SHARED}:root"}))
    assert error_of(caller.client("sts").assume_role, RoleArn=target, RoleSessionName="run")[0] == "AccessDenied"
    aws.administrator(TRAINING).client("iam").create_role(RoleName=unique, AssumeRolePolicyDocument=trust)
    role_credentials(caller, target, "run")
    code, message, status = error_of(other.client("sts").assume_role, RoleArn=target, RoleSessionName="run")
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f"User: arn:aws:sts::{SHARED}:assumed-role/{unique}-other/me is not authorized to perform: "
        f"sts:AssumeRole on resource: {target}"
    )


def test_the_external_id_is_asked_for(aws: EmbeddedAws, unique: str) -> None:
    """A trust policy with sts:ExternalId lets in only who gives it."""
    condition = {"StringEquals": {"sts:ExternalId": "secret"}}
    trust = policy(allow("sts:AssumeRole", principal={"AWS": f"arn:aws:iam::{SHARED}:root"}, **condition))
    arn = aws.administrator(TRAINING).client("iam").create_role(RoleName=unique, AssumeRolePolicyDocument=trust)
    arn = arn["Role"]["Arn"]
    sts = aws.administrator(SHARED).client("sts")
    assert error_of(sts.assume_role, RoleArn=arn, RoleSessionName="run")[0] == "AccessDenied"
    assert error_of(sts.assume_role, RoleArn=arn, RoleSessionName="run", ExternalId="guess")[0] == "AccessDenied"
    sts.assume_role(RoleArn=arn, RoleSessionName="run", ExternalId="secret")


def test_a_service_is_held_to_the_trust_policy(aws: EmbeddedAws, unique: str) -> None:
    """A service gets a role's credentials only as the trust policy says, source ARN and account included."""
    source = f"arn:aws:states:us-east-1:{TRAINING}:stateMachine:churn"
    condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:states:us-east-1:{TRAINING}:stateMachine:*"}}
    trust = policy(allow("sts:AssumeRole", principal={"Service": "states.amazonaws.com"}, **condition))
    iam = aws.administrator(TRAINING).client("iam")
    arn = iam.create_role(RoleName=unique, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    got = service_credentials(arn, "states.amazonaws.com", source_arn=source, session_name="run")
    assert got.client("sts").get_caller_identity()["Arn"].endswith(f"assumed-role/{unique}/run")
    with pytest.raises(RoleNotAssumable, match="states"):
        service_credentials(arn, "states.amazonaws.com", session_name="run")
    with pytest.raises(RoleNotAssumable, match="sagemaker"):
        service_credentials(arn, "sagemaker.amazonaws.com", source_arn=source, session_name="run")
    with pytest.raises(RoleNotAssumable, match="not authorized to perform AssumeRole on role"):
        service_credentials(f"{arn}-missing", "codepipeline.amazonaws.com", session_name="run")


@pytest.mark.usefixtures("aws")
def test_unknown_keys_are_refused_in_each_service_s_words() -> None:
    """No account is guessed for a key that nobody has."""
    stranger = Credentials("AKIAIOSFODNN7EXAMPLE", "secret")
    assert error_of(stranger.client("kms").list_keys)[0] == "UnrecognizedClientException"
    assert error_of(stranger.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    assert error_of(stranger.client("s3").list_buckets)[0] == "InvalidAccessKeyId"


def test_a_temporary_key_needs_its_token(roles: Roles, unique: str) -> None:
    """A session's key without, or with another, session token is refused."""
    session = roles.session(unique)
    forged = Credentials(session.access_key_id, session.secret_access_key, "forged")
    botched = get_session().create_client(
        "sts",
        region_name="us-east-1",
        endpoint_url=session.client("sts").meta.endpoint_url,
        aws_access_key_id=forged.access_key_id,
        aws_secret_access_key=forged.secret_access_key,
        aws_session_token=forged.session_token,
    )
    assert error_of(botched.get_caller_identity)[0] == "InvalidClientTokenId"


def test_an_inactive_key_is_refused(aws: EmbeddedAws, unique: str) -> None:
    """A user's key works until it is switched off."""
    iam = aws.administrator(SHARED).client("iam")
    iam.create_user(UserName=unique)
    key = iam.create_access_key(UserName=unique)["AccessKey"]
    user = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    identity = user.client("sts").get_caller_identity()
    assert identity["UserId"].startswith("AIDA")
    iam.update_access_key(UserName=unique, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert error_of(user.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"


def test_unsigned_requests_are_refused(aws: EmbeddedAws, unique: str) -> None:
    """S3 decides them by the bucket policy, the other services not at all."""
    admin = aws.administrator(SHARED).client("s3")
    admin.create_bucket(Bucket=unique)
    admin.put_object(Bucket=unique, Key="public", Body=b"1")
    session = get_session()
    unsigned = {
        "region_name": "us-east-1",
        "endpoint_url": aws.endpoint,
        "config": ClientConfig(signature_version=UNSIGNED, s3={"addressing_style": "path"}),
    }
    s3, kms = session.create_client("s3", **unsigned), session.create_client("kms", **unsigned)
    assert error_of(kms.list_keys)[2] in (403, 404)
    assert error_of(s3.get_object, Bucket=unique, Key="public")[:2] == ("AccessDenied", "Access Denied")
    open_to_all = policy(allow("s3:GetObject", principal="*", resource=f"arn:aws:s3:::{unique}/public"))
    admin.put_bucket_policy(Bucket=unique, Policy=open_to_all)
    assert s3.get_object(Bucket=unique, Key="public")["Body"].read() == b"1"


def test_no_header_chooses_the_account(aws: EmbeddedAws) -> None:
    """moto would serve another account on request."""
    sts = aws.administrator(SHARED).client("sts")

    def elsewhere(params: dict[str, dict[str, str]], **_: object) -> None:
        params["headers"]["x-moto-account-id"] = TRAINING

    sts.meta.events.register("before-call.sts.GetCallerIdentity", elsewhere)
    try:
        assert sts.get_caller_identity()["Account"] == SHARED
    finally:
        sts.meta.events.unregister("before-call.sts.GetCallerIdentity", elsewhere)


def test_plain_http_can_be_asked_about(aws: EmbeddedAws, unique: str) -> None:
    """Requests count as sent over TLS unless one says otherwise."""
    s3 = aws.administrator(SHARED).client("s3")
    s3.create_bucket(Bucket=unique)
    resources = [f"arn:aws:s3:::{unique}", f"arn:aws:s3:::{unique}/*"]
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = statement("Deny", "s3:*", resource=resources, principal="*", **insecure)
    s3.put_bucket_policy(Bucket=unique, Policy=policy(deny))
    s3.head_bucket(Bucket=unique)

    def over_plain_http(params: dict[str, dict[str, str]], **_: object) -> None:
        params["headers"]["x-emulator-secure-transport"] = "false"

    s3.meta.events.register("before-call.s3.ListObjectsV2", over_plain_http)
    try:
        code, message, _ = error_of(s3.list_objects_v2, Bucket=unique)
    finally:
        s3.meta.events.unregister("before-call.s3.ListObjectsV2", over_plain_http)
    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in a resource-based policy")


def test_an_unknown_operation_needs_everything(roles: Roles, unique: str) -> None:
    """Where no translator knows the operation, only a grant on all resources lets it pass."""
    narrow = roles.session(unique, allow("ssm:PutParameter", resource=f"arn:aws:ssm:us-east-1:{SHARED}:parameter/x"))
    wide = roles.session(f"{unique}-wide", allow("ssm:PutParameter", resource="*"))
    parameter = {"Name": "x", "Value": "1", "Type": "String"}
    assert error_of(narrow.client("ssm").put_parameter, **parameter)[0] == "AccessDeniedException"
    wide.client("ssm").put_parameter(**parameter)


def test_what_moto_lacks_is_said_and_not_retried(aws: EmbeddedAws) -> None:
    """An operation that moto does not implement ends in one 501."""
    before = len(aws.requests)
    iam = aws.administrator(PRODUCTION).client("iam")
    arn = f"arn:aws:iam::{PRODUCTION}:role/EmulatorAdministrator"
    code, message, status = error_of(iam.get_context_keys_for_principal_policy, PolicySourceArn=arn)
    assert (code, status) == ("NotImplemented", 501)
    assert "get_context_keys_for_principal_policy" in message
    assert len(aws.requests) == before + 1


def test_decisions_are_logged_in_order(aws: EmbeddedAws, roles: Roles, unique: str) -> None:
    """Each decision with its call, principal, request and reason; what a service asked says so."""
    after = len(aws.requests)
    session = roles.session(unique)
    error_of(session.client("kms").list_keys)
    denied = aws.requests.entries(after=after, allowed=False)
    assert [(entry.service, entry.operation, entry.asked.action) for entry in denied] == [
        ("kms", "ListKeys", "kms:ListKeys")
    ]
    assert denied[0].principal.role_arn == f"arn:aws:iam::{SHARED}:role/{unique}"
    sequence = [entry.seq for entry in aws.requests]
    assert sequence == sorted(sequence)
