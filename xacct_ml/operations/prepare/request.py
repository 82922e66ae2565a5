"""What is asked of ``prepare``, and what it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xacct_ml.dataset.faults import Fault
from xacct_ml.dataset.schema import Schema
from xacct_ml.errors import InputError

DEFAULT_OUT = Path("prepared")
DEFAULT_SPLIT = 0.8
DEFAULT_HOLDOUT = 0.1
_LISTED = 50


@dataclass(frozen=True, slots=True)
class Request:
    """``split`` and ``holdout`` are shares of all rows; what is left is validation. ``order`` is ``day`` or ``month``:
    which of the two dates begin with, where both could be. ``task`` is ``classes`` or ``numbers``: what a label of few
    whole numbers is; empty: what it looks like. ``encoding`` is None where the files say it themselves."""

    paths: tuple[Path, ...]
    label: str
    out: Path = DEFAULT_OUT
    split: float = DEFAULT_SPLIT
    holdout: float = DEFAULT_HOLDOUT
    time: str | None = None
    group: str | None = None
    drop: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    order: str = ""
    task: str = ""
    skip_unlabelled: bool = False
    header: bool = True
    encoding: str | None = None
    seed: int = 0
    force: bool = False

    def check(self) -> None:
        """Raises :class:`InputError` for what cannot be, whatever the files hold."""
        if not 0 < self.split < 1 or not 0 <= self.holdout < 1 or self.split + self.holdout >= 1:
            raise InputError(
                f"--split {self.split:g} and --holdout {self.holdout:g} are shares of the rows, and leave some for "
                "validation: less than 1 together"
            )
        if self.time and self.group:
            raise InputError("--time and --group are two ways to split: give one of them")
        if self.label in self.drop:
            raise InputError(f"--drop {self.label} is the label")


@dataclass(frozen=True, slots=True)
class Prepared:
    """``files`` by part and ``schema``; ``classes``: rows of each class by part; ``words`` are doubts, of one line
    each; ``left_out`` says of columns that are no features why."""

    schema: Schema
    files: dict[str, Path]
    classes: dict[str, tuple[int, ...]]
    words: tuple[str, ...]
    left_out: dict[str, str]
    may_count: bool = False
    """Whether the label is a number that may count something: whole, and none below 0."""


@dataclass(slots=True)
class Findings:
    """What is wrong, with the file, and what is doubtful; ``drop`` are columns that had better be left out."""

    faults: list[tuple[Path | None, Fault]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    unlabelled: bool = False
    """Whether rows without a label are among what is wrong."""

    def add(self, what: str, path: Path | None = None, row: int | None = None, column: int | None = None) -> None:
        self.faults.append((path, Fault(what, row, column)))

    def raise_faults(self, paths: Sequence[Path]) -> None:
        """Raises :class:`InputError` with all of them."""
        if not self.faults:
            return
        lines = [
            f"{path or paths[0]}{'' if fault.row is None else f':{fault.row}'}: {fault}" for path, fault in self.faults
        ]
        more = len(lines) - _LISTED
        rest = [*lines[1:_LISTED], *([f"and {more:,} more"] if more > 0 else [])]
        options = "".join(f" --drop {name if name.isidentifier() else repr(name)}" for name in self.drop)
        options += " --skip-unlabelled" if self.unlabelled else ""
        step = f"the same command with{options}" if options else None
        raise InputError(lines[0], details=tuple(rest), next_step=step)
