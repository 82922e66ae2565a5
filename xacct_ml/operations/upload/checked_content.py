"""A checked file's bytes once more, for an upload: exactly those that were checked, or an error before the last one.

An upload in parts is completed only after all of its parts were read, so nothing else is ever stored."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data_check import CheckedFile


@contextmanager
def opened(file: CheckedFile, whole: int) -> Iterator[BinaryIO]:
    """The content, as ``upload_fileobj`` takes it; a file of less than ``whole`` bytes is read here, and can be read
    again. Raises :class:`InputError`, here or from ``read``, if it is not what was checked."""
    with _readable(file):
        content = file.path.open("rb")
    with content:
        checked = _CheckedContent(content, file)
        yield io.BytesIO(checked.read()) if file.size < whole else cast(BinaryIO, checked)


@contextmanager
def _readable(file: CheckedFile) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be read any more: {error.strerror or error}", file=file.path) from None


class _CheckedContent:
    """To be read once, from the start to the end, as s3transfer reads what it sends in parts.

    It asks for the size by ``seek`` and ``tell``, before the first ``read`` and with no effect on what is read."""

    def __init__(self, content: BinaryIO, file: CheckedFile) -> None:
        self._content = content
        self._file = file
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
        with _readable(self._file):
            wanted = rest if size < 0 else min(size, rest)
            data = self._content.read(wanted)
            self._digest.update(data)
            self._read = self._place = self._read + len(data)
            if len(data) < wanted or (len(data) == rest and not self._is_checked()):
                raise InputError(
                    "the file was written to after it was checked; nothing was announced", file=self._file.path
                )
        return data

    def _is_checked(self) -> bool:
        """At the end: the bytes are those that were checked, and no others follow."""
        return self._digest.hexdigest() == self._file.sha256 and not self._content.read(1)
