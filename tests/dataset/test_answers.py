"""What an endpoint's numbers say."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.test_schema import SCHEMA
from xacct_ml.dataset.answers import NoAnswer, Prediction, predictions
from xacct_ml.dataset.schema import Column

BINARY = replace(SCHEMA, label=Column("y", "boolean", ("no", "yes")), objective="binary:logistic", counts=(1, 2))
NUMBER = replace(SCHEMA, label=Column("y", "number"), objective="reg:squarederror", counts=())


def test_probabilities_of_classes() -> None:
    assert predictions("0.1,0.7,0.2\n0.5,0.3,0.2\n", 2, SCHEMA) == [
        Prediction(1, "Chinstrap", 0.7, (0.1, 0.7, 0.2)),
        Prediction(0, "Adelie", 0.5, (0.5, 0.3, 0.2)),
    ]


def test_the_probability_of_one_of_two() -> None:
    assert predictions("0.25\n0.5", 2, BINARY) == [
        Prediction(0, "no", 0.75, (0.75, 0.25)),
        Prediction(1, "yes", 0.5, (0.5, 0.5)),
    ]


def test_a_class_without_probability_and_a_margin() -> None:
    assert predictions("2.0\n", 1, SCHEMA) == [Prediction(2.0, "Gentoo")]
    assert predictions("-1.5", 1, BINARY) == [Prediction(-1.5)]


@pytest.mark.parametrize("schema", [None, NUMBER])
def test_numbers(schema: None) -> None:
    assert predictions("12.5\n1e3\n", 2, schema) == [Prediction(12.5), Prediction(1000.0)]


def test_as_the_older_container_answers() -> None:
    assert predictions("[0.1, 0.7, 0.2]", 1, SCHEMA)[0].label == "Chinstrap"


@pytest.mark.parametrize("answer", ["", "<html>", "0.1,0.2\n0.3", "nan"])
def test_what_is_no_answer(answer: str) -> None:
    with pytest.raises(NoAnswer, match="the endpoint's answer to 2 rows is"):
        predictions(answer, 2, SCHEMA)


@given(st.text(max_size=30), st.integers(1, 4), st.sampled_from([None, SCHEMA, BINARY, NUMBER]))
def test_any_text_is_an_answer_or_none(answer: str, rows: int, schema: None) -> None:
    with suppress(NoAnswer):
        assert len(predictions(answer, rows, schema)) == rows
