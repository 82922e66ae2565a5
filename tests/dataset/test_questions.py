"""Rows for an endpoint."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.test_schema import SCHEMA, json_values, schemas
from xacct_ml.dataset.questions import of_json, of_table
from xacct_ml.dataset.schema import Column, NotInSchema, Schema


def faults(work: Any, *arguments: Any) -> tuple[str, ...]:
    with pytest.raises(NotInSchema) as raised:
        work(*arguments)
    return raised.value.faults


def test_json_of_one_row_and_of_several() -> None:
    assert of_json('{"mass": 3750, "island": "Dream"}', SCHEMA) == ["3750,,,1,"]
    assert of_json('[{"mass": 1}, {"clutch": true}]', SCHEMA) == ["1,,,,", ",,1,,"]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"mass,island\n3750,Dream\n,Biscoe\n", ["3750,,,1,", ",,,0,"]),
        ("\ufeffmass;price\n3750;1,5\n".encode(), ["3750,1.5,,,"]),
        ("island\tspecies\tid\nDream\tAdelie\tN1\n".encode("utf-16"), [",,,1,"]),
        (b"mass\n3750\n", ["3750,,,,"]),
        (b"1,2,,0,5\n3,4,1,1,6\n", ["1,2,,0,5", "3,4,1,1,6"]),
    ],
)
def test_tables(content: bytes, lines: list[str]) -> None:
    assert of_table(content, SCHEMA) == lines


def test_numbers_without_a_schema() -> None:
    assert of_table(b"1,2\n3,\n", None) == ["1,2", "3,"]
    assert faults(of_table, b"a,b\n1,2\n3\n", None) == (
        "row 1: 'a' is no number, and without a schema there are no names",
        "row 3 has 1 values, not 2",
    )


def test_numbers_are_as_many_as_the_model_has_features() -> None:
    """XGBoost would take the others for missing, without a word."""
    assert of_table(b"1,2\n3,\n", None, 2) == ["1,2", "3,"]
    assert faults(of_table, b"1,2\n", None, 3) == ("row 1 has 2 values, not 3",)


def test_a_lone_feature_is_written_for_the_container() -> None:
    """Which makes a delimiter of an exponent's minus."""
    assert of_table(b"-1e-05\n5\n", None) == ["-0.00001", "5"]
    schema = Schema(Column("y", "number"), (Column("x", "number"),), SCHEMA.rows, "reg:squarederror")
    assert of_json('[{"x": -2e-7}, {"x": 3}]', schema) == ["-0.0000002", "3"]


def test_every_fault_of_every_row() -> None:
    assert faults(of_table, b"mass,island\nheavy,Mars\n1,Dream\n2,Venus\n", SCHEMA) == (
        "row 1: mass is a number, not 'heavy'",
        "row 1: island is one of 'Biscoe', 'Dream', not 'Mars'",
        "row 3: island is one of 'Biscoe', 'Dream', not 'Venus'",
    )
    assert faults(of_json, '{"weight": 1}', SCHEMA) == ("there is no column 'weight'", "no feature has a value")[:1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"mass,island\n", "has names, and no row of values"),
        (b"mass,island\n1\n", "row 1 has another number of values than there are names"),
        (b"mass,mass\n1,2\n", "names a column twice"),
        (b"weight,height\n1,2\n", "its first row names none of the columns mass, price, clutch, island, egg"),
        (b"1,2\n", "row 1 has 2 values, not 5"),
        (b"", "has no row"),
        (b"\xfe\xff", "is empty, or no text"),
        (b"PK\x03\x04", "is a zip archive (or a spreadsheet), not CSV text"),
        (b"1" * (5 << 20), "has over 4 MiB, more than an endpoint takes at once"),
    ],
)
def test_what_is_no_question(content: bytes, message: str) -> None:
    assert faults(of_table, content, SCHEMA)[0] == message


def test_a_name_twice_in_json_is_refused() -> None:
    """The last one would count, without a word."""
    assert faults(of_json, '[{"mass": 1, "mass": 2}, {"island": "Dream", "island": "Dream"}]', SCHEMA) == (
        "names 'mass' twice in one object",
        "names 'island' twice in one object",
    )


@pytest.mark.parametrize("text", ["", "[]", "1", "[1]", '{"mass": NaN}'])
def test_what_is_no_question_in_json(text: str) -> None:
    assert faults(of_json, text, SCHEMA)


@given(st.binary(max_size=60), st.none() | schemas())
def test_any_bytes_are_rows_or_refused(content: bytes, schema: Schema | None) -> None:
    try:
        lines = of_table(content, schema)
    except NotInSchema:
        return
    assert all(line.isascii() for line in lines)


@given(schemas(), json_values)
def test_any_json_is_rows_or_refused(schema: Schema, value: Any) -> None:
    try:
        lines = of_json(json.dumps(value), schema)
    except NotInSchema:
        return
    assert all(line.count(",") == len(schema.features) - 1 for line in lines)
