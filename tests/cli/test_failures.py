"""Every command, every kind of failure: JSON is JSON, an exit code, and a message for a person."""

from __future__ import annotations

import _thread
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import example
from xacct_ml.cli.command import Services
from xacct_ml.cli.commands import COMMANDS
from xacct_ml.cli.main import main
from xacct_ml.cli.output import Unwritten
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError, InputError

pytestmark = pytest.mark.usefixtures("uncollected")

FULL = Path("/dev/full")
HOSTILE = "\x1b[2J\r\nok\u202e\ud800[red]"

ARGUMENTS = {
    "upload-data": ["--train", "train.csv", "--validation", "validation.csv"],
    "data": ["withdraw", "0123456789abcdef"],
    "upload-source": ["."],
    "render": ["--out", "rendered"],
    "audit": ["--out", "audited"],
    "compare": ["run-1", "run-2"],
    "predict": ["--json", "{}"],
    "approve": ["--execution", "run-1", "--yes"],
    "reject": ["--execution", "run-1", "--yes"],
    "bootstrap": ["--yes"],
    "create-pipeline": ["--yes"],
    "teardown": ["--yes"],
}
"""What a command cannot do without."""

OF_THE_MAP: dict[str, BaseException] = {
    "a broken map": InputError(f"unknown key {HOSTILE}", file="my.yaml", line=3, column=5),
    "interrupted": KeyboardInterrupt(),
    "a bug": ZeroDivisionError(HOSTILE),
    "a file that cannot be read": OSError(5, HOSTILE),
}
INTERRUPTED = "interrupted"
"""In an answer: Ctrl-C was pressed while the first was waited for. That reaches the main thread, whichever asked."""
OF_THE_ACCOUNTS: dict[str, BaseException | dict[str, Any]] = {
    "denied": refused("Any", "AccessDenied", f"no identity-based policy allows it {HOSTILE}"),
    "a code of nobody's": refused("Any", HOSTILE, HOSTILE),
    "an empty answer": {},
    "interrupted": {INTERRUPTED: True},
    "no credentials": CredentialsError(f"expired {HOSTILE}", next_step="aws sso login"),
}


class Raising(Services):
    """Whose map cannot be had."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def config(self, path: Path) -> Config:  # noqa: ARG002
        raise self.error


class Answers(FakeClient):
    """The same answer to everything."""

    def __init__(self, answer: BaseException | dict[str, Any]) -> None:
        super().__init__()
        self.answer = answer

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(*_: Any, **__: Any) -> Any:
            if isinstance(self.answer, BaseException):
                raise self.answer
            if self.answer.pop(INTERRUPTED, False):
                _thread.interrupt_main()
            return self.answer

        if operation.startswith("_"):
            raise AttributeError(operation)
        return call


class Accounts(FakeAccounts):
    """All clients of which answer alike."""

    def __init__(self, answer: BaseException | dict[str, Any]) -> None:
        super().__init__({})
        self.answer = answer if isinstance(answer, BaseException) else dict(answer)

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:  # noqa: ARG002
        return Answers(self.answer)


def failed(command: str, services: Services, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The document, of a command that did not work."""
    code = main([command, *ARGUMENTS.get(command, []), "-o", "json"], services)
    out, err = capsys.readouterr()
    document: dict[str, Any] = json.loads(out, parse_constant=pytest.fail)
    assert (document["command"], document["ok"], document["error"]["exit_code"]) == (command, False, code)
    assert code != 0
    assert "error: " in err
    assert "Traceback" not in err
    assert all(line.isprintable() for line in err.split("\n"))
    return document


@pytest.mark.parametrize("kind", OF_THE_MAP)
@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one not in {"demo", "init", "prepare"}]
)  # a map of its own; none
def test_a_command_without_a_map_fails_in_json(
    command: str, kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written."""
    monkeypatch.chdir(tmp_path)
    error = failed(command, Raising(OF_THE_MAP[kind]), capsys)["error"]
    assert (error["exit_code"] == 130) == (kind == "interrupted")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", OF_THE_ACCOUNTS)
@pytest.mark.parametrize(
    "command",
    [one for one in COMMANDS if one not in {"demo", "emulator", "prepare", "render", "verify"}],  # these need none
)
def test_a_command_whose_calls_fail_fails_in_json(
    command: str, kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever AWS says."""
    monkeypatch.chdir(tmp_path)
    failed(command, FakeServices(Accounts(OF_THE_ACCOUNTS[kind]), example()), capsys)


def run(*arguments: str, out: Path) -> subprocess.CompletedProcess[str]:
    with out.open("w") as stdout:
        return subprocess.run(
            [sys.executable, "-m", "xacct_ml", *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )


@pytest.mark.long
@pytest.mark.skipif(not FULL.exists(), reason="there is no full device here")
@pytest.mark.parametrize(
    "arguments", [["render", "-o", "json"], ["--version"], ["plan", "-c", "nowhere.yaml", "-o", "json"]]
)
def test_output_that_cannot_be_written_is_told(arguments: list[str]) -> None:
    """On stderr, and by the exit code; nor does Python complain at its end."""
    done = run(*arguments, out=FULL)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "error: " in done.stderr


class Full:
    """A stream without room."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_words_beside_the_output_are_not_worth_the_work() -> None:
    """Where stderr is full, the work goes on; where stdout is, it does not."""
    full: Any = Full()
    Terminal(json=True, err=full).line("done")
    Terminal(err=full).warn("careful")
    for say in (Terminal(out=full).line, Terminal(json=True, out=full).raw):
        with pytest.raises(Unwritten, match="No space left"):
            say("done")


class Impatient(Raising):
    """Presses Ctrl-C, and again while the outcome is written."""

    def config(self, path: Path) -> Config:  # noqa: ARG002
        signal.raise_signal(signal.SIGINT)
        raise AssertionError


def test_a_second_interrupt_leaves_the_document_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """It is written once; afterwards Ctrl-C is what it was."""

    class Interrupting:
        encoding = "utf-8"
        text = ""

        def isatty(self) -> bool:
            return False

        def flush(self) -> None:
            signal.raise_signal(signal.SIGINT)

        def write(self, text: str) -> int:
            self.text += text[: len(text) // 2]
            signal.raise_signal(signal.SIGINT)
            self.text += text[len(text) // 2 :]
            return len(text)

    before = signal.getsignal(signal.SIGINT)
    out: Any = Interrupting()
    with redirect_stdout(out):
        assert main(["plan", "-o", "json"], Impatient(KeyboardInterrupt())) == 130
    assert json.loads(out.text)["error"]["message"] == "interrupted"
    assert signal.getsignal(signal.SIGINT) is before
    assert "interrupted" in capsys.readouterr().err
