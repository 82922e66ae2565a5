"""The judged model, under the digest of its content, where neither training nor production can write.

One version of the object is read and hashed, and exactly that version is copied by S3 itself, in parts that are
completed only if nothing is there yet (S3 User Guide, conditional-writes; S3 API reference, UploadPartCopy) [D].
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from .job import JobFailed

LARGEST_BYTES = 5 << 30
"""Read and hashed in one invocation: a Lambda function runs for 15 minutes at most."""

_READ_BYTES = 8 << 20
_PART_BYTES = 512 << 20
_SHA256, _SOURCE = "sha256", "source"

EXISTS = ("PreconditionFailed", "ConditionalRequestConflict")
"""What S3 says where something is there already, or is being written."""


@dataclass(frozen=True)
class Model:
    """``source`` and ``version`` are what was hashed: the training job's output."""

    key: str
    sha256: str
    bytes: int
    source: str
    version: str

    def document(self) -> dict[str, Any]:
        source = {"key": self.source, "versionId": self.version}
        return {"key": self.key, "sha256": self.sha256, "bytes": self.bytes, "source": source}


def judged_key(prefix: str, sha256: str) -> str:
    return f"{prefix}/{sha256}/model.tar.gz"


class ModelStore:
    """The judged models of one bucket, which is ``bucket`` and belongs to ``owner``; ``prefix`` is where they are."""

    def __init__(self, s3: Any, bucket: str, owner: str, key_arn: str, prefix: str) -> None:
        self.s3 = s3
        self.bucket = bucket
        self.owner = owner
        self.where = {"Bucket": bucket, "ExpectedBucketOwner": owner}
        self.key_arn = key_arn
        self.prefix = prefix

    def keep(self, source: str) -> Model:
        """The model whose training job wrote it to the key ``source``, stored; the same model twice is one.

        Raises :class:`JobFailed` where there is no model, more than one version of it, or too large a one.
        """
        version, size = self._only_version(source)
        body = self.s3.get_object(**self.where, Key=source, VersionId=version)["Body"]
        sha256 = hashlib.sha256()
        while chunk := body.read(_READ_BYTES):
            sha256.update(chunk)
        digest = sha256.hexdigest()
        model = Model(judged_key(self.prefix, digest), digest, size, source, version)

        def parts(upload: dict[str, Any]) -> Iterable[dict[str, Any]]:
            for number, start in enumerate(range(0, size, _PART_BYTES), start=1):
                end = min(start + _PART_BYTES, size) - 1
                answer = self.s3.upload_part_copy(
                    **upload,
                    PartNumber=number,
                    CopySource={"Bucket": self.bucket, "Key": source, "VersionId": version},
                    CopySourceRange=f"bytes={start}-{end}",
                    ExpectedSourceBucketOwner=self.owner,
                )
                yield {"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]}

        self.store(digest, size, version, parts)
        return model

    def store(
        self, sha256: str, size: int, source: str, parts: Callable[[dict[str, Any]], Iterable[dict[str, Any]]]
    ) -> bool:
        """Stores a model of this digest and size, if it is not there; whether it had to be. ``parts`` sends the parts
        of an upload whose bucket, key and id it is given, and yields number and ETag of each.
        """
        if self.holds(sha256, size):
            return False
        place = {**self.where, "Key": judged_key(self.prefix, sha256)}
        upload = self.s3.create_multipart_upload(
            **place,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
            ContentType="application/gzip",
            Metadata={_SHA256: sha256, _SOURCE: source},
        )["UploadId"]
        try:
            sent = list(parts({**place, "UploadId": upload}))
            done = {"UploadId": upload, "MultipartUpload": {"Parts": sent}, "IfNoneMatch": "*"}
            self.s3.complete_multipart_upload(**place, **done)
        except Exception as error:
            self.s3.abort_multipart_upload(**place, UploadId=upload)
            if not isinstance(error, ClientError) or error.response["Error"]["Code"] not in EXISTS:
                raise
        if not self.holds(sha256, size):
            raise JobFailed(f"s3://{self.bucket}/{place['Key']} is not the model that was to be stored there")
        return True

    def holds(self, sha256: str, size: int) -> bool:
        """Whether the model is there, whole. What is there is known by its digest, which only who stores it writes."""
        try:
            found = self.s3.head_object(**self.where, Key=judged_key(self.prefix, sha256))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return False
            raise
        return bool(found["ContentLength"] == size and found["Metadata"].get(_SHA256) == sha256)

    def _only_version(self, key: str) -> tuple[str, int]:
        """A second version means that somebody wrote over what SageMaker stored, which it does once [U]."""
        answer = self.s3.list_object_versions(**self.where, Prefix=key)
        found = [each for each in answer.get("Versions", ()) if each["Key"] == key]
        deleted = [each for each in answer.get("DeleteMarkers", ()) if each["Key"] == key]
        place = f"s3://{self.bucket}/{key}"
        if not found:
            raise JobFailed(f"{place} does not exist: the training job left no model")
        if len(found) > 1 or deleted:
            told = ", ".join(f"{each['VersionId']} of {each['LastModified']:%Y-%m-%d %H:%M:%S}" for each in found)
            raise JobFailed(f"{place} was written to after the training job stored the model: versions {told}")
        size = int(found[0]["Size"])
        if size > LARGEST_BYTES:
            raise JobFailed(f"{place} has {size:,} bytes; a model may have {LARGEST_BYTES:,} at most")
        return str(found[0]["VersionId"]), size
