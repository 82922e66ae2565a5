"""What is other in a data set's schema than in the live model's: what clients send would no longer fit."""

from collections.abc import Sequence
from dataclasses import asdict

from xacct_ml.dataset.schema import Schema
from xacct_ml.payload.changes import schema_diff

_CHANGES_SHOWN = 5


def change(live: Schema, new: Schema) -> str | None:
    """Columns that came, went, changed their places or their kind, as the judge will find them, as a clause; None where
    there are none."""
    found = schema_diff(asdict(live), asdict(new), 1 + len(live.features), 1 + len(new.features))
    said = [f"{word}: {_named(found[of])}" for word, of in (("new", "added"), ("gone", "removed")) if found[of]]
    if not said and not found["order"]:
        said.append("another order")
    if found["changed"]:
        others = [f"{name} ({before} before, now {after})" for name, before, after in found["changed"]]
        said.append(f"another kind: {_named(others)}")
    return "; ".join(said) or None


def _named(names: Sequence[str]) -> str:
    more = len(names) - _CHANGES_SHOWN
    return f"{', '.join(names[:_CHANGES_SHOWN])}{f' and {more} more' if more > 0 else ''}"
