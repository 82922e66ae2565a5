"""Validation beside training: the same kind of rows, and none of them seen before."""

from xacct_ml.dataset.faults import Faults
from xacct_ml.dataset.labels import plain
from xacct_ml.dataset.reading import Content, columns

_SHARED_TOLERATED = 0.001
CLASSES_NAMED = 5


def judge(train: Content, validation: Content, of_classes: bool, wrong: Faults, doubtful: Faults) -> None:
    """Adds what makes a model's score on ``validation`` say less than it seems to; all of it concerns that file."""
    if train.sha256 == validation.sha256:
        wrong.add("same content", "has the same content as the training data; any gate is passed with that")
        return
    if train.columns != validation.columns:
        wrong.add("columns", f"has {columns(validation.columns)}, the training data {columns(train.columns)}")
        return
    seen, judged = shared_rows(train, validation)
    if seen > _SHARED_TOLERATED * judged:
        of = "" if max(train.sample.step, validation.sample.step) == 1 else " that were compared"
        doubtful.add(
            "shared rows",
            f"{seen:,} of {judged:,} rows{of} are training rows, too: the gate judges what was learnt by heart",
        )
    if of_classes and train.labels.seen is not None and validation.labels.seen is not None:
        unseen = sorted(set(validation.labels.seen) - set(train.labels.seen))
        for label in unseen[:CLASSES_NAMED]:
            rows = validation.labels.seen[label].count
            doubtful.add(
                "unseen",
                f"the label {plain(label)} is in {rows:,} rows here and in none of training",
                validation.labels.seen[label].row,
                1,
            )


def shared_rows(train: Content, validation: Content) -> tuple[int, int]:
    """How many different rows of validation are also in training, and of how many that is told.

    Where the files are large, both numbers are of the same share of the rows, chosen by their hashes."""
    step = max(train.sample.step, validation.sample.step)
    judged = {mark for mark in validation.sample.hashes if mark % step == 0}
    return len(judged & train.sample.hashes), len(judged)
