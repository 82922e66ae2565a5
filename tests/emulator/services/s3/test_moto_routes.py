"""Rights of one operation do no other, whatever stands in the query."""

from __future__ import annotations

import pytest
from botocore.credentials import Credentials as Keys

from tests.configs import SHARED
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.signed import ask
from xacct_ml.emulator.server import EmbeddedAws


@pytest.fixture
def bucket(aws: EmbeddedAws, unique: str) -> str:
    """With one object, ``a``."""
    s3 = aws.administrator(SHARED).client("s3")
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="a", Body=b"first")
    return unique


@pytest.fixture
def keys(roles: Roles, unique: str) -> Keys:
    """Who may do all but write, read or delete an object, or delete a bucket."""
    denied = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:DeleteBucket"]
    made = roles.session(unique, allow("s3:*", resource="*"), {"Effect": "Deny", "Action": denied, "Resource": "*"})
    return Keys(made.access_key_id, made.secret_access_key, made.session_token)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "?key=b"),
        ("POST", "?key=b&acl"),
        ("PUT", "/b?encryption"),
        ("GET", "/a?torrent"),
        ("GET", "/a?retention"),
        ("DELETE", "?inventory&id=x"),
        ("DELETE", "?metrics&id=x"),
        ("OPTIONS", "/a?x"),
    ],
)
def test_what_moto_serves_as_another_operation_is_not_served(
    aws: EmbeddedAws, bucket: str, keys: Keys, method: str, path: str
) -> None:
    """The rights are there, and those of what moto would do are denied."""
    form = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else None
    status, answer = ask(keys, "s3", method, f"{aws.endpoint}/{bucket}{path}", b"key=b&file=c" if form else b"", form)
    assert (status, "<Code>NotImplemented</Code>" in answer) == (501, True)
    s3 = aws.administrator(SHARED).client("s3")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a"]


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("GET", "?acl&policy", "acl, policy"),
        ("GET", "?list-type=2&versions", "list-type, versions"),
        ("PUT", "?acl&policy", "acl, policy"),
        ("PUT", "/a?acl&tagging", "acl, tagging"),
        ("PUT", "/a?acl&partNumber=1&uploadId=x", "acl, uploadId"),
        ("PUT", "/a?torrent", "torrent"),
        ("DELETE", "/a?tagging&uploadId=x", "tagging, uploadId"),
        ("DELETE", "?cors&inventory", "cors, inventory"),
        ("DELETE", "?versions", "versions"),
        ("PUT", "/b?annotation", "annotation"),
        ("PUT", "/b?renameObject", "renameObject"),
        ("DELETE", "/a?annotation", "annotation"),
        ("POST", "/a?uploadId=x&uploads", "uploadId, uploads"),
    ],
)
def test_two_operations_are_none(aws: EmbeddedAws, bucket: str, keys: Keys, method: str, path: str, named: str) -> None:
    """moto and the recognition might each take another one of them."""
    status, answer = ask(keys, "s3", method, f"{aws.endpoint}/{bucket}{path}")
    assert (status, f"<Message>Conflicting query string parameters: {named}</Message>" in answer) == (400, True), answer


@pytest.mark.parametrize(
    "path", ["?acl", "?x-id=GetBucketAcl&acl", "?list-type=2&prefix=a&max-keys=1", "?versions&prefix=a"]
)
def test_what_belongs_to_an_operation_is_no_other(aws: EmbeddedAws, bucket: str, keys: Keys, path: str) -> None:
    """What it lists, or which one a client says that it is."""
    assert ask(keys, "s3", "GET", f"{aws.endpoint}/{bucket}{path}")[0] == 200


@pytest.mark.parametrize(
    "operation", ["upload_part", "list_parts", "complete_multipart_upload", "abort_multipart_upload"]
)
def test_an_upload_is_of_one_object(aws: EmbeddedAws, bucket: str, operation: str) -> None:
    """Rights on another open nothing of it; nor is there one that nobody began."""
    s3 = aws.administrator(SHARED).client("s3")
    begun = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="a", UploadId=begun, PartNumber=1, Body=b"x")
    more = {
        "upload_part": {"PartNumber": 1, "Body": b"y"},
        "complete_multipart_upload": {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}},
    }.get(operation, {})
    for named in (begun, "none"):
        asked = {"Bucket": bucket, "Key": "b", "UploadId": named, **more}
        assert error_of(getattr(s3, operation), **asked)[0] == "NoSuchUpload"
    assert len(s3.list_parts(Bucket=bucket, Key="a", UploadId=begun)["Parts"]) == 1
