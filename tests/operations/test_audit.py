"""The export for somebody who was not there."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED, example
from tests.operations.release.releases import FIRST, RELEASE, SECOND, deployed, project, released, releases
from tests.operations.runs.pipelines import accounts, codepipeline, detail, judged, state
from tests.operations.runs.test_evaluation import MODEL, RECORD
from xacct_ml.cli.main import main
from xacct_ml.operations.audit import INDEX, Audit, Period, audit
from xacct_ml.operations.audit_folder import whole

TEXT = json.dumps(RECORD).encode()
DIGEST = sha256(TEXT).hexdigest()
MANIFEST = json.dumps({"channels": RECORD["data"]["channels"]}).encode()
WHEN = datetime(2026, 3, 2, tzinfo=UTC)


def there(summary: str = f"good [record sha256:{DIGEST}]", **objects: bytes | None) -> FakeAccounts:
    """A run that was approved and deployed, and the objects of the bucket."""
    stored = {
        "evaluations/": TEXT,
        "data/": MANIFEST,
        "withdrawn/": None,
        **{f"{name}/": content for name, content in objects.items()},
    }
    approval = detail("Approve", "Review", "Succeeded") | {"updatedBy": "arn:ann", "lastUpdateTime": WHEN}
    approval["output"]["executionResult"]["externalExecutionSummary"] = summary
    deployed = detail("Deploy", "production", "Succeeded") | {"lastUpdateTime": WHEN}
    history = {"actionExecutionDetails": [deployed, approval, *judged()]}
    found = accounts(codepipeline(get_pipeline_state=state(waiting=None), list_action_executions=history))

    def get_object(**asked: Any) -> dict[str, Any]:
        content = next(content for prefix, content in stored.items() if asked["Key"].startswith(prefix))
        if content is None:
            raise refused("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(content)}

    found.clients[SHARED, "s3"] = FakeClient(get_object=get_object)
    return found


def exported(found: FakeAccounts, folder: Path, period: Period | None = None) -> tuple[Audit, dict[str, Any]]:
    """What is told of it, and the index."""
    with whole(folder) as files:
        told = audit(example(), found, files, period or Period())
    return told, json.loads((folder / INDEX).read_text())


def test_it_says_who_approved_which_bytes_and_where_they_served(tmp_path: Path) -> None:
    """Each file with its digest; nothing without proof."""
    found, index = exported(there(), tmp_path / "out")
    (run,) = index["runs"]
    assert found.unproven == ()
    assert (tmp_path / "out" / run["record"]).read_bytes() == TEXT
    names = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert index["files"].keys() == names - {INDEX}
    assert all(sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == it for name, it in index["files"].items())
    assert found.digest == sha256((tmp_path / "out" / INDEX).read_bytes()).hexdigest()
    assert run["approvals"] == [
        {
            "action": "Approve/Review",
            "status": "Succeeded",
            "by": "arn:ann",
            "at": WHEN.isoformat(),
            "summary": f"good [record sha256:{DIGEST}]",
        }
    ]
    served = {
        "action": "Deploy/production",
        "run": "run-1",
        "release": None,
        "modelSha256": MODEL,
        "since": WHEN.isoformat(),
    }
    assert run["served"] == [served]
    assert index["served"] == [{**served, "until": None}]
    assert (run["recordSha256"], run["commit"], run["withdrawn"]) == (DIGEST, "c0ffee", None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evaluations": None}, "run run-1: it has no record"),
        ({"evaluations": TEXT + b" "}, "it is not exported"),
        ({"data": None}, "there is no manifest of data set abc"),
        ({"data": b"{}"}, "says something else than the record"),
        ({"summary": "good"}, "the approval Approve/Review does not name the record"),
    ],
    ids=["no record", "another record", "no manifest", "another manifest", "an approval of who knows what"],
)
def test_what_has_no_proof_is_said(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    """And what is not what it should be is no file."""
    found, _ = exported(there(**changes), tmp_path / "out")
    assert any(said in sentence for sentence in found.unproven)
    bad = {content for content in changes.values() if isinstance(content, bytes)}
    assert not bad & {path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}


def test_a_withdrawn_data_set_is_said(tmp_path: Path) -> None:
    """By whom, when and why."""
    note = b'{"by": "arn:bob", "when": "2026-03-05T00:00:00Z", "reason": "leaked"}'
    _, index = exported(there(withdrawn=note), tmp_path / "out")
    assert index["runs"][0]["withdrawn"] == "by arn:bob at 2026-03-05T00:00:00Z: leaked"


def test_a_release_is_told_with_what_it_replaced(tmp_path: Path) -> None:
    """Its record is that of the run whose model it is; its approval names the record, or that is said."""
    approved = detail("Approve", "Review", "Succeeded", run=RELEASE) | {"updatedBy": "arn:ann"}
    answers = releases(released(FIRST, "production", deployed(RELEASE, FIRST, "production", 3), approved))
    told, index = exported(project(answers), tmp_path / "out")
    (release,) = index["releases"]
    assert (release["run"], release["targets"], release["reason"]) == (FIRST, ["production"], "it drifts")
    assert release["approvals"][0]["by"] == "arn:ann"
    assert f"run {RELEASE}: the approval Approve/Review does not name the record" in told.unproven
    assert [(one["run"], one["release"], one["until"] is None) for one in index["served"]] == [
        (FIRST, None, False),
        (SECOND, None, False),
        (FIRST, RELEASE, True),
    ]
    assert told.runs == 3


def many(runs: int) -> FakeAccounts:
    """A run a day, newest first, in pages of 100; each deployed on its day."""
    days = [WHEN + timedelta(days=day) for day in reversed(range(runs))]
    summaries = [
        {"pipelineExecutionId": f"run-{place}", "status": "Succeeded", "startTime": day}
        for place, day in zip(range(runs, 0, -1), days, strict=True)
    ]

    def list_pipeline_executions(**asked: Any) -> dict[str, Any]:
        first = int(asked.get("nextToken", 0))
        more = {"nextToken": str(first + 100)} if first + 100 < runs else {}
        return {"pipelineExecutionSummaries": summaries[first : first + 100], **more}

    def list_action_executions(**asked: Any) -> dict[str, Any]:
        run = asked["filter"]["pipelineExecutionId"]
        day = WHEN + timedelta(days=int(run.removeprefix("run-")) - 1)
        return {"actionExecutionDetails": [detail("Deploy", "production", "Succeeded") | {"lastUpdateTime": day}]}

    pipeline = codepipeline(
        get_pipeline_state=state(waiting=None),
        list_pipeline_executions=list_pipeline_executions,
        list_action_executions=list_action_executions,
    )
    return accounts(pipeline, record=None)


def test_a_period_has_its_runs_and_what_served_when_it_began(tmp_path: Path) -> None:
    """Beyond the first page of the history; each model until the next one came."""
    since, until = WHEN + timedelta(days=10), WHEN + timedelta(days=13)
    _, index = exported(many(250), tmp_path / "out", Period(since, until))
    assert [run["run"] for run in index["runs"]] == ["run-13", "run-12", "run-11"]
    assert [(one["run"], one["until"]) for one in index["served"]] == [
        ("run-10", since.isoformat()),
        ("run-11", (since + timedelta(days=1)).isoformat()),
        ("run-12", (since + timedelta(days=2)).isoformat()),
        ("run-13", None),
    ]
    _, index = exported(many(250), tmp_path / "all")
    assert len(index["runs"]) == 250
    _, index = exported(many(250), tmp_path / "two", Period(most=2))
    assert [one["run"] for one in index["served"]] == ["run-248", "run-249", "run-250"]


def test_what_served_before_may_not_be_known(tmp_path: Path) -> None:
    """Which is said: here the run before the period deployed nothing."""
    found = many(30)
    found.clients[SHARED, "codepipeline"].answers["list_action_executions"] = {"actionExecutionDetails": []}
    told, _ = exported(found, tmp_path / "out", Period(since=WHEN + timedelta(days=9)))
    assert "what Deploy/production served when the period began is not known" in " ".join(told.unproven)


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with anything in it is refused."""
    folder = tmp_path / "export"
    assert main(["audit", "--out", str(folder)], FakeServices(there())) == 0
    assert "wrote 3 files about 1 runs" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(before) == 3
    assert main(["audit", "--out", str(folder)], FakeServices(there())) == 2
    assert "is there already and not empty" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "soon"], "--since soon is no date"),
        (["--since", "2026-03-02", "--until", "2026-03-01"], "--until 2026-03-01 is before --since 2026-03-02"),
        (["--until", "9999-12-31"], "is beyond the calendar"),
    ],
)
def test_a_period_that_is_none(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is refused before anything is asked, and no folder is made."""
    assert main(["audit", "--out", str(tmp_path / "out"), *arguments], FakeServices(there())) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_day_is_meant_to_its_end(tmp_path: Path) -> None:
    """The same day for both is that day."""
    out = tmp_path / "out"
    assert (
        main(["audit", "--out", str(out), "--since", "2026-03-12", "--until", "2026-03-12"], FakeServices(many(30)))
        == 0
    )
    assert [run["run"] for run in json.loads((out / INDEX).read_text())["runs"]] == ["run-11"]
