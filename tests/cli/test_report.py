"""``report``: a file that was not there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.fakes import FakeServices
from tests.operations.runs.pipelines import accounts, codepipeline, judged
from tests.operations.runs.test_evaluation import RECORD
from xacct_ml.cli.main import main


def test_the_page_of_the_newest_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written once; what is there stays."""
    path = tmp_path / "page.html"
    assert main(["report", "--out", str(path)], FakeServices(accounts())) == 0
    assert capsys.readouterr().out.startswith(f"wrote {path} (")
    before = path.read_text()
    assert "run-1" in before
    assert main(["report", "run-1", "--out", str(path)], FakeServices(accounts())) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("record", "said"), [(None, "run run-1 has no record"), ({**RECORD, "commit": "decaf"}, "the pipeline knows")]
)
def test_a_run_whose_record_is_missing_or_not_the_judges(
    record: object, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No page is made of it."""
    path = tmp_path / "page.html"
    assert main(["report", "--out", str(path)], FakeServices(accounts(record=record))) == 1
    assert said in capsys.readouterr().err
    assert not path.exists()


def test_a_run_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its id."""
    assert main(["report", "run-7", "--out", str(tmp_path / "page.html")], FakeServices(accounts())) == 1
    assert "none with the id run-7" in capsys.readouterr().err


def test_the_package_is_named(tmp_path: Path) -> None:
    """As the judge told the pipeline."""
    arn = "arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/3"
    path = tmp_path / "page.html"
    there = accounts(codepipeline(list_action_executions={"actionExecutionDetails": judged(ModelPackage=arn)}))
    assert main(["report", "--out", str(path)], FakeServices(there)) == 0
    assert arn in path.read_text()
