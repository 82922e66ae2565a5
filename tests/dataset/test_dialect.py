"""What the beginning of a file tells of how it is written."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.dataset.dialect import Dialect, NoTable, dialect, is_index, wrong_names


def of(text: str | bytes, **how: object) -> Dialect:
    start = text.encode() if isinstance(text, str) else text
    return dialect(start, whole=True, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "separator", "names"),
    [
        ("y,a,b\n1,2,3\n", ",", ("y", "a", "b")),
        ("y;a;b\n1;2,5;3,5\n0;1,5;4,5\n", ";", ("y", "a", "b")),
        ("y\ta\n1\tx, y\n", "\t", ("y", "a")),
        ("y|a\n1|2\n", "|", ("y", "a")),
        ('y,"a, or b"\n1,"2;3"\n', ",", ("y", "a, or b")),
        ('y,"two\nlines"\n1,2\n', ",", ("y", "two\nlines")),
        ("\n y , a \r\n1,2\r\n", ",", ("y", "a")),
    ],
)
def test_what_separates_the_columns(text: str, separator: str, names: tuple[str, ...]) -> None:
    found = of(text)
    assert (found.separator, found.names, found.plain) == (separator, names, True)


@pytest.mark.parametrize(
    ("text", "encoding", "plain"),
    [
        (codecs.BOM_UTF8 + b"y,a\n1,2\n", "utf-8-sig", True),
        ("y,a\n1,2\n".encode("utf-16"), "utf-16", False),
        (b"y,a\r1,2\r", "utf-8", False),
    ],
)
def test_encodings_and_ends_of_lines(text: bytes, encoding: str, plain: bool) -> None:
    found = of(text)
    assert (found.encoding, found.names, found.plain) == (encoding, ("y", "a"), plain)


def test_a_given_encoding() -> None:
    assert of("größe,y\n1,2\n".encode("cp1252"), encoding="cp1252").names == ("größe", "y")


def test_comments_before_the_header_are_skipped() -> None:
    found = of("# exported\n# by me, for you\ny,a\n1,2\n")
    assert (found.skipped, found.names) == (2, ("y", "a"))


def test_a_character_cut_at_the_end_of_the_beginning_is_no_fault() -> None:
    assert dialect("y,a\n1,ö".encode()[:-1], whole=False).names == ("y", "a")


def test_names_where_there_is_no_header() -> None:
    assert of("1,2\n3,4\n", header=False).names == ("column1", "column2")


@pytest.mark.parametrize(
    ("text", "how", "message"),
    [
        (b"\x1f\x8b\x08", {}, "is a gzip archive"),
        (b"y\n1\n", {}, "has one column"),
        (b"", {}, "has one column"),
        ("y,größe\n".encode("cp1252"), {}, "is not UTF-8 in line 1: give the encoding it has, as --encoding cp1252"),
        (b"y,a\n", {"encoding": "klingon"}, "Python knows no encoding 'klingon'"),
        (b"y,\x00\n", {}, "is binary"),
    ],
)
def test_what_is_no_table(text: bytes, how: dict[str, str], message: str) -> None:
    with pytest.raises(NoTable, match=message):
        of(text, **how)


@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_are_a_table_or_none(start: bytes, whole: bool) -> None:
    try:
        found = dialect(start, whole=whole)
    except NoTable as error:
        assert str(error)  # noqa: PT017
    else:
        assert len(found.names) > 1


def test_wrong_names_are_told_all_at_once() -> None:
    assert wrong_names(("", "a", "", "a", "x\ty")) == [
        (3, "the column has no name"),
        (4, "the name 'a' is that of column 2, too"),
        (5, "the name is no line of 1 to 256 characters"),
    ]


def test_a_row_of_numbers_is_no_header_but_column_numbers_are() -> None:
    assert wrong_names(("5.1", "3.5", "0"))[0][1].startswith("the first row is one of numbers")
    assert wrong_names(("0", "1", "2")) == []


def test_an_index_of_pandas() -> None:
    assert is_index(("", "a"), 0)
    assert is_index(("a", "__index_level_0__"), 1)
    assert not is_index(("a", "", "b"), 1)
