"""The whole of ``prepare``: read, understand, split, encode, write."""

from __future__ import annotations

import os
from pathlib import Path

from xacct_ml.dataset.schema import PARTS, NotInSchema, Schema
from xacct_ml.engine.progress import Reporter
from xacct_ml.operations.prepare.columns import Columns, understood
from xacct_ml.operations.prepare.duck import Database, database, require, text
from xacct_ml.operations.prepare.encoding import encoded
from xacct_ml.operations.prepare.files import NAMES, SCHEMA_FILE, check_free, put, workplace
from xacct_ml.operations.prepare.labels import Label, label_of
from xacct_ml.operations.prepare.request import Findings, Prepared, Request
from xacct_ml.operations.prepare.split import parts
from xacct_ml.operations.prepare.statistics import schema_of
from xacct_ml.operations.prepare.table import Reading, Table, load

_FILE_MODE = 0o666


def prepare(request: Request, reporter: Reporter) -> Prepared:
    """Raises :class:`InputError` with all that is wrong with request and files; nothing is written then."""
    request.check()
    require()
    check_free(request.out, request.force)
    with workplace(request.out) as folder, database(folder) as data:
        table = load(data, request.paths, folder, Reading(request.header, request.encoding), reporter)
        findings = Findings(list(table.faults))
        if not table.rows and not findings.faults:
            findings.add("there are no rows behind the header")
            findings.raise_faults(request.paths)
        columns = understood(data, table, request, findings)
        if request.label not in columns.by_name or not columns.features or not table.rows:
            findings.raise_faults(request.paths)
        label = label_of(data, table, columns.by_name[request.label], request, findings)
        findings.raise_faults(request.paths)
        return _made(data, table, request, columns, label, findings, folder, reporter)


def _made(
    data: Database,
    table: Table,
    request: Request,
    columns: Columns,
    label: Label,
    findings: Findings,
    folder: Path,
    reporter: Reporter,
) -> Prepared:
    data.run(f"CREATE VIEW labelled AS SELECT rowid AS id, * FROM source WHERE {label.sql} IS NOT NULL")
    by = columns.by_name.get(request.time or request.group or "")
    if request.time and by is not None and by.kind not in ("time", "number"):
        findings.add(f"--time {by.name} is no column of dates or numbers", column=by.place + 1)
    findings.raise_faults(request.paths)
    split = parts(data, table, request, label, by, findings)
    findings.raise_faults(request.paths)
    data.run(f"CREATE VIEW parted AS SELECT *, {split.sql} AS part FROM labelled")
    size = sum(path.stat().st_size for path in request.paths)
    with reporter.progress("looking at the columns", size):
        classes = _classes(data, label)
        schema = schema_of(data, columns, label, request, classes, findings)
    _check_parts(schema, classes, label, request, findings)
    findings.raise_faults(request.paths)
    made = folder / "made"
    made.mkdir()
    with reporter.progress("writing", size) as advance:
        for place, part in enumerate(PARTS):
            if schema.rows[part]:
                _write(data, made / NAMES[part], columns, label, place)
                advance(int(size * schema.rows[part] / sum(schema.rows.values())))
    (made / SCHEMA_FILE).write_bytes(schema.to_json())
    put(made, request.out)
    files = {part: request.out / NAMES[part] for part in PARTS if schema.rows[part]}
    source = label.source
    counting = not label.classes and source.whole and source.low is not None and source.low >= 0
    told = tuple(findings.words)
    return Prepared(schema, files, classes if label.classes else {}, told, columns.left_out, counting)


def _classes(data: Database, label: Label) -> dict[str, tuple[int, ...]]:
    """Rows of each class by part; of a label that is a number, all rows."""
    code = label.sql if label.classes else "0"
    found = {
        (part, code): count
        for part, code, count in data.run(f"SELECT part, {code} AS code, count(*) FROM parted GROUP BY part, code")
    }
    every = range(max(len(label.classes), 1))
    return {part: tuple(found.get((place, code), 0) for code in every) for place, part in enumerate(PARTS)}


def _check_parts(
    schema: Schema, classes: dict[str, tuple[int, ...]], label: Label, request: Request, findings: Findings
) -> None:
    wanted = PARTS if request.holdout else PARTS[:2]
    for part in wanted:
        if not schema.rows[part]:
            findings.add(f"no row is left for {part}: there are {sum(schema.rows.values())} rows in all")
        elif label.classes and sum(count > 0 for count in classes[part]) == 1:
            only = label.classes[next(place for place, count in enumerate(classes[part]) if count)]
            others = " --holdout 0" if part == "holdout" else ""
            findings.add(
                f"every row of {part} has the label {only}: nothing can be judged there; --split or --holdout gives it "
                f"more rows{', and' + others + ' does without it' if others else ''}"
            )
    for place, name in enumerate(label.classes):
        if not classes["train"][place]:
            elsewhere = sum(classes[part][place] for part in PARTS)
            findings.words.append(f"the class {name} is in no training row, and in {elsewhere:,} others")
    try:
        Schema.parse(schema.to_json())
    except NotInSchema as error:
        findings.add(f"the schema cannot be written: it {error}")


def _write(data: Database, path: Path, columns: Columns, label: Label, place: int) -> None:
    values = [f"{label.sql} AS label", *(f"{encoded(column)} AS f{column.place}" for column in columns.features)]
    data.run(
        f"COPY (SELECT {', '.join(values)} FROM parted WHERE part = {place}) "
        f"TO {text(str(path))} (FORMAT csv, HEADER false, DELIMITER ',', NULLSTR '')"
    )
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(_FILE_MODE & ~umask)
