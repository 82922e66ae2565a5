"""The data sets there are, as a table and as values for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.upload.datasets import DataSet, History

_HEADER = ("data set", "uploaded", "rows", "columns", "format", "by", "runs", "")
_SHORT = {"train": "train", "validation": "val.", "holdout": "held out"}


def show_datasets(found: Sequence[DataSet], past: History, terminal: Terminal) -> None:
    """Print the table, and what is to be known of it."""
    if not found:
        terminal.line("there are no data sets yet")
        return
    terminal.table(_HEADER, [_row(each) for each in found])
    for each in found:
        if each.withdrawn:
            terminal.line(f"{each.dataset} was withdrawn {each.withdrawn}")
    if any(each.manifest is None for each in found):
        terminal.line("? is not known: an earlier release uploaded it, or its upload broke off")
    if not past.whole:
        terminal.line("the pipeline has done more than was looked through: older runs are not counted")


def dataset_json(each: DataSet) -> dict[str, Any]:
    manifest = each.manifest
    return {
        "dataset": each.dataset,
        "created": each.created,
        "by": None if manifest is None else manifest.by,
        "rows": dict(each.rows),
        "columns": each.columns,
        "format": None if manifest is None else {name: one.format for name, one in manifest.channels.items()},
        "bytes": None if manifest is None else {name: one.bytes for name, one in manifest.channels.items()},
        "objects": None if manifest is None else {name: len(one.objects) for name, one in manifest.channels.items()},
        "schema_file": None if manifest is None or manifest.schema_file is None else asdict(manifest.schema_file),
        "current": each.current,
        "live": each.live,
        "withdrawn": each.withdrawn,
        "runs": list(each.runs),
    }


def _row(each: DataSet) -> tuple[str, ...]:
    rows = ", ".join(f"{count:,} {_SHORT[name]}" for name, count in each.rows.items())
    manifest = each.manifest
    formats = sorted({one.format for one in manifest.channels.values()}) if manifest is not None else []
    states = {"current": each.current, "live": each.live, "withdrawn": each.withdrawn is not None}
    return (
        each.dataset,
        each.created or "?",
        rows or "?",
        "?" if each.columns is None else str(each.columns),
        ", ".join(formats) or "?",
        "?" if manifest is None else who(manifest.by),
        str(len(each.runs)),
        ", ".join(name for name, holds in states.items() if holds),
    )


def who(arn: str) -> str:
    """The name at the end of an ARN: of a user, or of a role and its session."""
    return arn.rpartition(":")[2].partition("/")[2] or arn
