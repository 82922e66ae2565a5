"""``logs`` on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED, TRAINING
from tests.operations.runs.test_logs import accounts, events, train
from xacct_ml.cli.main import main
from xacct_ml.cli.moment import moment
from xacct_ml.errors import InputError


def there(client: FakeClient, status: str = "Succeeded") -> FakeAccounts:
    made = accounts(train(status))
    made.clients[TRAINING, "logs"] = client
    return made


def test_lines_under_the_log_that_they_are_from(capsys: pytest.CaptureFixture[str]) -> None:
    """The account of the log is entered before; several lines of one event stand under each other."""
    made = there(FakeClient(filter_log_events=events((1, "[0]\ttrain-auc:0.8"), (2, "Traceback\n  File"))))
    assert main(["logs", "run-1", "--of", "training"], FakeServices(made)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "run run-1: training",
        f"  log group /aws/sagemaker/TrainingJobs of account {TRAINING}, streams churn-1/",
        "2026-03-01 (UTC)",
        "12:00:01  [0] train-auc:0.8",
        "12:00:02  Traceback",
        "            File",
    ]
    assert made.verified == [SHARED, TRAINING]


HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202e\rback\x00\x9b31m"


def test_what_was_printed_cannot_control_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In text it is replaced, in JSON escaped."""
    for arguments in ([], ["--output", "json"]):
        made = there(FakeClient(filter_log_events=events((1, HOSTILE))))
        assert main(["logs", *arguments], FakeServices(made)) == 0
        out = capsys.readouterr().out
        assert all(one.isprintable() or one == "\n" for one in out)
    assert json.loads(out)["message"] == HOSTILE


def test_json_is_a_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A failure is the last of them."""
    made = there(FakeClient(filter_log_events=events((1, "a"), (2, "b"))))
    assert main(["logs", "--output", "json"], FakeServices(made)) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == {
        "schema": "xacct-ml/log-line/1",
        "time": "2026-03-01T12:00:01+00:00",
        "run": "run-1",
        "of": "training",
        "account": TRAINING,
        "region": "us-east-1",
        "log": "/aws/sagemaker/TrainingJobs",
        "stream": "churn-1/algo",
        "message": "a",
    }
    assert second["message"] == "b"
    denied = there(FakeClient(filter_log_events=refused("FilterLogEvents", "AccessDeniedException")))
    assert main(["logs", "--output", "json"], FakeServices(denied)) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["error"]["code"] == "AccessDeniedException"


def test_ctrl_c_ends_following(capsys: pytest.CaptureFixture[str]) -> None:
    """What was shown stays, and nothing else is said than that."""

    class Interrupted(FakeServices):
        def sleep(self, seconds: float) -> None:  # noqa: ARG002
            raise KeyboardInterrupt

    made = there(FakeClient(filter_log_events=events((1, "a"))), "InProgress")
    assert main(["logs", "--follow"], Interrupted(made)) == 130
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1] == "12:00:01  a"
    assert captured.err.splitlines() == ["error: interrupted", "  Nothing was changed; the run itself goes on."]


def test_an_empty_log_says_where_else_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    made = there(FakeClient(filter_log_events=events()), "Failed")
    assert main(["logs"], FakeServices(made)) == 0
    assert "xacct-ml logs run-1 --of workflow" in capsys.readouterr().err
    assert main(["logs", "--of", "deploy"], FakeServices(made)) == 0
    assert "run run-1 has not come to what writes a log of deploy" in capsys.readouterr().err


def test_since() -> None:
    """An age, or a time, which is UTC unless it says otherwise."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert moment("--since", "90m", now) == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    assert moment("--since", "2026-03-01T12:00:00Z", now) == moment("--since", "2026-03-01 12:00", now) == now
    assert moment("--since", "999999d", now) < now
    assert moment("--since", "2026-03-01T21:00:00+09:00", now).isoformat() == now.isoformat()
    for wrong in ("yesterday", "-5m", "10", "5 m", "0001-01-01T00:00:00+09:00"):
        with pytest.raises(InputError, match="neither an age nor a time"):
            moment("--since", wrong, now)
