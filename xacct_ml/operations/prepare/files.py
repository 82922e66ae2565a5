"""The files of a data set, written aside and put in their place when all of them are whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xacct_ml.errors import InputError

SCHEMA_FILE = "schema.json"
NAMES = {"train": "train.csv", "validation": "validation.csv", "holdout": "holdout.csv"}


def check_free(out: Path, force: bool) -> None:
    """Raises :class:`InputError` where something would be written over."""
    if out.exists() and not out.is_dir():
        raise InputError("--out must be a folder", file=out)
    there = [name for name in (*NAMES.values(), SCHEMA_FILE) if (out / name).exists()]
    if there and not force:
        raise InputError(
            f"has {', '.join(there)} already, and nothing is written over",
            file=out,
            next_step="give another folder with --out DIR, or --force to replace them",
        )


@contextmanager
def workplace(out: Path) -> Iterator[Path]:
    """A folder beside ``out``, on the same disk, that is gone afterwards. Raises :class:`InputError`."""
    parent = out.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".xacct-ml-prepare-", dir=parent))
    except OSError as error:
        raise InputError(f"cannot be written into: {error.strerror or error}", file=parent) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(made: Path, out: Path) -> dict[str, Path]:
    """Move the files of the folder ``made`` to ``out``; where each is, by its name there.

    A folder that is not there yet appears with all of them. In one that is, the schema goes first and comes last, so
    that it never stands beside files that it does not describe."""
    names = sorted(path.name for path in made.iterdir())
    for name in names:
        with (made / name).open("rb") as file:
            os.fsync(file.fileno())
    if not out.exists():
        made.rename(out)
    else:
        (out / SCHEMA_FILE).unlink(missing_ok=True)
        for name in sorted(names, key=lambda name: name == SCHEMA_FILE):
            (made / name).replace(out / name)
        for name in set(NAMES.values()) - set(names):
            (out / name).unlink(missing_ok=True)
    return {name: out / name for name in names}
