"""What clients of the live model would meet in another schema."""

from dataclasses import replace

import pytest

from xacct_ml.dataset.schema import Column, Schema
from xacct_ml.dataset.schema_change import change

ROWS = {"train": 2, "validation": 1, "holdout": 0}
LIVE = Schema(
    Column("y", "number"), (Column("age", "number"), Column("plan", "category", ("a", "b"))), ROWS, "reg:squarederror"
)


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (LIVE.features, None),
        ((Column("age", "number", low=3.0, high=9.0), Column("plan", "category", ("a", "b", "c"))), None),
        ((Column("years", "number"), LIVE.features[1]), "new: years; gone: age"),
        (LIVE.features[::-1], "another order"),
        ((LIVE.features[0], Column("plan", "number")), "another kind: plan (category before, now number)"),
        (tuple(Column(f"c{place}", "number") for place in range(8)), "new: c0, c1, c2, c3, c4 and 3 more; gone: age,"),
    ],
)
def test_names_order_and_kinds(features: tuple[Column, ...], said: str | None) -> None:
    """Ranges and categories are another matter: clients may send the same."""
    found = change(LIVE, replace(LIVE, features=features))
    assert found == said or (found is not None and said is not None and found.startswith(said))
