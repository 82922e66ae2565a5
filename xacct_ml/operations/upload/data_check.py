"""Two files that are to become a data set: read once each, and judged with the map's objective, all faults at once.

What XGBoost reads, and what it would take for something else, is in :mod:`xacct_ml.dataset`."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.dataset import labels, pair
from xacct_ml.dataset.reading import Content, read_rows
from xacct_ml.engine.progress import Advance
from xacct_ml.errors import InputError
from xacct_ml.tables.objective_labels import Labels, of_objective


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

    def changed(self) -> bool:
        """Whether the file is no longer the one that was checked."""
        try:
            return fingerprint(self.path.stat()) != self.fingerprint
        except OSError:
            return True


@dataclass(slots=True)
class ReadFile:
    """A file and what is in it, before it is judged."""

    channel: str
    path: Path
    size: int
    fingerprint: tuple[int, ...]
    content: Content

    def checked(self, rules: Labels) -> CheckedFile:
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
        )


def label_rules(hyperparameters: Mapping[str, Any]) -> Labels:
    """What the objective among ``hyperparameters`` takes as a label."""
    classes = hyperparameters.get("num_class")
    return of_objective(hyperparameters.get("objective")).within(None if classes is None else int(classes))


def read_file(channel: str, path: Path, advance: Advance = lambda _: None) -> ReadFile:
    """Read ``path`` once, every value and every byte. Raises :class:`InputError` where it is no file to be read."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"the {channel} data must be a regular file: it is read twice", file=path)
            content = read_rows(file, advance)
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
    _raise_faults([file])
    return file.checked(Labels(""))


def judged(train: ReadFile, validation: ReadFile, rules: Labels) -> dict[str, CheckedFile]:
    """The files by channel. Raises :class:`InputError` with all faults of both."""
    files = (train, validation)
    for file in files:
        content = file.content
        if not content.wrong.kept:
            labels.judge(content.labels, content.last, rules, content.wrong, content.doubtful)
    if all(file.content.columns for file in files):
        content = validation.content
        pair.judge(train.content, content, rules.classes, content.wrong, content.doubtful)
    _raise_faults(files)
    return {file.channel: file.checked(rules) for file in files}


def _raise_faults(files: Sequence[ReadFile]) -> None:
    found = [(file, fault) for file in files for fault in file.content.wrong.faults()]
    if found:
        (file, fault), *others = found
        further = [(other.path, "" if one.row is None else f":{one.row}", one) for other, one in others]
        raise InputError(
            str(fault),
            file=file.path,
            line=fault.row,
            details=tuple(f"{path}{row}: {one}" for path, row, one in further),
        )
