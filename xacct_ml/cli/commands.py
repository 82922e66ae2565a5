"""The commands of ``xacct-ml``. Only the command that is run is loaded.

Loading all takes half a second, mostly for boto3. What help and completion show is read from the modules' text, in a
few milliseconds: a new command is a new module and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

ORDER = (
    "plan",
    "bootstrap",
    "upload-data",
    "upload-source",
    "create-pipeline",
    "start",
    "status",
    "approve",
    "reject",
    "retry",
    "render",
    "verify",
    "explain",
    "teardown",
    "emulator",
    "demo",
)
"""That in which one needs them; what is not here comes behind."""


def _found() -> Iterator[tuple[str, str]]:
    """Each command, and the first line of its docstring."""
    for file in Path(__file__).parent.glob("*.py"):
        head = rf'^def {file.stem}\(\s+context: typer\.Context,.*?^    """(.+?)(?:"""|\n)'
        if told := re.search(head, file.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            yield file.stem.replace("_", "-"), told[1]


def _place(command: tuple[str, str]) -> tuple[int, str]:
    name, _ = command
    return ORDER.index(name) if name in ORDER else len(ORDER), name


COMMANDS = dict(sorted(_found(), key=_place))
"""One line of help for each command. The command ``upload-data`` is the function ``upload_data`` of the module
``xacct_ml.cli.upload_data``.
"""


class LazyGroup(TyperGroup):
    """Lists placeholders, and loads the command that is to be run or completed."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if name is None or command is None else load(name), rest


def load(name: str) -> Any:
    """The command, loaded. Raises KeyError for a name that is not in the table."""
    if name not in COMMANDS:
        raise KeyError(name)
    function = name.replace("-", "_")
    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    alone.command(name)(getattr(import_module(f"xacct_ml.cli.{function}"), function))
    return typer.main.get_command(alone)


def list_in(app: typer.Typer) -> None:
    """Register a placeholder for each command."""
    for name, line in COMMANDS.items():
        app.command(name, help=line)(_not_loaded)


def _not_loaded() -> None:
    raise AssertionError("LazyGroup runs the command itself")
