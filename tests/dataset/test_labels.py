"""Labels by the objective, on the shapes that users' files have."""

import pytest

from tests.dataset.files import content, rows
from xacct_ml.dataset import labels
from xacct_ml.tables.objective_labels import of_objective


def judged(values: list[str], objective: str, num_class: int | None = None, last: list[str] | None = None) -> list[str]:
    """The faults, then the doubts behind a ``?``."""
    behind = last or [str(place / 8) for place in range(len(values))]
    read = content(
        rows(*(f"{value},{place * 7 % 5},{end}" for place, (value, end) in enumerate(zip(values, behind, strict=True))))
    )
    read.doubtful.kept.clear()
    labels.judge(read.labels, read.last, of_objective(objective).within(num_class), read.wrong, read.doubtful)
    return [*map(str, read.wrong.faults()), *(f"? {doubt}" for doubt in read.doubtful.faults())]


TWO = ["0", "1", "1", "0"] * 10
THREE = ["0", "1", "2", "1"] * 10


@pytest.mark.parametrize(
    ("values", "objective", "num_class"),
    [
        (TWO, "binary:logistic", None),
        (["0", "1.0000000001"] * 20, "binary:logistic", None),
        (THREE, "multi:softprob", 3),
        (["0.5", "-7", "1e6", "0"], "reg:squarederror", None),
        (["0", "3", "1.5", "2"], "count:poisson", None),
        (["-0.5", "3", "1", "2"], "reg:squaredlogerror", None),
        (["0.25", "1", "0", "0.5"], "reg:logistic", None),
        (["5", "5.5"] * 600, "an objective that is not known", None),
    ],
)
def test_labels_that_can_be_learnt(values: list[str], objective: str, num_class: int | None) -> None:
    """No fault and no doubt."""
    assert judged(values, objective, num_class) == []


@pytest.mark.parametrize(
    ("values", "objective", "num_class", "told"),
    [
        (
            ["1", "2", "1", "2"],
            "binary:logistic",
            None,
            "row 2, column 1: the label 2 is none that binary:logistic takes: 0 and 1; they are 1 to 2 here, so "
            "subtract 1",
        ),
        (
            ["1", "2", "2", "3"],
            "multi:softprob",
            3,
            "row 4, column 1: the label 3 is none that multi:softprob takes: 0 to 2, as num_class is 3; they are 1 "
            "to 3 here, so subtract 1",
        ),
        (
            THREE,
            "multi:softprob",
            2,
            "row 3, column 1: the label 2 is none that multi:softprob takes: 0 to 1, as num_class is 2",
        ),
        (
            ["0", "1", "0.5"],
            "multi:softmax",
            2,
            "row 3, column 1: the label 0.5 is none that multi:softmax takes: 0 to 1, as num_class is 2",
        ),
        (
            ["0", "0.5", "1"],
            "binary:logistic",
            None,
            "row 2, column 1: the label 0.5 is none that binary:logistic takes: 0 and 1",
        ),
        (
            ["1", "-1", "2"],
            "count:poisson",
            None,
            "row 2, column 1: the label -1 is none that count:poisson takes: numbers from 0 on",
        ),
        (
            ["1", "0", "2"],
            "reg:gamma",
            None,
            "row 2, column 1: the label 0 is none that reg:gamma takes: numbers above 0",
        ),
        (
            ["1", "-1"],
            "reg:squaredlogerror",
            None,
            "row 2, column 1: the label -1 is none that reg:squaredlogerror takes: numbers above -1",
        ),
        (
            [str(place) for place in range(5, 1500)],
            "binary:logistic",
            None,
            "row 1, column 1: the label 5 is none that binary:logistic takes: 0 and 1; they count up from row to row, "
            "as pandas' index does: to_csv(…, index=False)",
        ),
        (
            ["-1", "1"] * 10,
            "binary:logistic",
            None,
            "row 1, column 1: the label -1 is none that binary:logistic takes: 0 and 1; they are -1 and 1 here: write "
            "0 and 1",
        ),
        (
            ["2", "3", "4"] * 10,
            "multi:softprob",
            3,
            "row 2, column 1: the label 3 is none that multi:softprob takes: 0 to 2, as num_class is 3; they are 2 to "
            "4 here, so subtract 2",
        ),
        (
            ["0", "2", "4"] * 10,
            "multi:softprob",
            3,
            "row 3, column 1: the label 4 is none that multi:softprob takes: 0 to 2, as num_class is 3; they are 3 "
            "whole numbers here: number them from 0 on",
        ),
        (["1", "1.0000000001"] * 9, "binary:logistic", None, "column 1: every label is 1: there is nothing to learn"),
        (["1"] * 30, "binary:logistic", None, "column 1: every label is 1: there is nothing to learn"),
        (
            ["1", "2.5", "2"],
            "survival:aft",
            None,
            "survival:aft needs a lower and an upper bound of each label: a CSV has no place for them",
        ),
    ],
)
def test_labels_that_training_would_fail_on(
    values: list[str], objective: str, num_class: int | None, told: str
) -> None:
    """Told before anything is uploaded, with the row and what may have been meant."""
    assert judged(values, objective, num_class) == [told]


def test_many_labels_are_no_classes() -> None:
    """Also where there are too many to count, and the first and last would be classes."""
    values = ["0", *(str(place / 1000) for place in range(1, 2000)), "1"]
    (told,) = judged(values, "binary:logistic")
    assert "is none that binary:logistic takes: 0 and 1" in told


def test_the_label_in_the_last_column() -> None:
    """As files for other tools have it."""
    (told,) = judged(["14.23", "13.2", "13.16", "12.1"], "multi:softmax", 3, last=["0", "1", "2", "0"])
    assert told.endswith("; the last column has such values: the label must be the first")


@pytest.mark.parametrize(
    ("values", "objective", "num_class", "told"),
    [
        (
            [str(place) for place in range(300)],
            "reg:squarederror",
            None,
            "counts up from row to row, as pandas' index does",
        ),
        (["7"] * 30, "reg:squarederror", None, "every label is 7: there is nothing to learn"),
        (
            ["0"] * 300 + ["1"],
            "binary:logistic",
            None,
            "only 1 of 301 rows have the label 1: accuracy and error say little",
        ),
        (["0", "1"] * 20, "multi:softprob", 4, "no row has the label 2, 3"),
        (["0", "1"] * 20, "rank:pairwise", None, "ranks within groups, and a CSV has none"),
    ],
)
def test_labels_that_are_rarely_meant(values: list[str], objective: str, num_class: int | None, told: str) -> None:
    """Said, and accepted."""
    (line,) = judged(values, objective, num_class)
    assert line.startswith("? ")
    assert told in line


def test_the_label_is_told_in_a_few_words() -> None:
    """By class, or as a range."""
    read = content(rows(*(f"{value},{place}" for place, value in enumerate(THREE))))
    assert read.labels.told(of_classes=True) == "0 in 10 rows, 1 in 20 rows, 2 in 10 rows"
    assert read.labels.told(of_classes=False) == "3 different values from 0 to 2"
    many = content(rows(*(f"{place / 2},1" for place in range(3000))))
    assert many.labels.told(of_classes=False) == "over 1,000 different values from 0 to 1499.5"
