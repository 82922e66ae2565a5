"""The schema that goes with a data set: the one that ``prepare`` wrote beside the files, or one that is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from xacct_ml.dataset.schema import LARGEST_SCHEMA, Column, NotInSchema, Schema
from xacct_ml.dataset.schema_change import change
from xacct_ml.engine.progress import Reporter
from xacct_ml.errors import InputError
from xacct_ml.operations.prepare.files import NAMES, SCHEMA_FILE
from xacct_ml.operations.upload.data_check import HOLDOUT, CheckedFile, LiveData


@dataclass(frozen=True, slots=True)
class DataSchema:
    """``named``: a person named it, so that it must fit; ``content`` is what is uploaded."""

    path: Path
    schema: Schema
    content: bytes
    named: bool

    def held_out(self) -> Path | None:
        """The file with the rows held out that ``prepare`` wrote with it, if there is one."""
        beside = self.path.with_name(NAMES[HOLDOUT])
        return beside if self.schema.rows[HOLDOUT] and beside.is_file() else None

    def fault(self, files: Mapping[str, CheckedFile]) -> str | None:
        """Why it is another data set's; None where it is this one's."""
        columns, rows, train = 1 + len(self.schema.features), self.schema.rows["train"], files["train"]
        if columns != train.columns:
            return f"is of {columns} columns, and {train.name} has {train.columns}"
        if rows != train.rows:
            return f"is of {rows:,} training rows, and {train.name} has {train.rows:,}"
        return None

    def slices(self) -> tuple[tuple[str, int, Callable[[bytes], str]], ...]:
        """Name, place among the features and how a value is shown, of each column that models are looked at by."""
        places = {column.name: place for place, column in enumerate(self.schema.features)}
        return tuple((name, places[name], _shown(self.schema.features[places[name]])) for name in self.schema.slices)


def find(named: Path | None, train: Path | None, reporter: Reporter) -> DataSchema | None:
    """The named one, else the one beside the training data, where those are in the file system; one that cannot be
    read there is left out, with a word. Raises :class:`InputError` where the named one is none."""
    if named is None and train is None:
        return None
    path = named or _beside(cast(Path, train))
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_SCHEMA + 1)
        return DataSchema(path, Schema.parse(content), content, named is not None)
    except OSError as error:
        if named is None and isinstance(error, FileNotFoundError):
            return None
        fault = f"cannot be read: {error.strerror or error}"
    except NotInSchema as error:
        fault = str(error)
    if named is not None:
        raise InputError(fault, file=path)
    reporter.warn(f"{path}: {fault}; it is left out, and so is a {NAMES[HOLDOUT]} beside it")
    return None


def _beside(train: Path) -> Path:
    return (train if train.name else train.absolute()).with_name(SCHEMA_FILE)


def fitting(found: DataSchema | None, files: Mapping[str, CheckedFile], reporter: Reporter) -> DataSchema | None:
    """The schema, if it is of these files. Raises :class:`InputError` where it was named and is not."""
    fault = None if found is None else found.fault(files)
    if found is None or fault is None:
        return found
    if found.named:
        raise InputError(fault, file=found.path)
    reporter.warn(f"{found.path}: {fault}; it is left out")
    return None


def require_same_columns(
    found: DataSchema | None, live: LiveData | None, reporter: Reporter, *, schema_change: bool
) -> None:
    """Raises :class:`InputError` where columns have other names, order or kinds than the live model's, by the schemas
    of both; with ``schema_change`` it is said."""
    if found is None or live is None or live.schema is None or (told := change(live.schema, found.schema)) is None:
        return
    told = f"columns differ from the live model's (data set {live.dataset}): {told}: what clients send would not fit"
    if not schema_change:
        raise InputError(f"{told}; --schema-change says that it is meant", file=found.path)
    reporter.warn(f"{found.path}: {told}")


def _shown(column: Column) -> Callable[[bytes], str]:
    """A category by its name, yes and no as such, anything else as it is written."""
    texts = {"category": column.categories, "boolean": ("no", "yes")}.get(column.kind, ())

    def shown(value: bytes) -> str:
        text = value.decode("ascii", "replace").strip()
        try:
            return texts[int(float(text))] if texts and float(text) >= 0 else text
        except (ValueError, IndexError, OverflowError):
            return text

    return shown
