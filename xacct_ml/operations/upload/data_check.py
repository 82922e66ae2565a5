"""Is a file the CSV that SageMaker's XGBoost reads?

SageMaker's XGBoost wants the label in the first column and no header (SageMaker developer guide, xgboost.md) [D]. Its
container reads the file with XGBoost's own text loader (aws/sagemaker-xgboost-container, data_utils.py) [C]: an empty
feature and one that says ``nan`` are missing, which XGBoost handles; an empty label and a blank are 0, and text is
missing, without a word (measured with XGBoost 1.7.6 and 3.2.0, tests/operations/upload/test_data_reading.py). So a
feature may be missing, and everything else that is not a finite number is refused here, with its row.

One pass over the file, a row at a time: memory is bounded by the longest row that is accepted."""

import hashlib
import os
import stat
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import BinaryIO, NoReturn

from xacct_ml.engine.progress import Advance
from xacct_ml.errors import InputError

ROW_LIMIT = 1 << 20
"""Bytes in one row; a longer one is not a table of numbers."""

_REPORT_EVERY = 1 << 20
_SHOWN = 40

_ARCHIVES = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip archive (or a spreadsheet)",
    b"BZh": "a bzip2 archive",
    b"PAR1": "a Parquet file",
    b"\x89HDF": "an HDF5 file",
}
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that passed. ``columns`` counts the label, ``missing`` the features without a value; ``size`` is in
    bytes."""

    channel: str
    path: Path
    sha256: str
    size: int
    rows: int
    columns: int
    missing: int
    fingerprint: tuple[int, ...]

    def changed(self) -> bool:
        """Whether the file is no longer the one that was checked."""
        try:
            return fingerprint(self.path.stat()) != self.fingerprint
        except OSError:
            return True


def check_file(channel: str, path: Path, advance: Advance = lambda _: None) -> CheckedFile:
    """Read ``path`` once, checking every value and hashing every byte.

    Raises :class:`InputError` that names the file and, where there is one, the row (1-based) and the column."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"the {channel} data must be a regular file: it is read twice", file=path)
            counted = _check_rows(file, path, advance)
    except IsADirectoryError:
        raise InputError(f"the {channel} data must be a CSV file, this is a directory", file=path) from None
    except FileNotFoundError:
        raise InputError(f"there is no such file for the {channel} data", file=path) from None
    except OSError as error:
        raise InputError(f"the {channel} data cannot be read: {error.strerror or error}", file=path) from None
    if counted.rows == 0:
        raise InputError(f"the {channel} data is empty: there are no rows", file=path)
    if counted.missing == counted.rows * (counted.columns - 1):
        raise InputError(f"every feature of the {channel} data is missing: there is nothing to learn from", file=path)
    checked = CheckedFile(
        channel,
        path,
        counted.sha256,
        status.st_size,
        counted.rows,
        counted.columns,
        counted.missing,
        fingerprint(status),
    )
    if checked.changed():
        raise InputError("the file was written to while it was being checked", file=path)
    return checked


def fingerprint(status: os.stat_result) -> tuple[int, ...]:
    """What changes when a file is written to."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def check_pair(train: CheckedFile, validation: CheckedFile) -> None:
    """Both channels have one width and are not the same data. Raises :class:`InputError`."""
    if train.sha256 == validation.sha256:
        raise InputError(
            f"has the same content as the training data {train.path}; any gate is passed with that",
            file=validation.path,
        )
    if train.columns != validation.columns:
        raise InputError(
            f"has {_columns(validation.columns)}, but the training data {train.path} has {_columns(train.columns)}",
            file=validation.path,
        )


@dataclass(frozen=True, slots=True)
class _Counted:
    sha256: str
    rows: int
    columns: int
    missing: int


def _check_rows(file: BinaryIO, path: Path, advance: Advance) -> _Counted:
    digest = hashlib.sha256()
    rows = columns = missing = unreported = 0
    for line in iter(partial(file.readline, ROW_LIMIT + 1), b""):
        rows += 1
        if len(line) > ROW_LIMIT:
            raise InputError(
                f"row {rows} is longer than {ROW_LIMIT >> 20} MiB: this is no CSV of numbers", file=path, line=rows
            )
        if rows == 1:
            _check_start(line, path)
        digest.update(line)
        fields = line.rstrip(b"\n").removesuffix(b"\r").split(b",")
        if not _plain_numbers(line, fields):
            given = [fields[0], *(field for field in fields[1:] if not _is_missing(field))]
            if len(fields) == 1 or not _plain_numbers(b",".join(given), given):
                _refuse_row(path, rows, fields)
            missing += len(fields) - len(given)
        columns = columns or len(fields)
        if columns == 1:
            expected = "expected a label and at least one feature, separated by commas"
            raise InputError(f"row 1 has one column ({_shown(fields[0])}): {expected}", file=path, line=1)
        if len(fields) != columns:
            raise InputError(
                f"row {rows} has {_columns(len(fields))}, row 1 has {_columns(columns)}", file=path, line=rows
            )
        unreported += len(line)
        if unreported >= _REPORT_EVERY:
            advance(unreported)
            unreported = 0
    advance(unreported)
    return _Counted(digest.hexdigest(), rows, columns, missing)


def _is_missing(feature: bytes) -> bool:
    """What XGBoost's text loader takes for a missing value, where it is written as such. A blank is 0 to it."""
    return feature == b"" or feature.strip().lower() == b"nan"


def _plain_numbers(line: bytes, fields: list[bytes]) -> bool:
    """The fast path: Python's ``float`` is laxer than a CSV by ``_`` between digits, ``nan`` and ``inf`` only."""
    try:
        return all(map(isfinite, map(float, fields))) and b"_" not in line
    except ValueError:
        return False


def _check_start(line: bytes, path: Path) -> None:
    """What the first bytes already tell."""
    for mark in _BYTE_ORDER_MARKS:
        if line.startswith(mark):
            raise InputError(
                "row 1 begins with a byte-order mark, which is no part of a number: save the file as UTF-8 without BOM",
                file=path,
                line=1,
            )
    for magic, what in _ARCHIVES.items():
        if line.startswith(magic):
            raise InputError(f"this is {what}, not CSV text", file=path)


def _refuse_row(path: Path, row: int, fields: list[bytes]) -> NoReturn:
    """Say what is wrong with a row that is known to be wrong."""

    def refuse(reason: str, column: int | None = None) -> NoReturn:
        raise InputError(f"row {row}{'' if column is None else f', column {column}'}: {reason}", file=path, line=row)

    if any(byte < 0x20 and byte not in b"\t\r" for field in fields for byte in field):
        refuse("the file is binary, not CSV text")
    if fields == [b""] or (len(fields) == 1 and not fields[0].strip()):
        refuse("the line is empty")
    wrong = [
        index
        for index, field in enumerate(fields)
        if not _plain_numbers(field, [field]) and (index == 0 or not _is_missing(field))
    ]
    if row == 1 and all(fields[index].strip() for index in wrong) and 2 * len(wrong) > len(fields):
        refuse(
            f"this is text ({_shown(fields[wrong[0]])}), a header perhaps: SageMaker's XGBoost takes a file without one"
        )
    column = wrong[0] + 1
    value = fields[wrong[0]]
    if not value.strip():
        what = "the label (the first column) is empty" if column == 1 else "the value is blank, not empty"
        refuse(f"{what}; XGBoost would take it for 0 without a word", column)
    if value.strip().startswith((b'"', b"'")):
        refuse(f"{_shown(value)} is quoted, and SageMaker's XGBoost reads no quotes", column)
    what = "the label " if column == 1 else ""
    try:
        float(value)
    except ValueError:
        hint = "" if column == 1 else "; leave the field empty where a value is missing"
        refuse(f"{what}{_shown(value)} is not a number{hint}", column)
    refuse(f"{what}{_shown(value)} is not {'a plain' if b'_' in value else 'a finite'} number", column)


def _shown(field: bytes) -> str:
    text = field.decode("utf-8", "replace").strip()
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def _columns(count: int) -> str:
    return f"{count} column{'' if count == 1 else 's'}"
