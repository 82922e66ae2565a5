"""``deploy``, ``rollback`` and ``history`` on the command line."""

from __future__ import annotations

import json

import pytest

from tests.cli.fakes import FakeServices
from tests.configs import APPROVER, SHARED, approved_by_two
from tests.operations.release.releases import FIRST, RELEASE, SECOND, Bucket, project, release, released, releases
from tests.operations.release.test_asking import listed
from tests.operations.runs.pipelines import detail
from xacct_ml.cli.main import main

WAITS = released(FIRST, "production", detail("Approve", "Review", "InProgress", run=RELEASE))


def test_deploy_says_what_it_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    """What would serve in place of what, the release that was started, and the next command."""
    there = project(listed([], [release()]))
    assert main(["deploy", "--run", FIRST[:8], "--reason", "it drifts"], FakeServices(there)) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"run {FIRST}, model 1a1a1a1a1a1a",
        f"  production: in place of 2b2b2b2b2b2b of run {SECOND[:8]}",
        f"release {RELEASE} was started",
        f"next: xacct-ml status --watch --execution {RELEASE}",
    ]


def test_rollback_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """All of the request, and its release."""
    assert main(["rollback", "-o", "json"], FakeServices(project(listed([], [release()])))) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert (result["run"], result["targets"], result["execution"]) == (FIRST, ["production"], RELEASE)
    assert result["changes"] == [{"target": "production", "serves": True, "run": SECOND, "digest": "2b" * 32}]


def test_waiting_ends_where_a_person_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """And is a failure where the judge let nothing go on."""
    waiting = releases(WAITS, waiting=True)
    assert main(["rollback", "--wait"], FakeServices(project(waiting))) == 0
    assert f"next: xacct-ml approve --execution {RELEASE} (or reject)" in capsys.readouterr().out
    refused = releases(
        [detail("Release", "Model", "Failed", "the model of run 1 is not there any more", run=RELEASE)],
        list_pipeline_executions={"pipelineExecutionSummaries": [release(status="Failed")]},
    )
    assert main(["rollback", "--wait"], FakeServices(project(refused))) == 1
    said = capsys.readouterr().err
    assert "Release/Model: the model of run 1 is not there any more" in said


def test_who_approves_asks_too() -> None:
    """By the approvers' role, which may write a request."""
    services = FakeServices(project(listed([], [release()])), approved_by_two())
    assert main(["rollback"], services) == 0
    assert services.entered[SHARED] == APPROVER


def test_history_of_any_moment(capsys: pytest.CaptureFixture[str]) -> None:
    """UTC, unless it says otherwise; nothing before the first."""
    for time, runs in (("2026-03-02T13:00", [FIRST]), ("2026-03-03T12:30+00:30", [SECOND]), ("2026-02-28", [])):
        assert main(["history", "--at", time, "-o", "json"], FakeServices(project())) == 0
        told = json.loads(capsys.readouterr().out)["result"]["deployments"]
        assert [one["run"] for one in told] == runs
    assert main(["history", "--limit", "1"], FakeServices(project(bucket=Bucket()))) == 0
    header, newest, unwritten, older = capsys.readouterr().out.splitlines()
    assert header.split()[:2] == ["target", "since"]
    assert newest.split()[0] == "production"
    assert unwritten.startswith("* is not written down yet")
    assert older == "1 older ones: --limit shows more"
    assert main(["history", "--at", "yesterday"], FakeServices(project())) == 2
    assert "--at yesterday is neither an age nor a time" in capsys.readouterr().err
