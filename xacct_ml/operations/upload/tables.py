"""Files of Parquet, which are read by way of a file on disk: as they are for the upload, as rows for the check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from xacct_ml.dataset.parquet import Columns, NoReader, NotParquet, is_parquet, write_rows
from xacct_ml.engine.progress import Advance
from xacct_ml.errors import InputError
from xacct_ml.extras import install

_PIECE_BYTES = 4 << 20
INSTALL = install("data")


@dataclass(frozen=True, slots=True)
class Rows:
    """``csv`` has them, as long as the context lasts."""

    csv: Path
    columns: Columns


def begins_so(file: Path) -> bool:
    """Whether it is Parquet, as far as its beginning tells. Why a file cannot be read, its reader says."""
    try:
        with file.open("rb") as content:
            return is_parquet(content)
    except OSError:
        return False


def digest_of(file: Path, advance: Advance = lambda _: None) -> str:
    """SHA-256. Raises :class:`InputError`."""
    digest = sha256()
    try:
        with file.open("rb") as content:
            for piece in iter(lambda: content.read(_PIECE_BYTES), b""):
                digest.update(piece)
                advance(len(piece))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=file) from None
    return digest.hexdigest()


@contextmanager
def downloaded(stream: BinaryIO, advance: Advance = lambda _: None) -> Iterator[tuple[Path, str]]:
    """A stream as a file, and its SHA-256."""
    digest = sha256()
    with TemporaryDirectory(prefix="xacct-ml-") as folder:
        file = Path(folder) / "object"
        with file.open("wb") as content:
            for piece in iter(lambda: stream.read(_PIECE_BYTES), b""):
                digest.update(piece)
                content.write(piece)
                advance(len(piece))
        yield file, digest.hexdigest()


@contextmanager
def rows_of(file: Path, name: str) -> Iterator[Rows]:
    """The rows of Parquet; ``name`` is what a person calls the file. Raises :class:`InputError`."""
    with TemporaryDirectory(prefix="xacct-ml-") as folder:
        csv = Path(folder) / "rows.csv"
        try:
            columns = write_rows(file, csv)
        except NotParquet as error:
            raise InputError(str(error), file=name) from None
        except NoReader:
            raise InputError("is Parquet, which DuckDB reads", file=name, next_step=INSTALL) from None
        yield Rows(csv, columns)
