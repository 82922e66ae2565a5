"""Files that are no CSV of numbers are called by their names."""

import re

import pytest

from tests.dataset.files import wrong


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"0;5.1;3.5\n1;4.9;3.0\n", "columns separated by ';'"),
        (b"0;5,1;3,5\n1;4,9;3,0\n", "columns separated by ';', and a comma stands for the decimal point"),
        (b"0\t5.1\t3.5\n1\t4.9\t3.0\n", "columns separated by tabs"),
        (b"0|5.1|3.5\n", r"columns separated by '\|'"),
        (b'"0","5.1","3.5"\n"1","4.9","3.0"\n', "has its values in quotes"),
        (b"0 1:5.1 2:3.5\n1 1:4.9 2:3.0\n", "is libsvm"),
        (b"# exported 2026\n0,5.1\n", "is a comment"),
        (b"0,5.1,3\n# a note\n", "row 2: is a comment"),
        (
            b",y,Sepal.Length,Petal.Length\n1,0,5.1,1.4\n",
            "header with an index column, as pandas writes it: .*index=False",
        ),
        (b"label,months,calls\n0,1,2\n", "row 1: is a header"),
        (b'"label","months"\n0,1\n', "row 1: is a header"),
        (b"y,1,a\n0,1,2\n", "row 1: is a header"),
        (b"y,2019,2020\n0,1,2\n", "row 1: is a header of years"),
        (b"0 5.1  3.5\n", "columns separated by blanks"),
        (b"0~5.1~3.5\n", "columns separated by '~'"),
        (b"0 qid:1 1:5.1\n", "is libsvm"),
        (b"-1 1:5.1 3:2 # a note\n", "is libsvm"),
        (b"label;months;calls\n0;1;2\n", "is a header, and its columns are separated by ';'"),
        (b"label\tmonths\n0\t1\n", "is a header, and its columns are separated by tabs"),
        (b"<html>\n", "is HTML or XML"),
        (b"@RELATION iris\n", "is ARFF"),
        (b"%PDF-1.4\n", "is a PDF document"),
        (b"0,1\n1,2\n".decode().encode("utf-16-le"), "is UTF-16"),
        (b'0,"1,234.5",3\n1,"1,234.5",3\n', "has values in quotes, .*: a comma in them divides .and 1 more row"),
        (b"0,1,2\n1,1,2\r0,3,4\r", "row 2: has CR alone"),
        (b'{"a": 1}\n', "is JSON"),
        (b"\xef\xbb\xbf0,1\n1,2\n", "byte-order mark"),
        ("0,1\n1,2\n".encode("utf-16"), "byte-order mark"),
        (b"\x1f\x8b\x08\x00,1\n", "is a gzip archive"),
        (b"PK\x03\x04,1\n", "is a zip archive"),
        (b"PAR1,1\n", "is a Parquet file"),
        (b"0,1\r1,2\r", "ends its lines with CR alone"),
        (b"0,\x00\x01\n", "is binary"),
        (b"0\n1\n", r"has one column \('0'\)"),
    ],
)
def test_a_shape_has_one_name(text: bytes, name: str) -> None:
    """One fault, in the row that shows it."""
    (told,) = wrong(text)
    assert re.search(name, told), told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"# exported\n# on Monday\n0,1,2\n1,x,3\n", ["row 1: is a comment", "row 4, column 2: 'x' is text"]),
        (b"sep=,\n0,1,2\n1,2\n", ["row 1: is a note of the separator", "row 3: has 2 columns, row 2 has 3 columns"]),
        (b"sep=;\n0;1\n", ["row 1: is a note of the separator", "row 2: has its columns separated by ';'"]),
        (b"\xef\xbb\xbf0,1,2\n1,x,3\n", ["row 1: begins with a byte-order mark", "row 2, column 2: 'x' is text"]),
        (b"\xef\xbb\xbfy,a,b\n1,x,3\n", ["byte-order mark", "row 1: is a header", "row 2, column 2: 'x' is text"]),
        (b"\xef\xbb\xbf0;1\n1;2\n", ["byte-order mark", "row 1: has its columns separated by ';'"]),
    ],
)
def test_what_stands_before_the_rows_hides_no_fault_of_theirs(text: bytes, told: list[str]) -> None:
    """All of both is told at once; rows are counted as they stand in the file."""
    found = wrong(text)
    assert len(found) == len(told)
    assert all(part in fault for part, fault in zip(told, found, strict=True)), found
