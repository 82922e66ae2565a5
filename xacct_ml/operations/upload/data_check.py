"""Two files that are to become a data set: read once each, and judged with the map's objective, all faults at once.

What XGBoost reads, and what it would take for something else, is in :mod:`xacct_ml.dataset`."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xacct_ml.dataset import blocks, labels, pair, profile
from xacct_ml.dataset.content import Content
from xacct_ml.dataset.faults import Fault
from xacct_ml.dataset.profile import Profile
from xacct_ml.dataset.reading import conclude, read_part
from xacct_ml.dataset.schema import Schema
from xacct_ml.engine.progress import Advance
from xacct_ml.errors import InputError
from xacct_ml.tables.objective_labels import Labels, of_objective

if TYPE_CHECKING:  # botocore takes longer to load than a small file to check
    from xacct_ml.operations.upload.data_files import Place

_FAST_FROM = 8 << 20
"""Bytes; a smaller file is read before DuckDB is loaded."""
HOLDOUT = "holdout"
"""Of the files that are checked, the one whose rows are no channel's."""


_NAMED_S3 = re.compile("^s3:/(?=[^/])")
"""What :class:`Path` makes of ``s3://``."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of several, or one that is not in this machine's file system, as it was when it was read."""

    place: Place
    sha256: str
    size: int
    rows: int
    fingerprint: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was read. ``columns`` counts the label; ``size`` is in bytes; ``doubts`` stop nothing."""

    channel: str
    path: Path
    sha256: str
    size: int
    rows: int
    columns: int
    fingerprint: tuple[int, ...]
    label: str = ""
    """The label in a few words."""
    missing: int = 0
    """Cells without a value."""
    doubts: tuple[str, ...] = ()
    profile: bytes = b""
    """Of training: ``profile.json``."""
    pieces: tuple[Piece, ...] = ()
    """The files of a directory or prefix; ``path`` says nothing then but what a person named."""
    format: str = "csv"

    @property
    def name(self) -> str:
        """As a person named it."""
        return _NAMED_S3.sub("s3://", str(self.path))

    def changed(self) -> bool:
        """Whether the file is no longer the one that was checked."""
        try:
            return fingerprint(self.path.stat()) != self.fingerprint
        except OSError:
            return True


@dataclass(slots=True)
class ReadFile:
    """A file, or the files of a channel in order (``pieces``), and what is in it before it is judged."""

    channel: str
    path: Path
    size: int
    fingerprint: tuple[int, ...]
    content: Content
    pieces: tuple[Piece, ...] = ()
    format: str = "csv"
    names: tuple[str, ...] = ()
    """Of the columns, where the format has them."""

    @property
    def name(self) -> str:
        """As a person named it."""
        return _NAMED_S3.sub("s3://", str(self.path))

    def checked(self, rules: Labels, profile: bytes = b"") -> CheckedFile:
        content = self.content
        return CheckedFile(
            self.channel,
            self.path,
            content.sha256,
            self.size,
            content.rows,
            content.columns,
            self.fingerprint,
            content.labels.told(rules.classes),
            sum(content.missing.values()),
            tuple(map(str, content.doubtful.faults())),
            profile,
            self.pieces,
            self.format,
        )


@dataclass(frozen=True, slots=True)
class LiveData:
    """The data that the live model was trained on. ``dataset`` is their id; ``columns`` counts the label. What is not
    known of them is None, and so is the ``schema`` of data that have none."""

    dataset: str
    columns: int | None = None
    profile: Profile | None = None
    schema: Schema | None = None


def label_rules(hyperparameters: Mapping[str, Any]) -> Labels:
    """What the objective among ``hyperparameters`` takes as a label."""
    classes = hyperparameters.get("num_class")
    return of_objective(hyperparameters.get("objective")).within(None if classes is None else int(classes))


def read_file(channel: str, path: Path, advance: Advance = lambda _: None, *, alone: bool = True) -> ReadFile:
    """Read ``path`` once, every value and every byte. Unless it is ``alone``, what can be said of a whole channel only
    is left to the caller. Raises :class:`InputError` where it is no file to be read."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"the {channel} data must be a regular file: it is read twice", file=path)
            fast = blocks.read_plain(path, advance) if status.st_size >= _FAST_FROM else None
            content = read_part(file, advance) if fast is None else fast
            if alone:
                conclude(content, constants=channel == "train")
    except IsADirectoryError:
        raise InputError(f"the {channel} data must be a CSV file, this is a directory", file=path) from None
    except FileNotFoundError:
        raise InputError(f"there is no such file for the {channel} data", file=path) from None
    except OSError as error:
        raise InputError(f"the {channel} data cannot be read: {error.strerror or error}", file=path) from None
    found = ReadFile(channel, path, status.st_size, fingerprint(status), content)
    if found.checked(Labels("")).changed():
        raise InputError("the file was written to while it was being checked", file=path)
    return found


def fingerprint(status: os.stat_result) -> tuple[int, ...]:
    """What changes when a file is written to."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def check_file(channel: str, path: Path, advance: Advance = lambda _: None) -> CheckedFile:
    """One file by itself, whatever its labels are for. Raises :class:`InputError` with all of its faults."""
    file = read_file(channel, path, advance)
    raise_faults([file])
    return file.checked(Labels(""))


def judged(
    files: Mapping[str, ReadFile], rules: Labels, live: LiveData | None = None, *, schema_change: bool = False
) -> dict[str, CheckedFile]:
    """The files by name: train, validation and perhaps holdout. Raises :class:`InputError` with all faults of all.

    Other columns than the ``live`` model's data are a fault, unless ``schema_change`` says that they are meant."""
    train = files["train"].content
    for file in files.values():
        _judge_labels(file.content, rules)
    others = {name: file.content for name, file in files.items() if name != "train"}
    for name, content in others.items():
        if train.columns and content.columns:
            pair.judge(train, content, rules.classes, content.wrong, content.doubtful, held_out=name == HOLDOUT)
    if live is not None and train.columns and train.shaped:
        _judge_by_live(train, rules, live, schema_change=schema_change)
    raise_faults(files.values())
    repeated = {name: pair.repeated(train, content) for name, content in others.items()}
    repeated["train"] = pair.repeating(train)
    made = Profile.of(train, classes=rules.classes, repeated=repeated).to_json()
    return {name: file.checked(rules, made if name == "train" else b"") for name, file in files.items()}


def _judge_labels(content: Content, rules: Labels) -> None:
    """Of the rows that could be read; where the first column is a label, that is."""
    if content.shaped and content.labels.rows:
        labels.judge(content.labels, content.last, rules, content.wrong, content.doubtful)


def _judge_by_live(train: Content, rules: Labels, live: LiveData, *, schema_change: bool) -> None:
    of = f"data set {live.dataset}"
    if live.columns is not None:
        profile.judge_columns(live.columns, train.columns, of, train.wrong, train.doubtful, schema_change=schema_change)
    if live.profile is not None and not train.wrong.kept:
        profile.judge(live.profile, Profile.of(train, classes=rules.classes), of, train.doubtful)


def raise_faults(files: Iterable[ReadFile]) -> None:
    """Raises :class:`InputError` with every fault of the files, each with its file and row."""
    found = [_placed(file, fault) for file in files for fault in file.content.wrong.faults()]
    if found:
        (path, first), *others = found
        places = [(other, "" if fault.row is None else f":{fault.row}", fault) for other, fault in others]
        raise InputError(
            str(first),
            file=path,
            line=first.row,
            details=tuple(f"{other}{row}: {fault}" for other, row, fault in places),
        )


def _placed(file: ReadFile, fault: Fault) -> tuple[str, Fault]:
    """The file of a channel that has the fault, and the fault with its row in that file."""
    if not file.pieces or fault.row is None:
        return file.name, fault
    part, row = file.content.place(fault.row)
    return str(file.pieces[part].place), replace(fault, row=row)
