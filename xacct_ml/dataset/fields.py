"""One field of a CSV, as the text reader of XGBoost takes it, which is what SageMaker's container calls.

The rules were measured with the reader itself (tests/dataset/test_reader_oracle.py asks it again) [B]. It says nothing
of what it cannot read, so whatever it would take for something else than what is written is refused here:

- an empty field and ``nan`` are missing values; other text is read as missing, or up to where it stops being a number;
- a field of blanks alone is read as 0, or as the number that begins the next row;
- over 19 digits before the point overflow its 64-bit integer, and exponents beyond 38 are read as 38."""

import re
from math import isinf, isnan

FLOAT32_MAX = 3.4028234663852886e38
"""The largest number of IEEE 754 single precision, in which XGBoost keeps what it reads."""
MISSING = float("nan")
_LARGEST_EXPONENT = 38
_NEAR_ZERO = 1e-36
"""What the reader makes of an exponent under -38, as 1e-38 of 1e-200, is as good as zero up to here."""

_NUMBER = re.compile(rb"[ \t]*[+-]?(?:([0-9]+)\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,4}))?[ \t\r]*")
_MISSING = re.compile(rb"(?:[ \t]*[+-]?[nN][aA][nN][ \t\r]*)?")
_DIGITS = 19
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
        re.compile(rb"[+-]?(?:[$]|\xe2\x82\xac|\xc2\xa3)\s*[0-9.]+|[0-9.]+\s*(?:[$]|\xe2\x82\xac|\xc2\xa3)"),
        "is an amount of money: write the number alone",
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
    if abs(value) > FLOAT32_MAX:
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
        return "is blank: XGBoost would take it for a number; leave the field empty where the value is missing"
    if value.startswith((b'"', b"'")):
        return "is quoted, and SageMaker's XGBoost reads no quotes"
    if value.lower() in (b"true", b"false"):
        return "is text: write 1 and 0"
    if value.lower() in _STANDS_FOR_MISSING:
        return "is no number: leave the field empty where the value is missing"
    for kind, told in _KINDS:
        if kind.fullmatch(value):
            return told
    try:
        number = float(value)
    except ValueError:
        return "is text, not a number: xacct-ml prepare encodes it"
    return "is not a finite number" if isinf(number) or isnan(number) else "is not a plain number"
