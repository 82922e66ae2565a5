"""Where the files of a channel are: one file, a directory of parts, or objects under an ``s3://`` prefix.

What other tools leave beside parts is left out: names that begin with a dot or an underscore (``_SUCCESS``), and what
has no bytes. SageMaker's XGBoost leaves the former out, too (aws/sagemaker-xgboost-container, data_utils.py) [C]."""

from __future__ import annotations

import io
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.errors import InputError, XacctError
from xacct_ml.foreign import line
from xacct_ml.operations.upload.data_manifest import MOST_OBJECTS

_URI = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)
_BUFFER_BYTES = 1 << 20
_LONGEST_SHOWN = 255
_CHANGED = frozenset({"404", "412", "NoSuchKey", "NoSuchVersion", "PreconditionFailed"})
_NEEDED = "what the bucket's policy, or without Principal the caller's own, needs:"
_GONE = "has changed since it was listed; nothing was announced"
_MANY = "join them, or let the tool that writes them write fewer (Spark: coalesce)"


@dataclass(frozen=True, slots=True)
class S3Prefix:
    """Objects that somebody else's tool keeps, in a bucket that is not the project's."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, uri: str) -> S3Prefix:
        """Raises :class:`InputError`."""
        if (found := _URI.fullmatch(uri)) is None:
            raise InputError(f"{uri!r} is no s3://BUCKET/PREFIX")
        return cls(found[1], found[2] or "")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class S3Object:
    """One version of one object. ``version_id`` is None in a bucket without versions: the ETag tells which it is."""

    bucket: str
    key: str
    size: int
    etag: str
    version_id: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


Given = Path | S3Prefix
Place = Path | S3Object


def given(text: str) -> Given:
    """What a person names. Raises :class:`InputError` for an ``s3:`` that is none."""
    if not text:
        raise InputError("a file, a directory or an s3:// prefix has a name, and this one is empty")
    return S3Prefix.of(text) if text.startswith("s3:") else Path(text)


@dataclass(frozen=True, slots=True)
class Found:
    """In the order of their names. ``left_out`` are names of what is not read."""

    places: tuple[Place, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Theirs:
    """The buckets of others, as the operator of the shared account sees them. ``theirs`` is a client for S3, ``arn``
    who asks: their owner gives the rights, this project has none of its own there."""

    theirs: Any
    arn: str

    def objects(self, place: S3Prefix) -> Found:
        """Directly under the prefix, or the one object of that key. Raises :class:`InputError` where there is none, and
        :class:`XacctError` with the statement that is missing."""
        prefix = place.prefix
        with self._denied(place):
            entries = self._listed(place.bucket, prefix)
            if prefix and not prefix.endswith("/") and all(each["Key"] != prefix for each in entries):
                prefix += "/"
                entries = [each for each in entries if each["Key"].startswith(prefix)]
            elif prefix and not prefix.endswith("/"):
                entries = [each for each in entries if each["Key"] == prefix]
        taken, left_out = [], []
        for each in entries:
            name = each["Key"].removeprefix(prefix) or each["Key"].rpartition("/")[2]
            if not each["Size"] or _is_beside(name):
                left_out.append(name)
            elif "/" in name:
                raise InputError(
                    f"has objects in folders below, such as {line(name)}: name one folder; what the folders' names say "
                    "is no column of the objects",
                    file=str(place),
                )
            else:
                taken.append(S3Object(place.bucket, each["Key"], each["Size"], each["ETag"]))
        return _found(place, taken, [name for name in left_out if name])

    def _listed(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        found = []
        for each in listed(self.theirs, "list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix):
            found.append(each)
            if len(found) > 10 * MOST_OBJECTS:
                told = f"has over {len(found) - 1:,} objects; {MOST_OBJECTS} at most, of both channels"
                raise InputError(told, file=f"s3://{bucket}/{prefix}", next_step=_MANY)
        return found

    @contextmanager
    def opened(self, place: S3Object) -> Iterator[tuple[S3Object, io.BufferedReader]]:
        """The object with its version, and its content as a stream. Raises :class:`InputError` if it is not the one
        that was listed."""
        which = {"VersionId": place.version_id} if place.version_id else {}
        with self._denied(place):
            answer = self.theirs.get_object(Bucket=place.bucket, Key=place.key, IfMatch=place.etag, **which)
        version = answer.get("VersionId")
        stored = S3Object(place.bucket, place.key, place.size, place.etag, None if version == "null" else version)
        with answer["Body"] as body:
            yield stored, io.BufferedReader(_Stream(body), _BUFFER_BYTES)

    def require_unchanged(self, place: S3Prefix, objects: Sequence[S3Object]) -> None:
        """Raises :class:`InputError` where the prefix has other objects now than those."""
        now = {(each.key, each.etag) for each in self.objects(place).places if isinstance(each, S3Object)}
        before = {(each.key, each.etag) for each in objects}
        if now != before:
            key = min(now ^ before)[0]
            raise InputError(_GONE, file=f"s3://{place.bucket}/{key}")

    @contextmanager
    def denied(self, place: S3Prefix | S3Object) -> Iterator[None]:
        """As within the other calls, for a copy out of the bucket."""
        with self._denied(place):
            yield

    @contextmanager
    def _denied(self, place: S3Prefix | S3Object) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = code_of(error)
            if code in DENIED:
                raise XacctError(
                    f"{place} cannot be read by {self.arn}: {line(error.response['Error'].get('Message', code))}",
                    details=(_NEEDED, _statement(place, self)),
                    next_step="allow it, for another account's bucket in both; and kms:Decrypt, if they have a KMS key",
                ) from None
            if code == "NoSuchBucket":
                raise InputError("there is no such bucket", file=str(place)) from None
            if code in _CHANGED and isinstance(place, S3Object):
                raise InputError(_GONE, file=str(place)) from None
            raise


def _statement(place: S3Prefix | S3Object, who: Theirs) -> str:
    bucket = f"arn:{Arn.parse(who.arn).partition}:s3:::{place.bucket}"
    folder = place.prefix if isinstance(place, S3Prefix) else place.key.rpartition("/")[0]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": who.arn},
        "Action": ["s3:ListBucket", "s3:GetObject", "s3:GetObjectVersion"],
        "Resource": [bucket, f"{bucket}/{folder}*"],
    }
    return json.dumps(statement)


def find(channel: str, place: Given, theirs: Callable[[], Theirs]) -> Found:
    """The files there. Raises :class:`InputError` where there are none, or what cannot be told from a file."""
    if isinstance(place, S3Prefix):
        return theirs().objects(place)
    _require_file(channel, place)
    if not place.is_dir():
        return Found((place,))
    try:
        entries = sorted(os.scandir(place), key=lambda each: each.name)
        taken, left_out = [], []
        for each in entries:
            if _is_beside(each.name) or (each.is_file() and not each.stat().st_size):
                left_out.append(each.name)
            elif each.is_dir():
                raise InputError(
                    f"has a folder in it, {each.name}: name one with the files of {channel} alone", file=place
                )
            else:
                taken.append(Path(each.path))
    except OSError as error:
        raise InputError(f"the {channel} data cannot be read: {error.strerror or error}", file=place) from None
    return _found(place, taken, left_out)


def _require_file(channel: str, place: Path) -> None:
    """Raises :class:`InputError` unless it is one, or a directory: to open a pipe waits for whoever writes to it."""
    try:
        mode = place.stat().st_mode
    except FileNotFoundError:
        raise InputError(f"there is no such file for the {channel} data", file=place) from None
    except OSError as error:
        name = str(place)
        shown = name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…"
        raise InputError(f"the {channel} data cannot be read: {error.strerror or error}", file=shown) from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"the {channel} data must be a regular file: it is read twice", file=place)


def _is_beside(name: str) -> bool:
    return name.startswith((".", "_"))


def _found(place: Given, taken: Sequence[Place], left_out: Sequence[str]) -> Found:
    if not taken:
        beside = f": {', '.join(left_out[:3])} is none" if left_out else ""
        raise InputError(f"has no file of data{beside}", file=str(place))
    if len(taken) > MOST_OBJECTS:
        told = f"has {len(taken):,} files; {MOST_OBJECTS} at most, of both channels"
        raise InputError(told, file=str(place), next_step=_MANY)
    return Found(tuple(taken), tuple(left_out))


def require_not_many(files: dict[str, int]) -> None:
    """``files``: how many each channel has."""
    if sum(files.values()) > MOST_OBJECTS:
        told = " and ".join(f"{channel} {count}" for channel, count in files.items())
        raise InputError(f"{told} files: more than the {MOST_OBJECTS} that a data set may have", next_step=_MANY)


class _Stream(io.RawIOBase):
    """A body of an answer, for :class:`io.BufferedReader`."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data: bytes = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
