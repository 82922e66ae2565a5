"""What others wrote, read with bounds: records, configurations, commit messages, answers, files.

Standard library alone, and in the package of the Lambda functions too, so that both read alike. Whatever is given, the
outcome is a value or :class:`ForeignTextError`."""

import json
import lzma
import math
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

LARGEST_BYTES = 1 << 20
DEEPEST = 64
LONGEST_LINE = 300
LONGEST_TEXT = 8192
_MOST_DIGITS = 40

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


BROKEN_ZIP = (
    zipfile.BadZipFile,
    NotImplementedError,  # an unknown method
    RuntimeError,  # encrypted
    ValueError,  # an offset before the start, a name that is not UTF-8
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
)
"""What :mod:`zipfile` raises for archives that cannot be read."""


class ForeignTextError(ValueError):
    """Why a text cannot be read, as a clause of one line."""


Pairs = Callable[[list[tuple[str, Any]]], Any]
"""What becomes of an object's members."""


def document(text: bytes | str, largest: int = LARGEST_BYTES, pairs: Pairs | None = None) -> Any:
    """A JSON document: of bounded size and depth, its numbers finite. ``pairs`` may refuse members with a ValueError.

    Raises :class:`ForeignTextError`."""
    if len(text) > largest:
        raise ForeignTextError(f"has more than {largest:,} bytes")
    try:
        plain = text if isinstance(text, str) else text.decode()
        _check_depth(plain)
        return json.loads(
            plain, parse_float=_number, parse_int=_integer, parse_constant=_constant, object_pairs_hook=pairs
        )
    except ForeignTextError:
        raise
    except UnicodeDecodeError:
        raise ForeignTextError("is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ForeignTextError(f"is not JSON: {line(str(error))}") from None


def line(text: str, longest: int = LONGEST_LINE) -> str:
    """``text`` on one line: cut, and with a mark for every character that is not to be seen."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(one if one.isprintable() else "\ufffd" for one in cut)


def bounded(text: str, longest: int = LONGEST_TEXT) -> str:
    """``text``, cut, with its length, where it is longer than AWS ever makes one."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def _check_depth(text: str) -> None:
    depth = 0
    for found in _BRACKETS.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                raise ForeignTextError(f"is nested more than {DEEPEST} deep")
        elif found[0] in "]}":
            depth -= 1


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ForeignTextError("has a number of too many digits")
    return int(digits)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ForeignTextError(f"has a number that is not finite: {line(text, 40)}")
    return number


def _constant(name: str) -> float:
    raise ForeignTextError(f"has {name}, which is no JSON")
