"""Commands in blocks that are not run, because they name runs, files or accounts that only a reader has: each command
and each option exists. Blocks of ``sh`` are run (test_shell_blocks.py)."""

from __future__ import annotations

import re
from pathlib import Path

from xacct_ml.cli.commands import COMMANDS, load

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(?!sh\b)\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"^(?:\$ )?xacct-ml +(?P<command>[a-z][a-z-]*)(?P<words>[^#|;\n]*)", re.MULTILINE)
_OPTION = re.compile(r"(?<=[\s\[])(?:--[a-z][a-z-]+|-[a-z]\b)")
OF_ALL = {"--help", "--debug"}


def shown() -> list[tuple[str, str, str]]:
    """Page, command, and what stands behind it in one of the page's blocks."""
    return [
        (page.name, found["command"], found["words"])
        for page in PAGES
        for block in _BLOCK.findall(page.read_text("utf-8"))
        for found in _SHOWN.finditer(block.replace("\\\n", " "))
    ]


def options(command: str) -> set[str]:
    return {word for one in load(command).params for word in (*one.opts, *one.secondary_opts)} | OF_ALL


def test_every_command_that_a_page_shows_exists() -> None:
    found = shown()
    assert len({page for page, _, _ in found}) > 8
    assert sorted({(page, command) for page, command, _ in found if command not in COMMANDS}) == []


def test_every_option_that_a_page_shows_exists() -> None:
    known = {command: options(command) for command in COMMANDS}
    found = ((page, command, word) for page, command, words in shown() for word in _OPTION.findall(words))
    assert [each for each in found if each[2] not in known[each[1]]] == []
