"""DuckDB, from the extra ``data``: one database on disk for one table, with bounded memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from xacct_ml.engine.progress import Advance
from xacct_ml.errors import InputError, XacctError
from xacct_ml.extras import install

_MEMORY_MB = 700
"""What DuckDB keeps in memory; the rest goes to disk, into the same folder as the result."""
_COLUMN_KB = 200
"""Or so much for each column, where that is more: of a table of thousands, it keeps a block of each in memory several
times (measured: 5,000 columns fail with 800 MB, 9,990 with 1 GB)."""
_POLL_SECONDS = 0.2


def require(load: Callable[[str], Any] = import_module) -> Any:
    """The module. Raises :class:`InputError` that says what to install."""
    try:
        return load("duckdb")
    except ImportError:
        raise InputError("this needs DuckDB, which is in the extra `data`", next_step=install("data")) from None


class Database:
    """A connection. Queries run in a thread of their own, so that Ctrl-C ends them."""

    def __init__(self, connection: Any, duckdb: Any) -> None:
        self._connection = connection
        self._duckdb = duckdb

    def run(self, sql: str, advance: Advance = lambda _: None, total: int = 0) -> list[tuple[Any, ...]]:
        """The rows that ``sql`` gives. ``advance`` is told the progress, as a part of ``total``."""
        result: list[Any] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                result.extend(self._connection.execute(sql).fetchall())
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                errors.append(error)

        thread = threading.Thread(target=work, name="duckdb")
        thread.start()
        told = 0
        try:
            while thread.is_alive():
                thread.join(_POLL_SECONDS)
                told += self._progress(advance, told, total)
        except BaseException:
            self._connection.interrupt()
            thread.join()
            raise
        if errors:
            raise self._translated(errors[0])
        advance(total - told)
        return result

    def _progress(self, advance: Advance, told: int, total: int) -> int:
        share = min(max(self._connection.query_progress(), 0.0), 100.0) / 100
        more = max(int(share * total) - told, 0)
        advance(more)
        return more

    def _translated(self, error: BaseException) -> BaseException:
        if not isinstance(error, self._duckdb.Error):
            return error
        said = str(error).splitlines()[0]
        step = "free some space on disk, or give --out a folder on another" if "space" in said.lower() else None
        return XacctError(f"DuckDB: {said}", next_step=step)


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """An empty database in ``folder``, whose files are the caller's to delete."""
    duckdb = require()
    limits: dict[str, Any] = {
        "memory_limit": memory(0),
        # Small blocks: a table of thousands of columns has one for each that is being written.
        "default_block_size": 16384,
        "temp_directory": str(folder / "spilled"),
        # Nothing is fetched from anywhere, and nobody's settings are read.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(str(folder / "table.duckdb"), config=limits)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = true")
        # Twice as fast, for what is read twice and then deleted.
        connection.execute("SET force_compression = 'uncompressed'")
        connection.execute("SET enable_progress_bar = true")
        connection.execute("SET enable_progress_bar_print = false")
        yield Database(connection, duckdb)
    finally:
        connection.close()


def memory(columns: int) -> str:
    """The limit for a table of so many columns, as DuckDB takes it."""
    return f"{max(_MEMORY_MB, columns * _COLUMN_KB // 1000)}MB"


def text(value: str) -> str:
    """A literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Sequence[str]) -> str:
    """Literals with commas between them."""
    return ", ".join(map(text, values))
