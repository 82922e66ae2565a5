"""One pass over a file: counts, missing values, every fault with its place, and what is doubtful."""

import csv
import hashlib
import io
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.files import content, doubts, rows, wrong
from xacct_ml.dataset.content import ROWS_SAMPLED, RowSample, joined
from xacct_ml.dataset.faults import KINDS_KEPT
from xacct_ml.dataset.reading import ROW_LIMIT, read_part, read_rows

GOOD = b"0,1.5,2\n1,-3e2,.5\n"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (GOOD, (2, 3)),
        (b"0,1\r\n1,2\r\n", (2, 2)),
        (b"0,1\n1,2", (2, 2)),
        (b"0, 1\n1,\t2\n", (2, 2)),
        (b"-1.0,7\n", (1, 2)),
    ],
    ids=["plain", "crlf", "no last newline", "spaces", "one row"],
)
def test_rows_columns_and_checksum(text: bytes, size: tuple[int, int]) -> None:
    """Of the whole file, in either line end."""
    read = content(text)
    assert read.wrong.faults() == []
    assert (read.rows, read.columns) == size
    assert read.sha256 == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (GOOD, {}),
        (b"0,,2\n1,4,\n", {1: 1, 2: 1}),
        (b"0,nan,2\n1, NaN ,NAN\n", {1: 2, 2: 1}),
        (b"1,,3\r\n0,4,\r\n", {1: 1, 2: 1}),
    ],
    ids=["none", "empty", "nan", "crlf"],
)
def test_features_may_be_missing(text: bytes, missing: dict[int, int]) -> None:
    """They are counted by column."""
    read = content(text)
    assert read.wrong.faults() == []
    assert read.missing == missing


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "there are no rows"),
        (b"0,1\n,2\n", "row 2, column 1: the label (the first column) is empty: XGBoost would take it for 0"),
        (b"0,1\nnan,2\n", "row 2, column 1: the label (the first column) is missing: no row can be learnt without"),
        (b"0,1\nNA,2\n", "row 2, column 1: the label 'NA' is no number: no row can be learnt without"),
        (b"0,1,2\n1,2\n", "row 2: has 2 columns, row 1 has 3 columns"),
        (b"0,1\n1,2,\n", "row 2: has 3 columns, row 1 has 2 columns"),
        (b"0,1\nyes,2\n", "row 2, column 1: the label 'yes' is text, not a number: xacct-ml prepare encodes it"),
        (b"0,1\n\n1,2\n", "row 2: the line is empty"),
        (b"0,1\n1,2\n\n", "row 3: the line is empty"),
        (b"0,1\n1,\xff\n", "row 2, column 2: '\ufffd' is text, not a number: xacct-ml prepare encodes it"),
        (b"0,1," + b"1" * ROW_LIMIT, "row 1: is longer than 1 MiB: this is no CSV of numbers"),
        (b"0,\n1,nan\n", "every feature is missing in every row"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_one_fault(text: bytes, told: str) -> None:
    """With its row and column."""
    assert wrong(text) == [told]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (rows("0,1,2,3", *["1,5,2"] * 9), ["row 1: has 4 columns, the rows behind it have 3 columns"]),
        (
            rows("0,1,2,3", *["1,5,2"] * 9, "1,2", "0,x,1"),
            [
                "row 1: has 4 columns, the rows behind it have 3 columns",
                "row 11: has 2 columns, row 2 has 3 columns",
                "row 12, column 2: 'x' is text, not a number: xacct-ml prepare encodes it",
            ],
        ),
    ],
    ids=["alone", "beside others"],
)
def test_a_first_row_that_is_the_odd_one_is_blamed_itself(text: bytes, told: list[str]) -> None:
    """The other rows say how many columns there are."""
    assert wrong(text) == told
    assert content(text).columns == 3


def test_all_faults_at_once() -> None:
    """By kind and column, with the first row of each and how many more there are."""
    text = rows("0,1,2", "1,x,2", "1,y,2", ",1,2", "1,2", "0,1,1e300", "1,,")
    assert wrong(text) == [
        "row 2, column 2: 'x' is text, not a number: xacct-ml prepare encodes it (and 1 more row)",
        "row 4, column 1: the label (the first column) is empty: XGBoost would take it for 0",
        "row 5: has 2 columns, row 1 has 3 columns",
        "row 6, column 3: '1e300' is too large: XGBoost keeps numbers of single precision, up to 3.4e38",
    ]


def test_a_header_is_not_all_that_is_told() -> None:
    """What is behind it is wrong, too: nothing is found out one run after the other."""
    told = wrong(rows("price,cut,carat", "326,Ideal,0.23", "327,Premium,0.21"))
    assert [line.split(";")[0].split(":")[0] for line in told] == ["row 1", "row 2, column 2"]
    assert told[1].endswith("(and 1 more row)")


def test_files_of_one_channel_are_read_as_one() -> None:
    """Whatever the cut: what is known of the whole is what one file would tell, but its checksum."""
    lines = [f"{place % 3},{place},{'' if place % 5 else place / 4},7" for place in range(90)]
    whole = read_part(io.BytesIO(rows(*lines)))
    for cut in (1, 40, 89):
        parts = joined([read_part(io.BytesIO(rows(*some))) for some in (lines[:cut], lines[cut:])])
        assert (parts.rows, parts.columns, parts.missing, parts.constant) == (90, 4, whole.missing, whole.constant)
        assert (parts.labels.seen, parts.labels.counting, parts.sample.hashes, parts.even.kept) == (
            whole.labels.seen,
            whole.labels.counting,
            whole.sample.hashes,
            whole.even.kept,
        )
        assert parts.place(cut + 1) == (1, 1)


def test_files_of_one_channel_have_the_same_columns() -> None:
    """The row that is told is the first of the other file; its own faults come behind."""
    parts = joined([read_part(io.BytesIO(text)) for text in (b"0,1\n1,2\n", b"0,1,2\n1,x,2\n")])
    assert [str(fault) for fault in parts.wrong.faults()] == [
        "row 3: has 3 columns, the first file 2 columns",
        "row 4, column 2: 'x' is text, not a number: xacct-ml prepare encodes it",
    ]


def test_labels_of_several_files_keep_their_ends() -> None:
    """Where there are too many to count, too."""
    parts = joined([read_part(io.BytesIO(rows(*(f"{at + place},1" for place in range(1500))))) for at in (7, -9000)])
    assert (parts.labels.seen, parts.labels.ends) == (None, ((-9000, 1501), (1506, 1500)))


def test_a_wide_file_of_faults_stays_readable() -> None:
    """The kinds that are told one by one are bounded; the rest is counted."""
    told = wrong(rows(",".join(["0"] * 100), ",".join(["0"] * 60 + ["x"] * 40)))
    assert len(told) == KINDS_KEPT + 1
    assert told[-1] == f"and {40 - KINDS_KEPT} more of other kinds"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            rows("0,1,2,3", *["1,5.5,2.5,7.5"] * 30),
            "row 1: counts up from column to column: column numbers or years, as a header?",
        ),
        (
            rows("2018,2019,2020,2021", *["1,5.5,2.5,7.5"] * 30),
            "row 1: counts up from column to column: column numbers or years, as a header?",
        ),
        (
            rows(*(f"{i % 2},{i},{i / 2}," for i in range(30))),
            "column 4: is empty in every row, as each row ends with a comma",
        ),
        (rows(*(f"{i % 2},{i},,{i / 2}" for i in range(30))), "column 3: is empty in every row"),
        (rows(*(f"{i % 2},{i / 3},7" for i in range(30))), "column 3: is '7' in every row"),
        (rows("0,1.5", "1,2.5", "1,9"), "3 rows are few to learn from or to judge by"),
    ],
    ids=["numbered header", "header of years", "trailing comma", "empty column", "constant", "tiny"],
)
def test_doubts(text: bytes, told: str) -> None:
    """Read as it is written, and said."""
    assert wrong(text) == []
    assert doubts(text) == [told]


def test_a_good_file_raises_no_doubt() -> None:
    """No word without a reason."""
    assert doubts(rows(*(f"{i % 2},{i * 7 % 11},{i / 4}" for i in range(40)))) == []


def test_progress_adds_up_to_the_file() -> None:
    """Every byte is reported once."""
    text = b"0,123456789\n" * 200_000
    told: list[int] = []
    read_rows(io.BytesIO(text), told.append)
    assert sum(told) == len(text)
    assert len(told) > 1


def test_the_sample_of_rows_is_bounded() -> None:
    """And two samples keep the same share, whatever their sizes."""
    sample = RowSample()
    sample.add(b"%d" % row for row in range(ROWS_SAMPLED + 1000))
    assert sample.step == 2
    assert len(sample.hashes) < ROWS_SAMPLED


def naive(text: bytes) -> tuple[int, int, int] | None:
    """Rows, columns and missing cells as the simplest correct reader finds them; None for what must be refused."""
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return None
    if lines[-1] == "":
        lines.pop()
    table = [line.removesuffix("\r").split(",") for line in lines]
    number = re.compile(r"[ \t]*[+-]?(\d{1,19}\.?\d*|\.\d+)([eE][+-]?\d{1,2})?[ \t]*")
    absent = re.compile(r"|[ \t]*nan[ \t]*")
    if not table or len(table[0]) < 2 or any(len(row) != len(table[0]) for row in table):
        return None
    missing = 0
    for row in table:
        for column, value in enumerate(row):
            if column and absent.fullmatch(value):
                missing += 1
            elif not number.fullmatch(value) or abs(float(value)) > 3.4028234663852886e38:
                return None
    if missing == len(table) * (len(table[0]) - 1):
        return None
    return len(table), len(table[0]), missing


VALUES = st.one_of(
    st.sampled_from(
        ["0", "1", "-2.5", "1e3", ".5", "7.", "", " 3", "nan", "inf", "x", '"1"', "1_0", "+4", "\r", "0x1", " "]
    ),
    st.floats(allow_nan=False, width=32).map(lambda value: f"{value:.6g}" if math.isfinite(value) else "1e99"),
    st.integers(-(10**19) + 1, 10**19 - 1).map(str),
)


@given(
    table=st.lists(st.lists(VALUES, min_size=1, max_size=4), max_size=5),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_agrees_with_a_naive_reader(table: list[list[str]], end: str, last: bool) -> None:
    """Same verdict and same counts for any small table."""
    text = (end.join(",".join(row) for row in table) + (end if last and table else "")).encode()
    expected, read = naive(text), content(text)
    if expected is None:
        assert read.wrong.faults()
    else:
        assert read.wrong.faults() == []
        assert (read.rows, read.columns, sum(read.missing.values())) == expected


def test_the_naive_reader_reads_what_csv_reads() -> None:
    """The oracle itself: on plain numbers it counts as Python's csv module does."""
    table = list(csv.reader(io.StringIO(GOOD.decode())))
    assert naive(GOOD) == (len(table), len(table[0]), 0)
