"""A row of one feature: what the container's delimiter, which the standard library finds, makes of it."""

from __future__ import annotations

import csv
import math
import random

import pytest

from xacct_ml.dataset.fields import NotReadable
from xacct_ml.dataset.lone_feature import written


def served(text: str) -> list[float]:
    """As the container reads a request whose first row it is."""
    told = csv.Sniffer().sniff(text[:512]).delimiter
    fields = text.split("," if told.isalnum() else told)
    return [float(field or "nan") for field in fields]


@pytest.mark.parametrize("field", [b"", b"NaN", b" nan", b"+nan", b"-NaN"])
def test_a_gap_is_a_word(field: bytes) -> None:
    assert written(field) == b"nan"
    assert math.isnan(*served("nan"))


@pytest.mark.parametrize("field", [b"-1e-05", b"5 ", b"+5e+3", b"-2E-7 "])
def test_what_the_container_would_take_for_something_else(field: bytes) -> None:
    """Read as it stands, it fails, or is several features."""
    with pytest.raises((ValueError, AssertionError)):
        assert served(field.decode()) == [float(field)]
    assert served(written(field).decode()) == [float(field)]


@pytest.mark.long
def test_any_number_is_read_as_what_it_is() -> None:
    drawn = random.Random(3)
    for _ in range(20_000):
        number = drawn.uniform(-10, 10) * 10 ** drawn.randint(-30, 30)
        form = drawn.choice(["{:.3e}", "{:.6g}", "{!r}", "{:+.2e}", " {:.1e}", "{:.0f}", "{:.4f}\t"])
        try:
            text = written(form.format(number).encode()).decode()
        except NotReadable:
            continue
        assert served(text) == [float(form.format(number))], (form, number)
