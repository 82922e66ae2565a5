"""What an upload sends, what it leaves alone, and that the manifest comes last."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.fakes import FakeAccounts, FakeBucket, FakeClient, refused
from tests.configs import SHARED, example
from tests.silent import Silent
from xacct_ml.errors import InputError, NotReady
from xacct_ml.operations.upload.data import Upload, check_files, upload_data
from xacct_ml.operations.upload.data_check import CheckedFile
from xacct_ml.operations.upload.data_manifest import Manifest
from xacct_ml.system.names import PROJECT_TAG, Names

KEY = f"arn:aws:kms:us-east-1:{SHARED}:key/k"
ENABLED = {"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled"}}
MANIFEST = "data/manifest.json"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, CheckedFile]:
    """Two small channels."""
    (tmp_path / "t.csv").write_text("0,1\n1,2\n")
    (tmp_path / "v.csv").write_text("1,3\n")
    return check_files(tmp_path / "t.csv", tmp_path / "v.csv", Silent())


def accounts(bucket: FakeBucket, kms: FakeClient | None = None) -> FakeAccounts:
    sts = FakeClient(get_caller_identity={"Arn": "arn:aws:iam::111111111111:user/ann"})
    kms = kms or FakeClient(describe_key=ENABLED)
    return FakeAccounts({(SHARED, "s3"): bucket, (SHARED, "kms"): kms, (SHARED, "sts"): sts})


def upload(bucket: FakeBucket, files: dict[str, CheckedFile], day: int = 1) -> Upload:
    return upload_data(example(), accounts(bucket), files, Silent(), now=lambda: datetime(2026, 3, day, tzinfo=UTC))


def test_nothing_is_put_into_somebody_elses_bucket(files: dict[str, CheckedFile]) -> None:
    """It has the project's name and not its tag: bootstrap refused it too."""
    bucket = FakeBucket()
    bucket.tags = {"team": "x"}
    with pytest.raises(NotReady, match="is not this project's") as caught:
        upload(bucket, files)
    assert bucket.puts == []
    assert caught.value.next_step == "xacct-ml plan says how to adopt it"


@pytest.mark.parametrize(
    ("tags", "message", "next_step"),
    [
        ({PROJECT_TAG: "churn"}, "is an earlier release's: it has no tag xacct-ml:pipeline", "xacct-ml bootstrap"),
        (
            Names(example(region="eu-west-1")).tags,
            "belongs to the pipeline arn:aws:codepipeline:eu-west-1:",
            "choose another project in the map",
        ),
    ],
    ids=["an earlier release's", "another pipeline's"],
)
def test_nothing_is_put_where_no_tag_says_that_it_is_this_pipelines(
    files: dict[str, CheckedFile], tags: dict[str, str], message: str, next_step: str
) -> None:
    """Of the same project's name: a manifest there would start another pipeline."""
    bucket = FakeBucket()
    bucket.tags = tags
    with pytest.raises(NotReady, match=message) as caught:
        upload(bucket, files)
    assert bucket.puts == []
    assert (caught.value.next_step or "").startswith(next_step)


def test_manifest_comes_last_and_names_what_was_stored(files: dict[str, CheckedFile]) -> None:
    """Keys follow from the content; the manifest has what a run needs to train on exactly these objects."""
    bucket = FakeBucket()
    done = upload(bucket, files)
    dataset = done.manifest.dataset
    channels = ("train/train.csv", "validation/validation.csv", "train.manifest", "validation.manifest")
    written_once = [
        *(f"data/{dataset}/{name}" for name in channels),
        f"holdout/{dataset}/features.csv",
        f"holdout/{dataset}/labels.csv",
        f"data/{dataset}/profile.json",
        f"data/{dataset}/manifest.json",
    ]
    assert bucket.puts == [*written_once, MANIFEST]
    assert bucket.conditional == {*written_once, MANIFEST}
    assert {entry["SSEKMSKeyId"] for entry in bucket.objects.values()} == {KEY}
    manifest = json.loads(bucket.objects[MANIFEST]["Body"])
    assert [manifest[name] for name in ("schema", "dataset", "created", "by", "schema_file")] == [
        "xacct-ml/manifest/3",
        dataset,
        "2026-03-01T00:00:00Z",
        "arn:aws:iam::111111111111:user/ann",
        None,
    ]
    assert bucket.objects[manifest["profile"]["key"]]["Body"] == files["train"].profile
    stored = {"key": f"data/{dataset}/train/train.csv", "sha256": files["train"].sha256, "bytes": 8, "version_id": "v1"}
    assert manifest["channels"]["train"] == {
        "manifest_uri": f"s3://churn-{SHARED}-us-east-1/data/{dataset}/train.manifest",
        "format": "csv",
        "content_type": "text/csv",
        "rows": 2,
        "columns": 2,
        "bytes": 8,
        "objects": [stored],
    }
    assert bucket.objects[f"data/{dataset}/manifest.json"]["Body"] == bucket.objects[MANIFEST]["Body"]
    assert json.loads(bucket.objects[f"data/{dataset}/train.manifest"]["Body"]) == [
        {"prefix": f"s3://churn-{SHARED}-us-east-1/data/{dataset}/train/"},
        "train.csv",
    ]
    assert done.announced
    assert Manifest.parse(bucket.objects[MANIFEST]["Body"]) == done.manifest


def test_a_second_upload_writes_nothing(files: dict[str, CheckedFile]) -> None:
    """Identical objects and an identical manifest stay, so no run starts."""
    bucket = FakeBucket()
    first = upload(bucket, files)
    bucket.puts.clear()
    second = upload(bucket, files, day=2)
    assert bucket.puts == []
    assert (second.announced, second.uploaded, second.manifest) == (False, (), first.manifest)


def test_an_interrupted_upload_goes_on(files: dict[str, CheckedFile]) -> None:
    """What is there already is not sent again; the manifest still comes."""
    bucket = FakeBucket()
    done = upload(bucket, files)
    validation = done.manifest.channels["validation"].objects[0].key
    del bucket.objects[MANIFEST], bucket.objects[validation]
    bucket.puts.clear()
    assert upload(bucket, files).uploaded == ("validation",)
    assert bucket.puts == [validation, f"data/{done.manifest.dataset}/manifest.json", MANIFEST]


def test_an_object_under_another_key_is_replaced(files: dict[str, CheckedFile]) -> None:
    """After a new key the old objects cannot be read by the roles."""
    bucket = FakeBucket()
    done = upload(bucket, files)
    key = done.manifest.channels["train"].objects[0].key
    manifest = f"data/{done.manifest.dataset}/train.manifest"
    bucket.objects[key]["SSEKMSKeyId"] = bucket.objects[manifest]["SSEKMSKeyId"] = "arn:other"
    assert upload(bucket, files).uploaded == ("train",)
    assert bucket.deleted == [key, manifest, f"data/{done.manifest.dataset}/manifest.json"]
    assert {bucket.objects[one]["SSEKMSKeyId"] for one in (key, manifest)} == {KEY}


CHANGES = {
    "longer": lambda path: path.write_text("1,3\n0,9\n"),
    "shorter": lambda path: path.write_text("1\n"),
    "another number": lambda path: path.write_text("1,4\n"),
    "another file": lambda path: (path.unlink(), path.symlink_to(path.with_name("t.csv"))),
    "away": lambda path: path.unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes_after_its_check_is_not_sent(
    files: dict[str, CheckedFile], change: Callable[[Path], object]
) -> None:
    """Neither is the half of the set that was sent before it announced."""
    bucket = FakeBucket()
    bucket.after_upload = lambda: change(files["validation"].path) and None
    with pytest.raises(InputError, match=r"v\.csv: (the file was written to after it was checked|cannot be read any)"):
        upload(bucket, files)
    assert [key.rsplit("/", 1)[-1] for key in bucket.objects] == ["train.csv"]


def test_what_is_sent_is_what_was_checked_whenever_the_file_changes(
    tmp_path: Path, files: dict[str, CheckedFile]
) -> None:
    """A change and back again, unseen in the file's state, does not count either way: only the bytes do."""
    bucket = FakeBucket()
    train = tmp_path / "t.csv"
    train.write_text("1,0\n")
    train.write_text("0,1\n1,2\n")
    done = upload(bucket, files)
    assert bucket.objects[done.manifest.channels["train"].objects[0].key]["Body"] == b"0,1\n1,2\n"


def held(bucket: FakeBucket, dataset: str) -> dict[str, bytes]:
    return {part: bucket.objects[f"holdout/{dataset}/{part}.csv"]["Body"] for part in ("features", "labels")}


def test_the_rows_held_out_are_split(tmp_path: Path, files: dict[str, CheckedFile]) -> None:
    """Of validation, or of a file of their own, which makes it another data set."""
    bucket = FakeBucket()
    first = upload(bucket, files).manifest
    assert (first.holdout.origin, first.holdout.rows, first.holdout.scored) == ("validation", 1, 1)
    assert held(bucket, first.dataset) == {"features": b"3\n", "labels": b"1\n"}
    (tmp_path / "h.csv").write_bytes(b"1,\r\n0,7.5")
    train, validation = tmp_path / "t.csv", tmp_path / "v.csv"
    done = upload(bucket, check_files(train, validation, Silent(), held_out=tmp_path / "h.csv"))
    second = done.manifest
    assert second.dataset != first.dataset
    assert done.uploaded == ("train", "validation", "holdout")
    assert (second.holdout.origin, second.holdout.rows) == ("holdout", 2)
    assert held(bucket, second.dataset) == {"features": b"nan\n7.5\n", "labels": b"1\n0\n"}
    assert Manifest.parse(second.to_json()) == second


@pytest.mark.parametrize("other", ["t.csv", "v.csv"])
def test_rows_held_out_are_no_channels(tmp_path: Path, files: dict[str, CheckedFile], other: str) -> None:
    assert files
    with pytest.raises(InputError, match=rf"{other}: is the (training|validation) data, too"):
        check_files(tmp_path / "t.csv", tmp_path / "v.csv", Silent(), held_out=tmp_path / other)


@pytest.mark.parametrize(
    ("kms", "message"),
    [
        (FakeClient(describe_key=refused("DescribeKey", "NotFoundException")), "there is no key alias/churn"),
        (
            FakeClient(describe_key={"KeyMetadata": {"Arn": KEY, "KeyState": "PendingDeletion"}}),
            "alias/churn in account 111111111111 is PendingDeletion",
        ),
    ],
    ids=["no key", "key going"],
)
def test_before_bootstrap_it_says_so(files: dict[str, CheckedFile], kms: FakeClient, message: str) -> None:
    """Nothing is sent without the key."""
    bucket = FakeBucket()
    with pytest.raises(NotReady, match=message) as caught:
        upload_data(example(), accounts(bucket, kms), files, Silent())
    assert caught.value.next_step == "xacct-ml bootstrap"
    assert bucket.puts == []


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    """Also through a link."""
    (tmp_path / "t.csv").write_text("0,1\n")
    (tmp_path / "v.csv").symlink_to(tmp_path / "t.csv")
    with pytest.raises(InputError, match="is the training data, too"):
        check_files(tmp_path / "t.csv", tmp_path / "v.csv", Silent())


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"schema": "xacct-ml/manifest/2"}', b"\xff"])
def test_a_foreign_manifest_is_none_of_ours(text: bytes) -> None:
    """It is then written anew."""
    assert Manifest.parse(text) is None


def test_the_training_file_becomes_an_object_for_each_instance_that_may_train(tmp_path: Path) -> None:
    """Equal parts are two objects all the same; the validation file is one."""
    rows = "0,1\n1,2\n1,3\n"
    (tmp_path / "t.csv").write_text(rows * 2)
    (tmp_path / "v.csv").write_text("1,4\n0,5\n0,6\n")
    checked = check_files(tmp_path / "t.csv", tmp_path / "v.csv", Silent())
    config = example(training={"instance_count": 2, "hyperparameters": {"num_round": 1}})
    bucket = FakeBucket()
    done = upload_data(config, accounts(bucket), checked, Silent(), now=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    channels = json.loads(bucket.objects[MANIFEST]["Body"])["channels"]
    keys = [each["key"] for each in channels["train"]["objects"]]
    assert len(set(keys)) == 2
    assert [bucket.objects[key]["Body"] for key in keys] == [rows.encode()] * 2
    assert (channels["train"]["rows"], channels["train"]["bytes"]) == (6, 2 * len(rows))
    prefix, *named = json.loads(bucket.objects[f"data/{done.manifest.dataset}/train.manifest"]["Body"])
    assert [f"{prefix['prefix']}{name}" for name in named] == [f"s3://{Names(config).bucket}/{key}" for key in keys]
    assert len(channels["validation"]["objects"]) == 1
    before = len(bucket.puts)
    again = upload_data(config, accounts(bucket), checked, Silent(), now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    assert (again.uploaded, again.announced, len(bucket.puts)) == ((), False, before)
