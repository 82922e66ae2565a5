"""What differs between the live model's run and the candidate's: data, columns and hyperparameters, as the record has
it. From what was written when each was made; nothing is read here, and what is not known is None.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_SHOWN = 30
"""So many features, those that changed most, are in the record."""
_MEASURES = ("missing", "low", "high", "mean", "std")


def hyperparameter_diff(live: Mapping[str, str] | None, candidate: Mapping[str, str]) -> dict[str, list[str | None]]:
    """Name → the live model's value and the candidate's, of those that differ; None where one has none."""
    before = live or {}
    names = sorted(before.keys() | candidate.keys()) if live is not None else ()
    pairs = {name: [before.get(name), candidate.get(name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def schema_diff(
    live: Mapping[str, Any] | None, candidate: Mapping[str, Any] | None, live_columns: int, columns: int
) -> dict[str, Any]:
    """Columns of both files (label included), and by name what was added, removed or has another type; ``order`` is
    whether those in both come in the same order. The names are None where either data set has no schema.
    """
    found: dict[str, Any] = {
        "columns": [live_columns, columns],
        "added": None,
        "removed": None,
        "changed": None,
        "order": None,
        "label": None,
    }
    if live is None or candidate is None:
        return found
    before, after = _kinds(live), _kinds(candidate)
    both = [name for name in before if name in after]
    changed = [[name, before[name], after[name]] for name in both if before[name] != after[name]]
    found["added"] = [name for name in after if name not in before]
    found["removed"] = [name for name in before if name not in after]
    found["changed"] = changed
    found["order"] = both == [name for name in after if name in before]
    found["label"] = [_label(live), _label(candidate)]
    return found


def repeated_rows(profile: Mapping[str, Any] | None) -> int | None:
    """How many training rows repeat an earlier one; None where an earlier release did not count them."""
    counted = (profile or {}).get("repeated")
    found = counted.get("train") if isinstance(counted, Mapping) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def data_diff(
    live: Mapping[str, Any],
    live_profile: Mapping[str, Any] | None,
    candidate: Mapping[str, Any],
    profile: Mapping[str, Any] | None,
    names: Sequence[str] | None,
) -> dict[str, Any]:
    """Of the two data manifests and the profiles of their training rows. ``names`` are the features' (none: None)."""
    channels = sorted(live["channels"].keys() | candidate["channels"].keys())
    return {
        "dataset": [live["dataset"], candidate["dataset"]],
        "created": [live.get("created"), candidate.get("created")],
        "rows": {name: [_rows(live, name), _rows(candidate, name)] for name in channels},
        "label": {"live": (live_profile or {}).get("label"), "candidate": (profile or {}).get("label")},
        "features": _features(live_profile, profile, names),
    }


def _features(
    live: Mapping[str, Any] | None, candidate: Mapping[str, Any] | None, names: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Those that changed most first. Nothing where the numbers of columns differ: there are no pairs then."""
    before, after = (live or {}).get("columns") or [], (candidate or {}).get("columns") or []
    if len(before) != len(after):
        return []
    named = names if names is not None and len(names) == len(after) else [None] * len(after)
    pairs = sorted(
        zip(range(1, len(after) + 1), named, before, after, strict=True),
        key=lambda pair: (-_change(*pair[2:]), pair[0]),
    )
    return [
        {"column": column, "name": name, "live": _measures(one), "candidate": _measures(other)}
        for column, name, one, other in pairs[:_SHOWN]
    ]


def _change(live: Mapping[str, Any], candidate: Mapping[str, Any]) -> float:
    """How far a feature moved, in standard deviations of the live model's data; gaps count as much as the mean."""
    gaps = 10 * abs(float(candidate.get("missing") or 0) - float(live.get("missing") or 0))
    before, after, spread = live.get("mean"), candidate.get("mean"), live.get("std") or candidate.get("std")
    if before is None or after is None or not spread:
        return gaps + float(before != after)
    return gaps + abs(float(after) - float(before)) / float(spread)


def _measures(column: Mapping[str, Any]) -> dict[str, Any]:
    return {name: column.get(name) for name in _MEASURES}


def _rows(manifest: Mapping[str, Any], channel: str) -> Any:
    return (manifest["channels"].get(channel) or {}).get("rows")


def _kinds(schema: Mapping[str, Any]) -> dict[str, str]:
    return {str(column["name"]): str(column["kind"]) for column in schema["features"]}


def _label(schema: Mapping[str, Any]) -> dict[str, Any]:
    label = schema["label"]
    return {"name": label["name"], "kind": label["kind"], "categories": list(label.get("categories") or ())[:_SHOWN]}
