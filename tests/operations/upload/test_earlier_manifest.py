"""A data manifest of release 8e7c681 becomes this release's, from what it says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cli.fakes import FakeBucket, FakeClient
from tests.configs import example
from tests.silent import Silent
from xacct_ml.errors import XacctError
from xacct_ml.operations.upload.data_manifest import Manifest, dataset_id
from xacct_ml.operations.upload.earlier_manifest import look, renew
from xacct_ml.system.names import Names

CONFIG = example()
NAMES = Names(CONFIG)
SHA256 = dict.fromkeys(("train", "validation"), hashlib.sha256(b"1,2\n").hexdigest())
DATASET = dataset_id({name: [sha256] for name, sha256 in SHA256.items()})
KEY = "arn:key"


class Bucket(FakeBucket):
    """With ETags, which are the checks of a conditional write."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        return {**super().get_object(**request), "ETag": self.objects[request["Key"]]["VersionId"]}


@dataclass
class Accounts:
    bucket: Bucket

    def client(self, _account: str, service: str, _region: str | None = None) -> Any:
        key = FakeClient(describe_key={"KeyMetadata": {"KeyState": "Enabled", "Arn": KEY}})
        sts = FakeClient(get_caller_identity={"Arn": "arn:me"})
        return {"s3": self.bucket, "kms": key, "sts": sts}[service]


def channel(name: str) -> dict[str, Any]:
    key = NAMES.channel_key(DATASET, name)
    place = {"uri": f"s3://{NAMES.bucket}/{key}", "prefix_uri": f"s3://{NAMES.bucket}/{key.rpartition('/')[0]}/"}
    version = "v1" if name == "train" else "v2"
    return {
        "key": key, "sha256": SHA256[name], "rows": 9, "columns": 2, "bytes": 4, "version_id": version, **place
    }  # fmt: skip


def earlier(change: Callable[[dict[str, Any]], object] = lambda _: None, schema: int = 1) -> Accounts:
    bucket = Bucket()
    for name, sha256 in SHA256.items():
        bucket.put_object(Key=channel(name)["key"], Body=b"1,2\n", SSEKMSKeyId=KEY, Metadata={"sha256": sha256})
    document = {"schema": f"xacct-ml/manifest/{schema}", "dataset": DATASET, "created": "2026-01-01T00:00:00Z"}
    document |= {"channels": {name: channel(name) for name in SHA256}}
    change(document)
    bucket.put_object(Key=NAMES.manifest_key, Body=json.dumps(document).encode(), SSEKMSKeyId=KEY)
    bucket.puts.clear()
    return Accounts(bucket)


@pytest.mark.parametrize("schema", [1, 2])
def test_what_a_run_needs_is_written_before_the_manifest(schema: int) -> None:
    """Which starts a run, and is written last, over what was read only."""
    accounts = earlier(schema=schema)
    found = look(CONFIG, accounts)
    assert found is not None
    renew(CONFIG, accounts, found, Silent(), lambda: datetime(2026, 2, 1, tzinfo=UTC))
    files = [NAMES.channel_manifest_key(DATASET, name) for name in SHA256]
    held_out = [NAMES.holdout_key(DATASET, part) for part in ("features", "labels")]
    assert accounts.bucket.puts == [*files, *held_out, NAMES.dataset_manifest_key(DATASET), NAMES.manifest_key]
    assert [accounts.bucket.objects[key]["Body"] for key in held_out] == [b"2\n", b"1\n"]
    assert json.loads(accounts.bucket.objects[files[0]]["Body"])[1:] == ["train.csv"]
    manifest = Manifest.parse(accounts.bucket.objects[NAMES.manifest_key]["Body"])
    assert manifest is not None
    assert (manifest.dataset, manifest.created) == (DATASET, "2026-02-01T00:00:00Z")
    assert [manifest.channels[name].objects[0].version_id for name in SHA256] == ["v1", "v2"]
    assert look(CONFIG, accounts) is None


def test_data_that_are_not_what_their_checksum_says_are_not_held_out() -> None:
    """The metadata is what an upload said; the rows are read."""
    accounts = earlier()
    accounts.bucket.objects[channel("validation")["key"]]["Body"] = b"1,3\n"
    found = look(CONFIG, accounts)
    assert found is not None
    with pytest.raises(XacctError, match=r"validation\.csv is not what s3://.* says"):
        renew(CONFIG, accounts, found, Silent())
    assert NAMES.dataset_manifest_key(DATASET) not in accounts.bucket.objects


def test_without_a_manifest_there_is_nothing_to_do() -> None:
    assert look(CONFIG, Accounts(Bucket())) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(schema="xacct-ml/manifest/0"),
        lambda document: document["channels"].pop("train"),
        lambda document: document["channels"]["train"].update(key="judged/x/model.tar.gz"),
        lambda document: document["channels"]["train"].update(rows="many"),
        lambda document: document["channels"]["train"].update(sha256="3" * 64),
        lambda document: document.update(channels=[]),
    ],
)
def test_one_that_says_something_else_is_not_believed(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(XacctError, match="is no release's data manifest") as raised:
        look(CONFIG, earlier(change))
    assert "upload-data" in str(raised.value.next_step)


@pytest.mark.parametrize(
    ("member", "value"), [("Metadata", {}), ("SSEKMSKeyId", "another"), ("VersionId", "v9"), ("ContentLength", 5)]
)
def test_data_that_are_no_longer_what_it_says_are_named(member: str, value: Any) -> None:
    accounts = earlier()
    accounts.bucket.objects[channel("train")["key"]][member] = value
    with pytest.raises(XacctError, match=r"names s3://.*/train.csv, which is not there as it says"):
        look(CONFIG, accounts)
