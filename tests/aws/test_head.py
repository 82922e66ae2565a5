"""What S3 does not say to HEAD is asked for again."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError

from xacct_ml.aws.errors import translated, watch
from xacct_ml.aws.head import give_reasons
from xacct_ml.errors import AwsCallFailed, CredentialsError, XacctError

DENIED = (
    "User: arn:aws:sts::111111111111:assumed-role/op/x is not authorized to perform: s3:ListBucket on resource: "
    '"arn:aws:s3:::churn" with an explicit deny in an identity-based policy'
)


class Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: Any) -> list[bytes]:
        return [self.body]


def client(status: int, code: str, message: str, seen: list[str]) -> Any:
    """An S3 client to whose calls always the same is answered; without body to HEAD."""
    s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        method = str(request.method)
        first = "" if request.headers.get("Range") is None else " bytes=0-0"
        seen.append(f"{method} {str(request.url).partition('.com')[2]}{first}")
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        raw: Any = Raw(b"" if method == "HEAD" else body)
        return AWSResponse(str(request.url), status, {}, raw)

    s3.meta.events.register("before-send.s3", answer)
    give_reasons(s3)
    watch(s3, "111111111111", "shared")
    return s3


def failed(s3: Any, call: str, **arguments: str) -> XacctError:
    with pytest.raises(XacctError) as caught, translated():
        getattr(s3, call)(Bucket="churn", ExpectedBucketOwner="111111111111", **arguments)
    return caught.value


def test_a_denied_bucket_has_s3s_reason() -> None:
    seen: list[str] = []
    error = failed(client(403, "AccessDenied", DENIED, seen), "head_bucket")
    assert isinstance(error, AwsCallFailed)
    assert (error.call, error.code) == ("s3:HeadBucket", "AccessDenied")
    assert DENIED in error.message
    assert "(profile shared)" in error.message
    assert "take the denial of s3:ListBucket out" in str(error.next_step)
    assert [one.split()[0] for one in seen] == ["HEAD", "GET"]
    assert "list-type=2" in seen[1]
    assert "max-keys=1" in seen[1]


def test_a_denied_object_is_asked_for_by_its_first_byte() -> None:
    seen: list[str] = []
    failed(client(403, "AccessDenied", "Access Denied", seen), "head_object", Key="data/x")
    assert seen[1].endswith("/data/x bytes=0-0")


def test_a_bad_request_is_an_expired_session() -> None:
    error = failed(client(400, "ExpiredToken", "The provided token has expired.", []), "head_object", Key="x")
    assert isinstance(error, CredentialsError)
    assert "The provided token has expired." in error.message


def test_nothing_more_is_asked_where_nothing_is_missing() -> None:
    """Of what does not exist, and of calls whose answers have a reason."""
    seen: list[str] = []
    with pytest.raises(ClientError):
        client(404, "NoSuchKey", "", seen).head_object(Bucket="churn", Key="x")
    with pytest.raises(ClientError):
        client(403, "AccessDenied", "Access Denied", seen).get_object(Bucket="churn", Key="x")
    assert len(seen) == 2


def test_clients_of_other_services_stay_as_they_are() -> None:
    kms = boto3.client("kms", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    give_reasons(kms)
