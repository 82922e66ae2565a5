"""Commands in a shell of their own: what they see, what they leave, how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.services.codepipeline.pipelines import eventually
from xacct_ml.emulator.services.codepipeline.actions import shell
from xacct_ml.emulator.services.codepipeline.actions.shell import Result, Script


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    source = tmp_path / "src"
    source.mkdir()
    return source


def run(directory: Path, *commands: str, exported: tuple[str, ...] = (), seconds: float = 10, **given: str) -> Result:
    return shell.run(Script(commands, exported, given), directory, seconds)


def test_one_shell_runs_all_commands_and_exports_variables(directory: Path) -> None:
    """What one sets the next one sees; what is printed is kept in order."""
    last = 'echo "$A in $(basename src)"'
    result = run(directory, "A='one two'", "cd ..", last, exported=("A", "B"), B="given")
    assert result.failure is None
    assert result.variables == {"A": "one two", "B": "given"}
    assert result.printed.splitlines()[-2:] == [f"[Container] Running command {last}", "one two in src"]


@pytest.mark.parametrize(
    ("commands", "failed", "status"),
    [
        (("true", "ls missing", "touch late"), "ls missing", "2"),
        (("exit 3", "touch late"), "exit 3", "3"),
        (("no-such-command", "touch late"), "no-such-command", "127"),
        (("true", "if", "touch late"), "if", "2"),
        (("kill -9 $$", "touch late"), "kill -9 $$", "137"),
    ],
)
def test_the_first_failure_ends_it_and_is_named(
    directory: Path, commands: tuple[str, ...], failed: str, status: str
) -> None:
    """The command and its exit code; no later command runs."""
    result = run(directory, *commands)
    assert result.failure == f"Error while executing command: {failed}. Reason: exit status {status}"
    assert not (directory / "late").exists()


def test_nothing_of_this_process_is_seen(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the environment, credentials least of all."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    printed = run(directory, "env").printed
    assert "secret" not in printed
    assert f"HOME={directory.parent}" in printed


@pytest.mark.long
def test_what_does_not_end_is_ended_with_all_it_began(directory: Path) -> None:
    """A background process of it included."""
    result = run(directory, "sleep 60 & echo $! > pid", "sleep 60", seconds=1)
    assert result.failure == "Error while executing command: sleep 60. Reason: it did not end within 1 seconds"
    begun = Path(f"/proc/{(directory / 'pid').read_text().strip()}/stat")
    eventually(lambda: not begun.exists() or begun.read_text().rpartition(")")[2].split()[0] == "Z")


def test_output_is_bounded(directory: Path) -> None:
    """The beginning is kept, and that it was cut is said."""
    printed = run(directory, f"head -c {shell.MAXIMUM_OUTPUT + 10} /dev/zero | tr '\\0' x").printed
    assert printed.endswith("x\n[Container] output cut here")
    assert len(printed) < shell.MAXIMUM_OUTPUT + 100
