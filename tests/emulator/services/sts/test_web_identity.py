"""Signing in with the token of a CI's provider, without AWS credentials."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests.configs import SHARED
from tests.emulator.rights import allow, error_of, policy
from xacct_ml.emulator.server import EmbeddedAws

GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{SHARED}:oidc-provider/{GITHUB}"


def token(**claims: Any) -> str:
    """One that GitHub might give to a run of the main branch, but for its signature."""
    given = {"iss": f"https://{GITHUB}", "aud": "sts.amazonaws.com", "sub": "repo:team/churn:ref:refs/heads/main"}
    parts: list[dict[str, Any]] = [{"alg": "RS256"}, {**given, **claims}, {}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


@pytest.fixture(scope="module")
def role(aws: EmbeddedAws) -> str:
    """The ARN of one that runs of the main branch may assume."""
    iam: Any = aws.administrator(SHARED).client("iam")
    iam.create_open_id_connect_provider(Url=f"https://{GITHUB}", ClientIDList=["sts.amazonaws.com"])
    main = {f"{GITHUB}:sub": "repo:team/churn:ref:refs/heads/main", f"{GITHUB}:aud": "sts.amazonaws.com"}
    trust = allow("sts:AssumeRoleWithWebIdentity", principal={"Federated": PROVIDER}, StringEquals=main)
    made = iam.create_role(RoleName="ci", AssumeRolePolicyDocument=policy(trust))
    rights = policy(allow("s3:ListAllMyBuckets", resource="*"))
    iam.put_role_policy(RoleName="ci", PolicyName="rights", PolicyDocument=rights)
    return str(made["Role"]["Arn"])


@pytest.fixture(scope="module")
def nobody(aws: EmbeddedAws) -> Any:
    """STS without credentials."""
    config = Config(signature_version=UNSIGNED, retries={"max_attempts": 0})
    return boto3.client("sts", region_name="us-east-1", endpoint_url=aws.runtime.endpoint, config=config)


def sign_in(nobody: Any, role: str, web_token: str) -> Any:
    return nobody.assume_role_with_web_identity(RoleArn=role, RoleSessionName="run-1", WebIdentityToken=web_token)


def test_a_token_gives_a_session_of_the_role(aws: EmbeddedAws, nobody: Any, role: str) -> None:
    """With the role's rights and no others."""
    answer = sign_in(nobody, role, token())
    assert answer["Provider"] == PROVIDER
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{SHARED}:assumed-role/ci/run-1"
    given = answer["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "us-east-1")
    s3 = session.client("s3", endpoint_url=aws.runtime.endpoint)
    s3.list_buckets()
    assert error_of(s3.create_bucket, Bucket="not-allowed")[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("claims", "code", "said", "status"),
    [
        ({"sub": "repo:team/churn:pull_request"}, "AccessDenied", "Not authorized to perform sts:AssumeRole", 403),
        ({"iss": "https://other.example"}, "InvalidIdentityToken", "No OpenIDConnect provider found in your", 400),
        ({"aud": "other"}, "InvalidIdentityToken", "Incorrect token audience", 400),
        ({"exp": 1}, "ExpiredTokenException", "Token expired: current date/time", 400),
    ],
)
def test_other_tokens_are_refused(
    nobody: Any, role: str, claims: dict[str, Any], code: str, said: str, status: int
) -> None:
    """Each in AWS's words."""
    found = error_of(lambda: sign_in(nobody, role, token(**claims)))
    assert (found[0], found[2]) == (code, status)
    assert found[1].startswith(said)


def test_what_is_no_token_or_trusts_another(nobody: Any, role: str) -> None:
    """The operator's role trusts people of its account."""
    code, message, _ = error_of(lambda: sign_in(nobody, role, "gho_0123456789"))
    assert (code, message.partition(" (")[0]) == ("InvalidIdentityToken", "The ID Token provided is not a valid JWT.")
    operator = f"arn:aws:iam::{SHARED}:role/xacct-ml-operator"
    assert error_of(lambda: sign_in(nobody, operator, token()))[0] == "AccessDenied"
