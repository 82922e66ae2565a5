"""Features and labels apart, row by row: as many of the one as of the other, and none that a batch transform loses."""

from __future__ import annotations

import io

import pytest

from xacct_ml.dataset.reading import ROW_LIMIT
from xacct_ml.operations.upload import holdout
from xacct_ml.payload.scores.tables import MOST_ROWS
from xacct_ml.payload.transforms import LARGEST_PAYLOAD_MB


def parts(content: bytes, slices: tuple[holdout.Slice, ...] = ()) -> tuple[int, list[bytes]]:
    with holdout.split(io.BytesIO(content).read, slices) as found:
        texts = []
        for each in (found.features, found.labels, found.slices):
            if each is not None:
                with each.opened() as file:
                    texts.append(file.read())
        return found.scored, texts


@pytest.mark.parametrize(
    ("content", "features"),
    [
        (b"0,\n1,\n0,5\n", b"nan\nnan\n5\n"),
        (b"0,1\r\n1,\r\n0,NaN", b"1\nnan\nnan\n"),
        (b"0,-1e-05\n1,+2\n", b"-0.00001\n2\n"),
        (b"0,,\n1,,\r\n", b",\n,\n"),
        (b"0, 1e3,-1e-05\n", b" 1e3,-1e-05\n"),
    ],
)
def test_no_line_is_empty(content: bytes, features: bytes) -> None:
    scored, texts = parts(content)
    assert texts[0] == features
    assert [text.count(b"\n") for text in texts] == [scored, scored]


def test_a_row_fits_into_a_request() -> None:
    """What ``upload-data`` takes, a batch transform hands to the container."""
    assert ROW_LIMIT < LARGEST_PAYLOAD_MB << 20


def test_as_many_rows_are_stored_as_are_scored() -> None:
    assert holdout.ROWS_SCORED == MOST_ROWS


def test_the_first_rows_are_scored() -> None:
    rows = b"".join(b"%d,%d\n" % (each % 2, each) for each in range(holdout.ROWS_SCORED + 5))
    scored, (features, labels) = parts(rows)
    assert scored == holdout.ROWS_SCORED
    assert features.endswith(b"\n199999\n")
    assert labels.count(b"\n") == scored


def test_a_gap_in_a_slice_is_a_row_too() -> None:
    place: holdout.Slice = ("plan", 0, bytes.decode)
    assert parts(b"0,,1\n1,2,\n", (place,))[1][2] == b'plan\n""\n2\n'
