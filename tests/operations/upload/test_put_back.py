"""A data set that is there becomes the current one again, under a condition, and one run starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeBucket, FakeClient, FakeServices, refused
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import codepipeline, detail, execution
from tests.operations.upload.test_data import MANIFEST, accounts
from tests.operations.upload.test_datasets import uploaded
from xacct_ml.cli.main import main
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.upload.data_manifest import Manifest
from xacct_ml.operations.upload.put_back import start_on
from xacct_ml.operations.upload.withdrawal import withdraw
from xacct_ml.system.names import Names

TAGS = [{"key": key, "value": value} for key, value in Names(example()).tags.items()]


def with_pipeline(bucket: FakeBucket, *looks: list[str]) -> FakeAccounts:
    """``looks``: the runs, newest first, at each look; the last again and again."""
    answers = [[execution(each) for each in look] for look in looks] or [[]]

    def listed(**_: Any) -> dict[str, Any]:
        return {"pipelineExecutionSummaries": answers.pop(0) if answers[1:] else answers[0]}

    found = accounts(bucket)
    found.clients[SHARED, "codepipeline"] = codepipeline(
        list_tags_for_resource={"tags": TAGS},
        start_pipeline_execution={"pipelineExecutionId": "by-hand"},
        list_pipeline_executions=listed,
    )
    return found


def started(there: FakeAccounts) -> int:
    client: FakeClient = there.clients[SHARED, "codepipeline"]
    return sum(call == "start_pipeline_execution" for call, _ in client.calls)


def current(bucket: FakeBucket) -> str:
    manifest = Manifest.parse(bucket.objects[MANIFEST]["Body"])
    assert manifest is not None
    return manifest.dataset


def test_its_manifest_is_put_back_and_starts_the_run(tmp_path: Path) -> None:
    """The manifest's event starts the pipeline: no second run beside it."""
    bucket = FakeBucket()
    first, _ = uploaded(bucket, tmp_path), uploaded(bucket, tmp_path, 3)
    slept: list[float] = []
    there = with_pipeline(bucket, ["old"], ["old"], ["new", "old"])
    assert start_on(example(), there, first, slept.append) == "new"
    assert current(bucket) == first
    assert (started(there), len(slept)) == (0, 1)
    assert bucket.objects[MANIFEST]["Body"] == bucket.objects[f"data/{first}/manifest.json"]["Body"]


def test_a_run_that_a_push_started_is_not_taken_for_it(tmp_path: Path) -> None:
    """Both are started by events; the rule tells which."""
    bucket = FakeBucket()
    first, _ = uploaded(bucket, tmp_path), uploaded(bucket, tmp_path, 3)
    there = with_pipeline(bucket)
    names = Names(example())
    looks = [["old"], ["pushed", "old"], ["ours", "pushed", "old"]]

    def listed(**_: Any) -> dict[str, Any]:
        runs = [execution(each) for each in (looks.pop(0) if looks[1:] else looks[0])]
        for run in runs:
            rule = names.push_rule if run["pipelineExecutionId"] == "pushed" else names.data_rule
            run["trigger"]["triggerDetail"] = names.arn("events", SHARED, f"rule/{rule}")
        return {"pipelineExecutionSummaries": runs}

    there.clients[SHARED, "codepipeline"].answers["list_pipeline_executions"] = listed
    assert start_on(example(), there, first, lambda _: None) == "ours"


def test_of_two_that_data_started_check_tells_which_is_ours(tmp_path: Path) -> None:
    """Somebody else uploaded in the same seconds."""
    bucket = FakeBucket()
    first, second = uploaded(bucket, tmp_path), uploaded(bucket, tmp_path, 3)
    there = with_pipeline(bucket, [], ["theirs", "ours"])
    looks = [{"theirs": second}, {"theirs": second, "ours": first}]

    def checked(**_: Any) -> dict[str, Any]:
        found = looks.pop(0)
        return {
            "actionExecutionDetails": [
                detail("Check", "Check", "Succeeded", run=run, variables={"DataSet": of}) for run, of in found.items()
            ]
        }

    there.clients[SHARED, "codepipeline"].answers["list_action_executions"] = checked
    slept: list[float] = []
    assert start_on(example(), there, first, slept.append) == "ours"
    assert len(slept) == 1


def test_the_current_one_is_left_where_it_is(tmp_path: Path) -> None:
    """Writing it again would start a run, too: only one of the two happens."""
    bucket = FakeBucket()
    dataset = uploaded(bucket, tmp_path)
    bucket.puts.clear()
    there = with_pipeline(bucket)
    assert start_on(example(), there, dataset, lambda _: None) == "by-hand"
    assert (bucket.puts, started(there)) == ([], 1)


def test_a_run_that_is_not_seen_is_not_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The event may be late; the manifest is written."""
    bucket = FakeBucket()
    first, _ = uploaded(bucket, tmp_path), uploaded(bucket, tmp_path, 3)
    there = with_pipeline(bucket, ["old"])
    nothing = refused("GetFile", "RepositoryDoesNotExistException")
    there.clients[SHARED, "codecommit"] = FakeClient(get_file=nothing)
    assert main(["start", "--data", first, "--wait"], FakeServices(there)) == 0
    assert "is the current one; the run that this starts is not seen yet" in capsys.readouterr().out
    assert current(bucket) == first


def test_somebody_elses_manifest_is_not_written_over(tmp_path: Path) -> None:
    """Of two at once one wins, and the other is told."""
    bucket = FakeBucket()
    first, second = uploaded(bucket, tmp_path), uploaded(bucket, tmp_path, 3)
    there = with_pipeline(bucket)

    def meanwhile(**_: Any) -> dict[str, Any]:
        bucket.objects[MANIFEST]["VersionId"] = "another"
        return {"pipelineExecutionSummaries": []}

    there.clients[SHARED, "codepipeline"].answers["list_pipeline_executions"] = meanwhile
    with pytest.raises(XacctError, match="has changed meanwhile; nothing was written"):
        start_on(example(), there, first, lambda _: None)
    assert current(bucket) == second


@pytest.mark.parametrize("why", ["withdrawn", "unknown", "another version", "deleted", "no manifest of its own"])
def test_what_cannot_be_trained_on_is_refused(why: str, tmp_path: Path) -> None:
    """With the next step, before anything is written or started."""
    bucket = FakeBucket()
    first, second = uploaded(bucket, tmp_path), uploaded(bucket, tmp_path, 3)
    asked, key = first, f"data/{first}/train/train.csv"
    if why == "withdrawn":
        withdraw(example(), accounts(bucket), first, "rows leaked")
    elif why == "unknown":
        asked = "0123456789abcdef"
    elif why == "another version":
        bucket.objects[key]["VersionId"] = "another"
    elif why == "deleted":
        del bucket.objects[key]
    else:
        del bucket.objects[f"data/{first}/manifest.json"]
    bucket.puts.clear()
    there = with_pipeline(bucket)
    said = {
        "withdrawn": (XacctError, "was withdrawn by .*: rows leaked", f"xacct-ml data restore {first}"),
        "unknown": (InputError, f"there are {', '.join(sorted((first, second)))}", "xacct-ml data lists them"),
        "another version": (XacctError, "is not there as it was uploaded", "xacct-ml upload-data"),
        "deleted": (XacctError, "is not there as it was uploaded", "xacct-ml upload-data"),
        "no manifest of its own": (InputError, "has no manifest of its own", "upload its files again"),
    }
    kind, message, next_step = said[why]
    with pytest.raises(kind, match=message) as caught:
        start_on(example(), there, asked, lambda _: None)
    assert next_step in (caught.value.next_step or "")
    assert (bucket.puts, started(there), current(bucket)) == ([], 0, second)
