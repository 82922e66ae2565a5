"""What is other in a data set's schema than in the live model's: what clients send would no longer fit."""

from collections.abc import Sequence

from xacct_ml.dataset.schema import Schema

_CHANGES_SHOWN = 5


def change(live: Schema, new: Schema) -> str | None:
    """Columns that came, went, changed their places or their kind, as a clause; None where there are none."""
    before, after = ([column.name for column in schema.features] for schema in (live, new))
    came, went = [name for name in after if name not in before], [name for name in before if name not in after]
    said = [f"{word}: {_named(names)}" for word, names in (("new", came), ("gone", went)) if names]
    if not said and before != after:
        said.append("another order")
    others = [
        f"{column.name} ({live.by_name[column.name].kind} before, now {column.kind})"
        for column in new.features
        if column.name in live.by_name and column.kind != live.by_name[column.name].kind
    ]
    if others:
        said.append(f"another kind: {_named(others)}")
    return "; ".join(said) or None


def _named(names: Sequence[str]) -> str:
    more = len(names) - _CHANGES_SHOWN
    return f"{', '.join(names[:_CHANGES_SHOWN])}{f' and {more} more' if more > 0 else ''}"
