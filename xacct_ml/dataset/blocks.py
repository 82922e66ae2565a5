"""A file of plain numbers, read block by block: bytes are screened and hashed here, while DuckDB reads the numbers.

The answer is the same as :mod:`xacct_ml.dataset.reading`'s, several times as fast, or none: whatever DuckDB might read
otherwise than XGBoost (tests/dataset/test_blocks.py compares), or refuses, is left to that reader and its words.
DuckDB is the extra ``data``; without it there is no answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from xacct_ml.dataset.content import Content
from xacct_ml.dataset.reading import ROW_LIMIT

COLUMNS_LIMIT = 500
"""Of wider tables DuckDB is no faster."""
_BLOCK = ROW_LIMIT // 4
_COMMA = ord(",")
_PLAIN = b"0123456789.,-+eE \n"
_MISSING = (b"nan", b"NaN", b"NAN")
_EXPONENT = re.compile(rb"[+-]?(?:[0-2]?[0-9]|3[0-8])(?![0-9])")
_LONGEST_SIGNIFICAND = 64
_WHOLE = 19
"""Characters before the point, a sign among them."""
_LARGEST = 1e19
_GLOB = frozenset("*?[{")
SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "2",
    "memory_limit": "256MB",
}
_READER = (
    "header=false, delim=',', quote='', escape='', comment='', auto_detect=false, strict_mode=true, "
    "null_padding=false, ignore_errors=false, compression='none', hive_partitioning=false, nullstr=['', {missing}], "
    f"max_line_size={2 * ROW_LIMIT}, buffer_size={4 * ROW_LIMIT}"
)


class _NotPlain(Exception):
    """The other reader must look at the file."""


def read_plain(path: Path, advance: Callable[[int], object] = lambda _: None) -> Content | None:
    """The content of one file, as ``read_part`` has it; None where that must read it. Bytes that ``advance`` was told
    of are taken back then."""
    duckdb = _duckdb()
    if duckdb is None or not _GLOB.isdisjoint(str(path)):
        return None
    told = 0

    def moved(size: int) -> None:
        nonlocal told
        told += size
        advance(size)

    try:
        with path.open("rb") as file, duckdb.connect(":memory:", config=SETTINGS) as database:
            return _read(file, path.absolute(), database, moved)
    except (_NotPlain, duckdb.Error, ValueError):
        advance(-told)
        return None


def available() -> bool:
    """Whether there is a DuckDB."""
    return find_spec("duckdb") is not None


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        return None
    return duckdb


def _read(file: BinaryIO, path: Path, database: Any, advance: Callable[[int], object]) -> Content:
    content = Content()
    screen = _Screen(content)
    blocks = screen.blocks(file, advance)
    next(blocks)
    with ThreadPoolExecutor(1) as pool:
        numbers = pool.submit(_numbers, database, path, content.columns)
        try:
            for _ in blocks:
                if numbers.done() and numbers.exception() is not None:
                    break
            _take(content, numbers)
        finally:
            database.interrupt()
    return content


def _numbers(database: Any, path: Path, columns: int) -> tuple[Any, ...]:
    """Rows, then for each column how many values it has, the smallest and the largest."""
    database.execute("SET enable_progress_bar = false")
    types = ", ".join(f"'c{place}': 'DOUBLE'" for place in range(columns))
    asked = ", ".join(f"count(c{place}), min(c{place}), max(c{place})" for place in range(columns))
    missing = ", ".join(f"'{word.decode()}'" for word in _MISSING)
    reader = f"read_csv(?, columns={{{types}}}, {_READER.format(missing=missing)})"
    found: tuple[Any, ...] = database.execute(f"SELECT count(*), {asked} FROM {reader}", [str(path)]).fetchone()
    return found


def _take(content: Content, numbers: Future[tuple[Any, ...]]) -> None:
    """What DuckDB found. Raises :class:`_NotPlain` where it is not beyond doubt that XGBoost finds the same."""
    rows, *ends = numbers.result()
    if rows != content.rows:
        raise _NotPlain
    for column in range(content.columns):
        present, low, high = ends[3 * column : 3 * column + 3]
        # Smaller numbers have up to 19 digits, and fit into single precision; false of NaN, too.
        if present and not -_LARGEST < low <= high < _LARGEST:
            raise _NotPlain
        if present < rows:
            if column == 0:
                raise _NotPlain
            content.missing[column] = rows - present
        elif column and low == high:
            content.constant.add(column)


class _Screen:
    """Goes over the bytes of a file."""

    def __init__(self, content: Content) -> None:
        self.content = content

    def blocks(self, file: BinaryIO, advance: Callable[[int], object]) -> Iterator[None]:
        """Adds block after block to the content. Raises :class:`_NotPlain`."""
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            if not block.endswith(b"\n"):
                block += file.readline(ROW_LIMIT + 1)
            digest.update(block)
            self._add(block)
            advance(len(block))
            yield
        if not self.content.rows:
            raise _NotPlain
        self.content.sha256 = digest.hexdigest()
        self.content.parts = [self.content.rows]

    def _add(self, block: bytes) -> None:
        """Of whole rows. Raises :class:`_NotPlain`."""
        content = self.content
        if b"\r" in block:
            if not block.count(b"\r") == block.count(b"\r\n") == block.count(b"\n"):
                raise _NotPlain
            block = block.replace(b"\r\n", b"\n")
        words = self._screen(block)
        rows = block.split(b"\n")
        if not rows[-1]:
            rows.pop()
        if len(rows[-1]) > ROW_LIMIT - 2:  # the others are within one block
            raise _NotPlain
        if not content.rows:
            content.first = rows[0].split(b",")
            content.columns = len(content.first)
            if not 1 < content.columns <= COLUMNS_LIMIT:
                raise _NotPlain
        labels, number = [float(row.partition(b",")[0]) for row in rows], content.rows + 1
        # DuckDB takes columns behind the last one for nothing, where they have no value.
        gaps = words or _COMMA in map(itemgetter(-1), rows)
        if gaps and block.count(b",") != (content.columns - 1) * len(rows):
            raise _NotPlain
        content.labels.add(labels, number)
        if content.last.seen is not None:
            last = [row.rpartition(b",")[2] for row in rows]
            present = [float(value) for value in last if value and value not in _MISSING]
            if present:
                content.last.add(present, number)
        content.sample.add(rows)
        content.even.add(rows, content.columns)
        content.rows += len(rows)

    def _screen(self, block: bytes) -> bool:
        """Whether there are words for what is missing. Raises :class:`_NotPlain` for what DuckDB's reader takes and
        XGBoost's might not, as far as bytes tell."""
        letters, words = block, b"n" in block or b"N" in block
        if words:
            for word in _MISSING:
                letters = letters.replace(word, b"")
        if letters.translate(None, _PLAIN) or (b"+" in block and b"+-" in block):
            raise _NotPlain
        if b"e" in block or b"E" in block:
            _screen_exponents(block.replace(b"E", b"e").split(b"e"))
        return words


def _screen_exponents(pieces: list[bytes]) -> None:
    """What stands around each exponent. Raises :class:`_NotPlain` for an exponent beyond 38, and for what may have over
    19 digits before the point: only without an exponent the size of a number tells how many those are."""
    if not all(map(_EXPONENT.match, {after[:4] for after in pieces[1:]})):
        raise _NotPlain
    for before in pieces[:-1]:
        end = before[-_LONGEST_SIGNIFICAND:]
        start = max(end.rfind(b","), end.rfind(b"\n"))
        whole = end[start + 1 :].partition(b".")[0]
        if (start < 0 and len(before) > len(end)) or len(whole) > _WHOLE:
            raise _NotPlain
