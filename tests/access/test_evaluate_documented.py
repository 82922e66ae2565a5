"""Golden cases: the AWS documentation's own examples, with the answer its text gives.

Each test names its page; policies are shortened to what the text speaks about."""

from __future__ import annotations

import pytest

from tests.access.policies import outcome, policy, request, statement
from xacct_ml.access.model import Outcome, Principal, ResourcePolicyKind

ALLOWED, DENIED = Outcome.ALLOWED, Outcome.DENIED


@pytest.mark.parametrize(
    ("bucket", "expected"), [("carlossalazar", ALLOWED), ("carlossalazar-logs", DENIED), ("another", DENIED)]
)
def test_carlos_in_one_account(bucket: str, expected: Outcome) -> None:
    """reference_policies_evaluation-logic, "Example identity-based and resource-based policy evaluation"."""
    carlos = Principal.user("arn:aws:iam::123456789012:user/carlossalazar")
    own = ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]
    identity = policy(
        statement(action=["s3:GetBucketLocation", "s3:ListAllMyBuckets"], resource="arn:aws:s3:::*"),
        statement(action="s3:*", resource=own),
        statement("Deny", "s3:*", "arn:aws:s3:::*log*"),
    )
    bucket_policy = policy(statement(action="s3:*", resource=own, Principal={"AWS": carlos.arn}))
    asked = request(carlos, "s3:PutObject", f"arn:aws:s3:::{bucket}/file", "123456789012")
    assert outcome(asked, identity=(identity,), resource=bucket_policy) is expected


@pytest.mark.parametrize(
    ("bucket", "action", "expected"),
    [
        ("Production", "s3:PutObject", ALLOWED),
        ("Production", "s3:DeleteObject", DENIED),
        ("Production-logs", "s3:PutObject", DENIED),
    ],
)
def test_carlos_across_accounts(bucket: str, action: str, expected: Outcome) -> None:
    """reference_policies_evaluation-logic-cross-account: "He can create and edit, but not delete"."""
    carlos = Principal.user("arn:aws:iam::111111111111:user/carlossalazar")
    identity = policy(
        statement(action="s3:ListAllMyBuckets"),
        statement(action="s3:*Object*", resource="arn:aws:s3:::Production/*"),
        statement("Deny", "s3:*", ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"]),
    )
    bucket_policy = policy(
        statement(
            action=["s3:GetObject*", "s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"],
            resource="arn:aws:s3:::Production/*",
            Principal={"AWS": carlos.arn},
        )
    )
    guarding = bucket_policy if bucket == "Production" else None
    asked = request(carlos, action, f"arn:aws:s3:::{bucket}/file", "222222222222")
    assert outcome(asked, identity=(identity,), resource=guarding, resource_kind=ResourcePolicyKind.BUCKET) is expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("iam:GetUser", ALLOWED),
        ("iam:ListRoles", ALLOWED),
        ("iam:GetOrganizationsAccessReport", DENIED),
        ("iam:CreatePolicy", DENIED),
    ],
)
def test_explicit_and_implicit_denies(action: str, expected: Outcome) -> None:
    """reference_policies_evaluation-logic, "The difference between explicit and implicit denies"."""
    identity = policy(statement(action=["iam:Get*", "iam:List*"]), statement("Deny", "iam:*Report"))
    assert outcome(request(action=action, resource="*"), identity=(identity,)) is expected


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [("s3:GetObject", "*", ALLOWED), ("iam:CreateUser", "*", DENIED), ("cloudwatch:PutMetricData", "*", ALLOWED)],
)
def test_shirley_and_her_boundary(action: str, resource: str, expected: Outcome) -> None:
    """access_policies_boundaries: the boundary allows three services and grants none of them."""
    boundary = policy(statement(action=["s3:*", "cloudwatch:*", "ec2:*"]))
    everything = policy(statement(action="*"))
    creating_users = policy(statement(action="iam:CreateUser"))
    asked = request(action=action, resource=resource)
    assert outcome(asked, identity=(everything,), boundary=boundary) is expected
    assert outcome(asked, identity=(creating_users,), boundary=boundary) is DENIED


@pytest.mark.parametrize(
    ("prefix", "expected"), [("", ALLOWED), ("home/", ALLOWED), ("home/bo/", ALLOWED), ("x/", DENIED)]
)
def test_listing_a_home_directory(prefix: str, expected: Outcome) -> None:
    """reference_policies_elements_condition_operators, StringLike with s3:prefix."""
    bo = Principal.user("arn:aws:iam::111111111111:user/bo")
    identity = policy(
        statement(
            action="s3:ListBucket",
            resource="arn:aws:s3:::BUCKET-NAME",
            Condition={"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}},
        )
    )
    asked = request(bo, "s3:ListBucket", "arn:aws:s3:::BUCKET-NAME", context={"s3:prefix": prefix})
    assert outcome(asked, identity=(identity,)) is expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("t2.micro", ALLOWED), ("m3.large", ALLOWED), ("m5.large", DENIED), (None, ALLOWED)]
)
def test_instance_types_if_they_exist(kind: str | None, expected: Outcome) -> None:
    """Conditions_IfExists: the image has no instance type, and needs none."""
    types = {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}
    context = {"ec2:InstanceType": kind} if kind else {}
    asked = request(action="ec2:RunInstances", resource="arn:aws:ec2:r::image/i", context=context)
    if_exists = policy(statement(action="ec2:RunInstances", Condition={"StringLikeIfExists": types}))
    assert outcome(asked, identity=(if_exists,)) is expected
    not_working = policy(statement(action="ec2:RunInstances", Condition={"StringLike": types}))
    assert outcome(asked, identity=(not_working,)) is (expected if kind else DENIED)


def test_negated_ifexists_in_a_deny_still_denies() -> None:
    """Conditions_IfExists: "the request is still denied even if the tag is missing"."""
    deny = statement("Deny", "*", Condition={"StringNotEqualsIfExists": {"aws:RequestTag/team": "red"}})
    identity = policy(statement(action="*"), deny)
    assert outcome(request(), identity=(identity,)) is DENIED
    assert outcome(request(context={"aws:RequestTag/team": "red"}), identity=(identity,)) is ALLOWED


@pytest.mark.parametrize(("issued", "expected"), [(None, ALLOWED), ("2024-01-01T00:00:00Z", DENIED)])
def test_no_temporary_credentials(issued: str | None, expected: Outcome) -> None:
    """Conditions_Null: aws:TokenIssueTime must not exist."""
    identity = policy(statement(action="ec2:*", Condition={"Null": {"aws:TokenIssueTime": "true"}}))
    context = {"aws:TokenIssueTime": issued} if issued else {}
    assert outcome(request(action="ec2:RunInstances", resource="*", context=context), identity=(identity,)) is expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"aws:PrincipalTag/department": "HR", "aws:PrincipalTag/role": "audit"}, ALLOWED),
        ({"aws:PrincipalTag/department": "legal", "aws:PrincipalTag/role": "Security"}, ALLOWED),
        ({"aws:PrincipalTag/department": "it", "aws:PrincipalTag/role": "audit"}, DENIED),
        ({"aws:PrincipalTag/department": "hr"}, DENIED),
    ],
)
def test_multiple_keys_and_values(context: dict[str, str], expected: Outcome) -> None:
    """reference_policies_multi-value-conditions: both tags, and the account."""
    condition = {
        "StringEqualsIgnoreCase": {
            "aws:PrincipalTag/department": ["finance", "hr", "legal"],
            "aws:PrincipalTag/role": ["audit", "security"],
        },
        "StringEquals": {"aws:PrincipalAccount": "111111111111"},
    }
    assert outcome(request(context=context), identity=(policy(statement(Condition=condition)),)) is expected


@pytest.mark.parametrize(
    ("name", "expected"), [("johndoe", (ALLOWED, ALLOWED)), ("JohnDoe", (DENIED, ALLOWED)), ("jd", (DENIED, DENIED))]
)
def test_case_of_values(name: str, expected: tuple[Outcome, Outcome]) -> None:
    """reference_policies_elements_condition: StringEquals and StringEqualsIgnoreCase on aws:username."""
    asked = request(Principal.user(f"arn:aws:iam::111111111111:user/{name}"))
    for operator, wanted in zip(("StringEquals", "StringEqualsIgnoreCase"), expected, strict=True):
        identity = policy(statement(Condition={operator: {"aws:username": "johndoe"}}))
        assert outcome(asked, identity=(identity,)) is wanted


BOB = Principal.user("arn:aws:iam::444455556666:user/Bob")
AUDIT_ROLE = "arn:aws:iam::444455556666:role/cross-account-read-only-role"
AUDITOR = Principal.session(AUDIT_ROLE, "cross-account-audit-app")


@pytest.mark.parametrize(
    ("spared", "principal", "expected"),
    [
        ([BOB.arn, "arn:aws:iam::444455556666:root"], BOB, ALLOWED),
        ([BOB.arn, "arn:aws:iam::444455556666:root"], Principal.user("arn:aws:iam::777777777777:user/Eve"), DENIED),
        ([AUDITOR.arn, AUDIT_ROLE, "arn:aws:iam::444455556666:root"], AUDITOR, ALLOWED),
        ([AUDITOR.arn, AUDIT_ROLE, "arn:aws:iam::444455556666:root"], Principal.service("s3.amazonaws.com"), DENIED),
    ],
)
def test_notprincipal_with_deny(spared: list[str], principal: Principal, expected: Outcome) -> None:
    """reference_policies_elements_notprincipal, both examples; "another policy statement must explicitly allow"."""
    resource = policy(
        statement("Deny", "s3:*", NotPrincipal={"AWS": spared}),
        statement(action="s3:*", Principal={"AWS": "*", "Service": "s3.amazonaws.com"}),
    )
    identity = policy(statement(action="s3:*"))
    assert outcome(request(principal), identity=(identity,), resource=resource) is expected


@pytest.mark.parametrize(("arn", "expected"), [("user/user-name", ALLOWED), ("user/other", DENIED)])
def test_principal_arn_instead_of_notprincipal(arn: str, expected: Outcome) -> None:
    """reference_policies_elements_principal, "All principals"."""
    user = Principal.user(f"arn:aws:iam::444455556666:{arn}")
    deny = statement(
        "Deny",
        "s3:*",
        Principal="*",
        Condition={"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:user/user-name"}},
    )
    identity = policy(statement(action="s3:*"))
    assert outcome(request(user, owner="444455556666"), identity=(identity,), resource=policy(deny)) is expected


@pytest.mark.parametrize(("header", "expected"), [("aws:kms", ALLOWED), ("AES256", DENIED), (None, DENIED)])
def test_uploads_without_the_encryption_header(header: str | None, expected: Outcome) -> None:
    """S3 User Guide, UsingKMSEncryption: "denies … if the request does not include" the header."""
    key = "s3:x-amz-server-side-encryption"
    deny = statement("Deny", "s3:PutObject", Principal="*", Condition={"StringNotEquals": {key: "aws:kms"}})
    asked = request(action="s3:PutObject", context={key: header} if header else {})
    identity = policy(statement(action="s3:PutObject"))
    assert outcome(asked, identity=(identity,), resource=policy(deny)) is expected


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", "arn:aws:s3:::HRBucket/Payroll", ALLOWED),
        ("s3:PutObject", "arn:aws:s3:::HRBucket/x", DENIED),
        ("s3:GetObject", "arn:aws:s3:::Other/x", ALLOWED),
    ],
)
def test_notresource_with_deny(action: str, resource: str, expected: Outcome) -> None:
    """reference_policies_elements_notresource and _notaction: everything but what is listed."""
    identity = policy(
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:PutObject", "NotResource": ["arn:aws:s3:::HRBucket/Payroll"]},
    )
    assert outcome(request(action=action, resource=resource), identity=(identity,)) is expected
    assert outcome(request(action="IAM:CreateUser", resource="*"), identity=(identity,)) is DENIED


def test_a_trust_policy_for_two_services() -> None:
    """reference_policies_elements_principal, "AWS service principals"."""
    trust = policy(
        statement(
            action="sts:AssumeRole",
            resource=None,
            Principal={"Service": ["ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"]},
        )
    )
    for service, expected in [("ecs", ALLOWED), ("elasticloadbalancing", ALLOWED), ("ec2", DENIED)]:
        asked = request(
            Principal.service(f"{service}.amazonaws.com"), "sts:AssumeRole", "arn:aws:iam::111111111111:role/r"
        )
        assert outcome(asked, resource=trust, resource_kind=ResourcePolicyKind.TRUST) is expected
