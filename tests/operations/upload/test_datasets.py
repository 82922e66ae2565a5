"""Which data sets there are, as the bucket, the notes of withdrawal and the pipeline's history say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeBucket, FakeServices, refused
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import codepipeline, detail
from tests.operations.upload.test_data import accounts
from tests.silent import Silent
from xacct_ml.cli.main import main
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.datasets import datasets
from xacct_ml.operations.upload.withdrawal import withdraw


def uploaded(bucket: FakeBucket, folder: Path, label: int = 0, holdout: str | None = None) -> str:
    """A small data set; another one for another ``label``."""
    (folder / "t.csv").write_text(f"{label},1\n1,2\n")
    (folder / "v.csv").write_text("1,3\n")
    held_out = None
    if holdout is not None:
        held_out = folder / "h.csv"
        held_out.write_text(holdout)
    files = check_files(folder / "t.csv", folder / "v.csv", Silent(), held_out=held_out)
    return upload_data(example(), accounts(bucket), files, Silent()).manifest.dataset


def run(name: str, dataset: str, *, trained: str | None = "Succeeded", deployed: str | None = None) -> list[Any]:
    """What a run did, newest first."""
    done = [detail("Deploy", "production", deployed, run=name)] if deployed else []
    done += [detail("Train", "StateMachine", trained, run=name)] if trained else []
    return [*done, detail("Check", "Configuration", "Succeeded", run=name, variables={"DataSet": dataset})]


def with_history(bucket: FakeBucket, *details: Any) -> FakeAccounts:
    found = accounts(bucket)
    found.clients[SHARED, "codepipeline"] = codepipeline(list_action_executions={"actionExecutionDetails": details})
    return found


def test_each_is_listed_with_what_is_known_of_it(tmp_path: Path) -> None:
    """The current one, the one that the live model was trained on, a withdrawn one; and who trained on which."""
    bucket = FakeBucket()
    first, second = uploaded(bucket, tmp_path), uploaded(bucket, tmp_path, 3, holdout="0,9\n1,9\n1,8\n")
    withdraw(example(), accounts(bucket), second, "rows leaked")
    history = [
        *run("run-4", second, trained=None),
        *run("run-3", second, trained="Failed"),
        *run("run-2", first, deployed="Succeeded"),
        *run("run-1", first, deployed="Succeeded"),
    ]
    found, past = datasets(example(), with_history(bucket, *history))
    by_id = {each.dataset: each for each in found}
    assert set(by_id) == {first, second}
    assert past.whole
    one, other = by_id[first], by_id[second]
    assert (one.rows, one.columns, one.current, one.live) == ({"train": 2, "validation": 1}, 2, False, True)
    assert (one.withdrawn, one.runs) == (None, ("run-2", "run-1"))
    assert (other.rows["holdout"], other.current, other.live, other.runs) == (3, True, False, ("run-3",))
    assert other.withdrawn is not None
    assert other.withdrawn.endswith(": rows leaked")


def test_of_an_earlier_release_as_much_as_is_known(tmp_path: Path) -> None:
    """It left no manifest beside the data set; the current one says how many rows, whichever release wrote it."""
    bucket = FakeBucket()
    old, unknown = uploaded(bucket, tmp_path), "0123456789abcdef"
    del bucket.objects[f"data/{old}/manifest.json"]
    manifest = json.loads(bucket.objects["data/manifest.json"]["Body"])
    bucket.objects["data/manifest.json"]["Body"] = json.dumps({**manifest, "schema": "xacct-ml/manifest/2"}).encode()
    bucket.objects[f"data/{unknown}/train/train.csv"] = {"Body": b"0,1\n"}
    bucket.objects["data/notes/readme.txt"] = {"Body": b"no data set"}
    found, _ = datasets(example(), with_history(bucket))
    by_id = {each.dataset: each for each in found}
    assert set(by_id) == {old, unknown}
    assert (by_id[old].manifest, by_id[old].rows, by_id[old].current) == (None, {"train": 2, "validation": 1}, True)
    assert (by_id[unknown].rows, by_id[unknown].columns) == ({}, None)
    assert by_id[unknown].created == "2026-03-01T00:00:00Z"


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line each; before there is a pipeline nothing was trained."""
    bucket = FakeBucket()
    dataset = uploaded(bucket, tmp_path)
    there = accounts(bucket)
    there.clients[SHARED, "codepipeline"] = codepipeline(
        list_action_executions=refused("ListActionExecutions", "PipelineNotFoundException")
    )
    assert main(["data"], FakeServices(there)) == 0
    header, line, *others = capsys.readouterr().out.splitlines()
    assert header.split() == ["data", "set", "uploaded", "rows", "columns", "format", "by", "runs"]
    assert line.split()[0] == dataset
    assert "2 train, 1 val.  2        csv     ann  0     current" in line
    assert others == []
    assert main(["data", "--output", "json"], FakeServices(there)) == 0
    (shown,) = json.loads(capsys.readouterr().out)["result"]["datasets"]
    assert (shown["dataset"], shown["rows"], shown["current"]) == (dataset, {"train": 2, "validation": 1}, True)
    assert shown["by"] == "arn:aws:iam::111111111111:user/ann"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["withdraw"], "data withdraw needs the data set's ID"),
        (["list", "0123456789abcdef"], "data list takes no ID"),
        (["restore", "0123456789abcdef", "--reason", "x"], "data restore takes no --reason"),
        (["withdraw", "nothing"], "there is no data set nothing; there are none yet"),
    ],
)
def test_words_that_do_not_fit(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the next step where there is one, and nothing is written."""
    bucket = FakeBucket()
    assert main(["data", *words], FakeServices(accounts(bucket))) == 2
    assert said in capsys.readouterr().err
    assert bucket.puts == []
