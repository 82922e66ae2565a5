"""What differs between the live model's run and the candidate's."""

from typing import Any

from xacct_ml.payload.changes import data_diff, hyperparameter_diff, repeated_rows, schema_diff


def manifest(dataset: str, rows: int) -> dict[str, Any]:
    return {"dataset": dataset, "channels": {"train": {"rows": rows}, "validation": {"rows": 10}}}


def schema(*names: str, kind: str = "number") -> dict[str, Any]:
    label = {"name": "churned", "kind": "category", "categories": ["no", "yes"]}
    return {"label": label, "features": [{"name": name, "kind": kind} for name in names]}


def column(mean: float, std: float = 1.0, missing: float = 0.0) -> dict[str, Any]:
    return {"missing": missing, "low": mean - 3, "high": mean + 3, "mean": mean, "std": std}


def test_hyperparameters_that_differ() -> None:
    """Of both sides; without a live model there is nothing to compare."""
    assert hyperparameter_diff({"eta": "0.2", "gamma": "4"}, {"eta": "0.3", "max_depth": "5", "gamma": "4"}) == {
        "eta": ["0.2", "0.3"],
        "max_depth": [None, "5"],
    }
    assert hyperparameter_diff({"eta": "0.2"}, {"eta": "0.2"}) == {}
    assert hyperparameter_diff(None, {"eta": "0.2"}) == {}


def test_columns_by_name_where_both_have_a_schema() -> None:
    """Added, removed, of another type, in another order; else their number alone."""
    found = schema_diff(schema("a", "b", "c"), schema("c", "a", "d"), 4, 4)
    assert (found["added"], found["removed"], found["changed"], found["order"]) == (["d"], ["b"], [], False)
    changed = schema_diff(schema("a"), schema("a", kind="time"), 2, 2)
    assert (changed["changed"], changed["order"]) == ([["a", "number", "time"]], True)
    assert schema_diff(None, schema("a"), 3, 2) == {
        "columns": [3, 2],
        "added": None,
        "removed": None,
        "changed": None,
        "order": None,
        "label": None,
    }


def test_the_features_that_changed_most_come_first() -> None:
    """In standard deviations, gaps too; named where there are names."""
    before = {"columns": [column(0), column(5, 0.5), column(1)], "label": {"counts": {"0": 5, "1": 5}}}
    after = {"columns": [column(0.1), column(8, 0.5), column(1, missing=0.5)], "label": {"counts": {"0": 9, "1": 1}}}
    found = data_diff(manifest("one", 100), before, manifest("two", 10), after, ["age", "bill", "calls"])
    assert (found["dataset"], found["rows"]["train"]) == (["one", "two"], [100, 10])
    assert found["created"] == [None, None]
    both = [{**manifest(name, 1), "created": name} for name in ("one", "two")]
    assert data_diff(both[0], None, both[1], None, None)["created"] == ["one", "two"]
    assert [(each["column"], each["name"]) for each in found["features"]] == [(2, "bill"), (3, "calls"), (1, "age")]
    assert found["features"][0]["candidate"]["mean"] == 8
    assert found["label"]["candidate"] == {"counts": {"0": 9, "1": 1}}


def test_features_are_paired_only_where_there_are_as_many() -> None:
    """A profile that is missing, or of another width, says nothing of single features."""
    wide, narrow = {"columns": [column(0), column(1)]}, {"columns": [column(0)]}
    assert data_diff(manifest("one", 1), wide, manifest("two", 1), narrow, None)["features"] == []
    assert data_diff(manifest("one", 1), None, manifest("two", 1), narrow, None)["features"] == []
    assert data_diff(manifest("one", 1), wide, manifest("two", 1), wide, None)["features"][0]["name"] is None


def test_rows_that_repeat_an_earlier_one() -> None:
    """As the profile counts them; an earlier release's does not."""
    assert repeated_rows({"repeated": {"train": 7, "validation": 1}}) == 7
    for profile in (
        None,
        {},
        {"repeated": {"validation": 1}},
        {"repeated": {"train": None}},
        {"repeated": {"train": True}},
    ):
        assert repeated_rows(profile) is None
