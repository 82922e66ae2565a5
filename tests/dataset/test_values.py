"""Texts and the numbers that stand for them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.dataset.values import DECIMAL_COMMA, ISO, TIME_FORMATS, boolean, is_missing, number, when


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("5", "", 5.0),
        ("+5.10E-2", "", 0.051),
        (".5", "", 0.5),
        ("5,1", DECIMAL_COMMA, 5.1),
        ("-,5", DECIMAL_COMMA, -0.5),
        ("5,1", "", None),
        ("5.1", DECIMAL_COMMA, None),
        ("1_000", "", None),
        ("0x1F", "", None),
        ("inf", "", None),
        ("1e39", "", None),
        ("٥", "", None),
        ("51%", "", None),
    ],
)
def test_numbers(text: str, form: str, value: float | None) -> None:
    assert number(text, form) == value


@pytest.mark.parametrize(("text", "value"), [("Yes", 1.0), ("f", 0.0), ("TRUE", 1.0), ("1", None), ("", None)])
def test_booleans(text: str, value: float | None) -> None:
    assert boolean(text) == value


@pytest.mark.parametrize("text", ["", "NA", "nan", "NULL", "None", "#N/A N/A", "NaT"])
def test_what_says_that_there_is_no_value(text: str) -> None:
    assert is_missing(text)


@pytest.mark.parametrize("text", ["0", "-", "no", "n", "nano"])
def test_what_does_not(text: str) -> None:
    assert not is_missing(text)


@pytest.mark.parametrize(
    ("name", "text", "days"),
    [
        (ISO, "1970-01-02", 1.0),
        (ISO, "1970-01-01T12:00:00Z", 0.5),
        (ISO, "1970-01-01 12:00:00.000001+02:00", 10 / 24 + 1 / 86_400_000_000),
        (ISO, "1969-12-31", -1.0),
        (ISO, "1970-02-30", None),
        (ISO, "1970-01-01 24:00:00", None),
        (ISO, "19700101", None),
        ("%d.%m.%Y", "2.1.1970", 1.0),
        ("%d/%m/%Y", "03/02/1970", 33.0),
        ("%m/%d/%Y", "03/02/1970", 60.0),
        ("%d/%m/%y %H:%M", "02/01/70 06:00", 1.25),
        ("%d-%b-%Y", "02-Jan-1970", 1.0),
        (ISO, "1970-01-01 12:00:00 UTC", 0.5),
        (ISO, "1970-01-01 12:00 GMT", 0.5),
        (ISO, "1970-01-01T12:00:00.000000999Z", 0.5),
        ("%B %d, %Y", "January 2, 1970", 1.0),
        ("%b %d, %Y %I:%M %p", "Jan 2, 1970 6:00 PM", 1.75),
        ("%m/%d/%Y %I:%M:%S %p", "1/2/1970 12:00:00 am", 1.0),
        ("%m/%d/%Y %I:%M:%S %p", "1/2/1970 13:00:00 am", None),
        ("%m/%d/%Y %H:%M", "1/2/1970 6:00", 1.25),
        ("%d-%b-%y", "02-Jan-70", 1.0),
    ],
)
def test_dates(name: str, text: str, days: float | None) -> None:
    assert TIME_FORMATS[name].days(text) == (None if days is None else pytest.approx(days, abs=1e-15))


@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9998, 12, 31)), st.integers(-720, 720))
def test_an_iso_date_with_an_offset_is_the_moment(moment: datetime, minutes: int) -> None:
    offset = timedelta(minutes=minutes)
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    days = TIME_FORMATS[ISO].days(f"{moment.isoformat()}{sign}{ahead // 60:02}:{ahead % 60:02}")
    expected = (moment.replace(tzinfo=UTC) - offset - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86400
    assert days == pytest.approx(expected)


@given(st.text(max_size=30))
def test_no_text_raises(text: str) -> None:
    for read in (number, boolean, *(form.days for form in TIME_FORMATS.values())):
        assert isinstance(read(text), float | None)


def test_a_moment_as_a_person_reads_it() -> None:
    assert (when(1.0), when(1.5)) == ("1970-01-02", "1970-01-02 12:00:00")
