"""Golden rows: made from a profile, and what counts as the same answer."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from xacct_ml.foreign import ForeignTextError
from xacct_ml.payload.golden import Golden, answers, golden_rows

SHA256 = "ab" * 32


def column(low: float, high: float, missing: float = 0.0) -> dict[str, Any]:
    mean = (low + high) / 2
    return {"low": low, "high": high, "mean": mean, "std": 1.0, "q01": low, "q99": high, "missing": missing}


def test_rows_lie_within_what_the_data_do_and_are_always_the_same() -> None:
    profile = {"columns": [column(-2.5, 7.25), column(0, 1e6), column(0.001, 0.002)]}
    rows = golden_rows(3, profile)
    assert rows == golden_rows(3, profile)
    assert len(set(rows)) > 10
    for row in rows:
        for field, (low, high) in zip(row.split(","), [(-2.5, 7.25), (0, 1e6), (0.001, 0.002)], strict=True):
            assert low <= float(field) <= high
    assert rows[0] == "-2.5,0,0.001"


def test_columns_with_gaps_have_some_and_others_none() -> None:
    rows = golden_rows(2, {"columns": [column(0, 1, missing=0.2), column(0, 1)]})
    first, second = zip(*(row.split(",") for row in rows), strict=True)
    assert "" in first
    assert "" not in second
    assert first[0] != ""


def test_a_lone_feature_is_never_an_empty_line_and_the_delimiter_is_no_sign() -> None:
    """The container passes over empty lines, and tells the delimiter by the first row."""
    rows = golden_rows(1, {"columns": [column(-0.00001, 0.5, missing=0.5)]})
    assert "nan" in rows
    assert all(rows)
    assert csv.Sniffer().sniff(rows[0]).delimiter.isalnum()


@pytest.mark.parametrize("profile", [None, {}, {"columns": []}, {"columns": [{"low": "x"}, None]}, {"columns": 3}])
def test_without_a_readable_profile_columns_go_from_0_to_1(profile: Any) -> None:
    rows = golden_rows(2, profile)
    assert rows[0] == "0,0"
    assert all(0 <= float(field) <= 1 for row in rows for field in row.split(","))


def test_many_columns_make_fewer_rows_of_a_bounded_size() -> None:
    rows = golden_rows(60_000, None)
    assert 1 <= len(rows) < 20
    assert sum(map(len, rows)) < 1 << 20


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"0.25\n0.5\n", [(0.25,), (0.5,)]),
        (b"[0.1, 0.9]\n[0.5, 0.5]\n", [(0.1, 0.9), (0.5, 0.5)]),
        (b"0.1,0.9\r\n0.5,0.5\r\n", [(0.1, 0.9), (0.5, 0.5)]),
        (b"1e-05\n\n-3\n", [(1e-05,), (-3.0,)]),
    ],
)
def test_answers_of_transforms_and_endpoints(text: bytes, found: list[tuple[float, ...]]) -> None:
    assert answers(text, 2) == found


@pytest.mark.parametrize(
    "text", [b"", b"0.5\n", b"0.5\n0.5\n0.5\n", b"nan\n1\n", b'{"predictions": 1}\n1\n', b"\xff\n1\n", b"1" * (5 << 20)]
)
def test_what_is_no_answer(text: bytes) -> None:
    with pytest.raises(ForeignTextError):
        answers(text, 2)


def test_the_same_answer_up_to_what_single_precision_prints() -> None:
    golden = Golden(("1", "2"), ((0.883499979,), (1250.5,)))
    assert golden.difference(b"0.88349998\n1250.501\n") is None
    wrong = golden.difference(b"0.88349998\n1251.5\n")
    assert wrong is not None
    assert "1 of 2 golden rows are answered otherwise" in wrong
    assert "row 2: 1251.5, when it was judged 1250.5" in wrong
    assert golden.difference(b"0.8,0.2\n1,2\n") is not None
    assert "has a line that is no numbers: <html>" in str(golden.difference(b"<html>\n"))


def test_the_document_is_of_one_model() -> None:
    golden = Golden(("1,2", "3,"), ((0.25,), (0.75,)))
    text = golden.to_json(SHA256)
    assert Golden.parse(text, SHA256) == golden
    for given, digest in ((text, "cd" * 32), (b"{}", SHA256), (b"[]", SHA256), (text.replace(b"0.75", b'"x"'), SHA256)):
        with pytest.raises(ForeignTextError):
            Golden.parse(given, digest)
