"""What is sent while it is being checked: how far, and that it is no object before the check has passed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.cli.fakes import FakeBucket
from tests.configs import example
from tests.silent import Silent
from xacct_ml.operations.upload.ahead import Ahead, sending
from xacct_ml.operations.upload.checked_content import Part, digests
from xacct_ml.operations.upload.written_once import PARTS, Shelf
from xacct_ml.system.names import Names

PIECE = PARTS["multipart_chunksize"]
SIZE = 2 * PIECE + PIECE // 2
KEY = "data/0123456789abcdef/train/train.csv"


class Multipart(FakeBucket):
    """Takes an upload piece by piece; ``reading`` are the pieces asked for, ``aborted`` the uploads that broke off."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = threading.Semaphore(0)
        self.taken: list[int] = []
        self.aborted = 0

    def upload_fileobj(self, content: BinaryIO, _bucket: str, key: str, **options: Any) -> None:
        try:
            body = b""
            while len(body) < SIZE:
                self.reading.release()
                body += content.read(PIECE)
                self.taken.append(len(body))
        except BaseException:
            self.aborted += 1
            raise
        self._store(key, body, options["ExtraArgs"])
        options["Callback"](len(body))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three pieces long."""
    path = tmp_path / "train.csv"
    path.write_bytes(b"0,1\n" * (SIZE // 4))
    return path


@contextmanager
def on_its_way(bucket: FakeBucket, file: Path, key: str = KEY) -> Iterator[Ahead]:
    def plan() -> Iterator[tuple[str, str, Part]]:
        for part in digests(file, 1)[1]:
            yield key, "train", part

    with sending(Shelf(bucket, Names(example()), "key", Silent()), plan) as ahead:
        yield ahead


def test_it_follows_the_check(file: Path) -> None:
    """Nothing is read that the check has not passed, and the last piece waits for the verdict."""
    bucket = Multipart()
    with on_its_way(bucket, file) as ahead:
        advance = ahead.following(file, lambda _: None)
        bucket.reading.acquire()
        assert bucket.taken == []
        advance(PIECE + 1)
        bucket.reading.acquire()
        assert bucket.taken == [PIECE]
        advance(SIZE - PIECE - 1)
        bucket.reading.acquire()
        assert bucket.taken == [PIECE, 2 * PIECE]
        assert bucket.objects == {}
        assert ahead.finish([KEY]) == {KEY}
        assert bucket.objects[KEY]["Body"] == file.read_bytes()


def test_what_is_refused_is_no_object(file: Path) -> None:
    """Nor what was checked to its end, when another file is refused."""
    bucket = Multipart()
    with on_its_way(bucket, file) as ahead:
        ahead.following(file, lambda _: None)(SIZE)
        for _ in range(3):
            bucket.reading.acquire()
    assert (bucket.taken, bucket.aborted, bucket.objects) == ([PIECE, 2 * PIECE], 1, {})


def test_what_is_named_otherwise_is_no_object(file: Path) -> None:
    """A data set that became another one, as its schema was not of these files."""
    bucket = Multipart()
    with on_its_way(bucket, file) as ahead:
        bucket.reading.acquire()
        assert ahead.finish(["data/fedcba9876543210/train/train.csv"]) == frozenset()
    assert (bucket.aborted, bucket.objects) == (1, {})


def test_a_file_in_doubt_is_not_followed(file: Path) -> None:
    """Its bytes were taken back: another reader looks at it. If that passes it, the upload goes on."""
    bucket, told = Multipart(), list[int]()
    with on_its_way(bucket, file) as ahead:
        advance = ahead.following(file, told.append)
        bucket.reading.acquire()
        advance(PIECE // 2)
        advance(-PIECE // 2)
        advance(SIZE)
        assert (bucket.taken, sum(told)) == ([], SIZE)
        assert ahead.finish([KEY]) == {KEY}
    assert KEY in bucket.objects


def test_what_is_there_is_left_alone(file: Path) -> None:
    """What it is, whoever finishes the upload looks at."""
    bucket = Multipart()
    bucket.objects[KEY] = {"ContentLength": 1}
    with on_its_way(bucket, file) as ahead:
        ahead.following(file, lambda _: None)(SIZE)
        assert ahead.finish([KEY]) == frozenset()
    assert (bucket.taken, bucket.deleted) == ([], [])


def test_a_file_that_changes_is_no_object(file: Path) -> None:
    """It is not what was hashed; whoever finishes the upload says so."""
    bucket = Multipart()
    with on_its_way(bucket, file) as ahead:
        bucket.reading.acquire()
        with file.open("r+b") as opened:
            opened.write(b"1")
        assert ahead.finish([KEY]) == frozenset()
    assert (bucket.aborted, bucket.objects) == (1, {})
