"""How the values of a data set lie, and whether another's lie alike."""

import json
import random

import pytest

from tests.dataset.files import content, rows
from xacct_ml.dataset.content import CELLS_SAMPLED, Content
from xacct_ml.dataset.faults import Faults
from xacct_ml.dataset.profile import Profile, judge, judge_columns


def made(seed: int, count: int = 2000, **change: float) -> Content:
    """A table of two classes, a bell, a tail, a rare flag, and one with gaps; ``change`` says what lies otherwise."""
    choose = random.Random(seed)

    def row() -> str:
        label = int(choose.random() < change.get("share", 0.3))
        bell = choose.gauss(change.get("mean", 10), change.get("std", 2))
        tail = choose.lognormvariate(0, 1.5) * change.get("unit", 1)
        flag = int(choose.random() < 0.002)
        gap = "" if choose.random() < change.get("gaps", 0.2) else f"{choose.random():.3f}"
        return f"{label},{bell:.4f},{tail:.4f},{flag},{gap}"

    return content(rows(*(row() for _ in range(count))))


def profile(read: Content, *, classes: bool = True) -> Profile:
    return Profile.of(read, classes=classes)


def doubts(live: Profile, new: Profile) -> list[str]:
    found = Faults()
    judge(live, new, "data set 1", found)
    return [str(fault) for fault in found.faults()]


def test_a_profile_has_what_a_later_data_set_is_compared_with() -> None:
    """By feature and of the label; shares that are missing are of all rows."""
    found = json.loads(profile(content(rows("0,1,", "1,3,", "1,5,7", "1,7,"))).to_json())
    assert found["columns"][0] == {
        "missing": 0.0, "low": 1, "high": 7, "mean": 4, "std": 2.23606798, "q01": 1, "q99": 7
    }  # fmt: skip
    assert (found["columns"][1]["missing"], found["columns"][1]["high"]) == (0.75, 7)
    assert found["label"]["counts"] == {"0": 1, "1": 3}
    assert (found["rows"], found["sampled"]) == (4, 4)


@pytest.mark.long
def test_a_profile_is_the_same_each_time_and_is_read_again() -> None:
    """Of a file that is longer than its sample, too."""
    read = made(1, CELLS_SAMPLED // 5 + 100)
    text = profile(read).to_json()
    assert text == profile(made(1, CELLS_SAMPLED // 5 + 100)).to_json()
    again = Profile.parse(text)
    assert again is not None
    assert again.to_json() == text
    assert again.sampled < again.rows


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"schema": "xacct-ml/profile/1"}', b"\xff"])
def test_what_is_no_profile(text: bytes) -> None:
    """Is none, and no error."""
    assert Profile.parse(text) is None


def test_samples_of_the_same_data_raise_no_doubt() -> None:
    """Of whatever size: fifty of them."""
    live = profile(made(0))
    for seed in range(1, 51):
        assert doubts(live, profile(made(seed, (50, 300, 2000)[seed % 3]))) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mean": 14}, "column 2: goes from"),
        ({"std": 8}, "column 2: goes from"),
        ({"unit": 1000}, "column 3: goes from"),
        ({"gaps": 0.6}, "column 5: "),
        ({"share": 0.7}, "column 1: the label 1 is in"),
        ({"share": 0}, "column 1: the label 1 is in no row, in"),
    ],
    ids=str,
)
def test_what_lies_otherwise_is_named(change: dict[str, float], told: str) -> None:
    """By its column."""
    found = doubts(profile(made(0)), profile(made(1, **change)))
    assert found
    assert any(each.startswith(told) for each in found), found
    assert all(each.startswith((told, "column 1: ")) for each in found), found


def test_a_class_that_the_live_model_never_saw() -> None:
    """Is told with its rows."""
    live, new = content(rows("0,1", "1,2") * 30), content(rows("0,1", "2,2") * 30)
    assert doubts(profile(live), profile(new)) == [
        "column 1: the label 1 is in no row, in 30 of the live model's data (data set 1)",
        "column 1: the label 2 is in 30 rows, in none of the live model's data (data set 1)",
    ]


def test_labels_that_are_numbers_are_compared_as_such() -> None:
    """By where they lie."""
    live, new = content(rows(*(f"{i},1" for i in range(100)))), content(rows(*(f"{i * 10},1" for i in range(100))))
    (told,) = doubts(profile(live, classes=False), profile(new, classes=False))
    assert told.startswith("column 1: the label goes from 0 to 990, from 0 to 99 (mean 495, 49.5)")


def test_another_number_of_columns() -> None:
    """Is wrong, or said where it is meant."""
    for meant in (False, True):
        wrong, doubtful = Faults(), Faults()
        judge_columns(5, 4, "data set 1", wrong, doubtful, schema_change=meant)
        judge_columns(5, 5, "data set 1", wrong, doubtful, schema_change=meant)
        (told,) = (doubtful if meant else wrong).faults()
        assert "has 4 columns, the live model's data (data set 1) 5" in str(told)
        assert not (wrong if meant else doubtful).kept
