"""Check and upload at once: what is sent ahead is what is named, and nothing is an object that was refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.cli.fakes import FakeAccounts, FakeBucket, FakeClient, refused
from tests.configs import SHARED, example
from tests.operations.upload.test_data import accounts
from tests.silent import Silent
from xacct_ml.errors import InputError
from xacct_ml.operations.upload.ahead import Ahead
from xacct_ml.operations.upload.data import Upload, check_files, upload_data
from xacct_ml.operations.upload.data_check import HOLDOUT
from xacct_ml.operations.upload.overlap import sent_ahead
from xacct_ml.system.names import Names

LARGE = 8 << 20


class Observed(FakeBucket):
    """Notes which objects another thread than the test's own sent."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead: list[str] = []

    def upload_fileobj(self, content: BinaryIO, _bucket: str, key: str, **options: Any) -> None:
        super().upload_fileobj(content, _bucket, key, **options)
        if threading.current_thread() is not threading.main_thread():
            self.ahead.append(key)


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, Path]:
    """Both channels, each large."""
    for name, step in (("train", 3), ("validation", 7)):
        (tmp_path / name).write_text("".join(f"{place % 2},{place * step}.5,{place}\n" for place in range(560_000)))
    return {name: tmp_path / name for name in ("train", "validation")}


@contextmanager
def ahead_of(
    bucket: FakeBucket, paths: dict[str, Path], schema: bytes | None = None, large: int = LARGE
) -> Iterator[Ahead | None]:
    with sent_ahead(example(), lambda: accounts(bucket), paths, schema, Silent(), large) as ahead:
        yield ahead


def upload(bucket: FakeBucket, paths: dict[str, Path], ahead: Ahead | None) -> Upload:
    held = paths.get(HOLDOUT)
    files = check_files(paths["train"], paths["validation"], Silent(), held_out=held, ahead=ahead)
    return upload_data(example(), accounts(bucket), files, Silent(), ahead=ahead)


@pytest.mark.long
def test_what_is_sent_ahead_is_what_is_named(paths: dict[str, Path]) -> None:
    """And counts as sent; the next time nothing is."""
    bucket = Observed()
    with ahead_of(bucket, paths) as ahead:
        done = upload(bucket, paths, ahead)
    keys = [stored.key for channel in done.manifest.channels.values() for stored in channel.objects]
    assert sorted(bucket.ahead) == sorted(keys)
    assert [bucket.objects[key]["Body"] for key in keys] == [path.read_bytes() for path in paths.values()]
    assert done.uploaded == ("train", "validation", HOLDOUT)
    puts = len(bucket.puts)
    with ahead_of(bucket, paths) as ahead:
        assert upload(bucket, paths, ahead).uploaded == ()
    assert len(bucket.puts) == puts


@pytest.mark.long
def test_of_refused_files_nothing_is_an_object(paths: dict[str, Path]) -> None:
    """Though training is without a fault, and was on its way."""
    bucket = Observed()
    with paths["validation"].open("a") as file:
        file.write("1,x,2\n")
    with pytest.raises(InputError, match="'x' is text"), ahead_of(bucket, paths) as ahead:
        upload(bucket, paths, ahead)
    assert (bucket.objects, bucket.puts) == ({}, [])


@pytest.mark.long
def test_a_schema_that_is_not_theirs(paths: dict[str, Path]) -> None:
    """Names another data set: what was on its way for it is no object, and the files are sent for their own."""
    bucket = Observed()
    with ahead_of(bucket, paths, b"{}") as ahead:
        done = upload(bucket, paths, ahead)
    assert bucket.ahead == []
    assert {key.split("/")[1] for key in bucket.objects if key.startswith("data/") and key.count("/") > 1} == {
        done.manifest.dataset
    }
    assert done.uploaded == ("train", "validation", HOLDOUT)


def test_before_bootstrap_the_files_are_checked_first(paths: dict[str, Path]) -> None:
    """Their faults are told, not that there is no bucket."""
    kms = FakeClient(describe_key=refused("DescribeKey", "NotFoundException"))
    nothing = FakeAccounts({(SHARED, "s3"): FakeBucket(), (SHARED, "kms"): kms})
    with sent_ahead(example(), lambda: nothing, paths, None, Silent(), LARGE) as ahead:
        assert ahead is None


def test_small_files_need_no_credentials(paths: dict[str, Path]) -> None:
    """Before they are checked."""

    def enter() -> FakeAccounts:
        raise AssertionError

    with sent_ahead(example(), enter, paths, None, Silent()) as ahead:
        assert ahead is None
    with sent_ahead(example(), enter, {**paths, HOLDOUT: paths["train"].parent}, None, Silent(), LARGE) as ahead:
        assert ahead is None


@pytest.mark.long
def test_training_in_parts(paths: dict[str, Path]) -> None:
    """Those that are small are sent afterwards; all of them are named."""
    config = example(training={"allowed": {"instance_types": ("ml.m5.large",), "max_instance_count": 2}})
    bucket = Observed()
    with sent_ahead(config, lambda: accounts(bucket), paths, None, Silent(), LARGE) as ahead:
        files = check_files(paths["train"], paths["validation"], Silent(), ahead=ahead)
        done = upload_data(config, accounts(bucket), files, Silent(), ahead=ahead)
    assert len(done.manifest.channels["train"].objects) == 2
    assert Names(config).channel_key(done.manifest.dataset, "validation") in bucket.ahead
