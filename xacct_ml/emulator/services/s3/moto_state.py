"""S3 as moto stores it: buckets of any account, and what an object is or will be encrypted with."""

from dataclasses import dataclass
from typing import Any

from moto.s3.models import s3_backends

from xacct_ml.access.model import Request, ResourcePolicyKind
from xacct_ml.arn import Arn
from xacct_ml.emulator.core import policy_documents as documents
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.policies import ResourcePolicy, resource_policies
from xacct_ml.emulator.services.kms import moto_state as kms_state

SETTLED = "xacct_ml_encryption"
"""Attribute of moto's multipart upload: the :class:`Encryption` settled at its start."""


def bucket(name: str) -> Any | None:
    """moto's bucket of whatever account, or ``None``."""
    where = s3_backends.bucket_accounts.get(name)
    if where is None:
        return None
    partition, account = where
    return s3_backends[account][partition].buckets.get(name)


def all_buckets() -> list[Any]:
    """Every bucket of every account."""
    found = (bucket(name) for name in list(s3_backends.bucket_accounts))
    return [one for one in found if one is not None]


def owner(name: str) -> str | None:
    """Account that owns the bucket."""
    where = s3_backends.bucket_accounts.get(name)
    return None if where is None else where[1]


def region(name: str) -> str | None:
    """The region that the bucket is in."""
    found = bucket(name)
    return None if found is None else str(found.region_name)


def policy(name: str) -> str | None:
    """The bucket policy's text."""
    found = bucket(name)
    if found is None or found.policy is None:
        return None
    return found.policy.decode() if isinstance(found.policy, bytes) else str(found.policy)


@resource_policies("s3")
def bucket_policy(request: Request) -> ResourcePolicy:
    """Of the bucket that is asked for or that the object is in."""
    return policy(Arn.parse(request.resource).resource.partition("/")[0]), ResourcePolicyKind.BUCKET


def forget_principal(arn: str, unique_id: str) -> None:
    """Bucket policies hold on to the id of a principal that was deleted."""
    for each in all_buckets():
        text = policy(each.name) or ""
        if arn in text:
            each.policy = documents.without_principal(text, arn, unique_id).encode()


@dataclass(frozen=True, slots=True)
class Encryption:
    """How an object is encrypted: S3's algorithm (``AES256``, ``aws:kms``, ``aws:kms:dsse``), and for KMS the key's
    ARN.

    ``key_arn`` is ``None`` for an alias that does not exist, and without KMS."""

    algorithm: str
    key_arn: str | None = None
    bucket_key: bool = False

    @property
    def kms(self) -> bool:
        return self.algorithm.startswith("aws:kms")

    def context(self, bucket_arn: str, key: str) -> dict[str, str]:
        """The encryption context that S3 sends to KMS (S3 user guide, "UsingKMSEncryption", "bucket-key") [D]."""
        return {"aws:s3:arn": bucket_arn if self.bucket_key else f"{bucket_arn}/{key}"}


def encryption_of_call(found: Any, call: ApiCall) -> Encryption:
    """What the object of a PutObject, CopyObject or CreateMultipartUpload ends up encrypted with.

    ``aws:kms`` without a key is the AWS managed key of the caller's account, whatever the bucket's default (S3 API
    reference, PutObject, ``x-amz-server-side-encryption-aws-kms-key-id``) [D]. Key ids and aliases are the caller's
    account's [D]."""
    default: dict[str, Any] = (found.encryption or {}).get("Rule") or {}
    by_default: dict[str, Any] = default.get("ApplyServerSideEncryptionByDefault") or {}
    algorithm = call.params.get("ServerSideEncryption")
    key_id = call.params.get("SSEKMSKeyId")
    if algorithm is None:
        algorithm = by_default.get("SSEAlgorithm", "AES256")
        key_id = by_default.get("KMSMasterKeyID")
    if "SSECustomerAlgorithm" in call.params or not str(algorithm).startswith("aws:kms"):
        return Encryption(str(algorithm))
    arn = kms_state.resolve(str(key_id or "alias/aws/s3"), call.account, call.region, call.partition)
    bucket_key = call.params.get("BucketKeyEnabled", default.get("BucketKeyEnabled"))
    return Encryption(str(algorithm), arn, _true(bucket_key))


def encryption_of_multipart(found: Any, upload: Any, call: ApiCall) -> Encryption:
    """What was settled when the upload was initiated; without that (made inside moto) the bucket's default."""
    settled: Encryption | None = getattr(upload, SETTLED, None)
    return settled or encryption_of_call(found, call)


def encryption_of_object(key: Any) -> Encryption:
    """What a stored object is encrypted with."""
    if not str(key.encryption or "").startswith("aws:kms"):
        return Encryption(str(key.encryption or "AES256"))
    return Encryption(key.encryption, key.kms_key_id, _true(key.bucket_key_enabled))


def find_object(found: Any, key: str, version_id: str | None = None) -> Any | None:
    """A stored object; ``None`` where there is none or its current version is a delete marker."""
    versions = found.keys.getlist(key, [])
    for version in reversed(versions):
        if version_id is None or str(version.version_id) == version_id:
            return version if hasattr(version, "encryption") else None
    return None


def upload(found: Any, upload_id: str) -> Any | None:
    """A multipart upload in progress."""
    return found.multiparts.get(upload_id)


def tags_of(found: Any, arn: str) -> dict[str, str]:
    """Tags of a bucket or an object by the ARN that moto files them under."""
    tagger = s3_backends[found.account_id][found.partition].tagger
    return {tag["Key"]: tag["Value"] for tag in tagger.list_tags_for_resource(arn)["Tags"]}


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
