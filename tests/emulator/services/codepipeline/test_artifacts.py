"""Artifacts' places, encryption and contents."""

import re

import pytest

from tests.emulator.services.codepipeline.fakes import FakeClient
from xacct_ml.emulator.services.codepipeline.artifacts import ArtifactStore, file_in, zipped
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed


def test_a_place_keeps_twenty_and_ten_characters() -> None:
    """And is new each time."""
    store = ArtifactStore("a-pipeline-with-a-long-name", "bucket", None)
    first, second = store.place("SourceOutput", "rev"), store.place("SourceOutput", "rev")
    assert re.fullmatch(r"a-pipeline-with-a-lo/SourceOutp/[A-Za-z0-9]{7}\.zip", first.key)
    assert first.key != second.key
    assert first.revision == "rev"


@pytest.mark.parametrize(("key", "sent"), [("arn:key", {"SSEKMSKeyId": "arn:key"}), (None, {})])
def test_uploads_are_encrypted_with_the_stores_key(key, sent) -> None:
    """With the account's own key where the store names none."""
    s3, store = FakeClient(put_object={}), ArtifactStore("p", "bucket", key)
    store.put(s3, store.place("A"), b"content")
    given = s3.parameters("put_object")
    assert given["ServerSideEncryption"] == "aws:kms"
    assert {name: given[name] for name in given if name == "SSEKMSKeyId"} == sent


def test_the_same_files_make_the_same_zip() -> None:
    """Whatever the order; executables stay executable."""
    one = zipped({"a": (b"1", False), "b": (b"2", True)})
    assert one == zipped({"b": (b"2", True), "a": (b"1", False)})
    assert one != zipped({"a": (b"1", False), "b": (b"2", False)})


def test_reading_says_what_is_wrong() -> None:
    """No zip, no file, no text."""
    good = zipped({"t": ("ü".encode(), False), "bin": (b"\xff", False)})
    assert file_in(good, "Code", "t") == "ü"
    for archive, path, reason in (
        (b"nope", "t", "not a zip"),
        (good, "x", r"\[x\] does not exist"),
        (good, "bin", "UTF-8"),
    ):
        with pytest.raises(ActionFailed, match=reason):
            file_in(archive, "Code", path)
