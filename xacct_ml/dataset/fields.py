"""One field of a CSV, as the text reader of XGBoost takes it, which is what SageMaker's container calls.

The rules were measured with the reader itself (tests/dataset/test_reader_oracle.py asks it again) [B]. It says nothing
of what it cannot read, so whatever it would take for something else than what is written is refused here:

- an empty field and ``nan`` are missing values; other text is read as missing, or up to where it stops being a number;
- a field of blanks alone is read as 0, or as the number that begins the next row;
- over 19 digits before the point overflow its 64-bit integer, and exponents beyond 38 are read as 38."""

import re
from math import isinf, isnan

LARGEST = 3.402823e38
"""XGBoost keeps single precision, up to 3.40282347e38, and its reader takes what is nearer to that end for infinite."""
MISSING = float("nan")
_LARGEST_EXPONENT = 38
_NEAR_ZERO = 1e-36
"""What the reader makes of an exponent under -38, as 1e-38 of 1e-200, is as good as zero up to here."""

_NUMBER = re.compile(rb"[ \t]*[+-]?(?:([0-9]+)\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,4}))?[ \t\r]*")
_MISSING = re.compile(rb"(?:[ \t]*[+-]?[nN][aA][nN][ \t\r]*)?")
_DIGITS = 19
LEAVE_EMPTY = "leave the field empty where the value is missing"
_STANDS_FOR_MISSING = frozenset(b"na n/a n.a. null none nil missing unknown #n/a <na> nat - -- ? .".split())
_KINDS = (
    (
        re.compile(
            rb"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[T ].*)?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}(?: .*)?"
        ),
        "is a date, not a number: xacct-ml prepare encodes it",
    ),
    (re.compile(rb"[+-]?[0-9.]+\s*%"), "is a percentage: write the number alone"),
    (re.compile(rb"[+-]?0[xX][0-9a-fA-F]+"), "is a hexadecimal number: write it in decimal"),
    (
        re.compile(
            rb"[+-]?(?:[A-Z]{0,3}[$]|[A-Z]{3}|\xe2\x82\xac|\xc2\xa3)\s*[0-9.]+|"
            rb"[0-9.]+\s*(?:[$]|[A-Z]{3}|\xe2\x82\xac|\xc2\xa3)"
        ),
        "is an amount of money: write the number alone",
    ),
    (re.compile(rb"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?"), "is a time of day: write it as one number"),
    (re.compile(rb"[(]\s*[0-9.]+\s*[)]"), "is in brackets: a number below zero is written with a minus sign"),
    (
        re.compile(rb"[+-]?[0-9]{1,3}(?:(?:[ '.]|\xc2\xa0|\xe2\x80\xaf|\xe2\x80\x99)[0-9]{3})+"),
        "has separators of thousands: write the number without them",
    ),
)
"""What people write where a number is expected, each with what is said of it."""


class NotReadable(ValueError):
    """XGBoost would take the field for something else than what is written. ``str()`` says why, as the rest of a
    sentence that begins with the value."""


def read(field: bytes) -> float:
    """The value of a field, NaN where it is missing. Raises :class:`NotReadable`."""
    if _MISSING.fullmatch(field):
        return MISSING
    number = _NUMBER.fullmatch(field)
    if number is None:
        raise NotReadable(_why(field))
    whole, exponent = number.groups()
    value = float(field)
    if abs(value) > LARGEST:
        raise NotReadable("is too large: XGBoost keeps numbers of single precision, up to 3.4e38")
    if whole and len(whole.lstrip(b"0")) > _DIGITS:
        raise NotReadable(
            f"has over {_DIGITS} digits before the point, which XGBoost's reader takes for another number"
        )
    if exponent and value and not _exponent_is_read(field, int(exponent)):
        raise NotReadable("has an exponent beyond 38, which XGBoost's reader takes for 38")
    return value


def _exponent_is_read(field: bytes, exponent: int) -> bool:
    """Whether the reader takes the exponent for what it is, or both are as near to zero."""
    if exponent >= -_LARGEST_EXPONENT:
        return exponent <= _LARGEST_EXPONENT
    significand = abs(float(field.lower().split(b"e")[0]))
    return significand * 10.0**-_LARGEST_EXPONENT <= _NEAR_ZERO and significand * 10.0**exponent <= _NEAR_ZERO


def _why(field: bytes) -> str:
    value = field.strip()
    if not value:
        return f"is blank: XGBoost would take it for a number; {LEAVE_EMPTY}"
    if value.startswith((b'"', b"'")):
        return "is quoted, and SageMaker's XGBoost reads no quotes"
    if value.lower() in (b"true", b"false"):
        return "is text: write 1 and 0"
    if value.lower() in _STANDS_FOR_MISSING:
        return f"is no number: {LEAVE_EMPTY}"
    for kind, told in _KINDS:
        if kind.fullmatch(value):
            return told
    if any(byte < 0x20 for byte in field.strip(b" \t\r")):
        return "has a character in it that is none of a number: the file is damaged, or no text"
    try:
        number = float(_plain(value))
    except ValueError:
        return "is text, not a number: xacct-ml prepare encodes it"
    return "is not a finite number" if isinf(number) or isnan(number) else "is not a plain number"


def _plain(value: bytes) -> str:
    """The text with what looks like a number's characters in their place."""
    return value.decode("utf-8", "replace").replace("\N{MINUS SIGN}", "-").strip("\ufeff\u200b")
