"""What botocore's errors become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    SSLError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError
from moto import mock_aws

from tests.aws.client_errors import client_error
from xacct_ml.aws.errors import translate, translated, watch
from xacct_ml.errors import AwsCallFailed, CredentialsError

DENIED = (
    "User: arn:aws:sts::111111111111:assumed-role/dev/ann is not authorized to perform: iam:CreateRole on resource: "
    "arn:aws:iam::111111111111:role/churn-pipeline because no identity-based policy allows the iam:CreateRole action"
)


def failed(code: str, message: str = "", call: str = "iam:CreateRole") -> AwsCallFailed:
    error = translate(client_error(code, message, call=call, account="111111111111"))
    assert isinstance(error, AwsCallFailed)
    return error


def test_a_refusal_names_account_call_and_code() -> None:
    """All three are in the message and in the error."""
    error = failed("EntityAlreadyExists", "Role with name x already exists.")
    assert (
        error.message == "iam:CreateRole in account 111111111111: EntityAlreadyExists: Role with name x already exists."
    )
    assert (error.account, error.call, error.code) == ("111111111111", "iam:CreateRole", "EntityAlreadyExists")


def test_a_denial_names_the_action_and_the_principal() -> None:
    """The next step says what to allow to whom."""
    step = failed("AccessDenied", DENIED).next_step
    assert step is not None
    assert "allow iam:CreateRole for arn:aws:sts::111111111111:assumed-role/dev/ann" in step


def test_a_denial_without_words_names_the_call() -> None:
    """S3 says only Access Denied."""
    step = failed("AccessDenied", "Access Denied", call="s3:CreateBucket").next_step
    assert step is not None
    assert "allow s3:CreateBucket" in step


@pytest.mark.parametrize(
    ("code", "call", "part"),
    [
        ("ThrottlingException", "iam:CreateRole", "wait a minute"),
        ("OperationNotAllowedException", "codecommit:CreateRepository", "to an account that has CodeCommit"),
        ("LimitExceeded", "iam:CreateRole", "Service Quotas"),
        ("MalformedPolicyDocument", "iam:CreateRole", "role_arn"),
    ],
)
def test_known_codes_have_a_next_step(code: str, call: str, part: str) -> None:
    """Where the remedy is known it is said."""
    step = failed(code, call=call).next_step
    assert step is not None
    assert part in step


@pytest.mark.parametrize("code", ["500", "503", "InternalError"])
def test_a_failure_of_aws_is_tried_again(code: str) -> None:
    """Whatever its code: a HEAD has only the status."""
    error = client_error(code, call="s3:HeadObject", account="111111111111")
    error.response["ResponseMetadata"]["HTTPStatusCode"] = 503
    assert "run the same command again" in str(translate(error).next_step)


def test_an_unknown_code_has_none() -> None:
    """Nothing is invented."""
    assert failed("SomethingNew").next_step is None


@pytest.mark.parametrize(
    "error",
    [
        client_error("ExpiredToken", call="s3:HeadBucket", account="111111111111"),
        client_error("InvalidClientTokenId", call="sts:GetCallerIdentity", account="111111111111"),
        NoCredentialsError(),
        UnauthorizedSSOTokenError(),
    ],
)
def test_bad_credentials_are_their_own_error(error: ClientError | BotoCoreError) -> None:
    """They end the command with their own exit code, in three lines at most."""
    translation = translate(error)
    assert isinstance(translation, CredentialsError)
    assert len(translation.lines()) <= 3


def test_an_unreachable_endpoint_is_not_a_credentials_error() -> None:
    """It names the endpoint and where it may come from."""
    error = translate(EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    assert isinstance(error, AwsCallFailed)
    assert error.code == "Unreachable"
    assert "127.0.0.1:1" in error.message


def test_watched_clients_say_where_their_errors_come_from() -> None:
    """A real client's error carries account and call into the translation."""
    with mock_aws():
        iam = boto3.client("iam", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        watch(iam, "111111111111")
        with pytest.raises(AwsCallFailed) as caught, translated():
            iam.get_role(RoleName="nobody")
    assert (caught.value.account, caught.value.call, caught.value.code) == (
        "111111111111",
        "iam:GetRole",
        "NoSuchEntity",
    )


def test_a_watched_client_names_its_call_when_nobody_answers() -> None:
    """A connection that fails is told with account and call too."""
    iam: Any = boto3.client(
        "iam",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"total_max_attempts": 1}),
    )
    watch(iam, "111111111111")
    with (
        pytest.raises(AwsCallFailed, match="iam:GetRole in account 111111111111, us-east-1: AWS could not be reached"),
        translated(),
    ):
        iam.get_role(RoleName="nobody")


def test_region_and_profile_are_named() -> None:
    """Of a client that was watched with its profile."""
    with mock_aws():
        kms = boto3.client("kms", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        watch(kms, "111111111111", "shared")
        with pytest.raises(AwsCallFailed) as caught, translated():
            kms.describe_key(KeyId="alias/none")
    assert caught.value.message.startswith(
        "kms:DescribeKey in account 111111111111, eu-west-1 (profile shared): NotFoundException: "
    )


@pytest.mark.parametrize(
    ("endpoint", "blamed"),
    [
        ("https://s3.eu-west-1.amazonaws.com", True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("http://127.0.0.1:4566", False),
        ("https://amazonaws.com.example.org", False),
    ],
)
def test_aws_is_blamed_where_it_was_aws_that_answered(endpoint: str, blamed: bool) -> None:
    """A proxy or an emulator fails in its own name."""
    error = client_error("InternalError", call="s3:HeadObject", account="111111111111")
    error.response["ResponseMetadata"].update({"HTTPStatusCode": 500, "xacct-ml:endpoint": endpoint})  # type: ignore[typeddict-item]
    step = str(translate(error).next_step)
    assert ("AWS's failure" in step) is blamed
    assert (endpoint in step) is not blamed


def test_a_certificate_that_is_not_trusted_leads_to_the_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever opens TLS connections has an authority of its own; a bundle that is not there is named with its path."""
    error = SSLError(endpoint_url="https://x", error="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    assert "AWS_CA_BUNDLE" in str(translate(error).next_step)
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/bundle.pem")
    missing = HTTPClientError(error="[Errno 2] No such file or directory")
    assert "/no/such/bundle.pem" in str(translate(missing).next_step)
    monkeypatch.delenv("AWS_CA_BUNDLE")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    (tmp_path / "config").write_text("[profile ml]\nca_bundle = /nor/this.pem\n")
    assert "ca_bundle of profile ml in the AWS configuration: there is no /nor/this.pem" in str(
        translate(missing).next_step
    )


def test_other_exceptions_pass() -> None:
    """Only botocore's exceptions are translated."""
    with pytest.raises(KeyError), translated():
        raise KeyError("ours")


def test_an_answer_that_is_not_awss_is_told() -> None:
    """A proxy's page instead of an answer is a failed call, not a traceback."""
    with pytest.raises(AwsCallFailed, match="not AWS's"), translated():
        raise ResponseParserError("invalid XML received: <html>")


def test_an_answer_to_head_without_a_reason_has_a_next_step() -> None:
    """An expired session is 400 and nothing more."""
    assert "renew the credentials" in str(translate(client_error("400", "Bad Request")).next_step)
