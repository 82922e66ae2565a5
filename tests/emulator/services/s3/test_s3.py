"""S3: exact requests, its own use of keys, bucket policies of the strict kind, and its refusals."""

from __future__ import annotations

import base64
import gc
import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config as ClientConfig
from botocore.credentials import Credentials as SigningKeys
from botocore.session import get_session
from werkzeug.wrappers import Request

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of, policy, statement
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.s3 import moto_patches as s3_ext
from xacct_ml.emulator.services.s3 import moto_state as s3_state

PART = 5 * 1024 * 1024


@pytest.fixture
def s3(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("s3")


@pytest.fixture
def kms(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("kms")


def make_key(kms: Any, *statements: dict[str, Any]) -> str:
    everything = allow("kms:*", principal={"AWS": f"arn:aws:iam::{SHARED}:root"}, resource="*")
    arn: str = kms.create_key(Policy=policy(everything, *statements))["KeyMetadata"]["Arn"]
    return arn


def encrypt_by_default(s3: Any, bucket: str, key: str, *, bucket_key: bool = True) -> None:
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": bucket_key}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})


def strict(bucket: str, key: str) -> str:
    """Only uploads that name the key themselves."""
    objects = f"arn:aws:s3:::{bucket}/*"
    return policy(
        statement(
            "Deny",
            "s3:PutObject",
            principal="*",
            resource=objects,
            StringNotEquals={"s3:x-amz-server-side-encryption": "aws:kms"},
        ),
        statement(
            "Deny",
            "s3:PutObject",
            principal="*",
            resource=objects,
            StringNotEquals={"s3:x-amz-server-side-encryption-aws-kms-key-id": key},
        ),
    )


def asked(aws: EmbeddedAws, after: int) -> list[tuple[str, str]]:
    return [(entry.asked.action, entry.asked.resource) for entry in aws.requests.entries(after=after)]


def test_a_strict_policy_denies_every_other_encryption(s3: Any, kms: Any, unique: str) -> None:
    """No header, another algorithm, no key id and another key are each denied; the right header is served."""
    key, other = make_key(kms), make_key(kms)
    s3.create_bucket(Bucket=unique)
    encrypt_by_default(s3, unique, key)
    s3.put_bucket_policy(Bucket=unique, Policy=strict(unique, key))
    put = {"Bucket": unique, "Key": "data.csv", "Body": b"1,2"}
    for headers in (
        {},
        {"ServerSideEncryption": "AES256"},
        {"ServerSideEncryption": "aws:kms"},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": other},
    ):
        code, message, status = error_of(s3.put_object, **put, **headers)
        assert (code, status) == ("AccessDenied", 403)
        assert "s3:PutObject" in message
        assert message.endswith("with an explicit deny in a resource-based policy")
    s3.put_object(**put, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    found = s3.get_object(Bucket=unique, Key="data.csv")
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"], found["BucketKeyEnabled"]) == ("aws:kms", key, True)


def test_a_strict_policy_lets_a_multipart_upload_through(s3: Any, kms: Any, unique: str) -> None:
    """Parts carry no header; they are decided with those of the upload's start, and so is the object encrypted."""
    key = make_key(kms)
    s3.create_bucket(Bucket=unique)
    s3.put_bucket_policy(Bucket=unique, Policy=strict(unique, key))
    upload = {"Bucket": unique, "Key": "big"}
    assert error_of(s3.create_multipart_upload, **upload)[0] == "AccessDenied"
    headers = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    upload["UploadId"] = s3.create_multipart_upload(**upload, **headers)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"x" * 10)
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.head_object(Bucket=unique, Key="big")["SSEKMSKeyId"] == key


def test_a_large_object_is_its_parts(s3: Any, unique: str) -> None:
    """Whole, in ranges across parts, copied, and with the ETag and checksum that S3 makes of the parts'."""
    s3.create_bucket(Bucket=unique)
    upload = {"Bucket": unique, "Key": "big"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ChecksumAlgorithm="SHA256")["UploadId"]
    bodies = {1: b"a" * PART, 2: b"b" * PART, 4: b"c"}
    answers = {
        number: s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256")
        for number, body in reversed(bodies.items())
    }
    sent = [
        {"PartNumber": number, **{name: answers[number][name] for name in ("ETag", "ChecksumSHA256")}}
        for number in bodies
    ]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": sent})
    whole = b"".join(bodies.values())
    stored = s3.get_object(Bucket=unique, Key="big", ChecksumMode="ENABLED")
    assert stored["Body"].read() == whole
    md5s = b"".join(hashlib.md5(body).digest() for body in bodies.values())
    assert stored["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-3"'
    digests = b"".join(hashlib.sha256(body).digest() for body in bodies.values())
    assert stored["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(digests).digest()).decode() + "-3"
    across = s3.get_object(Bucket=unique, Key="big", Range=f"bytes={PART - 1}-{2 * PART}")["Body"].read()
    assert across == b"a" + b"b" * PART + b"c"
    s3.copy_object(Bucket=unique, Key="copy", CopySource={"Bucket": unique, "Key": "big"})
    s3.delete_object(Bucket=unique, Key="big")
    assert s3.get_object(Bucket=unique, Key="copy")["Body"].read() == whole


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "InvalidRequest"),
        ([(1, "as sent"), (3, "as sent")], "InvalidPart"),
        ([(1, '"0123"'), (2, "as sent")], "InvalidPart"),
        ([(1, "as sent"), (2, "as sent")], "EntityTooSmall"),
    ],
)
def test_parts_that_make_no_object(s3: Any, unique: str, parts: list[tuple[int, str]], code: str) -> None:
    """None, one that was not sent, another than was sent, and a small one before the last."""
    s3.create_bucket(Bucket=unique)
    upload = {"Bucket": unique, "Key": "big"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    etags = {number: s3.upload_part(**upload, PartNumber=number, Body=b"x")["ETag"] for number in (1, 2)}
    listed = [
        {"PartNumber": number, "ETag": etags.get(number, '"0"') if etag == "as sent" else etag}
        for number, etag in parts
    ]
    assert error_of(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": listed})[0] == code
    assert error_of(s3.head_object, Bucket=unique, Key="big")[0] == "404"


@pytest.mark.long
def test_a_body_is_not_kept_after_its_request(aws: EmbeddedAws, unique: str) -> None:
    """What was uploaded lies on disk: no request that is over holds its megabytes until a late collection."""
    s3 = aws.administrator(SHARED).client("s3")
    s3.create_bucket(Bucket=unique)
    gc.collect()
    gc.disable()
    try:
        for number in range(3):
            s3.put_object(Bucket=unique, Key=str(number), Body=b"x" * PART)
        s3.list_objects_v2(Bucket=unique)  # through the same connection: the uploads' frames are gone
        held = [each for each in gc.get_objects() if isinstance(each, Request)]
        assert [len(each.get_data()) for each in held if "PUT" in each.method] == []
    finally:
        gc.enable()


def test_listing_versions_reads_no_content(s3: Any, unique: str) -> None:
    """Sizes and ETags are known: a bucket of many or large versions is listed page by page all the same."""
    s3.create_bucket(Bucket=unique)
    s3.put_bucket_versioning(Bucket=unique, VersioningConfiguration={"Status": "Enabled"})
    etags = [s3.put_object(Bucket=unique, Key="a", Body=b"x" * size)["ETag"] for size in (1, 2)]
    for version in s3_state.bucket(unique).keys.getlist("a"):
        version._value_buffer.close()
    listed = s3.list_object_versions(Bucket=unique)["Versions"]
    assert [(each["Size"], each["ETag"], each["IsLatest"]) for each in listed] == [
        (2, etags[1], True),
        (1, etags[0], False),
    ]


def test_an_upload_uses_the_key_as_the_caller(aws: EmbeddedAws, roles: Roles, s3: Any, kms: Any, unique: str) -> None:
    """A write needs kms:GenerateDataKey and a read kms:Decrypt, via S3 and with the bucket's ARN as context."""
    matching = {
        "kms:ViaService": "s3.us-east-1.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{unique}",
    }
    via_s3 = allow(
        "kms:GenerateDataKey",
        "kms:Decrypt",
        principal={"AWS": f"arn:aws:iam::{TRAINING}:root"},
        resource="*",
        StringEquals=matching,
    )
    key = make_key(kms, via_s3)
    s3.create_bucket(Bucket=unique)
    encrypt_by_default(s3, unique, key)
    objects = f"arn:aws:s3:::{unique}/*"
    rights = allow("s3:GetObject", "s3:PutObject", resource=objects)
    s3.put_bucket_policy(
        Bucket=unique, Policy=policy({**rights, "Principal": {"AWS": f"arn:aws:iam::{TRAINING}:root"}})
    )
    key_rights = allow("kms:GenerateDataKey", "kms:Decrypt", resource=key)
    able = roles.session(f"{unique}-able", rights, key_rights, account=TRAINING)
    unable = roles.session(f"{unique}-unable", rights, account=TRAINING)
    after = len(aws.requests)
    able.client("s3").put_object(Bucket=unique, Key="a", Body=b"1")
    assert asked(aws, after) == [("s3:PutObject", f"arn:aws:s3:::{unique}/a"), ("kms:GenerateDataKey", key)]
    assert aws.requests.entries(after=after)[-1].by == "s3"
    assert able.client("s3").get_object(Bucket=unique, Key="a")["Body"].read() == b"1"
    assert error_of(unable.client("s3").put_object, Bucket=unique, Key="b", Body=b"1")[0] == "AccessDenied"
    assert error_of(unable.client("s3").get_object, Bucket=unique, Key="a")[0] == "AccessDenied"
    assert aws.requests.entries(after=after)[-1].asked.action == "kms:Decrypt"
    assert error_of(able.client("kms").generate_data_key, KeyId=key, KeySpec="AES_256")[0] == "AccessDeniedException"


def test_the_context_is_the_object_without_a_bucket_key(aws: EmbeddedAws, s3: Any, kms: Any, unique: str) -> None:
    """With a Bucket Key the encryption context is the bucket's ARN, without it the object's."""
    key = make_key(kms)
    s3.create_bucket(Bucket=unique)
    for bucket_key, expected in ((True, f"arn:aws:s3:::{unique}"), (False, f"arn:aws:s3:::{unique}/a")):
        encrypt_by_default(s3, unique, key, bucket_key=bucket_key)
        s3.put_object(Bucket=unique, Key="a", Body=b"1")
        used = aws.requests.entries(action="kms:GenerateDataKey")[-1]
        assert used.asked.context["kms:EncryptionContext:aws:s3:arn"] == expected
        s3.get_object(Bucket=unique, Key="a")
        used = aws.requests.entries(action="kms:Decrypt")[-1]
        assert used.asked.context["kms:EncryptionContext:aws:s3:arn"] == expected


def test_the_aws_managed_key_is_of_no_use_to_other_accounts(s3: Any, roles: Roles, unique: str) -> None:
    """aws:kms without a key is aws/s3 of the writer's account: its own principals read, others never."""
    s3.create_bucket(Bucket=unique)
    read = allow("s3:GetObject", resource=f"arn:aws:s3:::{unique}/*")
    s3.put_bucket_policy(Bucket=unique, Policy=policy({**read, "Principal": "*"}))
    s3.put_object(Bucket=unique, Key="a", Body=b"1", ServerSideEncryption="aws:kms")
    insider = roles.session(f"{unique}-in", read)
    outsider = roles.session(f"{unique}-out", read, allow("kms:*", resource="*"), account=PRODUCTION)
    assert insider.client("s3").get_object(Bucket=unique, Key="a")["Body"].read() == b"1"
    assert error_of(outsider.client("s3").get_object, Bucket=unique, Key="a")[:2] == ("AccessDenied", "Access Denied")


def test_a_disabled_key_is_reported_as_s3_does(s3: Any, kms: Any, unique: str) -> None:
    """The right is there, the key is not usable."""
    key = make_key(kms)
    s3.create_bucket(Bucket=unique)
    encrypt_by_default(s3, unique, key)
    s3.put_object(Bucket=unique, Key="a", Body=b"1")
    kms.disable_key(KeyId=key)
    assert error_of(s3.get_object, Bucket=unique, Key="a")[0] == "KMS.DisabledException"
    kms.schedule_key_deletion(KeyId=key)
    assert error_of(s3.put_object, Bucket=unique, Key="b", Body=b"1")[0] == "KMS.KMSInvalidStateException"


def test_another_algorithm_than_the_default_has_no_key(s3: Any, kms: Any, unique: str) -> None:
    """moto would file the bucket's default key with an AES256 object."""
    s3.create_bucket(Bucket=unique)
    encrypt_by_default(s3, unique, make_key(kms))
    s3.put_object(Bucket=unique, Key="a", Body=b"1", ServerSideEncryption="AES256")
    assert "SSEKMSKeyId" not in s3.head_object(Bucket=unique, Key="a")


@pytest.mark.parametrize("owner", [SHARED, TRAINING])
def test_a_policy_can_ask_whose_bucket_it_is(roles: Roles, s3: Any, unique: str, owner: str) -> None:
    """aws:ResourceAccount (IAM User Guide, reference_policies_condition-keys): a bucket that lets the role in is not
    enough."""
    s3.create_bucket(Bucket=unique)
    objects = f"arn:aws:s3:::{unique}/*"
    everyone = allow("s3:*", resource=objects, principal={"AWS": f"arn:aws:iam::{TRAINING}:root"})
    s3.put_bucket_policy(Bucket=unique, Policy=policy(everyone))
    writing = allow("s3:PutObject", resource=objects, StringEquals={"aws:ResourceAccount": owner})
    writer = roles.session(f"{unique}-{owner}", writing, account=TRAINING).client("s3")
    if owner == SHARED:
        writer.put_object(Bucket=unique, Key="a", Body=b"1")
    else:
        assert error_of(writer.put_object, Bucket=unique, Key="a", Body=b"1")[0] == "AccessDenied"


def test_a_missing_object_is_hidden_from_who_may_not_list(roles: Roles, s3: Any, unique: str) -> None:
    """403 without s3:ListBucket, 404 with it."""
    s3.create_bucket(Bucket=unique)
    read = allow("s3:GetObject", resource=f"arn:aws:s3:::{unique}/*")
    reader = roles.session(f"{unique}-reader", read).client("s3")
    lister = roles.session(f"{unique}-lister", read, allow("s3:ListBucket", resource=f"arn:aws:s3:::{unique}")).client(
        "s3"
    )
    code, message, status = error_of(reader.get_object, Bucket=unique, Key="none")
    assert (code, status) == ("AccessDenied", 403)
    assert f's3:ListBucket on resource: "arn:aws:s3:::{unique}"' in message
    assert error_of(reader.head_object, Bucket=unique, Key="none")[2] == 403
    assert error_of(lister.get_object, Bucket=unique, Key="none")[0] == "NoSuchKey"
    assert error_of(lister.head_object, Bucket=unique, Key="none")[2] == 404


def test_listing_is_limited_to_a_prefix(roles: Roles, s3: Any, unique: str) -> None:
    """s3:prefix is what the request asks for."""
    s3.create_bucket(Bucket=unique)
    matching = {"StringLike": {"s3:prefix": "data/*"}}
    lister = roles.session(unique, allow("s3:ListBucket", resource=f"arn:aws:s3:::{unique}", **matching))
    lister.client("s3").list_objects_v2(Bucket=unique, Prefix="data/train/")
    assert error_of(lister.client("s3").list_objects_v2, Bucket=unique)[0] == "AccessDenied"
    assert error_of(lister.client("s3").list_objects_v2, Bucket=unique, Prefix="models/")[0] == "AccessDenied"


def test_a_copy_reads_and_writes(aws: EmbeddedAws, s3: Any, unique: str) -> None:
    """CopyObject asks for the source's read and the target's write."""
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="a", Body=b"1")
    after = len(aws.requests)
    s3.copy_object(Bucket=unique, Key="b", CopySource={"Bucket": unique, "Key": "a"})
    assert asked(aws, after) == [
        ("s3:GetObject", f"arn:aws:s3:::{unique}/a"),
        ("s3:PutObject", f"arn:aws:s3:::{unique}/b"),
    ]


def test_versions_have_their_own_actions(aws: EmbeddedAws, s3: Any, unique: str) -> None:
    """A named version is s3:GetObjectVersion and s3:DeleteObjectVersion."""
    s3.create_bucket(Bucket=unique)
    s3.put_bucket_versioning(Bucket=unique, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=unique, Key="a", Body=b"1")["VersionId"]
    after = len(aws.requests)
    s3.get_object(Bucket=unique, Key="a", VersionId=version)
    s3.delete_objects(Bucket=unique, Delete={"Objects": [{"Key": "a"}, {"Key": "a", "VersionId": version}]})
    actions = [action for action, _ in asked(aws, after)]
    assert actions == ["s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion"]


def test_headers_need_their_own_rights(aws: EmbeddedAws, s3: Any, unique: str) -> None:
    """Tags and ACLs in an upload are asked beside s3:PutObject."""
    s3.create_bucket(Bucket=unique)
    after = len(aws.requests)
    s3.put_object(Bucket=unique, Key="a", Body=b"1", Tagging="k=v", ACL="bucket-owner-full-control")
    actions = [action for action, _ in asked(aws, after)]
    assert actions == ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl"]
    assert aws.requests.entries(after=after)[0].asked.context["s3:RequestObjectTag/k"] == "v"


def test_the_expected_owner_is_checked(s3: Any, unique: str) -> None:
    """Another account's id is refused."""
    s3.create_bucket(Bucket=unique)
    s3.list_objects_v2(Bucket=unique, ExpectedBucketOwner=SHARED)
    assert error_of(s3.list_objects_v2, Bucket=unique, ExpectedBucketOwner=TRAINING)[2] == 403


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("nonsense", "Policies must be valid JSON"),
        ('{"Version": "2012-10-17", "Statement": [', "Json"),
        (allow("s3:GetObject", resource="arn:aws:s3:::{}/*"), "Missing required field Principal"),
        (allow("s3:GetObject", principal="*"), "Missing required field Resource"),
        (allow("s3:GetObject", principal="*", resource="arn:aws:s3:::other/*"), "Policy has invalid resource"),
        (allow("kms:Decrypt", principal="*", resource="arn:aws:s3:::{}/*"), "Policy has invalid action"),
        (allow("s3:GetObject", principal="*", resource="arn:aws:s3:::{}"), "Action does not apply to any resource"),
        (
            allow("s3:GetObject", principal={"AWS": f"arn:aws:iam::{SHARED}:role/ghost"}, resource="arn:aws:s3:::{}/*"),
            "Invalid principal in policy",
        ),
    ],
)
def test_a_bad_bucket_policy_is_refused(s3: Any, unique: str, document: Any, message: str) -> None:
    """MalformedPolicy with S3's reason; moto takes anything."""
    s3.create_bucket(Bucket=unique)
    text = document if isinstance(document, str) else policy(document)
    code, found, status = error_of(s3.put_bucket_policy, Bucket=unique, Policy=text.replace("{}", unique))
    assert (code, status) == ("MalformedPolicy", 400)
    assert message in found


def test_a_deny_is_read_with_its_conditions_and_principal(s3: Any, unique: str) -> None:
    """moto itself would let every Deny hit everyone."""
    s3.create_bucket(Bucket=unique)
    objects = f"arn:aws:s3:::{unique}/*"
    s3.put_bucket_policy(
        Bucket=unique,
        Policy=policy(
            statement("Deny", "s3:*", principal={"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, resource=objects),
            statement("Deny", "s3:*", principal="*", resource=objects, Bool={"aws:SecureTransport": "false"}),
        ),
    )
    s3.put_object(Bucket=unique, Key="a", Body=b"1")
    assert s3.get_object(Bucket=unique, Key="a")["Body"].read() == b"1"


def once(bucket: str) -> str:
    """Only what makes an object where nothing is yet (S3 User Guide, conditional-writes-enforce)."""
    conditions = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
    return policy(statement("Deny", "s3:PutObject", principal="*", resource=f"arn:aws:s3:::{bucket}/*", **conditions))


def test_a_policy_can_ask_for_conditional_writes(s3: Any, unique: str) -> None:
    """PutObject with the header writes once, and is told so the second time; without it, or as a copy, it is denied."""
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="source", Body=b"0")
    s3.put_bucket_policy(Bucket=unique, Policy=once(unique))
    put = {"Bucket": unique, "Key": "record.json", "Body": b"1"}
    assert error_of(s3.put_object, **put)[0] == "AccessDenied"
    assert error_of(s3.copy_object, Bucket=unique, Key="copy", CopySource=f"{unique}/source")[0] == "AccessDenied"
    s3.put_object(**put, IfNoneMatch="*")
    assert error_of(s3.put_object, **{**put, "Body": b"2"}, IfNoneMatch="*")[::2] == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=unique, Key="record.json")["Body"].read() == b"1"


def test_the_parts_of_an_upload_are_exempt_from_conditional_writes(s3: Any, unique: str) -> None:
    """CreateMultipartUpload, UploadPart and UploadPartCopy take no such header; the completion must have it, and
    writes once."""
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="source", Body=b"0" * PART)
    s3.put_bucket_policy(Bucket=unique, Policy=once(unique))

    def begun() -> dict[str, Any]:
        upload = {"Bucket": unique, "Key": "model"}
        upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
        source = {"Bucket": unique, "Key": "source"}
        copied = s3.upload_part_copy(**upload, PartNumber=1, CopySource=source)["CopyPartResult"]
        sent = s3.upload_part(**upload, PartNumber=2, Body=b"1")
        parts = [{"PartNumber": number, "ETag": each["ETag"]} for number, each in ((1, copied), (2, sent))]
        return {**upload, "MultipartUpload": {"Parts": parts}}

    upload = begun()
    assert error_of(s3.complete_multipart_upload, **upload)[0] == "AccessDenied"
    s3.complete_multipart_upload(**upload, IfNoneMatch="*")
    assert error_of(s3.complete_multipart_upload, **begun(), IfNoneMatch="*")[::2] == ("PreconditionFailed", 412)
    assert len(s3.list_object_versions(Bucket=unique, Prefix="model")["Versions"]) == 1


def test_new_buckets_have_the_defaults_of_aws(s3: Any, unique: str) -> None:
    """SSE-S3, owner enforced, public access blocked."""
    s3.create_bucket(Bucket=unique)
    rule = s3.get_bucket_encryption(Bucket=unique)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    ownership = s3.get_bucket_ownership_controls(Bucket=unique)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    encrypt_by_default(s3, unique, "alias/any")
    s3.delete_bucket_encryption(Bucket=unique)
    rule = s3.get_bucket_encryption(Bucket=unique)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert set(s3.get_public_access_block(Bucket=unique)["PublicAccessBlockConfiguration"].values()) == {True}


def test_the_event_bridge_configuration_is_reported(s3: Any, unique: str) -> None:
    """moto keeps it and forgets to say so."""
    s3.create_bucket(Bucket=unique)
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=unique)
    s3.put_bucket_notification_configuration(Bucket=unique, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=unique)


@pytest.fixture
def created() -> Iterator[list[tuple[Any, ...]]]:
    """What listeners of completed objects are told."""
    told: list[tuple[Any, ...]] = []

    def listen(*event: Any) -> None:
        told.append(event)

    s3_ext.on_object_created.append(listen)
    yield told
    s3_ext.on_object_created.remove(listen)


def test_each_object_is_announced_once(s3: Any, unique: str, created: list[tuple[Any, ...]]) -> None:
    """One event per put, copy and multipart upload, in a bucket that has EventBridge on."""
    s3.create_bucket(Bucket=unique)
    s3.put_object(Bucket=unique, Key="before", Body=b"1")
    assert created == []
    s3.put_bucket_notification_configuration(Bucket=unique, NotificationConfiguration={"EventBridgeConfiguration": {}})
    etag = s3.put_object(Bucket=unique, Key="a b.csv", Body=b"12")["ETag"].strip('"')
    assert created == [(SHARED, "us-east-1", unique, "a b.csv", 2, None, etag, "PutObject")]
    created.clear()
    upload = {"Bucket": unique, "Key": "big"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in ((1, b"x" * PART), (2, b"y"))
    ]
    assert created == []
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert [(event[3], event[4], event[7]) for event in created] == [("big", PART + 1, "CompleteMultipartUpload")]
    created.clear()
    s3.copy_object(Bucket=unique, Key="copy", CopySource={"Bucket": unique, "Key": "big"})
    assert [(event[3], event[7]) for event in created] == [("copy", "CopyObject")]


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_is_decided_as_its_signer(aws: EmbeddedAws, roles: Roles, unique: str, version: str) -> None:
    """The signer's rights count, at the time of use; an expired URL is refused."""
    aws.administrator(SHARED).client("s3").create_bucket(Bucket=unique)
    aws.administrator(SHARED).client("s3").put_object(Bucket=unique, Key="a", Body=b"1")
    signer = roles.session(unique, allow("s3:GetObject", resource=f"arn:aws:s3:::{unique}/a"))
    s3 = get_session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=aws.endpoint,
        aws_access_key_id=signer.access_key_id,
        aws_secret_access_key=signer.secret_access_key,
        aws_session_token=signer.session_token,
        config=ClientConfig(signature_version=version, s3={"addressing_style": "path"}),
    )
    target = {"Params": {"Bucket": unique, "Key": "a"}}
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", **target)) as answer:
        assert answer.read() == b"1"
    assert aws.requests.entries(action="s3:GetObject")[-1].principal.role_arn == signer.role_arn
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(s3.generate_presigned_url("get_object", **target, ExpiresIn=-10))
    put = urllib.request.Request(s3.generate_presigned_url("put_object", **target), data=b"2", method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(put)


# -- regions -----------------------------------------------------------------------------------------------------------
def test_a_bucket_answers_in_its_own_region_only(aws: EmbeddedAws) -> None:
    """301 with the region, which boto3 follows."""
    administrator = aws.administrator(SHARED)
    there = administrator.client("s3", "eu-west-1")
    there.create_bucket(
        Bucket="there",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        ObjectOwnership="BucketOwnerEnforced",
    )
    there.put_object(Bucket="there", Key="key", Body=b"content")
    assert administrator.client("s3").get_object(Bucket="there", Key="key")["Body"].read() == b"content"
    signed = AWSRequest("GET", f"{aws.endpoint}/there/key")
    keys = SigningKeys(administrator.access_key_id, administrator.secret_access_key)
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(signed)
    request = urllib.request.Request(signed.url, headers=dict(signed.headers.items()))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert (refused.value.code, refused.value.headers["x-amz-bucket-region"]) == (301, "eu-west-1")
