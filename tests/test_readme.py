"""The README against what it describes."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from xacct_ml.cli.commands import GROUPS
from xacct_ml.cli.main import app

README = Path(__file__).parent.parent / "README.md"


def test_the_table_of_commands_has_the_commands_own_words() -> None:
    """In the order of the help, each with its short help."""
    table = re.search(r"<!-- commands -->\n(.*)<!-- /commands -->", README.read_text(), re.DOTALL)
    assert table is not None
    rows = re.findall(r"^\| `([\w-]+)` \| (.+) \|$", table[1], re.MULTILINE)
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert rows == [(name, command.get_short_help_str(200).rstrip(".")) for name, command in commands.items()]
    groups = {name: group for group, names in GROUPS.items() for name in names.split()}
    headed = re.findall(r"^\| (?:`([\w-]+)`|\*\*(.+)\*\*) \|", table[1], re.MULTILINE)
    assert [group for _, group in headed if group] == list(dict.fromkeys(groups[name] for name in commands))
    assert all(
        groups[name] == [group for _, group in headed[:at] if group][-1] for at, (name, _) in enumerate(headed) if name
    )
