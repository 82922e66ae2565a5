"""``prepare`` as a user runs it."""

import json
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from tests.operations.prepare.tables import rows, table
from xacct_ml.cli.main import main


def test_what_was_made_is_shown_with_the_next_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table(tmp_path / "pets.csv", rows())
    out = tmp_path / "my data"
    assert main(["prepare", str(path), "--label", "y", "--out", str(out), "--drop", "paid"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 features: 1 number, 1 of categories, 1 of dates\n")
    for line in (
        "no feature: paid (--drop)",
        "label y: 3 classes: 0 = cat, 1 = dog, 2 = eel",
        "in config.yaml, training.hyperparameters: objective: multi:softprob, num_class: 3",
        f"next: xacct-ml upload-data --train '{out}/train.csv' --validation '{out}/validation.csv'",
    ):
        assert f"{line}\n" in said
    assert [line.split()[:2] for line in said.splitlines() if line.startswith("train ")] == [["train", "48"]]


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table(tmp_path / "pets.csv", rows())
    assert main(["prepare", str(path), "--label", "weight", "--out", str(tmp_path / "out"), "-o", "json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["hyperparameters"] == {"objective": "reg:squarederror"}
    assert result["columns"] == {"y": "category", "colour": "category", "paid": "boolean", "day": "time"}
    assert sum(result["rows"].values()) == 60


def test_all_faults_are_told_in_one_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = rows()
    lines[2], lines[8] = "cat,heavy,red,yes,2024-01-01", "cat,1,red"
    path = table(tmp_path / "pets.csv", lines)
    assert main(["prepare", str(path), "--label", "y", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"error: {path}:10: row 10: has 3 columns, the header 5" in said
    assert f"  {path}:4: row 4, column 2: 'heavy' is no number" in said
    assert not (tmp_path / "out").exists()
