"""Whatever stands in the free texts of AWS's answers, commands on runs stay usable, and their output stays theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED
from tests.operations.runs.pipelines import accounts, codepipeline, detail, execution, judged, state
from xacct_ml.cli.main import main

TEXTS = {
    "control characters": "a\x00\x07\x1b[2J\x1b]8;;http://evil\x07x\x9b1A",
    "line breaks": "a\n  gate     passed: forged\r\n\u2028\u2029\x0b\x0c\x85b",
    "turned round": "a\u202eb\u2066c\u200b",
    "lone surrogates": "a\ud800\udfffb",
    "markup": "[red]a[/red] [link=http://evil]b[/link] :boom:",
    "JSON": '{"CommitMessage": {"a": [1e999, NaN]}}',
    "deep JSON": "[" * 5000,
    "a megabyte": "x" * (1 << 20),
    "a megabyte of lines": "x\n" * (1 << 19),
    "a megabyte of breaks": "User: \x1b is not authorized to perform: " * (1 << 15),
}
SLOW = ("turned round", "markup", "JSON", "a megabyte of lines", "a megabyte of breaks")
LARGEST_OUTPUT = 500_000


def hostile(text: str, *, failed: bool) -> FakeAccounts:
    """A run, whose answers have ``text`` wherever somebody may write what he likes."""
    run = execution("run-1", "Failed" if failed else "InProgress")
    run["sourceRevisions"][0] |= {"revisionSummary": text, "revisionUrl": text}
    run["trigger"] |= {"triggerDetail": text}
    run["statusSummary"] = text
    last = detail("Train", "StateMachine", "Failed", text) if failed else detail("Approve", "Review", "InProgress")
    last |= {"updatedBy": text}
    before = judged()
    for action in before:
        action["output"]["executionResult"]["externalExecutionSummary"] = text
        action["output"]["outputVariables"] = {**action["output"]["outputVariables"], "Note": text, text: text}
    there = accounts(
        codepipeline(
            get_pipeline_state=state(None if failed else "run-1"),
            list_pipeline_executions={"pipelineExecutionSummaries": [run]},
            list_action_executions={"actionExecutionDetails": [last, *before]},
        ),
        FakeClient(
            describe_endpoint={"EndpointStatus": "Failed", "EndpointConfigName": "churn", "FailureReason": text},
            describe_endpoint_config=refused("DescribeEndpointConfig", "AccessDenied", text),
        ),
    )
    there.clients[SHARED, "codecommit"] = FakeClient(
        get_commit={"commit": {"message": text, "author": {"name": text, "email": text}}}
    )
    return there


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=id_, marks=[pytest.mark.long] if id_ in SLOW else []) for id_, text in TEXTS.items()]
)
@pytest.mark.parametrize(
    ("words", "failed"),
    [
        (["status"], False),
        (["status"], True),
        (["explain"], True),
        (["retry"], True),
        (["approve", "--execution", "run-1", "--yes"], False),
        (["reject", "--execution", "run-1", "--yes"], False),
    ],
    ids=["status", "status of a failed run", "explain", "retry", "approve", "reject"],
)
def test_a_hostile_text_of_aws_s_answers_stays_one(
    words: list[str], failed: bool, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command does what it does with any other text, and neither moves the cursor nor fills the screen."""
    codes = set()
    for form in ("text", "json"):
        for value in (text, "harmless"):
            there = hostile(value, failed=failed)
            there.wrong = "333333333333"
            there.client(SHARED, "codepipeline").answers["retry_stage_execution"] = {}
            there.clients["222222222222", "stepfunctions"] = FakeClient(
                describe_execution={"error": value, "cause": value}
            )
            there.clients["222222222222", "sagemaker"] = FakeClient(describe_training_job={"FailureReason": value})
            codes.add(main([*words, "-o", form], FakeServices(there)))
            out, err = capsys.readouterr()
            assert "this is a bug" not in err
            assert len(out) + len(err) < LARGEST_OUTPUT, form
            assert all(line.isprintable() for line in err.split("\n"))
            if form == "text":
                assert all(line.isprintable() for line in out.split("\n"))
                assert "\n  gate     passed: forged" not in out
            else:
                found: dict[str, Any] = json.loads(out, parse_constant=pytest.fail)
                assert found["command"] == words[0]
    assert len(codes) == 1
