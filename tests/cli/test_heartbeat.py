"""When a command says what it waits for, and what it says."""

from __future__ import annotations

import io

import boto3
import pytest

from tests.cli.test_terminal import Screen
from tests.configs import SHARED
from tests.engine.fakes import FakeClock
from xacct_ml.aws.errors import watch
from xacct_ml.cli.command import Heartbeat
from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine.progress import QUIET_SECONDS, call_ended, call_started


class Silence:
    """A command that says nothing, on a clock of its own."""

    def __init__(self) -> None:
        self.clock, self.out = FakeClock(), io.StringIO()
        self.terminal = Terminal(out=self.out, err=self.out, now=self.clock.now)
        self.heartbeat = Heartbeat(self.terminal, self.clock)

    def pass_by(self, seconds: float) -> str:
        """What is said meanwhile, looked at once a second."""
        before = len(self.out.getvalue())
        for _ in range(round(seconds)):
            self.clock.time += 1
            self.heartbeat.beat()
        return self.out.getvalue()[before:]


def test_a_long_answer_is_told() -> None:
    """Account, call and time, before ten seconds and again; nothing once it has come."""
    silence = Silence()
    with silence.heartbeat:
        call_started("codepipeline:ListPipelineExecutions", SHARED)
        assert silence.pass_by(7) == ""
        line = f"waiting   {SHARED} ({{}} s) for the answer to codepipeline:ListPipelineExecutions\n"
        assert silence.pass_by(9) == line.format(8) + line.format(16)
        call_ended()
        assert silence.pass_by(30) == ""


def test_what_is_said_otherwise_breaks_the_silence() -> None:
    """And so does an answer to a question: a call that has just begun is no long wait."""
    silence = Silence()
    with silence.heartbeat:
        call_started("s3:HeadBucket", SHARED)
        silence.pass_by(7)
        silence.terminal.line("train: uploaded")
        assert silence.pass_by(7) == ""
        call_ended()
        silence.pass_by(100)
        call_started("s3:PutObject", SHARED)
        assert silence.pass_by(7) == ""


def test_an_upload_tells_how_far_it_is() -> None:
    """Where no bar shows it."""
    silence = Silence()
    with silence.heartbeat, silence.terminal.progress(f"uploading train to {SHARED}", 30_000_000) as advance:
        silence.pass_by(5)
        advance(12_000_000)
        assert silence.pass_by(3) == f"waiting   uploading train to {SHARED}: 12.0 of 30.0 MB after 8 s\n"
    assert silence.pass_by(20) == ""


def test_a_bar_is_enough() -> None:
    """On a terminal nothing is said beside it."""
    clock, screen = FakeClock(), Screen()
    terminal = Terminal(out=screen, err=screen, now=clock.now)
    with Heartbeat(terminal, clock) as heartbeat, terminal.progress("uploading train", 10):
        clock.time += QUIET_SECONDS * 2
        heartbeat.beat()
    assert "waiting" not in screen.getvalue()


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "failed"])
def test_a_watched_client_s_call_is_under_way_until_it_ends(answered: bool) -> None:
    """However it ends, and by its name in the account that it was made in."""
    silence = Silence()
    client = boto3.client("kms", "us-east-1", aws_access_key_id="x", aws_secret_access_key="y", endpoint_url="http://x")
    watch(client, SHARED)
    said: list[str] = []

    class Answer:
        status_code, headers, content, text = 200, {}, b"{}", "{}"

    def answer(**_: object) -> Answer:
        said.append(silence.pass_by(9))
        if not answered:
            raise ConnectionAbortedError
        return Answer()

    client.meta.events.register("before-send", answer)
    with silence.heartbeat:
        try:
            client.list_keys()
        except ConnectionAbortedError:
            assert not answered
        assert said == [f"waiting   {SHARED} (8 s) for the answer to kms:ListKeys\n"]
        assert silence.pass_by(20) == ""
