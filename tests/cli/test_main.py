"""What holds for every command: exit codes, the one JSON document, help, errors, interrupts."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import accounts, codepipeline, detail, state
from tests.operations.runs.test_approval import RECORD_DIGEST
from xacct_ml import cli
from xacct_ml.cli.command import Services
from xacct_ml.cli.commands import COMMANDS as HELP
from xacct_ml.cli.commands import GROUPS, documented, load
from xacct_ml.cli.main import main
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.operations.costs.estimate import cost_of_run
from xacct_ml.operations.runs.stages import Stage

COMMANDS = list(HELP)


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "HOME": "/nowhere", **variables},
    )


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_every_command_has_its_group() -> None:
    """One of them, in which help lists it."""
    grouped = [name for names in GROUPS.values() for name in names.split()]
    assert len(grouped) == len(set(grouped))
    assert set(COMMANDS) <= set(grouped), "a command in no group of xacct_ml/cli/commands.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_that_it_understands(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A line to copy, shown whole; its options are the command's own."""
    _, examples = documented(inspect.getdoc(load(command).callback) or "")
    assert examples, f"{command} has no paragraph 'Example: xacct-ml {command} …' in its docstring"
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    for line in examples:
        assert f"\n    {line}\n" in said
        program, name, *words = shlex.split(line)
        assert (program, name) == ("xacct-ml", command)
        load(command).make_context(name, words)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_s_own_first_line_is_found(command: str) -> None:
    """What help shows without loading the command."""
    assert HELP[command] == load(command).get_short_help_str(200)


def test_every_function_that_is_a_command_is_found() -> None:
    """A function with a context and an output format is a command, whichever module it is in."""
    parameters = r"\n    context: typer\.Context,\n(?:    .*\n)*?    output: OutputOption"
    command = re.compile(rf"^def (\w+)\({parameters}", re.MULTILINE)
    modules = Path(str(cli.__file__)).parent.glob("*.py")
    found = [name for module in modules for name in command.findall(module.read_text())]
    assert sorted(found) == sorted(command.replace("-", "_") for command in COMMANDS)


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, because nothing was asked for."""
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Usage: xacct-ml [OPTIONS] COMMAND" in captured.err
    assert HELP["plan"] in captured.err


def test_help_imports_nothing_heavy() -> None:
    """Help must be there at once."""
    code = """
import sys
from xacct_ml.cli.main import main
main(["--help"])
heavy = {"boto3", "botocore", "moto", "xgboost", "pydantic", "rich", "yaml"} & set(sys.modules)
print("HEAVY", sorted(heavy))
"""
    output = python("-c", code, PYTHONPATH=str(Path(__file__).parents[2])).stdout
    assert output.endswith("HEAVY []\n")
    assert all(f"  {command} " in output for command in COMMANDS)
    assert "..." not in output.replace("[ARGS]...", ""), "a line of help is too long for 80 columns"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its usage and its options."""
    assert main([command, "--help"]) == 0
    assert f"Usage: xacct-ml {command}" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """One line."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("xacct-ml ")


def test_success_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Exactly one document on stdout, what a person would read on stderr."""
    assert main(["start", "--output", "json"], FakeServices(accounts())) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "schema": "xacct-ml/output/1",
        "command": "start",
        "ok": True,
        "result": {"execution": "run-2", "configuration_differences": []},
        "error": None,
    }
    assert captured.err == "started run run-2\nnext: xacct-ml status --watch\n"


def test_success_in_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The same on stdout, nothing on stderr."""
    assert main(["start"], FakeServices(accounts())) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("started run run-2\nnext: xacct-ml status --watch\n", "")


def test_a_missing_step_is_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    """With the step as the next command."""
    pipeline = codepipeline(start_pipeline_execution=refused("StartPipelineExecution", "PipelineNotFoundException"))
    assert main(["start"], FakeServices(accounts(pipeline))) == 1
    assert capsys.readouterr().err == (
        f"error: there is no pipeline churn in account {SHARED} yet\nnext: xacct-ml create-pipeline\n"
    )


def test_credentials_are_exit_4(capsys: pytest.CaptureFixture[str]) -> None:
    """Before any other call."""
    there = accounts()
    there.wrong = SHARED
    assert main(["start", "-o", "json"], FakeServices(there)) == 4
    error = document(capsys)["error"]
    assert (error["type"], error["exit_code"], error["next"]) == ("CredentialsError", 4, "aws sso login")
    assert there.client(SHARED, "codepipeline").calls == []


def test_a_refused_call_names_what_was_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """AWS's code and message, not a traceback."""
    pipeline = codepipeline(start_pipeline_execution=refused("StartPipelineExecution", "ConflictException", "busy"))
    assert main(["start", "--output=json"], FakeServices(accounts(pipeline))) == 1
    error = document(capsys)["error"]
    assert (error["type"], error["code"], error["call"]) == (
        "AwsCallFailed",
        "ConflictException",
        "StartPipelineExecution",
    )


class _BrokenMap(Services):
    def config(self, path: Path) -> Config:
        raise InputError("unknown key", file=path, line=3, column=5, next_step="remove it")


def test_a_broken_map_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    """The document has the place."""
    assert main(["verify", "-c", "my.yaml", "-o", "json"], _BrokenMap()) == 2
    error = document(capsys)["error"]
    assert (error["file"], error["line"], error["column"], error["message"]) == (
        "my.yaml",
        3,
        5,
        "my.yaml:3:5: unknown key",
    )


def test_without_a_map_it_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example is named."""
    monkeypatch.chdir(tmp_path)
    assert main(["verify"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: there is no config.yaml here",
        "next: xacct-ml init writes one; or give --config FILE",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["upload-data", "-o", "json"], "missing option '--train'."),
        (["strat", "--output", "json"], "no such command 'strat'."),
        (["start", "--wat", "-o", "json"], "no such option: --wat"),
        (["emulator", "--port", "70000", "-o", "json"], "invalid value for '--port'"),
    ],
)
def test_usage_errors_are_exit_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In JSON, too, when it was asked for."""
    assert main(arguments) == 2
    found = document(capsys)
    assert found["ok"] is False
    assert found["command"] == (arguments[0] if arguments[0] in COMMANDS else "")
    assert found["error"]["message"].lower().startswith(message)
    assert found["error"]["exit_code"] == 2


def test_usage_errors_in_text(capsys: pytest.CaptureFixture[str]) -> None:
    """One line and where the help is."""
    assert main(["upload-data"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: missing option '--train'.\nnext: xacct-ml upload-data --help\n"


class _Raising(FakeServices):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def config(self, path: Path) -> Config:  # noqa: ARG002
        raise self.error


def test_an_interrupt_says_what_state_things_are_in(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 130, and a document all the same."""
    assert main(["bootstrap", "-o", "json"], _Raising(KeyboardInterrupt())) == 130
    error = document(capsys)["error"]
    assert (error["exit_code"], error["message"]) == (130, "interrupted")
    assert error["details"] == ["What was done stays; the same command goes on from there."]


def test_a_bug_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a traceback, unless asked for."""
    monkeypatch.delenv("XACCT_ML_DEBUG", raising=False)
    assert main(["verify"], _Raising(ZeroDivisionError("oops"))) == 1
    quiet = capsys.readouterr().err
    assert quiet.startswith("error: this is a bug in xacct-ml: ZeroDivisionError: oops\n")
    assert "Traceback" not in quiet
    monkeypatch.setenv("XACCT_ML_DEBUG", "1")
    assert main(["verify"], _Raising(ZeroDivisionError("oops"))) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_without_a_terminal_the_flag_is_named(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The evidence was shown; nothing was decided."""
    there = accounts()
    assert main([command], FakeServices(there)) == 2
    captured = capsys.readouterr()
    assert "gate     passed: validation:auc is 0.9, required is at least 0.8" in captured.out
    assert "give --execution run-1 --yes" in captured.err
    assert "put_approval_result" not in [name for name, _ in there.client(SHARED, "codepipeline").calls]


def test_yes_needs_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    """A script must say which run it means; nothing is called."""
    assert main(["approve", "--yes"], FakeServices(FakeAccounts({}))) == 2
    assert "--yes needs --execution ID" in capsys.readouterr().err


def test_approve_shows_and_decides(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole output of an approval by script."""
    begun = [Stage(name, "Succeeded", ()) for name in ("Source", "Train", "Judge", "Approve")]
    cost = cost_of_run(example(), begun)
    assert cost is not None
    assert main(["approve", "--execution", "run-1", "--yes"], FakeServices(accounts())) == 0
    assert (
        capsys.readouterr().out
        == f"""\
Run run-1 waits for approval in Approve
  gate     passed: validation:auc is 0.9, required is at least 0.8
  change   churn at production: what is not recorded → abababababab
  note     No held-out rows were scored: nothing is known but the training job's
           metrics
  commit   c0ffee  by Ada <ada@example.com>
           More rounds

           Because.
  data     abc (20 train, 10 validation rows)
  metrics  train:auc 1, validation:auc 0.9
  image    sagemaker-xgboost:1.7-1 (container 1.7-1)
  model    abababababababababababababababababababababababababababababababab
           of training job churn-1
  record   {RECORD_DIGEST}
  cost     about {cost.until_here.usd:.2f} USD until here, {cost.to_come.usd:.2f} to come; 85.05 each month, used or
           not (list prices of 2026-07-30)
approved run run-1
next: xacct-ml status --watch --execution run-1
"""
    )


def test_status_is_exit_0_whatever_the_run_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole output of a status."""
    assert main(["status"], FakeServices(accounts())) == 0
    page = "codesuite/codepipeline/pipelines/churn/executions/run-1/timeline?region=us-east-1"
    assert (
        capsys.readouterr().out
        == f"""\
pipeline churn, run run-1: InProgress
  started  2026-03-01 12:00:00 UTC by an event, for 1 min 30 s
  commit   c0ffee
  Source   Succeeded
  Train    Succeeded
  Judge    Succeeded
  Approve  WaitingForApproval  1 min 30 s
  Deploy: NotStarted
  console  (account {SHARED}) https://us-east-1.console.aws.amazon.com/{page}
  gate     passed: validation:auc is 0.9, required is at least 0.8
  note     No held-out rows were scored: nothing is known but the training job's
           metrics
  data     abc (20 train, 10 validation rows)
  metrics  train:auc 1, validation:auc 0.9
  image    sagemaker-xgboost:1.7-1 (container 1.7-1)
  model    abababababababababababababababababababababababababababababababab
           of training job churn-1
  record   {RECORD_DIGEST}
target      account       region     endpoint  state       serves
production  333333333333  us-east-1  churn     NotCreated  nothing
next: xacct-ml approve --execution run-1 (or reject)
"""
    )


def test_watch_goes_on_until_nothing_more_happens(capsys: pytest.CaptureFixture[str]) -> None:
    """Only what changed is printed again; it ends at the approval."""
    looks = iter([state(waiting=None), state(waiting=None), state()])
    pipeline = codepipeline(
        get_pipeline_state=lambda **_: next(looks),
        list_action_executions={"actionExecutionDetails": [detail("Train", "StateMachine", "InProgress")]},
    )
    services = FakeServices(accounts(pipeline, record=None))
    assert main(["status", "--watch"], services) == 0
    assert services.slept == [5.0, 5.0]
    lines = capsys.readouterr().out.splitlines()
    assert lines.count("  Train   InProgress  1 min") == 1
    assert "  Approve  WaitingForApproval" in lines


def test_the_example_map_is_what_the_demo_runs() -> None:
    """The package has config.example.yaml itself."""
    from xacct_ml.cli.emulator import demo_map

    assert demo_map().resolve() == Path(__file__).parents[2] / "config.example.yaml"


def test_upload_checks_before_it_enters_an_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bad data is the user's, whatever the credentials; file and row are named."""
    (tmp_path / "t.csv").write_text("0,1\n")
    (tmp_path / "v.csv").write_text("0,1\n,2\n")
    there = FakeAccounts({})
    arguments = ["upload-data", "--train", str(tmp_path / "t.csv"), "--validation", str(tmp_path / "v.csv")]
    assert main(arguments, FakeServices(there)) == 2
    assert (
        f"error: {tmp_path / 'v.csv'}:2: row 2, column 1: the label (the first column) is empty"
        in capsys.readouterr().err
    )
    assert there.verified == []


def test_rendering_the_pipeline_needs_no_account(capsys: pytest.CaptureFixture[str]) -> None:
    """Without credentials the key's id is zeros, with a warning; stdout is the JSON for the AWS CLI alone."""
    there = FakeAccounts({})
    there.wrong = SHARED
    assert main(["create-pipeline", "--render"], FakeServices(there)) == 0
    captured = capsys.readouterr()
    rendered = json.loads(captured.out)
    assert set(rendered) == {"pipeline", "tags"}
    assert rendered["pipeline"]["artifactStore"]["encryptionKey"]["id"].endswith(
        "key/00000000-0000-0000-0000-000000000000"
    )
    assert captured.err.startswith("warning: the key's id stands as zeros")


def test_rendering_the_pipeline_looks_the_key_up(capsys: pytest.CaptureFixture[str]) -> None:
    """With credentials it is the real one."""
    arn = f"arn:aws:kms:us-east-1:{SHARED}:key/real"
    there = FakeAccounts(
        {(SHARED, "kms"): FakeClient(describe_key={"KeyMetadata": {"Arn": arn, "KeyState": "Enabled"}})}
    )
    assert main(["create-pipeline", "--render"], FakeServices(there, example())) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["pipeline"]["artifactStore"]["encryptionKey"]["id"] == arn
    assert captured.err == ""


def test_a_taken_port_is_the_users(capsys: pytest.CaptureFixture[str]) -> None:
    """Found out before the server starts, with one document."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["emulator", "--port", str(port), "-o", "json"], FakeServices()) == 2
    assert document(capsys)["error"]["message"].startswith(f"port {port} on 127.0.0.1 cannot be used: ")
