"""Training data out of a bucket that is not the project's: read in a stream, copied by S3 under a condition, by the
rights of the operator alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from tests.configs import example
from tests.journeys.project import DATA, Project, project
from tests.silent import Silent
from xacct_ml.engine.progress import Advance
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.preconditions import key_arn
from xacct_ml.operations.upload.copied import Copied, copy
from xacct_ml.operations.upload.data import Upload, check_files, theirs_of, upload_data
from xacct_ml.operations.upload.data_check import CheckedFile, Piece
from xacct_ml.operations.upload.data_files import S3Object, S3Prefix
from xacct_ml.operations.upload.written_once import Shelf

LAKE = "lake-of-another-team"
UNVERSIONED = "lake-without-versions"


@pytest.fixture(scope="module")
def made() -> Iterator[Project]:
    """A bootstrapped project, and a bucket of the same account that it has no rights on."""
    with project(example()) as one:
        one.bootstrap()
        one.upload()
        for bucket in (LAKE, UNVERSIONED):
            theirs(one).create_bucket(Bucket=bucket)
        theirs(one).put_bucket_versioning(Bucket=LAKE, VersioningConfiguration={"Status": "Enabled"})
        yield one


def theirs(made: Project) -> Any:
    return made.aws.administrator(made.names.shared).client("s3")


@dataclass
class Lake:
    """A bucket of somebody else's, as its owner has it."""

    made: Project
    bucket: str
    s3: Any

    def put(self, name: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"exports/{name}", Body=content)

    def delete(self, name: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=f"exports/{name}")

    def check(self) -> dict[str, CheckedFile]:
        prefix = S3Prefix(self.bucket, "exports/churn")
        ours = theirs_of(self.made.config, self.made.accounts)
        return check_files(prefix, DATA / "validation.csv", Silent(), theirs=ours)

    def needed(self) -> dict[str, Any]:
        """The statement that the message tells to add."""
        self.s3.delete_bucket_policy(Bucket=self.bucket)
        told = f"s3://{self.bucket}/exports/churn cannot be read by arn:"
        with pytest.raises(XacctError, match=told) as caught:
            self.check()
        statement: dict[str, Any] = json.loads(caught.value.details[1])
        return statement


@pytest.fixture(params=[LAKE, UNVERSIONED])
def lake(made: Project, request: pytest.FixtureRequest) -> Lake:
    """Two parts under a prefix, allowed to the operator; with versions, and without."""
    one = Lake(made, request.param, theirs(made))
    for each in one.s3.list_objects_v2(Bucket=one.bucket).get("Contents", ()):
        one.s3.delete_object(Bucket=one.bucket, Key=each["Key"])
    rows = (DATA / "train.csv").read_bytes().splitlines(keepends=True)
    one.put("churn/part-0", b"".join(rows[:200]))
    one.put("churn/part-1", b"".join(rows[200:]))
    one.put("churn/_SUCCESS", b"")
    one.put("churn-old/part-0", b"other")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [one.needed()]})
    one.s3.put_bucket_policy(Bucket=one.bucket, Policy=policy)
    return one


def upload(made: Project, files: dict[str, CheckedFile]) -> Upload:
    return upload_data(made.config, made.accounts, files, Silent())


@pytest.mark.long
def test_the_statement_of_the_message_is_enough(made: Project, lake: Lake) -> None:
    """Each object is copied in its version, under the project's key; a second upload copies nothing."""
    files = lake.check()
    assert [str(each.place) for each in files["train"].pieces] == [
        f"s3://{lake.bucket}/exports/churn/part-0",
        f"s3://{lake.bucket}/exports/churn/part-1",
    ]
    done = upload(made, files)
    ours = made.accounts.client(made.names.shared, "s3")
    stored = [
        ours.get_object(Bucket=made.names.bucket, Key=each.key) for each in done.manifest.channels["train"].objects
    ]
    key = made.accounts.client(made.names.shared, "kms").describe_key(KeyId=made.names.key_alias)["KeyMetadata"]["Arn"]
    assert [(each["SSEKMSKeyId"], each["ContentType"]) for each in stored] == [(key, "text/csv")] * 2
    assert sorted(each["Body"].read() for each in stored) == sorted(
        lake.s3.get_object(Bucket=lake.bucket, Key=f"exports/churn/part-{number}")["Body"].read() for number in (0, 1)
    )
    assert upload(made, lake.check()).uploaded == ()


def test_a_copy_is_of_what_was_checked(made: Project, lake: Lake) -> None:
    """Of the version where there are versions, and else not at all."""
    piece = lake.check()["train"].pieces[0]
    lake.put("churn/part-0", b"1,2\n")
    theirs = theirs_of(made.config, made.accounts)()
    shelf = Shelf(
        made.accounts.client(made.names.shared, "s3"), made.names, key_arn(made.config, made.accounts), Silent()
    )
    key = made.names.part_key("0123456789abcdef", "train", piece.sha256, f"{lake.bucket}.csv")
    copied = Copied("train", piece, "text/csv")
    if lake.bucket == LAKE:
        copy(shelf, key, copied, theirs)
        content = shelf.s3.get_object(Bucket=made.names.bucket, Key=key)["Body"].read()
        assert sha256(content).hexdigest() == piece.sha256
    else:
        with pytest.raises(InputError, match="has changed since it was listed"):
            copy(shelf, key, copied, theirs)
        assert shelf.head(key) is None
    assert begun(made) == []


PART = 5 << 20
"""The smallest that S3 takes, but for the last one."""


def large(lake: Lake) -> tuple[bytes, Piece]:
    """An object of two parts and a bit."""
    content = b"1,2\n" * ((2 * PART + 400) // 4)
    lake.put("churn/large", content)
    head = lake.s3.head_object(Bucket=lake.bucket, Key="exports/churn/large")
    version = head.get("VersionId") if lake.bucket == LAKE else None
    place = S3Object(lake.bucket, "exports/churn/large", len(content), head["ETag"], version)
    return content, Piece(place, sha256(content).hexdigest(), len(content), 1)


def test_an_object_beyond_what_one_copy_takes_is_copied_in_parts(made: Project, lake: Lake) -> None:
    """All of it, in its order; a second time nothing is copied."""
    content, piece = large(lake)
    shelf, key = to(made, piece)
    copied = Copied("train", piece, "text/csv")
    theirs = theirs_of(made.config, made.accounts)()
    stored, new = copy(shelf, key, copied, theirs, whole=2 * PART, part=PART)
    found = shelf.s3.get_object(Bucket=made.names.bucket, Key=key)
    assert new
    assert found["ETag"].endswith('-3"')
    assert found["Body"].read() == content
    assert copy(shelf, key, copied, theirs, whole=2 * PART, part=PART) == (stored, False)


def test_an_object_that_changes_between_two_parts_is_not_mixed(made: Project, lake: Lake) -> None:
    """Each part is of the version that was read; without versions the copy ends, and nothing is left of it."""
    content, piece = large(lake)

    class Meanwhile(Silent):
        def progress(self, label: str, total: int) -> AbstractContextManager[Advance]:  # noqa: ARG002
            return nullcontext(lambda _: lake.put("churn/large", b"8,9\n" * (len(content) // 4)))

    shelf, key = to(made, piece, Meanwhile())
    theirs = theirs_of(made.config, made.accounts)()
    if lake.bucket == LAKE:
        copy(shelf, key, Copied("train", piece, "text/csv"), theirs, whole=2 * PART, part=PART)
        assert shelf.s3.get_object(Bucket=made.names.bucket, Key=key)["Body"].read() == content
    else:
        with pytest.raises(InputError, match="has changed since it was listed"):
            copy(shelf, key, Copied("train", piece, "text/csv"), theirs, whole=2 * PART, part=PART)
        assert shelf.head(key) is None
    assert begun(made) == []


def to(made: Project, piece: Piece, reporter: Silent | None = None) -> tuple[Shelf, str]:
    """Where it is copied to: a place for each bucket and test."""
    shelf = Shelf(
        made.accounts.client(made.names.shared, "s3"),
        made.names,
        key_arn(made.config, made.accounts),
        reporter or Silent(),
    )
    told = f"{piece.place}{reporter is None}"
    return shelf, made.names.part_key("0123456789abcdef", "train", sha256(told.encode()).hexdigest(), "part-0.csv")


def begun(made: Project) -> list[Any]:
    """Uploads to the project's bucket that were not ended."""
    found: list[Any] = theirs(made).list_multipart_uploads(Bucket=made.names.bucket).get("Uploads", [])
    return found


@pytest.mark.long
def test_killed_at_any_call_and_run_again(made: Project, lake: Lake) -> None:
    """The manifest of before stays current until everything is there; the next run goes on."""
    row = (DATA / "train.csv").read_bytes().partition(b"\n")[0]
    lake.put("churn/part-2", row + f"{len(lake.bucket)}\n".encode())
    s3 = made.accounts.client(made.names.shared, "s3")
    manifest = {"Bucket": made.names.bucket, "Key": made.names.manifest_key}
    before = s3.get_object(**manifest)["ETag"]
    left = 0

    def killing(**_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt

    files = lake.check()
    for calls in range(200):
        left = calls
        s3.meta.events.register("before-call.s3", killing, unique_id="killing")
        try:
            upload(made, files)
            break
        except KeyboardInterrupt:
            s3.meta.events.unregister("before-call.s3", unique_id="killing")
            assert s3.get_object(**manifest)["ETag"] == before
    else:
        raise AssertionError("it never ended")
    s3.meta.events.unregister("before-call.s3", unique_id="killing")
    assert calls > 5
    assert s3.get_object(**manifest)["ETag"] != before
    assert upload(made, lake.check()).uploaded == ()


@pytest.mark.parametrize("change", ["written over", "another object", "deleted"])
def test_what_changes_meanwhile_is_refused(made: Project, lake: Lake, change: str) -> None:
    """Before anything of it is current."""
    row = (DATA / "train.csv").read_bytes().partition(b"\n")[0] + f"{len(change)}\n".encode()
    lake.put("churn/part-2", row)
    files = lake.check()
    manifest = {"Bucket": made.names.bucket, "Key": made.names.manifest_key}
    ours = made.accounts.client(made.names.shared, "s3")
    before = ours.get_object(**manifest)["ETag"]
    if change == "written over":
        lake.put("churn/part-2", b"1,2\n")
    elif change == "another object":
        lake.put("churn/part-3", b"1,2\n")
    else:
        lake.delete("churn/part-2")
    with pytest.raises(InputError, match=r"part-[23]: has changed since it was listed; nothing was announced"):
        upload(made, files)
    assert ours.get_object(**manifest)["ETag"] == before
