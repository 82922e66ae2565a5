"""A command line is understood in whichever order its words stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.fakes import FakeServices
from xacct_ml.cli.command import Services
from xacct_ml.cli.commands import COMMANDS
from xacct_ml.cli.main import main
from xacct_ml.cli.words import MEANT, arranged

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("", ""),
        ("plan -v", "plan -v"),
        ("--config x plan", "plan --config x"),
        ("-c x -o json plan -v", "plan -c x -o json -v"),
        ("--output=json plan", "plan --output=json"),
        ("-ojson plan", "plan -ojson"),
        ("--debug --config plan plan", "--debug plan --config plan"),
        ("plan --debug", "--debug plan"),
        ("plan --version", "--version plan"),
        ("explain -- --debug", "explain -- --debug"),
        ("-h", "-h"),
        ("-c x --help", "-c x --help"),
        ("--help plan", "--help plan"),
        ("help", "--help"),
        ("help plan", "plan --help"),
        ("help help", "help --help"),
        ("version", "--version"),
        ("-V", "--version"),
        ("-c", "-c"),
        ("-- plan", "-- plan"),
        ("--wat plan", "plan --wat"),
    ],
)
def test_arranged(given: str, meant: str) -> None:
    """Shared options go behind the command, the program's own before it."""
    assert arranged(given.split()) == meant.split()


def test_options_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The command takes them, and JSON is JSON."""
    assert main(["--output", "json", "--config", "nowhere.yaml", "render", "--out", "x"], Services()) == 2
    captured = capsys.readouterr()
    assert '"command": "render"' in captured.out
    assert captured.err.startswith("error: nowhere.yaml: there is no such file\n")


@pytest.mark.parametrize("words", [["help"], ["help", "plan"], ["plan", "-h"], ["--help"], ["version"], ["-V"]])
def test_help_and_version_however_they_are_asked_for(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout, because they were asked for."""
    assert main(words) == 0
    assert capsys.readouterr().out.startswith(("Usage: xacct-ml ", "xacct-ml "))


def test_a_command_of_another_tool_s_name(capsys: pytest.CaptureFixture[str]) -> None:
    """What does the same here is named; a command of ours is never taken for another."""
    assert main(["destroy"]) == 2
    assert capsys.readouterr().err.startswith("error: no such command 'destroy'. Did you mean 'teardown'?\n")
    assert main(["validate", "-o", "json"]) == 2
    assert "Did you mean 'verify'?" in capsys.readouterr().out
    assert not set(MEANT) & set(COMMANDS)


def test_no_name_of_a_map_is_no_directory(capsys: pytest.CaptureFixture[str]) -> None:
    """As of a variable that is not set: what to give is said."""
    assert main(["verify", "--config", ""], Services()) == 2
    assert capsys.readouterr().err.endswith("next: give --config FILE, such as --config config.yaml\n")


def test_stderr_is_no_place_for_help_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """``xacct-ml help | less`` works."""
    assert main(["help", "verify"], FakeServices()) == 0
    assert capsys.readouterr().err == ""
