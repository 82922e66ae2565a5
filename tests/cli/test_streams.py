"""Whatever stdout is, and wherever a command is run: its exit code is one of ours, and no traceback is shown."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import pytest

from tests.cli.fakes import FakeServices
from tests.operations.runs.pipelines import accounts
from xacct_ml.cli.command import Services
from xacct_ml.cli.commands import COMMANDS
from xacct_ml.cli.main import main
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError

CODES = {0, 1, 2, 4, 141}

REQUIRED = {
    "prepare": ["missing.csv", "--label", "x"],
    "upload-data": ["--train", "missing.csv", "--validation", "missing.csv"],
    "upload-source": ["missing"],
    "predict": ["--row", "1"],
    "render": ["--out", "/dev/null/x"],
    "compare": ["run-1", "run-2"],
    "report": ["--out", "/dev/null/x"],
    "audit": ["--out", "/dev/null/x"],
}
"""So that each command gets as far as its map, or its files."""


class _BrokenMap(Services):
    def config(self, path: Path) -> Config:
        raise InputError("a name with an arrow → and a tick ✓", file=path, line=1, column=1)


def _closed() -> None:
    return None


def _full() -> TextIO:
    return Path("/dev/full").open("w", encoding="utf-8")


def _without_reader() -> TextIO:
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "w", encoding="utf-8")


def _ascii() -> TextIO:
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii")


STREAMS: dict[str, Callable[[], TextIO | None]] = {
    "closed": _closed,
    "full": _full,
    "a pipe that nobody reads": _without_reader,
    "ASCII": _ascii,
}
EXPECTED = {"closed": {0, 1, 2}, "full": {1}, "a pipe that nobody reads": {141}, "ASCII": {0, 1, 2}}


@contextmanager
def stdout(stream: TextIO | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        yield
    with suppress(OSError):  # what is left cannot be written here either
        if stream is not None:
            stream.close()


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command(
    command: str, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its help, its refusal in text and its refusal in JSON."""
    words = [command, *REQUIRED.get(command, [])]
    codes = []
    for more in (["--help"], ["-o", "json"], []):
        with stdout(STREAMS[kind](), monkeypatch):
            codes.append(main([*words, *more], _BrokenMap()))
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "this is a bug" not in told
    assert set(codes) <= CODES
    assert set(codes[:2]) <= EXPECTED[kind], "help and JSON are written to stdout, and cannot be"


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_command_that_succeeds(
    kind: str, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it printed is lost, and said to be; what it did is not."""
    with stdout(STREAMS[kind](), monkeypatch):
        code = main(["start", "-o", form], FakeServices(accounts()))
    assert code in EXPECTED[kind]
    assert "this is a bug" not in capsys.readouterr().err


def test_without_a_home_and_in_a_directory_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``verify`` needs neither; what writes says what it cannot."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["render", "--out", "/dev/null/x"], FakeServices()) == 2
    assert capsys.readouterr().err == "error: /dev/null/x: cannot be written: Not a directory\n"
