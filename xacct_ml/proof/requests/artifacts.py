"""What actions do with artifacts in the pipeline's bucket, whichever role they use."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue, Request
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import (
    CODEPIPELINE_CROSS_ACCOUNT,
    CODEPIPELINE_ROLE,
    CODEPIPELINE_SECURITY,
    S3_ENCRYPTION,
    S3_MULTIPART,
    Evidence,
    Row,
)
from xacct_ml.proof.requests.samples import artifact_key

LOOK_AT_BUCKET = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning")
OWNER_ACL: Mapping[str, ContextValue] = {"s3:x-amz-acl": "bucket-owner-full-control"}


def bucket_seen(send: RequestBuilder, role: str) -> Row:
    requests = [send.bucket(role, action) for action in LOOK_AT_BUCKET]
    return Row("CodePipeline looks at the artifact bucket", requests, CODEPIPELINE_ROLE)


def key_seen(send: RequestBuilder, role: str) -> Row:
    return Row("CodePipeline looks at the key", send.key(role, "kms:DescribeKey"), CODEPIPELINE_CROSS_ACCOUNT)


def written(send: RequestBuilder, who: str, role: str) -> Iterator[Row]:
    """An artifact into the bucket, encrypted with the key."""
    yield Row(f"{who} writes its artifact", send.write(role, artifact_key(send.names)), CODEPIPELINE_SECURITY)
    encrypted, decrypted = (send.key_through_s3(role, f"kms:{one}") for one in ("GenerateDataKey", "Decrypt"))
    yield Row("… S3 encrypts it with the key", encrypted, S3_ENCRYPTION, Evidence.ASSUMED)
    yield Row("… in parts, if large", decrypted, S3_MULTIPART, Evidence.ASSUMED)


def handed_over(send: RequestBuilder, role: str, source: str) -> Row:
    return Row("… and gives the bucket's owner full control of it", with_acl(send, role), source, Evidence.CODE)


def with_acl(send: RequestBuilder, role: str, acl: Mapping[str, ContextValue] = OWNER_ACL) -> Request:
    """``s3:PutObjectAcl`` on an artifact, which an upload with an ACL asks for as well."""
    request = send.read(role, artifact_key(send.names), "s3:PutObjectAcl")
    return replace(request, context={**request.context, **acl})


def read(send: RequestBuilder, what: str, role: str, source: str = CODEPIPELINE_ROLE) -> Row:
    return Row(what, send.reads(role, artifact_key(send.names)), source)
