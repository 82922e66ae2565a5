"""Small tables, prepared."""

import random
from collections.abc import Sequence
from pathlib import Path

from tests.silent import Silent
from xacct_ml.errors import InputError
from xacct_ml.operations.prepare.preparation import prepare
from xacct_ml.operations.prepare.request import Prepared, Request

HEADER = "y,weight,colour,paid,day"


def rows(count: int = 60) -> list[str]:
    """A row for each of ``count`` days, with every kind of column; the same every time."""
    draw = random.Random(7)
    return [
        f"{draw.choice(('cat', 'dog', 'eel'))},{draw.uniform(0, 9):.2f},{draw.choice(('red', 'blue'))},"
        f"{draw.choice(('yes', 'no'))},2024-{1 + day // 28:02}-{1 + day % 28:02}"
        for day in range(count)
    ]


def table(path: Path, lines: Sequence[str], header: str = HEADER) -> Path:
    path.write_text("".join(f"{line}\n" for line in (header, *lines)), encoding="utf-8")
    return path


def prepared(path: Path, label: str = "y", **options: object) -> Prepared:
    options.setdefault("out", path.parent / "out")
    return prepare(Request((path,), label, **options), Silent())  # type: ignore[arg-type]


def refused(path: Path, label: str = "y", **options: object) -> InputError:
    """The error, after which nothing is left behind."""
    before = sorted(path.parent.iterdir())
    try:
        prepared(path, label, **options)
    except InputError as error:
        assert sorted(path.parent.iterdir()) == before
        return error
    raise AssertionError("it was prepared")


def contents(made: Prepared) -> dict[str, list[list[str]]]:
    return {part: [line.split(",") for line in path.read_text().splitlines()] for part, path in made.files.items()}
