"""Emptying a versioned bucket, or deleting one object of it with all its versions, page by page."""

from functools import partial
from typing import Any

from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import DENIED, codes
from xacct_ml.aws.retry import PROPAGATION
from xacct_ml.engine.clock import Clock
from xacct_ml.errors import AwsCallFailed
from xacct_ml.resources.rights import Rights, within

RIGHTS = (
    Rights("bucket/Bucket", "s3: ListBucketMultipartUploads ListBucketVersions"),
    Rights("bucket/EmptyBucket", "s3: AbortMultipartUpload DeleteObject DeleteObjectVersion", on=(within("/*"),)),
)
"""On the bucket."""


def empty(s3: Any, bucket: str, account: str, keep: tuple[str, ...] = ()) -> bool:
    """Delete every version, delete marker and unfinished multipart upload; versions of keys that begin with one of
    ``keep`` stay. Whether there are such.

    From the first page on, again and again until there is none: what was deleted cannot mark a place to go on from, and
    what a late writer added is found too. A page has at most 1,000 entries, as many as DeleteObjects takes [B];
    uploads can only be aborted one by one. Raises AwsCallFailed where single objects could not be deleted."""
    owner = {"Bucket": bucket, "ExpectedBucketOwner": account}
    entries, kept = _first_to_delete(s3, owner, keep)
    while entries:
        _delete(s3, owner, entries)
        entries, kept = _first_to_delete(s3, owner, keep)
    while uploads := s3.list_multipart_uploads(**owner).get("Uploads"):
        concurrently([partial(s3.abort_multipart_upload, **owner, **_upload(upload)) for upload in uploads])
    return kept


def empty_when_allowed(s3: Any, bucket: str, account: str, clock: Clock) -> None:
    """Delete all, as soon as a policy that was written a moment ago allows it: "Bucket configurations have an eventual
    consistency model" (S3 User Guide, Welcome, ConsistencyModel) [D]. Raises AwsCallFailed where it does not."""
    denied: AwsCallFailed | None = None
    for _ in PROPAGATION.attempts(clock, "the bucket's new policy"):
        try:
            empty(s3, bucket, account)
            return
        except AwsCallFailed as error:
            if error.code not in DENIED:
                raise
            denied = error
    assert denied is not None
    raise denied


def _first_to_delete(s3: Any, owner: dict[str, str], keep: tuple[str, ...]) -> tuple[list[dict[str, str]], bool]:
    """What is to be deleted of the first page that has such, and whether anything that is kept came before it."""
    place: dict[str, str] = {}
    kept = False
    while True:
        page = s3.list_object_versions(**owner, **place)
        entries = [entry for entry in _versions(page) if not entry["Key"].startswith(keep)]
        kept = kept or len(entries) < len(_versions(page))
        if entries or not page.get("IsTruncated"):
            return entries, kept
        place = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}


def _upload(entry: dict[str, Any]) -> dict[str, str]:
    return {"Key": entry["Key"], "UploadId": entry["UploadId"]}


def delete_object(s3: Any, bucket: str, account: str, key: str) -> None:
    """Delete every version and delete marker of one key. Raises AwsCallFailed where one could not be deleted."""
    owner = {"Bucket": bucket, "ExpectedBucketOwner": account}
    # Keys come in alphabetical order: the key itself before those that it begins.
    while entries := [e for e in _versions(s3.list_object_versions(**owner, Prefix=key)) if e["Key"] == key]:
        _delete(s3, owner, entries)


_GONE = codes("NoSuchKey NoSuchVersion")
"""Of a version that is deleted a second time, as after an answer that was lost (recorded in LocalStack's tests) [C]."""


def _delete(s3: Any, owner: dict[str, str], entries: list[dict[str, str]]) -> None:
    errors = s3.delete_objects(**owner, Delete={"Objects": entries, "Quiet": True}).get("Errors", ())
    refused = [error for error in errors if error.get("Code") not in _GONE]
    if not refused:
        return
    bucket, account, first = owner["Bucket"], owner["ExpectedBucketOwner"], refused[0]
    raise AwsCallFailed(
        f"s3:DeleteObjects in account {account}: {len(refused)} objects of bucket {bucket} could not be deleted, "
        f"the first is {first.get('Key')}: {first.get('Code')}: {first.get('Message', '')}",
        account=account,
        call="s3:DeleteObjects",
        code=str(first.get("Code")),
        next_step="remove what protects these objects and run the same command again",
    )


def _versions(page: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"Key": entry["Key"], "VersionId": entry["VersionId"]}
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    ]
