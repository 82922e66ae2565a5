"""One field, by the rules of XGBoost's reader; test_reader_oracle.py compares the rules with the reader."""

import math

import pytest

from xacct_ml.dataset.fields import NotReadable, read


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"0", 0.0),
        (b"-3e2", -300.0),
        (b".5", 0.5),
        (b"7.", 7.0),
        (b" +4\t", 4.0),
        (b"5.1E+00", 5.1),
        (b"1e-38", 1e-38),
        (b"2.5e-200", 2.5e-200),
        (b"00000000000000000000012", 12.0),
        (b"0.12345678901234567890123", 0.12345678901234568),
        (b"3.402823e38", 3.402823e38),
        (b"0e999", 0.0),
    ],
)
def test_numbers(field: bytes, value: float) -> None:
    """In every notation that is read as it is written."""
    assert read(field) == value


@pytest.mark.parametrize("field", [b"", b"nan", b"NaN", b" NAN ", b"-nan"])
def test_missing(field: bytes) -> None:
    """An empty field, and the ways to write NaN."""
    assert math.isnan(read(field))


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (b" ", "is blank"),
        (b"\t", "is blank"),
        (b"NA", "is no number: leave the field empty"),
        (b"null", "is no number: leave the field empty"),
        (b"?", "is no number: leave the field empty"),
        (b"1abc", "is text, not a number: xacct-ml prepare"),
        (b"51%", "is a percentage: write the number alone"),
        (b"$12.50", "is an amount of money"),
        ("12 €".encode(), "is an amount of money"),
        (b"2020-01-31", "is a date"),
        (b"2020-01-31T10:00:00Z", "is a date"),
        (b"31.1.2020", "is a date"),
        (b"1/31/20 10:00", "is a date"),
        (b"0x1F", "is a hexadecimal number"),
        (b"1_000", "is not a plain number"),
        (b'"2"', "is quoted"),
        (b"'2'", "is quoted"),
        (b"True", "write 1 and 0"),
        (b"inf", "is not a finite number"),
        (b"-Infinity", "is not a finite number"),
        (b"1e300", "is too large"),
        (b"3.4028236e38", "is too large"),
        (b"3.4028234e38", "is too large"),
        (b"12345678901234567890", "over 19 digits before the point"),
        (b"12345678901234567890e-10", "over 19 digits before the point"),
        (b"123456e-40", "exponent beyond 38"),
        (b"0.001e40", "exponent beyond 38"),
        (b"939e-300", "exponent beyond 38"),
        (b"0.5e-20000000000000000000000", "exponent beyond 38|number"),
        (b"\xd9\xa5", "is text|plain"),
        (b"\x0b1", "has a character in it that is none of a number"),
        (b"0.\x0078", "has a character in it that is none of a number"),
        ("\N{MINUS SIGN}5".encode(), "is not a plain number"),
        (b"1 000", "separators of thousands"),
        (b"1.234.567", "separators of thousands"),
        ("12\N{NO-BREAK SPACE}345".encode(), "separators of thousands"),
        (b"(5.2)", "is in brackets"),
        (b"US$5", "is an amount of money"),
        (b"EUR 5", "is an amount of money"),
        (b"12:30", "is a time of day"),
        (b"nan(1)", "is text"),
    ],
)
def test_what_would_be_taken_for_something_else(field: bytes, why: str) -> None:
    """Each with its own reason."""
    with pytest.raises(NotReadable, match=why):
        read(field)
