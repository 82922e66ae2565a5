"""UBJSON, by the examples of its specification (ubjson.org, draft 12)."""

from __future__ import annotations

from array import array

import pytest

from xacct_ml.foreign import ForeignTextError
from xacct_ml.payload.scores.ubjson import decoded


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"Z", None),
        (b"NT", True),
        (b"i\xff", -1),
        (b"U\xff", 255),
        (b"I\x01\x00", 256),
        (b"D\x3f\xf8\0\0\0\0\0\0", 1.5),
        (b"SU\x02ab", "ab"),
        (b"[i\x01i\x02]", [1, 2]),
        (b"[#i\x02i\x01i\x02", [1, 2]),
        (b"[$U#i\x02\x01\x02", array("B", [1, 2])),
        (b"[$l#i\x01\0\0\0\x07", array("i", [7])),
        (b"{i\x01aF}", {"a": False}),
        (b"{$i#i\x01i\x01a\x07", {"a": 7}),
    ],
)
def test_values(content: bytes, value: object) -> None:
    assert decoded(content) == value


@pytest.mark.parametrize(
    "content", [b"", b"X", b"[", b"SU\x05ab", b"[$U#i\x05a", b"{Ta", b"[#Sa", b"[" * 100, b"S\xff"]
)
def test_what_is_not(content: bytes) -> None:
    with pytest.raises(ForeignTextError):
        decoded(content)


def test_no_more_values_than_a_model_has() -> None:
    """Of a type that takes no byte."""
    with pytest.raises(ForeignTextError, match="values"):
        decoded(b"[$T#l\x7f\xff\xff\xff")
