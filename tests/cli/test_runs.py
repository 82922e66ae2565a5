"""``start``, ``status``, ``approve`` and ``retry`` where a map has waves."""

from __future__ import annotations

import json

import pytest

from tests.cli.fakes import FakeAccounts, FakeServices
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import NO_ENDPOINT, accounts, codepipeline, detail, execution, state, two_waves
from tests.waved import TARGETS, waved
from xacct_ml.cli.main import main

WAVED = waved(("first", ["canary"], True), ("rest", ["web"], True), ("last", ["mobile"], False))


def several() -> FakeAccounts:
    """Run 2 waits in the first wave, run 1 in the second."""
    there = accounts(codepipeline(get_pipeline_state=two_waves(first="run-2", rest="run-1")))
    there.clients |= {(account, "sagemaker"): NO_ENDPOINT for account in TARGETS.values()}
    return there


def test_a_script_names_the_wave_where_a_run_waits_several_times(capsys: pytest.CaptureFixture[str]) -> None:
    """Run twice by mistake, it must not approve the next wave."""
    there = several()
    assert main(["approve", "--execution", "run-1", "--yes"], FakeServices(there, WAVED)) == 2
    assert "--yes needs --wave NAME" in capsys.readouterr().err
    assert "put_approval_result" not in [call for call, _ in there.clients[SHARED, "codepipeline"].calls]


def test_approve_shows_the_wave_and_what_follows(capsys: pytest.CaptureFixture[str]) -> None:
    """Which targets get the model now, and which later."""
    there = several()
    arguments = ["approve", "--execution", "run-1", "--wave", "rest", "--yes", "--output", "json"]
    assert main(arguments, FakeServices(there, WAVED)) == 0
    captured = capsys.readouterr()
    shown = captured.err.splitlines()
    assert "Run run-1 waits for approval in Approve-rest" in shown
    assert shown[shown.index("  wave     rest: web") :][1:3] == [
        "  then     last: mobile, without another approval",
        "approved run run-1 for wave rest",
    ]
    result = json.loads(captured.out)["result"]
    assert (result["wave"], result["targets"]) == ("rest", ["web"])


def test_several_approvals_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """All that wait, and the one to answer next."""
    assert main(["status", "--output", "json"], FakeServices(several(), WAVED)) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert [(one["execution"], one["wave"], one["targets"]) for one in result["approvals"]] == [
        ("run-2", "first", ["canary"]),
        ("run-1", "rest", ["web"]),
    ]
    assert result["awaiting_approval"] == "run-1"  # the newest run is run 1 here
    assert [one["wave"] for one in result["endpoints"]] == ["first", "rest", "last"]


def test_where_the_map_has_another_gate_than_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    """status and approve say so with the command that sends the map's; start says what the branch has."""
    gate = {"metric": "validation:auc", "threshold": 0.99}
    services = FakeServices(accounts(), example(quality_gate=gate))
    assert main(["status"], services) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "gate threshold: the map has '0.99', the run '0.8'" in said
    assert "xacct-ml configure --push --values" in said
    assert main(["approve", "--execution", "run-1", "--yes", "--output", "json"], services) == 0
    (other,) = (one for one in json.loads(capsys.readouterr().out)["result"]["beside_map"] if "gate" in one["value"])
    assert other == {"value": "gate threshold", "map": "0.99", "run": "0.8"}
    pipeline = codepipeline(start_pipeline_execution={"pipelineExecutionId": "run-1"})
    assert main(["start"], FakeServices(accounts(pipeline), example(quality_gate=gate))) == 0
    assert "GateThreshold: the map has '0.99', the repository '0.8'" in capsys.readouterr().err


def test_start_and_wait(capsys: pytest.CaptureFixture[str]) -> None:
    """It ends at the approval; a run that fails is the command's failure, with the action's reason."""
    pipeline = codepipeline(start_pipeline_execution={"pipelineExecutionId": "run-1"})
    assert main(["start", "--wait"], FakeServices(accounts(pipeline))) == 0
    assert "next: xacct-ml approve --execution run-1 (or reject)" in capsys.readouterr().out
    pipeline.answers |= {
        "get_pipeline_state": state(waiting=None),
        "list_pipeline_executions": {"pipelineExecutionSummaries": [execution("run-1", "Failed")]},
        "list_action_executions": {"actionExecutionDetails": [detail("Train", "StateMachine", "Failed", "missed")]},
    }
    assert main(["start", "--wait"], FakeServices(accounts(pipeline))) == 1
    said = capsys.readouterr().err
    assert "run run-1 is Failed" in said
    assert "Train/StateMachine: missed" in said


def test_a_training_that_is_retried_is_paid_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    pipeline = codepipeline(
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", "Failed")]},
        list_action_executions={"actionExecutionDetails": [detail("Train", "StateMachine", "Failed", "no")]},
        retry_stage_execution={"pipelineExecutionId": "run-1"},
    )
    assert main(["retry"], FakeServices(accounts(pipeline))) == 0
    goes_on, paid, _ = capsys.readouterr().out.splitlines()
    assert goes_on == "run run-1 goes on in Train: StateMachine"
    assert "trains again from the beginning, which is paid for again" in paid


def test_retry(capsys: pytest.CaptureFixture[str]) -> None:
    """The failed action of a wave by its target's name."""
    pipeline = codepipeline(
        get_pipeline_state=two_waves(),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", "Failed")]},
        list_action_executions={"actionExecutionDetails": [detail("Deploy-first", "canary", "Failed", "no")]},
        retry_stage_execution={"pipelineExecutionId": "run-1"},
    )
    assert main(["retry"], FakeServices(accounts(pipeline), WAVED)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "run run-1 goes on in Deploy-first: canary",
        "next: xacct-ml status --watch --execution run-1",
    ]
