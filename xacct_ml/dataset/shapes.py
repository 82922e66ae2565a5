"""What a file is that is no CSV of numbers, told by its first bytes and rows: named, with what to do."""

import csv
import re
from itertools import pairwise

_ARCHIVES = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip archive (or a spreadsheet)",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"(\xb5/\xfd": "a zstd archive",
    b"PAR1": "a Parquet file",
    b"\x89HDF": "an HDF5 file",
    b"ARROW1": "an Arrow file",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls)",
    b"\x93NUMPY": "an array of NumPy",
    b"SQLite format 3": "an SQLite database",
    b"%%MatrixMarket": "a matrix in Matrix Market's form",
}
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NUMBER = rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_LIBSVM = re.compile(rb"%s(?:[ \t]+(?:qid|[0-9]+):%s)+[ \t]*(?:#.*)?" % (_NUMBER, _NUMBER))
_SEPARATORS = {b";": "';'", b"\t": "tabs", b"|": "'|'", b"~": "'~'", b"^": "'^'", b":": "':'"}
_PREPARE = "xacct-ml prepare makes the two files of it"


def of_bytes(start: bytes) -> str | None:
    """What the first bytes of a file (its first row, or a part of it) tell; None where it may be CSV."""
    for mark in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return "begins with a byte-order mark, which is no part of a number: save the file as UTF-8 without BOM"
    for magic, what in _ARCHIVES.items():
        if start.startswith(magic):
            return f"is {what}, not CSV text"
    if b"\r" in start.rstrip(b"\r\n"):
        return "ends its lines with CR alone: save it with LF or CRLF"
    if len(start) > 3 and not any(start[1:-1:2]) and all(start[::2]):
        return "is UTF-16, not CSV text: save the file as UTF-8 without BOM"
    if any(byte < 0x20 and byte not in b"\t\r\n" for byte in start):
        return "is binary, not CSV text"
    return None


def of_row(line: bytes) -> str | None:
    """What a row that has no number in most of its fields is; None where it is not known."""
    text = line.strip()
    if text.startswith(b"#\xd7\xce"):
        return "is RecordIO (protobuf), not CSV"
    if (what := note(text)) is not None:
        return what
    if text[:1] in b"{[":
        return "is JSON, not CSV"
    if text.startswith(b"<"):
        return "is HTML or XML, not CSV"
    if re.match(rb"(?i)@relation\b", text):
        return f"is ARFF, not CSV: save the table as CSV with a header; {_PREPARE}"
    if _LIBSVM.fullmatch(text):
        return "is libsvm (label index:value …), not CSV: write each row as label,value,value"
    if re.fullmatch(rb"(?:([\"'])%s\1\s*(?:,\s*|$))+" % _NUMBER, text):
        return "has its values in quotes, and SageMaker's XGBoost reads none: write them without"
    for separator, shown in _SEPARATORS.items():
        parts = [part.strip().strip(b"\"'") for part in text.split(separator)]
        if len(parts) > 1 and all(re.fullmatch(rb"[+-]?[0-9.,eE+-]*", part) for part in parts):
            comma = any(b"," in part for part in parts)
            also = ", and a comma stands for the decimal point" if comma else ""
            return f"has its columns separated by {shown}{also}: write them with commas"
    if re.fullmatch(rb"%s(?:\s+%s)+" % (_NUMBER, _NUMBER), text):
        return "has its columns separated by blanks: write them with commas"
    return None


def note(line: bytes) -> str | None:
    """What a line is that stands before a table or between its rows, and is no row; None for any other."""
    text = line.strip()
    if text.startswith((b"#", b"//", b"%")) and not text.startswith((b"#\xd7\xce", b"%%MatrixMarket", b"%PDF")):
        return "is a comment: XGBoost reads none; take the line out"
    if re.fullmatch(rb"sep=.", text):
        return "is a note of the separator for a spreadsheet: take the line out"
    return None


def quoted_commas(line: bytes, columns: int) -> bool:
    """Whether a row has commas within quotes, so that it has fewer columns for whoever reads quotes."""
    if b'"' not in line:
        return False
    return len(next(csv.reader([line.decode("utf-8", "replace").rstrip("\r\n")]), [])) < columns


def names_alone(line: bytes) -> str | None:
    """What a header is whose columns are separated by something else than commas; None where it is none."""
    for separator, shown in list(_SEPARATORS.items())[:3]:
        if header(fields := line.strip().split(separator)) is not None and len(fields) > 1:
            return f"is a header, and its columns are separated by {shown}; {_PREPARE}"
    return None


def header(fields: list[bytes]) -> str | None:
    """What kind of header a first row is; None where it is none."""
    names = [field.strip() for field in fields]
    texts = [name for name in names if name and not re.fullmatch(_NUMBER, name.strip(b"\"'"))]
    if texts == names[:1] and _years(names[1:]):
        return f"is a header of years, and XGBoost takes a file without one, label first; {_PREPARE}"
    if 2 * len(texts) <= len([name for name in names if name]):
        return None
    if not names[0]:
        return (
            "is a header with an index column, as pandas writes it: to_csv(…, index=False, header=False), with the "
            f"label first; {_PREPARE}"
        )
    return f"is a header, and XGBoost takes a file without one, label first; {_PREPARE}"


def _years(names: list[bytes]) -> bool:
    """Whether these are two years or more, one after the other."""
    if len(names) < 2 or not all(re.fullmatch(rb"(?:19|20)[0-9]{2}", name.strip(b"\"'")) for name in names):
        return False
    return counts_up([float(name.strip(b"\"'")) for name in names])


def counts_up(values: list[float]) -> bool:
    """Whether the values are whole numbers, each one more than the one before: column numbers, or an index."""
    return (
        len(values) > 1 and all(value.is_integer() for value in values) and all(b - a == 1 for a, b in pairwise(values))
    )
