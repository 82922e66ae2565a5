"""Universal Binary JSON, read with bounds: the form in which XGBoost saves a model since 2.1 (ubjson.org, draft 12)
[B].
"""

import struct
import sys
from array import array
from typing import Any

from xacct_ml.foreign import DEEPEST, ForeignTextError

_NUMBERS = {b"i": "b", b"U": "B", b"I": "h", b"l": "i", b"L": "q", b"d": "f", b"D": "d"}
"""UBJSON's letters and the codes of :mod:`struct` and :mod:`array`, which agree on these sizes."""
_MOST_VALUES = 2_000_000
"""Beside those in typed arrays: no model of the size that is read has as many."""
_VALUES: dict[bytes, Any] = {b"Z": None, b"T": True, b"F": False}


def decoded(content: bytes) -> Any:
    """Raises :class:`ForeignTextError`."""
    try:
        return _Reader(content).value(0)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError, OverflowError, MemoryError) as error:
        if isinstance(error, ForeignTextError):
            raise
        raise ForeignTextError(f"is not UBJSON: {error}") from None


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.content, self.at, self.left = content, 0, _MOST_VALUES

    def value(self, depth: int, marker: bytes | None = None) -> Any:
        if depth > DEEPEST:
            raise ForeignTextError(f"is nested more than {DEEPEST} deep")
        self.left -= 1
        if self.left < 0:
            raise ForeignTextError(f"has more than {_MOST_VALUES:,} values")
        marker = marker or self.marker()
        if marker in _VALUES:
            return _VALUES[marker]
        if marker in _NUMBERS:
            return struct.unpack(f">{_NUMBERS[marker]}", self.take(struct.calcsize(f">{_NUMBERS[marker]}")))[0]
        if marker == b"S":
            return self.text()
        if marker == b"C":
            return self.take(1).decode()
        if marker == b"[":
            return self.items(depth)
        if marker == b"{":
            return self.members(depth)
        raise ForeignTextError(f"is not UBJSON: there is no marker {marker!r}")

    def items(self, depth: int) -> Any:
        kind, count = self.header()
        if kind in _NUMBERS and count is not None:
            found = array(_NUMBERS[kind])
            found.frombytes(self.take(count * found.itemsize))
            if sys.byteorder == "little":
                found.byteswap()
            return found
        items: list[Any] = []
        while not self.ended(b"]", count, len(items)):
            items.append(self.value(depth + 1, kind))
        return items

    def members(self, depth: int) -> dict[str, Any]:
        kind, count = self.header()
        members: dict[str, Any] = {}
        read = 0
        while not self.ended(b"}", count, read):
            name = self.text()
            members[name] = self.value(depth + 1, kind)
            read += 1
        return members

    def header(self) -> tuple[bytes | None, int | None]:
        """The one type of what follows and how many there are, where that is said."""
        kind = None
        if self.peek() == b"$":
            self.at += 1
            kind = self.marker()
        if self.peek() != b"#":
            return kind, None
        self.at += 1
        return kind, self.length()

    def ended(self, end: bytes, count: int | None, read: int) -> bool:
        if count is not None:
            return read == count
        if self.peek() != end:
            return False
        self.at += 1
        return True

    def text(self) -> str:
        return self.take(self.length()).decode()

    def length(self) -> int:
        found = self.value(0)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise ForeignTextError("is not UBJSON: a length is no number")
        return found

    def marker(self) -> bytes:
        marker = self.take(1)
        while marker == b"N":
            marker = self.take(1)
        return marker

    def peek(self) -> bytes:
        return self.content[self.at : self.at + 1]

    def take(self, count: int) -> bytes:
        found = self.content[self.at : self.at + count]
        if len(found) != count:
            raise ForeignTextError("is not UBJSON: it ends early")
        self.at += count
        return found
