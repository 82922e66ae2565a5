"""Objects' content, repaired: kept once, on disk where moto spools it, and not copied for what does not need it.

Touches ``FakeMultipart.complete`` (three copies of the object in memory), ``FakeKey.value`` (one more),
``S3Backend.copy_object`` (a copy's checksum) and the copies of ``FakeKey`` that listing versions makes. With this a
large upload costs memory only for the parts under way."""

import copy
import hashlib
import io
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from moto.s3.exceptions import InvalidPart
from moto.s3.models import FakeKey, FakeMultipart, MultipartChecksumBuilder, S3Backend
from moto.s3.utils import compute_checksum
from moto.settings import S3_UPLOAD_PART_MIN_SIZE

from xacct_ml.emulator.core.denials import ServiceError


class Parts(io.RawIOBase):
    """The content of moto's stored parts, one after the other, as one file to be read; its length is in bytes.

    It takes the parts' files over: whoever closes a part, as moto does with that of any copy, closes nothing of it."""

    def __init__(self, parts: Sequence[Any]) -> None:
        super().__init__()
        self._files = [part._value_buffer for part in parts]
        self._ends = tuple(accumulate(part.contentsize for part in parts))
        self._at = 0
        for part in parts:
            part._value_buffer = io.BytesIO()

    def close(self) -> None:
        for file in self._files:
            file.close()
        super().close()

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        block = self._block(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def readall(self) -> bytes:
        """The rest; in memory once, beside one part at a time."""
        whole = io.BytesIO()
        while block := self._block(-1):
            whole.write(block)
        return whole.getvalue()

    def _block(self, size: int) -> bytes:
        """From here to the end of the part that is here, ``size`` at most; empty at the end."""
        index = bisect_right(self._ends, self._at)
        if index == len(self._files):
            return b""
        start = self._ends[index - 1] if index else 0
        self._files[index].seek(self._at - start)
        block: bytes = self._files[index].read(size)
        self._at += len(block)
        return block


def complete(self: Any, body: Iterable[tuple[int, str]]) -> tuple[Parts, str, tuple[str, str, int] | None]:
    """The object's content, its ETag and checksum: ``CompleteMultipartUpload`` with the parts that ``body`` lists."""
    parts, listed = [], list(body)
    if [number for number, _ in listed] != sorted({number for number, _ in listed}):
        message = "The list of parts was not in ascending order. Parts must be ordered by part number."
        raise ServiceError("InvalidPartOrder", message, 400)
    for number, etag in listed:
        part = self.parts.get(number)
        if part is None or part.etag.strip('"') != etag.strip('"'):
            raise InvalidPart
        parts.append(part)
    if not parts:
        raise ServiceError("InvalidRequest", "You must specify at least one part", 400)
    if any(part.contentsize < S3_UPLOAD_PART_MIN_SIZE for part in parts[:-1]):
        message = "Your proposed upload is smaller than the minimum allowed size"
        raise ServiceError("EntityTooSmall", message, 400)
    etags = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    digest = hashlib.md5(etags, usedforsecurity=False).hexdigest()
    checksum = _checksum(self.metadata, parts)
    return Parts(parts), f"{digest}-{len(parts)}", checksum


def _checksum(metadata: Any, parts: Sequence[Any]) -> tuple[str, str, int] | None:
    """Of the parts' checksums, which needs one part at a time; of the object itself only where that was asked for."""
    builder = MultipartChecksumBuilder(metadata.get("x-amz-checksum-algorithm"), metadata.get("x-amz-checksum-type"))
    for part in parts:
        builder.addPart(part.value)
    found: tuple[str, str, int] | None = builder.build()
    return found


def _store(self: Any, value: Any) -> None:
    """A key's content; parts are kept as they are."""
    if isinstance(value, Parts):
        self._value_buffer.close()
        self._value_buffer, self.contentsize = value, len(value)
    else:
        _moto_value.fset(self, value)


WITH_CONTENT = "with content"
"""In a deep copy's memo: its copies of objects are whole."""


def _copied(self: Any, memo: dict[Any, Any]) -> Any:
    """A version as it is listed: moto copies every version of the bucket, content and all, for each page of a list."""
    made = object.__new__(type(self))
    if WITH_CONTENT in memo:
        memo[id(self)] = made
        made.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        return made
    vars(made).update(vars(self), _etag=self.etag.strip('"'), _value_buffer=io.BytesIO(), multipart=None)
    made.disposed = True  # moto warns of those that nobody disposes of
    return made


def _summed_anew(copied: Callable[..., None]) -> Callable[..., None]:
    """A copy is one piece, with a checksum of its own (S3 user guide, "checking-object-integrity") [D]; moto gives it
    the one of the source's parts, which no client can confirm."""

    def copy_object(
        self: Any, src_key: Any, dest_bucket_name: str, dest_key_name: str, *args: Any, **kwargs: Any
    ) -> None:
        copied(self, src_key, dest_bucket_name, dest_key_name, *args, **kwargs)
        if getattr(src_key, "checksum_type", None) == "COMPOSITE":
            made = self.get_object(dest_bucket_name, dest_key_name)
            made.checksum_value = compute_checksum(made.value, made.checksum_algorithm).decode()

    return copy_object


_moto_value: Any = FakeKey.value


def install() -> None:
    FakeMultipart.complete = complete
    FakeKey.value = property(_moto_value.fget, _store)
    FakeKey.__deepcopy__ = _copied
    S3Backend.copy_object = _summed_anew(S3Backend.copy_object)
