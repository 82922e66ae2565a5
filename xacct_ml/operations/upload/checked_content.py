"""A checked file's bytes once more, for an upload, whole or in parts that are objects of their own: exactly those that
were checked, or an error before the last one.

An upload in parts is completed only after all of its parts were read, so nothing else is ever stored."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from xacct_ml.dataset.parts import cuts
from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data_check import CheckedFile

_BLOCK_BYTES = 1 << 20
_WRITTEN_TO = "the file was written to after it was checked; nothing was announced"


@dataclass(frozen=True, slots=True)
class Part:
    """Whole rows of a file, ``size`` bytes from ``start`` on."""

    path: Path
    start: int
    size: int
    sha256: str
    last: bool
    """Whether the file ends with it."""


def parts(file: CheckedFile, count: int) -> list[Part]:
    """The file as so many objects, or as many as it has rows, if those are fewer. Raises :class:`InputError` if it is
    not what was checked."""
    if count == 1:
        return [_whole(file)]
    sha256, found = digests(file.path, min(count, file.rows))
    if sha256 != file.sha256:
        raise InputError(_WRITTEN_TO, file=file.path)
    return found


def digests(path: Path, count: int) -> tuple[str, list[Part]]:
    """The SHA-256 of a file and its rows in so many parts, each with its own. Raises ValueError where it has fewer
    rows, :class:`InputError` if it cannot be read, or is written to meanwhile."""
    whole, found = hashlib.sha256(), []
    with _readable(path), path.open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        for start, end in cuts(path, count) if count > 1 else [(0, size)]:
            own, rest = hashlib.sha256(), end - start
            while rest:
                block = content.read(min(_BLOCK_BYTES, rest))
                if not block:
                    raise InputError(_WRITTEN_TO, file=path)
                if count > 1:
                    own.update(block)
                whole.update(block)
                rest -= len(block)
            digest = own if count > 1 else whole
            found.append(Part(path, start, end - start, digest.hexdigest(), end == size))
    return whole.hexdigest(), found


def _whole(file: CheckedFile) -> Part:
    return Part(file.path, 0, file.size, file.sha256, last=True)


@contextmanager
def opened(file: CheckedFile | Part, whole: int, pause: Callable[[int], object] = lambda _: None) -> Iterator[BinaryIO]:
    """The content, as ``upload_fileobj`` takes it; what has less than ``whole`` bytes is read here, and can be read
    again. Raises :class:`InputError`, here or from ``read``, if it is not what was checked.

    ``pause`` is called before each read with the place in the file where that will end; it may wait, or raise."""
    part = file if isinstance(file, Part) else _whole(file)
    with _readable(part.path):
        content = part.path.open("rb")
        content.seek(part.start)
    with content:
        checked = _CheckedContent(content, part, pause)
        yield io.BytesIO(checked.read()) if part.size < whole else cast(BinaryIO, checked)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be read any more: {error.strerror or error}", file=file) from None


class _CheckedContent:
    """To be read once, from the start to the end, as s3transfer reads what it sends in parts.

    It asks for the size by ``seek`` and ``tell``, before the first ``read`` and with no effect on what is read."""

    def __init__(self, content: BinaryIO, file: Part, pause: Callable[[int], object]) -> None:
        self._content = content
        self._file = file
        self._pause = pause
        self._digest = hashlib.sha256()
        self._read = 0
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._file.size}[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1) -> bytes:
        if self._place != self._read:
            raise io.UnsupportedOperation("it is read once, in order")
        rest = self._file.size - self._read
        wanted = rest if size < 0 else min(size, rest)
        self._pause(self._file.start + self._read + wanted)
        with _readable(self._file.path):
            data = self._content.read(wanted)
            self._digest.update(data)
            self._read = self._place = self._read + len(data)
            if len(data) < wanted or (len(data) == rest and not self._is_checked()):
                raise InputError(_WRITTEN_TO, file=self._file.path)
        return data

    def _is_checked(self) -> bool:
        """At the end: the bytes are those that were checked, and no others follow the last."""
        followed = self._file.last and self._content.read(1)
        return self._digest.hexdigest() == self._file.sha256 and not followed
