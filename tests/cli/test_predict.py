"""``predict`` as a user runs it."""

import json
from pathlib import Path

import pytest

from tests.cli.fakes import FakeServices
from tests.configs import PRODUCTION, SHARED
from tests.dataset.test_schema import SCHEMA
from tests.operations.test_predict import accounts
from tests.operations.test_predict_batch import CONFIG as WITH_FILES
from tests.operations.test_predict_batch import cloud
from xacct_ml.cli.main import main

ANSWER = "0.1,0.2,0.7\n"


def test_names_in_prediction_out(capsys: pytest.CaptureFixture[str]) -> None:
    given = accounts(ANSWER, schema=SCHEMA.to_json())
    assert main(["predict", "--json", '{"mass": 3750, "island": "Dream"}'], FakeServices(given)) == 0
    assert capsys.readouterr().out == "Gentoo, probability 0.7000\n"
    assert sorted(given.verified) == sorted([SHARED, PRODUCTION])


def test_several_rows_of_a_file_are_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("mass,island\n3750,Dream\n4000,Biscoe\n")
    services = FakeServices(accounts(ANSWER * 2, schema=SCHEMA.to_json()))
    assert main(["predict", "--row", str(path)], services) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["1", "Gentoo", "0.7000"],
        ["2", "Gentoo", "0.7000"],
    ]


def test_json_out(capsys: pytest.CaptureFixture[str]) -> None:
    services = FakeServices(accounts(ANSWER, schema=SCHEMA.to_json()))
    assert main(["predict", "--json", '{"mass": 1}', "-o", "json"], services) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert (result["dataset"], result["label"]) == ("abc", "species")
    assert result["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert result["predictions"] == [
        {"value": 2, "label": "Gentoo", "probability": 0.7, "probabilities": [0.1, 0.2, 0.7]}
    ]


def test_every_fault_in_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    services = FakeServices(accounts(ANSWER, schema=SCHEMA.to_json()))
    assert main(["predict", "--json", '{"mass": "heavy", "weight": 1}'], services) == 2
    said = capsys.readouterr().err
    assert "there is no column 'weight'" in said
    assert "mass is a number, not 'heavy'" in said


def test_a_local_schema_asks_the_target_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "schema.json"
    path.write_bytes(SCHEMA.to_json())
    given = accounts(ANSWER)
    assert main(["predict", "--json", '{"mass": 1}', "--schema", str(path)], FakeServices(given)) == 0
    assert given.verified == [PRODUCTION]
    assert "Gentoo" in capsys.readouterr().out


def test_faults_by_a_local_schema_are_told_before_an_account_is_entered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "schema.json"
    path.write_bytes(SCHEMA.to_json())
    given = accounts(ANSWER)
    assert main(["predict", "--json", '{"weight": 1}', "--schema", str(path)], FakeServices(given)) == 2
    assert given.verified == []
    assert "there is no column 'weight'" in capsys.readouterr().err


def test_without_a_schema_rows_are_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "row.csv"
    path.write_text("1,2,3\n")
    assert main(["predict", "--row", str(path)], FakeServices(accounts("0.25\n"))) == 0
    captured = capsys.readouterr()
    assert captured.out == "0.25\n"
    assert "data set abc has no schema, so rows are numbers in the order of training" in captured.err
    assert main(["predict", "--json", '{"a": 1}'], FakeServices(accounts("0.25\n"))) == 2
    assert "has no schema, so there are no names" in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--row", "a", "--json", "{}"], ["--row", "/nowhere"], ["--json", "{"]])
def test_what_cannot_be_asked(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    services = FakeServices(accounts(ANSWER, schema=SCHEMA.to_json()))
    assert main(["predict", *options], services) == 2
    assert "error: " in capsys.readouterr().err


def test_files_in_answers_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the target's account is entered; run again, it tells the same and begins nothing."""
    sagemaker, there = cloud("Completed")
    services = FakeServices(there, WITH_FILES)
    services.sleep = sagemaker.end  # type: ignore[method-assign]
    flags = ["predict", "--batch", "s3://churn-files/in/", "--out", "s3://churn-files/out"]
    assert main(flags, services) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].endswith("in production: InProgress, after 0 s")
    assert shown[1].endswith("in production: completed in 90 s")
    assert shown[2:] == [
        "s3://churn-files/in/a.csv → s3://churn-files/out/a.csv.out",
        "s3://churn-files/in/b.csv → s3://churn-files/out/b.csv.out",
        "cost: 0.01 USD, by the time that it ran (docs/costs.md)",
    ]
    assert there.verified == [PRODUCTION]
    assert main([*flags, "-o", "json"], services) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert (result["before"], result["seconds"], len(sagemaker.begun)) == (True, 90, 1)


@pytest.mark.parametrize(
    "flags",
    [
        ["--batch", "s3://churn-files/in/"],
        ["--out", "s3://churn-files/out/"],
        ["--batch", "s3://churn-files/in/", "--out", "s3://churn-files/out/", "--json", "{}"],
    ],
)
def test_files_need_both_places_and_no_row(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", *flags], FakeServices(accounts(), WITH_FILES)) == 2
    assert "give --batch and --out together" in capsys.readouterr().err
