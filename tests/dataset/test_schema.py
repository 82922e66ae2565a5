"""The schema of a data set: what stands for each value, and what of a text from outside is believed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.dataset.fields import read
from xacct_ml.dataset.schema import KINDS, Column, NotInSchema, Schema, is_name, line
from xacct_ml.dataset.values import DECIMAL_COMMA, ISO, TIME_FORMATS

ISLAND = Column("island", "category", ("Biscoe", "Dream"), low=0.0, high=1.0)
FEATURES = (
    Column("mass", "number", low=2700.0, high=6300.0, missing=2),
    Column("price", "number", format=DECIMAL_COMMA),
    Column("clutch", "boolean"),
    ISLAND,
    Column("egg", "time", format="%d.%m.%Y"),
)
SCHEMA = Schema(
    Column("species", "category", ("Adelie", "Chinstrap", "Gentoo")),
    FEATURES,
    {"train": 8, "validation": 1, "holdout": 1},
    "multi:softprob",
    (4, 2, 2),
    ("island",),
    ("id",),
)

names = st.text(min_size=1, max_size=20).filter(is_name)
numbers = st.floats(-(2.0**127), 2.0**127, width=32)


@st.composite
def columns(draw: st.DrawFn, name: str) -> Column:
    kind = draw(st.sampled_from(KINDS))
    categories = draw(st.lists(names, min_size=1, max_size=5, unique=True)) if kind == "category" else []
    forms = {"number": ("", DECIMAL_COMMA), "time": tuple(TIME_FORMATS)}
    low, high = sorted((draw(numbers), draw(numbers)))
    ends = (None, None) if draw(st.booleans()) else (low, high)
    form = draw(st.sampled_from(forms.get(kind, ("",))))
    return Column(name, kind, tuple(categories), form, *ends, draw(st.integers(0, 1 << 40)))


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    found = [draw(columns(name)) for name in draw(st.lists(names, min_size=2, max_size=6, unique=True))]
    rows = {part: draw(st.integers(0, 1000)) for part in ("train", "validation", "holdout")}
    counts = tuple(draw(st.integers(0, 9)) for _ in found[0].categories)
    slices = tuple(column.name for column in found[1:] if draw(st.booleans()))
    return Schema(found[0], tuple(found[1:]), rows, draw(names), counts, slices)


def test_names_in_the_row_of_the_model_out() -> None:
    values = {"egg": "02.01.1970", "island": "Dream", "clutch": True, "mass": 3750, "price": "1,5", "id": "N1A1"}
    assert SCHEMA.row(values) == [3750.0, 1.5, 1.0, 1.0, 1.0]
    assert SCHEMA.row({"mass": "3750.5", "clutch": "No", "egg": None, "species": "Adelie"}) == [
        3750.5,
        None,
        0.0,
        None,
        None,
    ]


def test_a_date_of_json_and_a_number_with_a_point_are_read_in_any_column() -> None:
    assert SCHEMA.row({"egg": "1970-01-02", "price": 1.5}) == [None, 1.5, None, None, 1.0]


def test_every_fault_is_told_at_once() -> None:
    values = {"mass": "heavy", "clutch": 2, "island": "Mars", "egg": "soon", "weight": 1, "price": [1]}
    with pytest.raises(NotInSchema) as raised:
        SCHEMA.row(values)
    assert raised.value.faults == (
        "there is no column 'weight'",
        "mass is a number, not 'heavy'",
        "price is one value, not a list or an object",
        "clutch is yes or no (true or false, 1 or 0), not '2'",
        "island is one of 'Biscoe', 'Dream', not 'Mars'",
        "egg is a date, as 2024-12-31 or 31.12.2024, not 'soon'",
    )


def test_a_row_of_nothing_is_refused() -> None:
    with pytest.raises(NotInSchema, match="no feature has a value"):
        SCHEMA.row({})


def test_what_the_label_suits() -> None:
    assert SCHEMA.hyperparameters == {"objective": "multi:softprob", "num_class": 3}
    two = replace(SCHEMA, label=Column("y", "boolean", ("no", "yes")), objective="binary:logistic", counts=(1, 2))
    assert two.hyperparameters == {"objective": "binary:logistic"}


@given(schemas())
def test_a_schema_is_read_as_it_was_written(schema: Schema) -> None:
    text = schema.to_json()
    assert Schema.parse(text) == schema
    assert Schema.parse(text).to_json() == text


@given(st.binary(max_size=200))
def test_hostile_bytes_are_refused(text: bytes) -> None:
    with pytest.raises(NotInSchema):
        Schema.parse(text)


def outcome(work: Callable[[Any], Any], given_: Any) -> Any:
    """What it gives, or what it says of what it refuses."""
    try:
        return work(given_)
    except NotInSchema as error:
        return str(error)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(schemas(), st.data())
def test_one_member_of_another_shape_is_refused_or_read(schema: Schema, data: st.DataObject) -> None:
    """Whatever stands in one place of the document."""
    content: Any = json.loads(schema.to_json())
    place: Any = data.draw(st.sampled_from([content, content["label"], content["features"][0]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(json_values)
    text = json.dumps(content).encode()
    found = outcome(Schema.parse, text)
    assert found.isprintable() if isinstance(found, str) else Schema.parse(found.to_json()) == found


@given(schemas(), st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_no_row_raises_anything_else(schema: Schema, values: dict[str, Any]) -> None:
    values = dict(zip([column.name for column in schema.features], values.values(), strict=False)) | values
    row = outcome(schema.row, values)
    assert row.isprintable() if isinstance(row, str) else len(row) == len(schema.features)


@given(st.lists(st.none() | numbers, min_size=2))
def test_a_line_is_what_xgboost_reads(values: list[float | None]) -> None:
    fields = line(values).encode().split(b",")
    assert len(fields) == len(values)
    for field, value in zip(fields, values, strict=True):
        if value is None:
            assert field == b""
        elif not value or abs(value) > 1e-36:
            assert read(field) == value


def test_the_endpoints_format_of_times_is_iso_where_nothing_else_is_said() -> None:
    assert Column("day", "time", format=ISO).encoded("1970-01-11") == 10.0
