"""Data sets of the kinds that users have, made small: what is accepted, refused, and said of them (docs/data.md)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.silent import Silent
from xacct_ml.errors import InputError
from xacct_ml.operations.upload.data import check_files

Row = Sequence[object]
CHOOSE = random.Random(11)
BINARY, THREE = {"objective": "binary:logistic"}, {"objective": "multi:softprob", "num_class": 3}
NUMBER = {"objective": "reg:squarederror"}
DOCUMENT = Path(__file__).parents[3] / "docs" / "data.md"


@dataclass
class Told(Silent):
    """Keeps what is printed."""

    words: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.words.append(text)

    def warn(self, text: str) -> None:
        self.words.append(f"? {text}")


def text(table: Iterable[Row]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in table)


def real(classes: int = 2, count: int = 60, columns: int = 3) -> list[Row]:
    """Labels in turn, and features that no two rows share."""
    return [[place % classes, *(f"{CHOOSE.gauss(0, 3):.5f}" for _ in range(columns))] for place in range(count)]


def labelled(labels: Iterable[object]) -> list[Row]:
    return [[label, f"{CHOOSE.random():.6f}", f"{CHOOSE.random():.6f}"] for label in labels]


FEW = [[place % 2, place // 2 % 3, place // 6 % 2] for place in range(240)]
WINE = real(3)
ACCEPTED: dict[str, tuple[list[Row], list[Row], dict[str, Any], tuple[str, ...]]] = {
    "breast cancer": (real(), real(), BINARY, ("label: 0 in 30 rows, 1 in 30 rows",)),
    "wine": (WINE, real(3), THREE, ("label: 0 in 20 rows, 1 in 20 rows, 2 in 20 rows",)),
    "digits": (
        [[*row, 0, 7] for row in real()],
        [[*row, 0, 7] for row in real()],
        BINARY,
        ("columns 5, 6 have the same value in every row",),
    ),
    "diabetes": (labelled([25.5, 346, *range(40)]), labelled([30, 31.5] * 10), NUMBER, ("values from 0 to 346",)),
    "doctor visits": (
        labelled([0, 0, 1, 2] * 10),
        labelled([0, 3] * 20),
        {"objective": "count:poisson"},
        ("3 different values from 0 to 2",),
    ),
    "mode choice": (real(), real(), {"objective": "rank:pairwise"}, ("a CSV has none: all rows are ranked as one",)),
    "movies, NC-17": (
        labelled([0] * 300 + [1]),
        labelled([0, 1] * 20),
        BINARY,
        ("only 1 of 301 rows have the label 1: accuracy and error say little of it",),
    ),
    "titanic": (FEW[:160], FEW[160:], BINARY, ()),
    "penguins, gaps and all": (
        [[row[0], "" if place % 2 else 1.5, *row[2:]] for place, row in enumerate(real(3))],
        [[*row[:3], "NaN" if place % 3 else 2] for place, row in enumerate(real(3))],
        THREE,
        ("30 empty features, which XGBoost learns from as missing",),
    ),
    "Seattle weather, split by time": (
        labelled([0, 1, 2] * 20),
        labelled([0, 1] * 20),
        THREE,
        ("no row has the label 2",),
    ),
    "one feature": (real(columns=1), real(columns=1), BINARY, ()),
    "3 + 3 rows": (labelled([0, 1, 2]), labelled([0, 1, 2]), THREE, ("3 rows are few to learn from or to judge by",)),
    "a class unseen in training": (
        labelled([0, 1] * 20),
        labelled([0, 1, 2, 2] * 10),
        THREE,
        ("the label 2 is in 20 rows here and in none of training", "no row has the label 2"),
    ),
    "index as label": (
        labelled(CHOOSE.sample(range(80), 60)),
        labelled(range(60, 80)),
        NUMBER,
        ("the label is another whole number in every row", "the label counts up from row to row"),
    ),
    "label last, as a number": (labelled([14.23, 13.2] * 20), labelled([12.5, 13] * 20), NUMBER, ()),
    "validation is training, shuffled": (
        WINE,
        CHOOSE.sample(WINE, len(WINE)),
        THREE,
        ("60 of 60 different rows are training rows, too",),
    ),
    "titanic, validation from training": (FEW, FEW[:100], BINARY, ()),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted(tmp_path: Path, name: str) -> None:
    """With these words, and no other doubts."""
    train, validation, hyperparameters, words = ACCEPTED[name]
    told = checked(tmp_path, text(train), text(validation), hyperparameters)
    for word in words:
        assert any(word in line for line in told), (word, told)
    doubts = [line for line in told if line.startswith("?")]
    assert all(any(word in doubt for word in words) for doubt in doubts), doubts


def checked(directory: Path, train: str, validation: str, hyperparameters: dict[str, Any]) -> list[str]:
    (directory / "t.csv").write_text(train)
    (directory / "v.csv").write_text(validation)
    told = Told()
    check_files(directory / "t.csv", directory / "v.csv", told, hyperparameters)
    return told.words


CLASSES = labelled([0, 1, 2] * 10)
REFUSED: dict[str, tuple[list[Row], list[Row], dict[str, Any], tuple[str, ...]]] = {
    "constant label": (labelled([1] * 30), labelled([1] * 30), BINARY, ("every label is 1",) * 2),
    "one class in validation": (labelled([0, 1] * 20), labelled([1] * 30), BINARY, ("every label is 1",)),
    "label last, as classes": (
        [[*row[1:], row[0]] for row in CLASSES],
        CLASSES,
        THREE,
        ("the last column has such values: the label must be the first",),
    ),
    "labels 1 to 3": (
        labelled([1, 2, 3] * 10),
        CLASSES,
        THREE,
        ("the label 3 is none that multi:softprob takes: 0 to 2, as num_class is 3; they are 1 to 3 here",),
    ),
    "3 classes, `num_class` 2": (
        CLASSES,
        labelled([0, 1] * 20),
        {**THREE, "num_class": 2},
        ("the label 2 is none that multi:softprob takes: 0 to 1, as num_class is 2",),
    ),
    "labels 1 and 2": (
        labelled([1, 2] * 10),
        labelled([0, 1] * 20),
        BINARY,
        ("the label 2 is none that binary:logistic takes: 0 and 1; they are 1 to 2 here, so subtract 1",),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(tmp_path: Path, name: str) -> None:
    """With these faults and no others."""
    train, validation, hyperparameters, words = REFUSED[name]
    with pytest.raises(InputError) as caught:
        checked(tmp_path, text(train), text(validation), hyperparameters)
    lines = caught.value.lines()
    assert len(lines) == len(words), lines
    assert all(word in line for word, line in zip(words, lines, strict=True)), lines


def test_the_table_in_the_documents_has_these_data_sets() -> None:
    """But for those that are of the same kind as another, and large."""
    begin = DOCUMENT.read_text().index("| Data set | Objective |")
    listed = DOCUMENT.read_text()[begin:].split("\n\n", 1)[0].splitlines()[2:]
    verdicts = {cells[1].strip(): cells[3].strip() for cells in (line.split("|") for line in listed)}
    large = {"diamonds", "digits' products, 5,000 columns"}
    assert verdicts.keys() - large == ACCEPTED.keys() | REFUSED.keys()
    assert {name for name, verdict in verdicts.items() if verdict == "refused"} == REFUSED.keys()
