"""A small S3 with versions, multipart uploads and conditional writes."""

# ruff: noqa: N803 - the names of S3's parameters

import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

OWNER = "111111111111"


@dataclass
class Stored:
    content: bytes
    version: str
    metadata: dict[str, str] = field(default_factory=dict)
    encryption: tuple[str | None, str | None] = (None, None)


class NoSuchKey(ClientError):
    """As boto3 names it."""


def refused(code: str) -> ClientError:
    kind = NoSuchKey if code == "NoSuchKey" else ClientError
    return kind({"Error": {"Code": code, "Message": code}}, "Operation")


class FakeS3:
    """``objects`` has the versions of each key, oldest first. ``loses`` cuts what is completed short."""

    def __init__(self, loses: int = 0) -> None:
        self.objects: dict[tuple[str, str], list[Stored]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.loses = loses
        self.writes: list[str] = []
        self.exceptions = SimpleNamespace(NoSuchKey=NoSuchKey)

    def put(self, bucket: str, key: str, content: bytes) -> Stored:
        """As others write: without a condition."""
        versions = self.objects.setdefault((bucket, key), [])
        versions.append(Stored(content, f"v{len(versions) + 1}"))
        return versions[-1]

    def content(self, bucket: str, key: str) -> bytes:
        return self.objects[bucket, key][-1].content

    # -- reading -----------------------------------------------------------------------------------------------------
    def get_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str, VersionId: str | None = None) -> Any:
        found = self._found(Bucket, Key, ExpectedBucketOwner, "NoSuchKey", VersionId)
        body = io.BytesIO(found.content)
        told = {"VersionId": found.version, "ETag": found.version}
        return {"Body": body, "ContentLength": len(found.content), **told}

    def head_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str) -> Any:
        found = self._found(Bucket, Key, ExpectedBucketOwner, "404", None)
        return {"ContentLength": len(found.content), "Metadata": found.metadata}

    def list_object_versions(self, Bucket: str, Prefix: str, ExpectedBucketOwner: str) -> Any:
        assert ExpectedBucketOwner == OWNER
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return {
            "Versions": [
                {
                    "Key": key,
                    "VersionId": each.version,
                    "Size": len(each.content),
                    "LastModified": now,
                    "IsLatest": each is versions[-1],
                }
                for (bucket, key), versions in self.objects.items()
                for each in versions
                if bucket == Bucket and key.startswith(Prefix)
            ]
        }

    def list_objects_v2(self, Bucket: str, Prefix: str, ExpectedBucketOwner: str) -> Any:
        assert ExpectedBucketOwner == OWNER
        found = [key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix)]
        return {"Contents": [{"Key": key} for key in found]} if found else {}

    def _found(self, bucket: str, key: str, owner: str, code: str, version: str | None) -> Stored:
        assert owner == OWNER
        for stored in reversed(self.objects.get((bucket, key), ())):
            if version in (None, stored.version):
                return stored
        raise refused(code)

    # -- writing -----------------------------------------------------------------------------------------------------
    def put_object(self, Bucket: str, Key: str, Body: bytes, **more: Any) -> None:
        self._once(Bucket, Key, more)
        stored = self.put(Bucket, Key, Body)
        stored.encryption = (more.get("ServerSideEncryption"), more.get("SSEKMSKeyId"))
        self.writes.append(Key)

    def create_multipart_upload(self, Bucket: str, Key: str, **more: Any) -> Any:
        upload = f"u{len(self.uploads) + 1}"
        self.uploads[upload] = {"place": (Bucket, Key), "parts": {}, **more}
        return {"UploadId": upload}

    def upload_part(self, UploadId: str, PartNumber: int, Body: bytes, **_: Any) -> Any:
        self.uploads[UploadId]["parts"][PartNumber] = Body
        return {"ETag": hashlib.md5(Body, usedforsecurity=False).hexdigest()}

    def upload_part_copy(
        self, UploadId: str, PartNumber: int, CopySource: dict[str, str], CopySourceRange: str, **_: Any
    ) -> Any:
        first, last = map(int, CopySourceRange.removeprefix("bytes=").split("-"))
        source = self._found(CopySource["Bucket"], CopySource["Key"], OWNER, "NoSuchKey", CopySource["VersionId"])
        part = source.content[first : last + 1]
        return {"CopyPartResult": self.upload_part(UploadId, PartNumber, part)}

    def complete_multipart_upload(self, Bucket: str, Key: str, UploadId: str, **more: Any) -> None:
        self._once(Bucket, Key, more)
        upload = self.uploads.pop(UploadId)
        content = b"".join(upload["parts"][part["PartNumber"]] for part in more["MultipartUpload"]["Parts"])
        stored = self.put(Bucket, Key, content[: len(content) - self.loses])
        stored.metadata = upload["Metadata"]
        stored.encryption = (upload["ServerSideEncryption"], upload["SSEKMSKeyId"])
        self.writes.append(Key)

    def abort_multipart_upload(self, UploadId: str, **_: Any) -> None:
        del self.uploads[UploadId]

    def copy_object(self, Bucket: str, Key: str, CopySource: dict[str, str], **more: Any) -> Any:
        source = self._found(CopySource["Bucket"], CopySource["Key"], OWNER, "NoSuchKey", None)
        stored = self.put(Bucket, Key, source.content)
        stored.encryption = (more["ServerSideEncryption"], more["SSEKMSKeyId"])
        return {"VersionId": stored.version}

    def _once(self, bucket: str, key: str, more: dict[str, Any]) -> None:
        assert more["ExpectedBucketOwner"] == OWNER
        if more.get("IfNoneMatch") == "*" and (bucket, key) in self.objects:
            raise refused("PreconditionFailed")
        if "IfMatch" in more and more["IfMatch"] != self._found(bucket, key, OWNER, "NoSuchKey", None).version:
            raise refused("PreconditionFailed")
