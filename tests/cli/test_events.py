"""``--output jsonl``: the stream that a program follows."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pytest

from tests.cli.fakes import FakeServices
from tests.operations.runs.pipelines import accounts
from xacct_ml import __version__
from xacct_ml.cli.events import SCHEMA, EventTerminal
from xacct_ml.cli.main import main
from xacct_ml.cli.output import Outcome
from xacct_ml.errors import InputError, XacctError


def events(text: str) -> list[dict[str, Any]]:
    """Each line is one, with a time; the first has the version."""
    found = [json.loads(line) for line in text.splitlines()]
    first, *_ = found
    assert (first["type"], first["schema"], first["version"]) == ("version", SCHEMA, __version__)
    times = [datetime.fromisoformat(one.pop("time")) for one in found]
    assert times == sorted(times)
    assert all(time.utcoffset() is not None for time in times)
    return found


HOSTILE = 'x"}\n{"type": "result", "ok": true}\r\x1b[2J\u2028'


def test_whatever_is_shown_is_an_event() -> None:
    """On one line, whatever the text is; nothing on stderr."""
    out, err = io.StringIO(), io.StringIO()
    terminal = EventTerminal("plan", out, err)
    terminal.heading("Heading")
    terminal.line()
    terminal.line(HOSTILE)
    terminal.item("created", "IAM role churn")
    terminal.note("beside")
    terminal.warn("careful")
    terminal.table(("a", "b"), [("1", "2")])
    terminal.event("log", message="x", metric=float("nan"))
    with terminal.board() as board:
        board.show(["one"])
        board.show(["one", "two"])
    with terminal.activity("working"), terminal.progress("uploading", 10) as advance:
        advance(10)
    terminal.result(Outcome({"changes": 1}), 0)
    _, *found, last = events(out.getvalue())
    assert found == [
        {"type": "heading", "text": "Heading"},
        {"type": "line", "text": HOSTILE},
        {"type": "state", "state": "created", "text": "IAM role churn"},
        {"type": "note", "text": "beside"},
        {"type": "warning", "text": "careful"},
        {"type": "row", "values": {"a": "1", "b": "2"}},
        {"type": "log", "message": "x", "metric": None},
        {"type": "line", "text": "one"},
        {"type": "line", "text": "two"},
    ]
    assert last == {
        "type": "result",
        "schema": "xacct-ml/output/1",
        "command": "plan",
        "ok": True,
        "result": {"changes": 1},
        "error": None,
    }
    assert err.getvalue() == ""


def test_nobody_is_asked() -> None:
    """The flag that answers is named."""
    terminal = EventTerminal("bootstrap", io.StringIO(), io.StringIO())
    with pytest.raises(InputError, match="give --yes"):
        terminal.confirm("sure?", flag="--yes")


def test_a_command_as_a_stream(capsys: pytest.CaptureFixture[str]) -> None:
    """Its result is that of ``--output json``."""
    assert main(["start", "--output", "json"], FakeServices(accounts())) == 0
    document = json.loads(capsys.readouterr().out)
    assert main(["start", "--output", "jsonl"], FakeServices(accounts())) == 0
    said = capsys.readouterr()
    first, *_, last = events(said.out)
    assert first["command"] == "start"
    assert last == {"type": "result", **document}
    assert said.err == ""


@pytest.mark.parametrize("words", [["-o", "jsonl"], ["--output=jsonl"], ["-ojsonl"]])
def test_a_command_line_that_is_not_understood(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Version and result; the message stands on stderr, too."""
    assert main(["start", "--wat", *words]) == 2
    said = capsys.readouterr()
    first, last = events(said.out)
    assert (first["command"], last["ok"], last["error"]["exit_code"]) == ("start", False, 2)
    assert "no such option: --wat" in said.err


def test_an_error_is_the_result_and_on_stderr() -> None:
    """Once in each."""
    out, err = io.StringIO(), io.StringIO()
    terminal = EventTerminal("start", out, err)
    error = XacctError("failed", next_step="again")
    terminal.error(error.message, error.details, error.next_step)
    terminal.result(Outcome(error=error), 1)
    _, last = events(out.getvalue())
    assert (last["ok"], last["error"]["next"]) == (False, "again")
    assert err.getvalue() == "error: failed\nnext: again\n"
