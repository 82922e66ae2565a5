"""Parquet from the file to the endpoint: trained on as it is, and the same model as of the same rows in CSV."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.configs import example
from tests.journeys.project import DATA, project

pytestmark = pytest.mark.long
HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 4, "eval_metric": "auc"}


def converted(csv: Path, folder: Path) -> Path:
    """All columns as doubles."""
    columns = csv.read_text().partition("\n")[0].count(",") + 1
    place = folder / f"{csv.stem}.parquet"
    with duckdb.connect(":memory:") as database:
        types = {f"c{number}": "DOUBLE" for number in range(columns)}
        database.execute(
            f"COPY (SELECT * FROM read_csv('{csv}', header=false, columns={types})) TO '{place}' (FORMAT parquet)"
        )
    return place


@pytest.mark.parametrize("instances", [1, 2])
def test_a_run_on_parquet_is_as_one_on_csv(tmp_path: Path, instances: int) -> None:
    """On one instance to the same bytes of the model; on two each has a part of its own."""
    with project(example(training={"instance_count": instances, "hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        train = converted(DATA / "train.csv", tmp_path)
        if instances > 1:
            folder = tmp_path / "train"
            folder.mkdir()
            with duckdb.connect(":memory:") as database:
                for part in range(instances):
                    rows = f"SELECT * EXCLUDE (n) FROM (SELECT *, row_number() OVER () AS n FROM '{train}')"
                    place = folder / f"part-{part}.parquet"
                    database.execute(f"COPY ({rows} WHERE n % {instances} = {part}) TO '{place}' (FORMAT parquet)")
            train = folder
        made.upload(train, converted(DATA / "validation.csv", tmp_path))
        made.create_pipeline()
        (first,) = made.runs()
        made.settled(first)
        record = made.evaluation(first)
        assert {each["content_type"] for each in record["data"]["channels"].values()} == {"application/x-parquet"}
        assert record["scores"]["candidate"]["rows"] == record["holdout"]["scored"]
        made.judge(first, approve=True)
        made.settled(first)
        if instances == 1:
            made.upload()
            second = made.new_run([first])
            made.settled(second)
            assert made.evaluation(second)["model"]["sha256"] == record["model"]["sha256"]
