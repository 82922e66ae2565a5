"""Validation beside training: the same kind of rows, and none of them seen before."""

from math import sqrt

from xacct_ml.dataset.content import Content, counted
from xacct_ml.dataset.faults import Faults
from xacct_ml.dataset.labels import plain, single

_SHARED_TOLERATED = 0.001
_CHANCE = 3.0
"""So many times the share of rows that repeat an earlier one in training are no leak: of two equal rows only one does,
and both have a twin."""
_MARGIN = 4.0
"""Standard deviations."""
CLASSES_NAMED = 5


def judge(
    train: Content, validation: Content, of_classes: bool, wrong: Faults, doubtful: Faults, *, held_out: bool = False
) -> None:
    """Adds what makes a model's score on ``validation`` say less than it seems to; all of it concerns that file, which
    the gate judges by, or, ``held_out``, the approval."""
    if train.sha256 and train.sha256 == validation.sha256:
        well = "any model scores well on that" if held_out else "any gate is passed with that"
        wrong.add("same content", f"has the same content as the training data; {well}")
        return
    if train.columns != validation.columns:
        wrong.add("columns", f"has {counted(validation.columns)}, the training data {counted(train.columns)}")
        return
    shared, judged = shared_rows(train, validation)
    if shared > _SHARED_TOLERATED * judged:
        of = "" if max(train.sample.step, validation.sample.step) == 1 else " that were compared"
        judges = "models are scored on" if held_out else "the gate judges"
        told = f"{shared:,} of {judged:,} different rows{of} are training rows, too: {judges} what was learnt by heart"
        doubtful.add("shared rows", told)
    if of_classes and train.labels.seen is not None and validation.labels.seen is not None:
        known = set(map(single, train.labels.seen))
        unseen = sorted(label for label in validation.labels.seen if single(label) not in known)
        for label in unseen[:CLASSES_NAMED]:
            rows = validation.labels.seen[label].count
            doubtful.add(
                "unseen",
                f"the label {plain(label)} is in {rows:,} rows here and in none of training",
                validation.labels.seen[label].row,
                1,
            )


def shared_rows(train: Content, other: Content) -> tuple[int, int]:
    """How many different rows of ``other`` are also in training, beyond those that are as often in training itself,
    and of how many different rows that is told.

    Where the files are large, both numbers are of the same share of the rows, chosen by their hashes."""
    step = max(train.sample.step, other.sample.step)
    marks = {mark for mark in other.sample.hashes if mark % step == 0}
    shared = len(marks & train.sample.hashes)
    expected = _by_chance(train) * len(marks)
    return (0 if shared <= expected + _MARGIN * sqrt(expected) else shared), len(marks)


def repeated(train: Content, other: Content) -> int:
    """How many rows of ``other`` are also in training, beyond chance; estimated where the files are large."""
    shared, judged = shared_rows(train, other)
    return round(other.rows * shared / judged) if judged else 0


def repeating(content: Content) -> int:
    """How many rows repeat an earlier one; estimated where the file is large."""
    return max(0, content.rows - len(content.sample.hashes) * content.sample.step)


def _by_chance(train: Content) -> float:
    """The share of rows that a fair split of data like these would find in both parts: a row that training itself has
    more than once, validation has, too. With few columns of few values that is nearly every row."""
    sampled = train.rows / train.sample.step
    if not sampled:
        return 0.0
    # Of a share of the rows there may be more, by chance, than the share says.
    return min(1.0, max(0.0, _CHANCE * (1 - len(train.sample.hashes) / sampled)))
