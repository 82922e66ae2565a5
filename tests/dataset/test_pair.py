"""Validation beside training."""

from tests.dataset.files import content, rows
from xacct_ml.dataset import pair
from xacct_ml.dataset.content import Content, RowSample
from xacct_ml.dataset.faults import Faults


def judged(train: bytes, validation: bytes, of_classes: bool = True, held_out: bool = False) -> list[str]:
    wrong, doubtful = Faults(), Faults()
    pair.judge(content(train), content(validation), of_classes, wrong, doubtful, held_out=held_out)
    return [*map(str, wrong.faults()), *(f"? {doubt}" for doubt in doubtful.faults())]


TRAIN = rows(*(f"{place % 2},{place},{place / 4}" for place in range(100)))


def test_other_rows_of_the_same_kind() -> None:
    """No word."""
    assert judged(TRAIN, rows("0,200,1", "1,201,7")) == []


def test_the_same_file_under_another_name() -> None:
    """Any gate is passed with that."""
    assert judged(TRAIN, TRAIN) == ["has the same content as the training data; any gate is passed with that"]


def test_another_width() -> None:
    """Both are told."""
    assert judged(TRAIN, rows("0,1", "1,2")) == ["has 2 columns, the training data 3 columns"]


def test_rows_that_are_training_rows() -> None:
    """In another order and with others among them."""
    lines = TRAIN.decode().splitlines()
    told = judged(TRAIN, rows(*reversed(lines[:30]), "0,500,1", "1,501,1"))
    assert told == ["? 30 of 32 different rows are training rows, too: the gate judges what was learnt by heart"]


def test_rows_held_out_judge_no_gate() -> None:
    """What they are for is said."""
    lines = TRAIN.decode().splitlines()
    told = judged(TRAIN, rows(*lines[:30]), held_out=True)
    assert told == ["? 30 of 30 different rows are training rows, too: models are scored on what was learnt by heart"]
    assert judged(TRAIN, TRAIN, held_out=True) == [
        "has the same content as the training data; any model scores well on that"
    ]


def test_rows_that_are_alike_by_chance_are_no_leak() -> None:
    """A table of few columns with few values has the same rows on both sides of any split."""
    table = [f"{place % 2},{place // 2 % 4},{place // 8 % 2}" for place in range(600)]
    assert judged(rows(*table[:400]), rows(*table[400:])) == []
    assert pair.repeated(content(rows(*table[:400])), content(rows(*table[400:]))) == 0
    assert pair.repeated(content(TRAIN), content(rows(*TRAIN.decode().splitlines()[:30], "0,500,1"))) == 30


def test_a_class_that_training_never_saw() -> None:
    """With how many rows and the first of them; of numbers it means nothing."""
    validation = rows("0,200,1", "2,201,7", "2,202,7")
    assert judged(TRAIN, validation) == ["? row 2, column 1: the label 2 is in 2 rows here and in none of training"]
    assert judged(TRAIN, validation, of_classes=False) == []


def test_a_sample_that_has_more_than_its_share_by_chance() -> None:
    """Of ten different rows, six hashes are even: no rows repeat, and nothing is expected of them."""
    train = Content(rows=10, sample=RowSample(2, {2, 4, 6, 8, 10, 12}))
    assert pair.shared_rows(train, Content(rows=4, sample=RowSample(2, {14, 16}))) == (0, 2)
    assert pair.shared_rows(train, Content(rows=4, sample=RowSample(2, {2, 16}))) == (1, 2)
