"""Emptying a bucket that is larger than a page, with as few requests as S3 allows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.configs import SHARED
from xacct_ml.resources.bucket_contents import empty

PAGE = 1000


class S3:
    """Versions, delete markers and unfinished uploads, listed and deleted by the thousand."""

    def __init__(self, versions: int, markers: int, uploads: int) -> None:
        self.versions = dict.fromkeys((f"data/{number}", f"v{number}") for number in range(versions))
        self.markers = dict.fromkeys((f"data/{number}", f"m{number}") for number in range(markers))
        self.uploads = dict.fromkeys((f"models/{number}", f"u{number}") for number in range(uploads))
        self.requests: Counter[str] = Counter()

    def list_object_versions(self, **_: str) -> dict[str, Any]:
        """One page over both kinds (S3 API reference, ListObjectVersions, MaxKeys)."""
        self.requests["ListObjectVersions"] += 1
        versions = [{"Key": key, "VersionId": id_} for key, id_ in list(self.versions)[:PAGE]]
        markers = [{"Key": key, "VersionId": id_} for key, id_ in list(self.markers)[: PAGE - len(versions)]]
        return ({"Versions": versions} if versions else {}) | ({"DeleteMarkers": markers} if markers else {})

    def delete_objects(self, *, Delete: dict[str, Any], **_: str) -> dict[str, Any]:  # noqa: N803
        self.requests["DeleteObjects"] += 1
        assert len(Delete["Objects"]) <= PAGE, "MalformedXML"
        for entry in Delete["Objects"]:
            one = (entry["Key"], entry["VersionId"])
            del (self.versions if one in self.versions else self.markers)[one]
        return {}

    def list_multipart_uploads(self, **_: str) -> dict[str, Any]:
        self.requests["ListMultipartUploads"] += 1
        return {"Uploads": [{"Key": key, "UploadId": id_} for key, id_ in list(self.uploads)[:PAGE]]}

    def abort_multipart_upload(self, *, Key: str, UploadId: str, **_: str) -> None:  # noqa: N803
        self.requests["AbortMultipartUpload"] += 1
        del self.uploads[Key, UploadId]


def test_more_than_two_pages_of_everything() -> None:
    """Nothing is left; a request for each thousand, and a last look at each list."""
    s3 = S3(versions=1500, markers=600, uploads=1001)
    empty(s3, "bucket", SHARED)
    assert (s3.versions, s3.markers, s3.uploads) == ({}, {}, {})
    assert s3.requests == {
        "ListObjectVersions": 4,
        "DeleteObjects": 3,
        "ListMultipartUploads": 3,
        "AbortMultipartUpload": 1001,
    }


def test_an_empty_bucket_costs_two_looks() -> None:
    """Nothing is deleted."""
    s3 = S3(0, 0, 0)
    empty(s3, "bucket", SHARED)
    assert s3.requests == {"ListObjectVersions": 1, "ListMultipartUploads": 1}


class Pages:
    """Versions in pages of two, from where a marker says."""

    def __init__(self, *keys: str) -> None:
        self.keys = sorted(keys)

    def list_object_versions(self, *, KeyMarker: str = "", **_: str) -> dict[str, Any]:  # noqa: N803
        rest = [key for key in self.keys if key > KeyMarker]
        page = {"Versions": [{"Key": key, "VersionId": "v"} for key in rest[:2]], "IsTruncated": len(rest) > 2}
        return {**page, "NextKeyMarker": rest[1], "NextVersionIdMarker": "v"} if len(rest) > 2 else page

    def delete_objects(self, *, Delete: dict[str, Any], **_: str) -> dict[str, Any]:  # noqa: N803
        self.keys = [key for key in self.keys if key not in {entry["Key"] for entry in Delete["Objects"]}]
        return {}

    def list_multipart_uploads(self, **_: str) -> dict[str, Any]:
        return {}


def test_what_is_kept_stays_and_hides_nothing() -> None:
    """Also where whole pages of it come first; a prefix ends with its slash."""
    kept = [f"evaluations/{number}" for number in range(5)] + ["judged/1"]
    s3 = Pages("data/1", "evaluationsx", "judged.txt", "models/1", "models/2", "models/3", *kept)
    assert empty(s3, "bucket", SHARED, ("judged/", "evaluations/"))
    assert s3.keys == kept
    assert not empty(Pages("data/1"), "bucket", SHARED, ("judged/", "evaluations/"))


class Forgetful(S3):
    """The first answer to DeleteObjects is lost on its way, and the client asks again."""

    def delete_objects(self, *, Delete: dict[str, Any], **_: str) -> dict[str, Any]:  # noqa: N803
        super().delete_objects(Delete=Delete)
        gone = {"Code": "NoSuchVersion", "Message": "The specified version does not exist."}
        return {"Errors": [{**entry, **gone} for entry in Delete["Objects"]]}


def test_what_is_gone_already_is_no_failure() -> None:
    """The words are S3's of a version that does not exist."""
    s3 = Forgetful(versions=3, markers=1, uploads=0)
    empty(s3, "bucket", SHARED)
    assert (s3.versions, s3.markers) == ({}, {})
