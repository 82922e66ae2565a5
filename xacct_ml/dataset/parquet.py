"""A file of Parquet as the rows that XGBoost learns from it, written as CSV: that is what the check reads, and what
models are scored on.

SageMaker's XGBoost reads Parquet with pyarrow as a pandas table, takes the first column for the label, and minds no
name; a column that is not of numbers makes the table one of objects, which it refuses; of several files, the columns of
the first are looked for in the others by their names (aws/sagemaker-xgboost-container, data_utils.py; pyarrow,
read_table) [C]. DuckDB, the extra ``data``, reads it here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from xacct_ml.dataset.blocks import SETTINGS

MAGIC = b"PAR1"
_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
_BROKEN = frozenset({"FLOAT", "DOUBLE"})
_ADVICE = {
    "BOOLEAN": "cast it to a whole number",
    "DECIMAL": "cast it to a double",
    "HUGEINT": "cast it to a double",
    "VARCHAR": "xacct-ml prepare encodes it",
    "DATE": "xacct-ml prepare encodes it",
    "TIMESTAMP": "xacct-ml prepare encodes it",
    "BLOB": "xacct-ml prepare encodes it",
}
_TOLD = 4
_SMALLEST = 1e-37
"""Smaller ones are 0 in single precision or nearly: as text they would be refused for their exponents."""


class NotParquet(Exception):
    """Why it cannot be trained on, in a clause."""


class NoReader(Exception):
    """DuckDB is not installed."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Their names, and what they are of, as DuckDB calls it."""

    names: tuple[str, ...]
    types: tuple[str, ...]


def is_parquet(file: BinaryIO) -> bool:
    """Whether it begins so; the file is left at its start."""
    begin = file.read(len(MAGIC))
    file.seek(0)
    return begin == MAGIC


def write_rows(file: Path, csv: Path) -> Columns:
    """The rows of ``file`` into ``csv``, in their order: NULL is empty, NaN is ``nan``.

    Raises :class:`NotParquet`, and :class:`NoReader` without DuckDB."""
    try:
        import duckdb
    except ImportError:
        raise NoReader from None
    # A name of ours: in the file's own, some characters would stand for other files.
    link = csv.with_suffix(".parquet")
    link.symlink_to(file.absolute())
    try:
        with duckdb.connect(":memory:", config=SETTINGS) as database:
            reader = f"read_parquet({_text(link)}, hive_partitioning=false)"
            columns = _columns(database, reader)
            plain = ", ".join(map(_value, columns.names, columns.types))
            # Paths stand in the text: COPY takes no parameters in every version.
            database.execute(f"COPY (SELECT {plain} FROM {reader}) TO {_text(csv)} (FORMAT csv, HEADER false)")
            return columns
    except duckdb.Error as error:
        raise NotParquet(f"cannot be read as Parquet: {str(error).splitlines()[0]}") from None
    finally:
        link.unlink()


def _columns(database: Any, reader: str) -> Columns:
    found = database.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
    columns = Columns(tuple(str(row[0]) for row in found), tuple(str(row[1]) for row in found))
    wrong = [
        f"column {place} ({name}) is {type_}: {_advice(type_)}"
        for place, (name, type_) in enumerate(zip(columns.names, columns.types, strict=True), start=1)
        if type_ not in _WHOLE | _BROKEN
    ]
    if wrong:
        more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        raise NotParquet(f"XGBoost reads columns of numbers: {'; '.join(wrong[:_TOLD])}{more}")
    return columns


def _advice(type_: str) -> str:
    return next((advice for word, advice in _ADVICE.items() if type_.startswith(word)), "make columns of numbers of it")


def _value(name: str, type_: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return f"CASE WHEN abs({quoted}) < {_SMALLEST} THEN 0 ELSE {quoted} END" if type_ in _BROKEN else quoted


def _text(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
