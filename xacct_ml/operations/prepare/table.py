"""The files as one table of texts in the database: every value trimmed, what says "no value" empty."""

from __future__ import annotations

import re
import stat
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xacct_ml.dataset.dialect import BEGINNING, Dialect, NoTable, dialect, wrong_names
from xacct_ml.dataset.faults import Fault, Faults
from xacct_ml.dataset.values import MISSING_TEXTS
from xacct_ml.engine.progress import Reporter
from xacct_ml.errors import InputError
from xacct_ml.operations.prepare.duck import Database, memory, text, texts

_MISSING = texts(MISSING_TEXTS)
_MISSING_PATTERN = text("|".join(["", *map(re.escape, MISSING_TEXTS)]))
_PARQUET = b"PAR1"
_TRIMMED = 1000
"""Columns of a table whose values are trimmed, at most."""
_REJECTED = 1000
"""So many rows that cannot be split into columns are looked at."""
_WORDS = {
    "MISSING COLUMNS": "has {found}, the header {expected}",
    "TOO MANY COLUMNS": "has {found}, the header {expected}",
    "UNQUOTED VALUE": "has a quote that is not closed, or text behind one",
    "LINE SIZE OVER MAXIMUM": "is longer than 2 MB: a quote that is not closed?",
    "INVALID ENCODING": "is not UTF-8: give the encoding it has, as --encoding cp1252",
    "INVALID UNICODE": "is not UTF-8: give the encoding it has, as --encoding cp1252",
}
_TEXT_OF_TYPE = {
    "TIMESTAMP WITH TIME ZONE": "({c} AT TIME ZONE 'UTC')::VARCHAR",
    "TIMESTAMP_NS": "{c}::TIMESTAMP::VARCHAR",
    "TIMESTAMP_S": "{c}::TIMESTAMP::VARCHAR",
    "TIMESTAMP_MS": "{c}::TIMESTAMP::VARCHAR",
}


@dataclass(slots=True)
class Table:
    """What was loaded: table ``source`` with the columns c0, c1, … and ``mark``, a hash of the whole row.

    ``separator`` is that of the files, a comma for Parquet. ``starts`` are the first rows of each file, 0-based, and
    ``heads`` the lines before them in the file."""

    paths: tuple[Path, ...]
    names: tuple[str, ...] = ()
    separator: str = ","
    heads: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    unread: list[list[int]] = field(default_factory=list)
    """Rows of each file that were left out."""
    rows: int = 0
    faults: list[tuple[Path, Fault]] = field(default_factory=list)

    def place(self, row: int) -> tuple[Path, int]:
        """The file of a row of the table, and the row in it: as a spreadsheet counts, the header being the first."""
        index = bisect_right(self.starts, row) - 1
        place = row - self.starts[index] + 1 + self.heads[index]
        for line in self.unread[index]:
            place += line <= place
        return self.paths[index], place


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are to be read. ``encoding`` is None where they say it themselves."""

    header: bool = True
    encoding: str | None = None


def load(database: Database, paths: Sequence[Path], folder: Path, how: Reading, reporter: Reporter) -> Table:
    """Read the files, one behind the other. Raises :class:`InputError` for what is no table with the same columns;
    rows that cannot be read are among ``faults``."""
    table = Table(tuple(paths))
    opened = [_open(path, folder / f"{place}.source", how) for place, path in enumerate(paths)]
    for place, found in enumerate(opened):
        names = _names(database, found)
        table.names = table.names or names
        if names != table.names:
            raise InputError(_difference(table.names, names, paths[0]), file=paths[place], line=1)
    if wrong := wrong_names(table.names, header=how.header):
        faults = [f"column {place}: {what}" for place, what in wrong]
        raise InputError(faults[0], file=paths[0], line=1, details=tuple(faults[1:20]))
    database.run(f"SET memory_limit = {text(memory(len(table.names)))}")
    table.separator = next((found.dialect.separator for found in opened if found.dialect), ",")
    for place, found in enumerate(opened):
        table.starts.append(table.rows)
        table.heads.append(_head(found, how))
        size = found.path.stat().st_size
        with reporter.progress(f"reading {paths[place].name}", size) as advance:
            made = "CREATE TABLE source AS" if place == 0 else "INSERT INTO source"
            database.run(
                f"{made} {_cleaned(_source(database, found, how, table.names), len(table.names))}", advance, size
            )
        table.rows = database.run("SELECT count(*) FROM source")[0][0]
        lines, unread = _rejected(database, len(table.names)) if found.dialect else ([], [])
        table.unread.append(lines)
        table.faults += [(paths[place], fault) for fault in unread]
    return table


@dataclass(frozen=True, slots=True)
class _File:
    """A file as DuckDB reads it, at a path without characters that mean something to it; Parquet has no dialect."""

    path: Path
    dialect: Dialect | None


def _open(path: Path, link: Path, how: Reading) -> _File:
    try:
        if not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode):
            raise InputError("must be a regular file: it is read twice", file=path)
        with path.open("rb") as file:
            start = file.read(BEGINNING)
            whole = not file.read(1)
        if start.startswith(_PARQUET):
            link.symlink_to(path.resolve())
            return _File(link, None)
        found = dialect(start, whole=whole, header=how.header, encoding=how.encoding)
        if found.plain:
            link.symlink_to(path.resolve())
        else:
            _write_plain(path, link, found)
        return _File(link, found)
    except NoTable as error:
        raise InputError(str(error), file=path) from None
    except UnicodeError as error:
        raise InputError(f"is not {found.encoding.upper()}: {error}", file=path) from None
    except IsADirectoryError:
        raise InputError("is a directory: give the files in it", file=path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None


def _write_plain(path: Path, copy: Path, found: Dialect) -> None:
    """The same text in UTF-8, its lines ended by LF."""
    with path.open(encoding=found.encoding, newline=None) as read, copy.open("w", encoding="utf-8") as write:
        while part := read.read(1 << 20):
            write.write(part)


def _names(database: Database, file: _File) -> tuple[str, ...]:
    if file.dialect is not None:
        return file.dialect.names
    described = database.run(f"DESCRIBE SELECT * FROM read_parquet({text(str(file.path))})")
    nested = [f"{name} ({kind.split('(')[0].lower()})" for name, kind, *_ in described if _is_nested(kind)]
    if nested:
        raise InputError(f"columns of lists, structures and bytes are not learnt from: {', '.join(nested[:5])}")
    return tuple(name.strip() for name, *_ in described)


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "BLOB"))


def _difference(first: Sequence[str], other: Sequence[str], path: Path) -> str:
    missing = [name for name in first if name not in other]
    further = [name for name in other if name not in first]
    told = [f"lacks {', '.join(map(repr, missing[:5]))}"] if missing else []
    told += [f"has {', '.join(map(repr, further[:5]))}"] if further else []
    return f"has other columns than {path}: {' and '.join(told) or 'the same in another order'}"


def _source(database: Database, file: _File, how: Reading, names: Sequence[str]) -> str:
    """What to select from: columns v0, v1, … of text."""
    path = text(str(file.path))
    if file.dialect is None:
        described = database.run(f"DESCRIBE SELECT * FROM read_parquet({path})")
        given = ", ".join(f"v{place}" for place in range(len(names)))
        cast = ", ".join(
            f"{_present(_TEXT_OF_TYPE.get(kind, '{c}::VARCHAR').format(c=f'v{place}'))} AS v{place}"
            for place, (_, kind, *_) in enumerate(described)
        )
        return f"(SELECT {cast} FROM read_parquet({path}) AS file({given}))"
    types = ", ".join(f"'v{place}': 'VARCHAR'" for place in range(len(names)))
    return (
        f"read_csv({path}, auto_detect=false, header=false, skip={_head(file, how)}, "
        f"delim={text(file.dialect.separator)}, quote='\"', escape='\"', columns={{{types}}}, "
        f"nullstr=['', {_MISSING}], store_rejects=true, rejects_limit={_REJECTED})"
    )


def _present(value: str) -> str:
    """Parquet has values for what is missing, and texts that say so."""
    return f"CASE WHEN {value} NOT IN ('', {_MISSING}) THEN {value} END"


def _head(file: _File, how: Reading) -> int:
    """Lines before the rows; a Parquet file is counted as if its names were one."""
    return 1 if file.dialect is None else file.dialect.skipped + int(how.header)


def _cleaned(source: str, width: int) -> str:
    """Columns c0, c1, …, and the hash of the row as it was written.

    Few values have blanks around them, so that it is much faster to look for these first; of very wide tables, whose
    query is long to plan, none is looked at: blanks around numbers do no harm."""
    values = [f"v{place}" for place in range(width)]
    cleaned = ", ".join(
        f"{_trimmed(value) if width <= _TRIMMED else value} AS c{place}" for place, value in enumerate(values)
    )
    return f"SELECT {cleaned}, md5_number_lower(concat_ws(chr(31), {', '.join(values)})) AS mark FROM {source}"


def _trimmed(value: str) -> str:
    present = f"CASE WHEN NOT regexp_full_match(trim({value}), {_MISSING_PATTERN}) THEN trim({value}) END"
    return f"CASE WHEN {value} < '!' OR ends_with({value}, ' ') THEN {present} ELSE {value} END"


def _rejected(database: Database, width: int) -> tuple[list[int], list[Fault]]:
    """The rows that were left out, of the file that was read last, and why."""
    faults = Faults()
    rows = database.run(
        "SELECT DISTINCT ON (line) line, error_type, csv_line, error_message FROM reject_errors "
        f"WHERE scan_id = (SELECT max(scan_id) FROM reject_errors) ORDER BY line LIMIT {_REJECTED}"
    )
    for row, kind, line, said in rows:
        found = said.rsplit("Found: ", 1)[-1] if "Found: " in said else "other columns"
        what = _WORDS.get(kind, "cannot be read").format(found=f"{found} columns", expected=width)
        faults.add(kind, f"{what}: {line[:40]!r}", row)
    return [row for row, *_ in rows], faults.faults()
