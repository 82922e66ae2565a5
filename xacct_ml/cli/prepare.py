"""``xacct-ml prepare``."""

import shlex
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli.command import OutputOption, execute
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.dataset.schema import KINDS, PARTS, Column
from xacct_ml.dataset.values import when
from xacct_ml.operations.prepare.files import SCHEMA_FILE
from xacct_ml.operations.prepare.preparation import prepare as run
from xacct_ml.operations.prepare.request import DEFAULT_HOLDOUT, DEFAULT_OUT, DEFAULT_SPLIT, Prepared, Request

COLUMNS_SHOWN = 40
_CATEGORIES_SHOWN = 4
_CLASSES_SHOWN = 20
_LONGEST = 30
_KINDS = {
    "number": ("number", "numbers"),
    "boolean": ("of yes or no", "of yes or no"),
    "category": ("of categories", "of categories"),
    "time": ("of dates", "of dates"),
}
NOTHING = "Nothing was written; what was under way is deleted."


class LabelKind(StrEnum):
    """What a label of few whole numbers is."""

    CLASSES = "classes"
    NUMBERS = "numbers"


FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="CSV with a header, or Parquet; several are read as one.")
]
LabelOption = Annotated[str, typer.Option("--label", metavar="NAME", help="The column to be predicted.")]
SplitOption = Annotated[float, typer.Option("--split", metavar="SHARE", help="Of the rows, for training.")]
HoldoutOption = Annotated[
    float, typer.Option("--holdout", metavar="SHARE", help="Of the rows, for the approval's figures; 0 for none.")
]
TimeOption = Annotated[
    str | None, typer.Option("--time", metavar="COLUMN", help="The latest rows are validation and holdout.")
]
GroupOption = Annotated[
    str | None, typer.Option("--group", metavar="COLUMN", help="Rows of one group are in one part; it is no feature.")
]
DropOption = Annotated[
    list[str] | None, typer.Option("--drop", metavar="COLUMN", help="No feature; may be given more than once.")
]
SliceOption = Annotated[
    list[str] | None,
    typer.Option("--slice", metavar="COLUMN", help="The approval's figures are also given by its values; repeatable."),
]
CategoryOption = Annotated[
    list[str] | None,
    typer.Option("--category", metavar="COLUMN", help="Its numbers are names, such as postcodes; repeatable."),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")]
LabelKindOption = Annotated[
    LabelKind | None, typer.Option("--label-is", help="Where the label has few whole numbers. Default: as it looks.")
]
DayFirstOption = Annotated[
    bool | None, typer.Option("--day-first/--month-first", help="What dates such as 03/04/2024 begin with.")
]
SkipOption = Annotated[bool, typer.Option("--skip-unlabelled", help="Leave rows without a label out.")]
HeaderOption = Annotated[
    bool, typer.Option("--header/--no-header", help="Without one, columns are called column1, column2, …")
]
EncodingOption = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="Such as cp1252. Default: UTF-8, or UTF-16 with its mark."),
]
SeedOption = Annotated[int, typer.Option("--seed", help="Another one draws other rows.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]


def prepare(
    context: typer.Context,
    files: FilesArgument,
    label: LabelOption,
    split: SplitOption = DEFAULT_SPLIT,
    time: TimeOption = None,
    group: GroupOption = None,
    holdout: HoldoutOption = DEFAULT_HOLDOUT,
    drop: DropOption = None,
    slice_: SliceOption = None,
    category: CategoryOption = None,
    out: OutOption = DEFAULT_OUT,
    label_is: LabelKindOption = None,
    day_first: DayFirstOption = None,
    skip_unlabelled: SkipOption = False,
    header: HeaderOption = True,
    encoding: EncodingOption = None,
    seed: SeedOption = 0,
    force: ForceOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Make training, validation and holdout files of a table.

    Texts, yes and no, dates and gaps become numbers; what they mean is in schema.json, which goes with the data set.
    Rows are drawn by a seed, each class for itself. Needs the extra `data`, in a checkout: pip install '.[data]'.

    Example: xacct-ml prepare customers.csv --label churned --split 0.8"""
    del context  # no map and no account is asked

    request = Request(
        paths=tuple(files),
        label=label,
        out=out,
        split=split,
        holdout=holdout,
        time=time,
        group=group,
        drop=tuple(drop or ()),
        slices=tuple(slice_ or ()),
        categories=tuple(category or ()),
        order="" if day_first is None else "day" if day_first else "month",
        task="" if label_is is None else label_is.value,
        skip_unlabelled=skip_unlabelled,
        header=header,
        encoding=encoding,
        seed=seed,
        force=force,
    )

    def work(terminal: Terminal) -> Outcome:
        prepared = run(request, terminal)
        show(prepared, request, terminal)
        return Outcome(
            {
                "files": {part: str(path) for part, path in prepared.files.items()},
                "schema": str(request.out / SCHEMA_FILE),
                "rows": dict(prepared.schema.rows),
                "classes": dict(zip(prepared.schema.label.categories, prepared.schema.counts, strict=True)),
                "hyperparameters": prepared.schema.hyperparameters,
                "columns": {column.name: column.kind for column in prepared.schema.features},
                "left_out": prepared.left_out,
                "doubts": list(prepared.words),
            }
        )

    execute("prepare", output, work, interrupted=NOTHING)


def show(prepared: Prepared, request: Request, terminal: Terminal) -> None:
    """What was made, what is doubtful of it, and what to do next."""
    schema = prepared.schema
    terminal.line(f"{len(schema.features)} features: {_kinds(schema.features)}")
    rows = [(column.name, column.kind, _values(column), f"{column.missing:,}") for column in schema.features]
    terminal.table(("FEATURE", "KIND", "TRAINING ROWS HAVE", "MISSING"), rows[:COLUMNS_SHOWN])
    if len(rows) > COLUMNS_SHOWN:
        terminal.line(f"… and {len(rows) - COLUMNS_SHOWN:,} more, in {request.out / SCHEMA_FILE}")
    for name, why in prepared.left_out.items():
        terminal.line(f"no feature: {name or 'the column without a name'} ({why})")
    terminal.line()
    terminal.line(f"label {schema.label.name}: {_label(schema.label)}")
    terminal.table(
        ("PART", "ROWS", *_heads(prepared)), [_counts(prepared, part) for part in PARTS if part in prepared.files]
    )
    for word in prepared.words:
        terminal.warn(word)
    terminal.line()
    terminal.line(f"written: {', '.join(str(path) for path in (*prepared.files.values(), request.out / SCHEMA_FILE))}")
    told = ", ".join(f"{name}: {value}" for name, value in schema.hyperparameters.items())
    counts = " (or count:poisson, where it counts something)" if prepared.may_count else ""
    terminal.line(f"in config.yaml, training.hyperparameters: {told}{counts}")
    train, validation = (shlex.quote(str(prepared.files[part])) for part in PARTS[:2])
    terminal.line(f"next: xacct-ml upload-data --train {train} --validation {validation}")


def _kinds(features: tuple[Column, ...]) -> str:
    counts = Counter(column.kind for column in features)
    return ", ".join(f"{counts[kind]} {_KINDS[kind][counts[kind] > 1]}" for kind in KINDS if counts[kind])


def _values(column: Column) -> str:
    if column.kind == "category":
        more = len(column.categories) - _CATEGORIES_SHOWN
        return ", ".join(map(_short, column.categories[:_CATEGORIES_SHOWN])) + (f" and {more} more" if more > 0 else "")
    if column.low is None or column.high is None:
        return "nothing"
    if column.kind == "boolean":
        return "no, yes" if column.low < column.high else "yes" if column.low else "no"
    shown = when if column.kind == "time" else lambda value: f"{value:g}"
    form = f" ({column.format})" if column.format else ""
    return f"{shown(column.low)} to {shown(column.high)}{form}"


def _label(label: Column) -> str:
    if not label.categories:
        return f"a number, {label.low:g} to {label.high:g} in training rows"
    shown = ", ".join(f"{code} = {name}" for code, name in enumerate(label.categories[:_CLASSES_SHOWN]))
    more = len(label.categories) - _CLASSES_SHOWN
    return f"{len(label.categories)} classes: {shown}{f' and {more} more' if more > 0 else ''}"


def _heads(prepared: Prepared) -> Iterator[str]:
    yield from map(_short, prepared.schema.label.categories[:_CLASSES_SHOWN])


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _counts(prepared: Prepared, part: str) -> tuple[str, ...]:
    counts = prepared.classes.get(part, ())[:_CLASSES_SHOWN]
    return (part, f"{prepared.schema.rows[part]:,}", *(f"{count:,}" for count in counts))
