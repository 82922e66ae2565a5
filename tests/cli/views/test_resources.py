"""What is said while resources are worked on."""

from __future__ import annotations

import io

import pytest

from tests.cli.test_terminal import Screen
from tests.configs import PRODUCTION, SHARED, example
from tests.engine.fakes import Fake, World, failure
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.resources import ResourceLines, interrupted, rows
from xacct_ml.engine.diff import diff
from xacct_ml.engine.events import (
    Creating,
    Done,
    Event,
    Failed,
    Noted,
    Reading,
    Report,
    Seen,
    Skipped,
    Stopped,
    Stopping,
    Unchanged,
    Waiting,
)
from xacct_ml.engine.resource import describe

KEY = Fake("key", World(), account=SHARED)
BUCKET = Fake("bucket", World(), account=SHARED)
ROLE = Fake("role", World(), account=PRODUCTION)


def said(*events: Event, outcomes: bool = True, unchanged: bool = False) -> tuple[str, str]:
    """What a pipe gets on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with ResourceLines(Terminal(out=out, err=err), example(), outcomes=outcomes, unchanged=unchanged) as lines:
        for event in events:
            lines(event)
    return out.getvalue(), err.getvalue()


def test_one_line_for_each_outcome() -> None:
    """With its account and what it is in the map; what is under way is not said to a pipe. What is unchanged is only
    counted, unless it is asked for."""
    events = (
        Reading(KEY),
        Creating(KEY),
        Done(KEY),
        Unchanged(BUCKET),
        Done(ROLE, diff({"size": 1}, {"size": 2})),
        Failed(ROLE, failure("refused")),
        Skipped(ROLE, ("key",)),
    )
    assert "unchanged" not in said(*events)[0]
    out, _ = said(*events, unchanged=True)
    assert (
        out
        == f"""\
created   {SHARED} shared      thing key
unchanged {SHARED} shared      thing bucket
changed   {PRODUCTION} production  thing role
          ~ size: 1 → 2
failed    {PRODUCTION} production  thing role
          refused
skipped   {PRODUCTION} production  thing role (because of key)
"""
    )


def test_a_note_is_told_at_once_with_its_resource() -> None:
    """Where outcomes are left out, too: it is something that the user should know."""
    out, _ = said(Noted(KEY, "another run made one, too"), outcomes=False)
    assert out == f"note      {SHARED} shared      thing key: another run made one, too\n"


def test_looking_prints_no_outcome() -> None:
    """A plan shows what was found by itself."""
    assert said(Reading(KEY), Seen(KEY, None), Failed(ROLE, failure()), outcomes=False) == ("", "")


@pytest.mark.parametrize(("seconds", "ahead", "told"), [(0, 1, False), (1, 8, False), (7, 8, True), (30, 8, True)])
def test_no_wait_gets_to_ten_seconds_unnamed(seconds: float, ahead: float, told: bool) -> None:
    """Resource, account, reason and time, before the pause in which it gets so long."""
    out, _ = said(Creating(KEY), Waiting(KEY, "the role to be usable", seconds, ahead, 120))
    expected = f"waiting   {SHARED} shared      thing key ({seconds} s, at most 120 s) for the role to be usable\n"
    assert out == (expected if told else "")


def test_a_terminal_sees_each_account() -> None:
    """How much is done, what is under way, and what it waits for."""
    screen = Screen()
    lines = ResourceLines(Terminal(out=screen, err=screen), example())
    for event in (
        Reading(KEY),
        Done(KEY),
        Reading(BUCKET),
        Creating(BUCKET),
        Waiting(BUCKET, "its policy", 3, 4, 60),
        Reading(ROLE),
    ):
        lines(event)
    assert lines.moving() == [
        f"{SHARED} shared      1 done, creating thing bucket 0 s",
        "             waiting 7 s of at most 60 s for its policy (creating thing bucket)",
        f"{PRODUCTION} production  0 done, reading thing role 0 s",
    ]
    lines(Done(BUCKET))
    lines(Done(ROLE))
    assert lines.moving() == []


@pytest.mark.parametrize(
    ("columns", "end"),
    [
        ("200", "reading thing 0 0 s, reading thing 1 0 s, reading thing 2 0 s, 2 more"),
        ("80", "0 done, reading thing 0 0 s, 4 more"),
        ("20", "0 done, reading thing 0 0 s, 4 more"),
    ],
)
def test_many_at_once_stay_one_line(monkeypatch: pytest.MonkeyPatch, columns: str, end: str) -> None:
    """The first few that fit the screen, and how many more; one, however narrow it is."""
    monkeypatch.setenv("COLUMNS", columns)
    screen = Screen()
    lines = ResourceLines(Terminal(out=screen, err=screen), example())
    for number in range(5):
        lines(Reading(Fake(str(number), World(), account=SHARED)))
    (line,) = lines.moving()
    assert line.endswith(end)


def test_an_interrupt_is_told_once() -> None:
    """And how to leave at once."""
    _, err = said(Creating(KEY), Creating(ROLE), Stopping(KEY), Stopping(ROLE))
    assert err == "interrupted: letting the calls under way end (Ctrl-C again to leave at once)\n"


def test_what_an_interrupt_left() -> None:
    """Counts as text, every resource for JSON, exit 130."""
    out = io.StringIO()
    report = Report({"key": Done(KEY), "bucket": Stopped(BUCKET, begun=True), "role": Stopped(ROLE, begun=False)}, {})
    stopped = interrupted(report, Terminal(out=out, err=io.StringIO()))
    assert out.getvalue() == "1 created, 1 stopped, 1 not begun\n"
    assert [row["outcome"] for row in stopped.result["resources"]] == ["created", "stopped", "not begun"]
    assert stopped.exit_code == 130


def test_what_is_in_another_region_says_so() -> None:
    """In lines and in JSON; what is in the map's region says nothing."""
    there = Fake("bucket", World(), region="eu-west-1")
    report = Report({"bucket": Done(there, None), "role": Done(Fake("role", World()), None)}, {})
    assert describe(there) == "thing bucket in eu-west-1"
    assert [row.get("region") for row in rows(report)] == ["eu-west-1", None]
