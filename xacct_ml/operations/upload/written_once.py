"""Objects whose keys follow from their content: written where nothing is yet, and left alone where they are.

An object that is there with the same checksum, size and key of encryption is what an earlier upload sent, which perhaps
broke off."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import absent_as_none, code_of, codes
from xacct_ml.engine.progress import Advance, Reporter
from xacct_ml.errors import XacctError
from xacct_ml.operations.preconditions import (
    MISSING_OBJECT,
    bucket_needed,
    encrypted,
    every_data_object,
    every_holdout_object,
    object_at,
)
from xacct_ml.operations.upload.data_manifest import JSON_TYPE, SHA256_METADATA, StoredObject
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3, within
from xacct_ml.system.names import Names

RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Data", "s3: GetObject PutObject", on=(every_data_object, every_holdout_object)),
        Rights("bucket/EmptyBucket", "s3: DeleteObject DeleteObjectVersion", on=(within("/*"),)),
        # An upload in parts also decrypts (S3 User Guide, mpuoverview) [D].
        Rights("key/UseKeyThroughS3", "kms: Decrypt GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}
PARTS: Mapping[str, int] = {"multipart_threshold": 8 << 20, "multipart_chunksize": 8 << 20, "max_concurrency": 10}
"""Parts of 8 MiB, ten at most at once, as ``aws s3 cp`` has by default; s3transfer widens them where there would be
over 10,000."""
PARTS_IN_MEMORY = 8
"""Of a file that is read as a stream, parts that are read and not yet sent, those on their way included. s3transfer has
ten; a process is then near 200 MB, and no faster."""

IS_THERE = codes("ConditionalRequestConflict PreconditionFailed")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to become an object. ``what`` is its name for a person; ``opened`` gives the content, once or again."""

    what: str
    sha256: str
    size: int
    content_type: str
    opened: Callable[[], AbstractContextManager[BinaryIO]]

    @classmethod
    def text(cls, what: str, content: bytes, content_type: str = JSON_TYPE) -> "Outgoing":
        """A small one."""
        digest = sha256(content).hexdigest()
        return cls(what, digest, len(content), content_type, lambda: nullcontext(io.BytesIO(content)))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where they are put: ``kms_key`` is the ARN of the project's key, ``fresh`` are keys that this command has just
    written."""

    s3: Any
    names: Names
    kms_key: str
    reporter: Reporter
    fresh: frozenset[str] = frozenset()

    def head(self, key: str) -> dict[str, Any] | None:
        """HeadObject's answer; None where nothing is."""
        return _head(self.s3, self.names, key)

    def store(self, key: str, outgoing: Outgoing) -> tuple[StoredObject, bool]:
        """The object, and whether it had to be sent."""
        uri = f"s3://{self.names.bucket}/{key}"
        head = self.head(key)
        if head and self._holds(head, outgoing):
            fresh = key in self.fresh
            self.reporter.line(f"{outgoing.what}: {uri} {_sent(outgoing) if fresh else 'is already there'}")
            return _stored(key, outgoing, head), fresh
        with self.reporter.progress(f"uploading {outgoing.what} to {self.names.shared}", outgoing.size) as advance:
            if head:
                # What is there is not what belongs there; nothing is written over.
                self.s3.delete_object(**object_at(self.names, key))
            self.send(key, outgoing, advance)
        head = self.head(key) or {}
        if not self._holds(head, outgoing):
            raise XacctError(f"{uri} is not what was sent there", next_step="run the same command again")
        self.reporter.line(f"{outgoing.what}: {uri} {_sent(outgoing)}")
        return _stored(key, outgoing, head), True

    def first(self, key: str, outgoing: Outgoing) -> StoredObject:
        """The object that is there, if only under our key, whatever it says; else this one. For what is made of the
        content, by whichever release."""
        head = self.head(key)
        if head and head.get("SSEKMSKeyId") == self.kms_key and SHA256_METADATA in head.get("Metadata", {}):
            return StoredObject(key, head["Metadata"][SHA256_METADATA], head["ContentLength"], head.get("VersionId"))
        return self.store(key, outgoing)[0]

    def write(self, key: str, content: bytes, same: Callable[[bytes], bool] | None = None) -> None:
        """A small JSON text that a person is told nothing of. ``same`` says of another one that is there whether it may
        stay; without it, whatever is there under our key does, as it follows from the object's key alone."""
        there = self.head(key)
        stays = there is not None and there.get("SSEKMSKeyId") == self.kms_key
        if stays and same is not None:
            stays = same(self.s3.get_object(**object_at(self.names, key))["Body"].read())
        if not stays:
            if there:
                self.s3.delete_object(**object_at(self.names, key))
            with _perhaps_there():
                self.s3.put_object(
                    **object_at(self.names, key),
                    **encrypted(self.kms_key),
                    Body=content,
                    ContentType=JSON_TYPE,
                    IfNoneMatch="*",
                )

    def _holds(self, head: Mapping[str, Any], outgoing: Outgoing) -> bool:
        return is_of(head, outgoing.size, outgoing.sha256, self.kms_key)

    def send(self, key: str, outgoing: Outgoing, advance: Advance) -> None:
        """Where nothing is yet; what is there, :meth:`store` looks at."""
        # Loaded here: it takes long, and whoever only asks for the manifest sends nothing.
        from boto3.s3.transfer import TransferConfig

        config = TransferConfig(**PARTS)
        config.max_in_memory_upload_chunks = PARTS_IN_MEMORY
        extra: dict[str, Any] = {
            **encrypted(self.kms_key),
            "Metadata": {SHA256_METADATA: outgoing.sha256},
            "ContentType": outgoing.content_type,
            "ChecksumAlgorithm": "CRC32",  # of each part on its way; the file's own SHA-256 is in the metadata
            "ExpectedBucketOwner": self.names.shared,
        }
        with _perhaps_there(), bucket_needed(self.names), outgoing.opened() as content, _only_if_new(self.s3):
            self.s3.upload_fileobj(content, self.names.bucket, key, ExtraArgs=extra, Config=config, Callback=advance)


def is_there(s3: Any, names: Names, kms_key: str, stored: StoredObject) -> bool:
    """Whether the bucket has the object, in the version that is named."""
    head = _head(s3, names, stored.key)
    return (
        head is not None
        and is_of(head, stored.bytes, stored.sha256, kms_key)
        and head.get("VersionId") == stored.version_id
    )


def _head(s3: Any, names: Names, key: str) -> dict[str, Any] | None:
    with bucket_needed(names):
        return absent_as_none(MISSING_OBJECT, s3.head_object, **object_at(names, key))


def is_of(head: Mapping[str, Any], size: int, digest: str, kms_key: str) -> bool:
    """Whether the object is of this size and checksum, by what its upload said, and under the project's key."""
    return (
        head.get("ContentLength") == size
        and head.get("Metadata", {}).get(SHA256_METADATA) == digest
        and head.get("SSEKMSKeyId") == kms_key
    )


def _sent(outgoing: Outgoing) -> str:
    return f"uploaded, {outgoing.size:,} bytes"


def _stored(key: str, outgoing: Outgoing, head: Mapping[str, Any]) -> StoredObject:
    return StoredObject(key, outgoing.sha256, outgoing.size, head.get("VersionId"))


@contextmanager
def _perhaps_there() -> Iterator[None]:
    """Within it, S3 may say that something is there already: the answer to our own write may have been lost. What is
    there follows from its key, and is looked at afterwards."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in IS_THERE:
            raise


@contextmanager
def _only_if_new(s3: Any) -> Iterator[None]:
    """Within it, nothing is written over: the bucket refuses what could. s3transfer has no argument for it."""
    events = [f"before-parameter-build.s3.{operation}" for operation in ("PutObject", "CompleteMultipartUpload")]

    def condition(params: dict[str, Any], **_: Any) -> None:
        params["IfNoneMatch"] = "*"

    for event in events:
        s3.meta.events.register(event, condition)
    try:
        yield
    finally:
        for event in events:
            s3.meta.events.unregister(event, condition)
