"""What is scored of other data and maps than the usual ones: several classes with slices, one feature with gaps, an
order; serverless endpoints, and several targets. Whole runs, with the real models and transforms of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.configs import example
from tests.journeys.project import Project, project
from tests.journeys.test_life import outcome
from tests.silent import Silent
from xacct_ml.config.model import Config
from xacct_ml.dataset.schema import Column, Schema
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.data_schema import find, fitting
from xacct_ml.validation import load

pytestmark = pytest.mark.long

ROWS = {"train": 400, "validation": 120, "holdout": 150}
SERVERLESS = {"serverless": {"memory_mb": 2048, "max_concurrency": 2}}


def config(objective: str, metric: str, direction: str, threshold: float, **more: Any) -> Config:
    hyperparameters = {"objective": objective, "num_round": 10, "max_depth": 3, "eval_metric": metric, **more}
    gate = {"metric": f"validation:{metric}", "direction": direction, "threshold": threshold}
    return example(training={"hyperparameters": hyperparameters}, quality_gate=gate, endpoint=SERVERLESS)


def several_classes(drawn: np.random.Generator, rows: int) -> list[str]:
    plan, age = drawn.integers(0, 3, rows), drawn.normal(size=rows)
    label = np.digitize(age + plan / 3 + drawn.normal(size=rows) / 3, [-0.3, 0.8])
    return [
        f"{one},{two},{'' if two and each < -1 else f'{each:.4f}'}"
        for one, two, each in zip(label, plan, age, strict=True)
    ]


def one_feature(drawn: np.random.Generator, rows: int) -> list[str]:
    """Gaps at the ends and in the middle, and small negative numbers, which the container would take for two."""
    feature = drawn.normal(size=rows)
    texts = ["" if number % 7 == 0 or number == rows - 1 else f"{each:.3e}" for number, each in enumerate(feature)]
    return [f"{2 * each + 5:.4f},{text}" for each, text in zip(feature, texts, strict=True)]


def an_order(drawn: np.random.Generator, rows: int) -> list[str]:
    features = drawn.normal(size=(rows, 2))
    labels = np.clip(features[:, 0] + 2, 0, 4).astype(int)
    return [f"{label},{one:.4f},{two:.4f}" for label, (one, two) in zip(labels, features, strict=True)]


CASES = {
    "classes": (config("multi:softprob", "mlogloss", "minimize", 2.0, num_class=3), several_classes),
    "one feature": (config("reg:squarederror", "rmse", "minimize", 5.0), one_feature),
    "order": (config("rank:ndcg", "ndcg", "maximize", 0.1), an_order),
}


def judged(made: Project, where: Path, rows: Any) -> dict[str, Any]:
    """The record of a first run on generated data with a holdout of their own."""
    for seed, (name, count) in enumerate(ROWS.items()):
        (where / f"{name}.csv").write_text("\n".join(rows(np.random.default_rng(seed), count)) + "\n")
    train = where / "train.csv"
    schema_file = None
    if rows is several_classes:
        columns = (Column("plan", "category", ("basic", "gold", "team")), Column("age", "number"))
        schema = Schema(Column("state", "number"), columns, ROWS, "multi:softprob", slices=("plan",))
        schema_file = where / "schema.json"
        schema_file.write_bytes(schema.to_json())
    made.bootstrap()
    files = check_files(train, where / "validation.csv", Silent(), held_out=where / "holdout.csv")
    found = fitting(find(schema_file, train, Silent()), files, Silent())
    upload_data(made.config, made.accounts, files, Silent(), schema=found)
    made.create_pipeline()
    (run,) = made.runs()
    waiting = made.settled(run)
    assert waiting.waits_for_approval, outcome(made, run)
    return made.evaluation(run)


@pytest.fixture(scope="module", params=CASES)
def record(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """Which case, and its record."""
    where, (given, rows) = tmp_path_factory.mktemp("data"), CASES[request.param]
    with project(given) as made:
        return request.param, judged(made, where, rows)


def test_every_row_held_out_is_scored(record: tuple[str, dict[str, Any]]) -> None:
    case, found = record
    expected = {"from": "holdout", "rows": ROWS["holdout"], "scored": ROWS["holdout"], "repeated": 0}
    assert found["holdout"] == expected
    candidate = found["scores"]["candidate"]
    assert candidate["rows"] == ROWS["holdout"]
    if case == "classes":
        assert {"auc", "aucpr", "mlogloss", "merror"} <= candidate["metrics"].keys()
        assert candidate["metrics"]["auc"]["value"] > 0.8
        sliced = {(each["column"], each["slice"]) for each in candidate["slices"]}
        assert sliced == {("plan", name) for name in ("basic", "gold", "team")}
        assert {each["name"] for each in found["importances"]} == {"plan", "age"}
    elif case == "one feature":
        # Of a gap the model says the mean; of all other rows nearly the label.
        assert 0.5 < candidate["metrics"]["r2"]["value"] < 1
    else:
        assert candidate["metrics"]["ndcg"]["value"] > 0.9


# -- several targets -------------------------------------------------------------------------------------------------
REGIONS = load(Path(__file__).parents[2] / "docs" / "maps" / "regions.yaml")


@pytest.fixture(scope="module")
def two_targets() -> Iterator[tuple[Project, list[str]]]:
    with project(REGIONS, Pace(lambda_continuation=1.0)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        assert made.settled(first).waits_for_approval, outcome(made, first)
        made.judge(first, approve=True)
        assert outcome(made, first) == ("Succeeded", "")
        made.push(NumRound="10")
        second = made.new_run([first])
        assert made.settled(second).waits_for_approval, outcome(made, second)
        yield made, [first, second]


def test_the_first_targets_model_is_live_and_the_others_are_named(two_targets: tuple[Project, list[str]]) -> None:
    made, (first, second) = two_targets
    before, record = made.evaluation(first), made.evaluation(second)
    first_target, *rest = REGIONS.accounts.production
    assert (record["live"]["target"], record["live"]["execution"]) == (first_target.name, first)
    digest = before["model"]["sha256"]
    assert record["live"]["others"] == [{"target": each.name, "execution": first, "digest": digest} for each in rest]
    assert record["scores"]["live"]["metrics"] == before["scores"]["candidate"]["metrics"]
    assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []
