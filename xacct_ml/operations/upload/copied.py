"""Objects of other buckets, copied by S3 itself into the project's: exactly those that were checked, or nothing.

Each part is copied on condition that the source is still of the ETag that was read, and of its version where its bucket
has versions; the object appears when all parts are there, and only where nothing is yet (S3 API reference,
UploadPartCopy; S3 User Guide, conditional-writes) [D]. It is read by the rights of who calls."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import code_of
from xacct_ml.errors import XacctError
from xacct_ml.operations.preconditions import encrypted, every_data_object, object_at
from xacct_ml.operations.upload.data_check import Piece
from xacct_ml.operations.upload.data_files import S3Object, Theirs
from xacct_ml.operations.upload.data_manifest import SHA256_METADATA, StoredObject
from xacct_ml.operations.upload.written_once import IS_THERE, Shelf, is_of
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3, within

RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Data", "s3: PutObject", on=(every_data_object,)),
        Rights("bucket/EmptyBucket", "s3: AbortMultipartUpload DeleteObject DeleteObjectVersion", on=(within("/*"),)),
        Rights("key/UseKeyThroughS3", "kms: Decrypt GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}
WHOLE_BYTES = 5 << 30
"""The largest source of one part (S3 User Guide, qfacts) [D]."""
PART_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Copied:
    """What is to become an object; ``what`` is its name for a person, ``piece`` an object of another bucket."""

    what: str
    piece: Piece
    content_type: str


def copy(
    shelf: Shelf, key: str, copied: Copied, theirs: Theirs, *, whole: int = WHOLE_BYTES, part: int = PART_BYTES
) -> tuple[StoredObject, bool]:
    """The object, and whether it had to be copied: up to ``whole`` bytes at once, beyond that in parts of ``part``.

    Raises :class:`InputError` where the source has changed."""
    piece, names, s3 = copied.piece, shelf.names, shelf.s3
    uri = f"s3://{names.bucket}/{key}"
    head = shelf.head(key)
    if head and is_of(head, piece.size, piece.sha256, shelf.kms_key):
        shelf.reporter.line(f"{copied.what}: {uri} is already there")
        return StoredObject(key, piece.sha256, piece.size, head.get("VersionId")), False
    if head:
        # What is there is not what belongs there; nothing is written over.
        s3.delete_object(**object_at(names, key))
    place = object_at(names, key)
    upload = s3.create_multipart_upload(
        **place, **encrypted(shelf.kms_key), Metadata={SHA256_METADATA: piece.sha256}, ContentType=copied.content_type
    )["UploadId"]
    try:
        with shelf.reporter.progress(f"copying {copied.what}", piece.size) as advance:
            made = []
            for number, (asked, size) in enumerate(_parts(piece, whole, part), start=1):
                with theirs.denied(cast(S3Object, piece.place)):
                    answer = s3.upload_part_copy(**place, UploadId=upload, PartNumber=number, **asked)
                made.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
                advance(size)
        s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": made}, IfNoneMatch="*")
    except BaseException as error:
        s3.abort_multipart_upload(**place, UploadId=upload)
        if not isinstance(error, ClientError) or code_of(error) not in IS_THERE:
            raise
    head = shelf.head(key) or {}
    if not is_of(head, piece.size, piece.sha256, shelf.kms_key):
        raise XacctError(f"{uri} is not what was copied there", next_step="run the same command again")
    shelf.reporter.line(f"{copied.what}: {uri} copied, {piece.size:,} bytes")
    return StoredObject(key, piece.sha256, piece.size, head.get("VersionId")), True


def _parts(piece: Piece, whole: int, part: int) -> Iterator[tuple[Mapping[str, Any], int]]:
    """What is asked for each part, and its size."""
    place = cast(S3Object, piece.place)
    source = {"Bucket": place.bucket, "Key": place.key}
    if place.version_id is not None:
        source["VersionId"] = place.version_id
    asked = {"CopySource": source, "CopySourceIfMatch": place.etag}
    if piece.size <= whole:
        yield asked, piece.size
        return
    for start in range(0, piece.size, part):
        end = min(start + part, piece.size)
        yield {**asked, "CopySourceRange": f"bytes={start}-{end - 1}"}, end - start
