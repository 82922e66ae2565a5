"""The commands of ``xacct-ml``. Only the command that is run is loaded.

Loading all takes half a second, mostly for boto3. Help and completion use the table here, which a test compares with
the commands' docstrings.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "plan": "Show what bootstrap would do; change nothing.",
    "bootstrap": "Create what is missing, change what differs.",
    "upload-data": "Check two CSV files and upload them, encrypted.",
    "upload-source": "Check a source and upload it, encrypted, as a zip.",
    "create-pipeline": "Create the pipeline, which starts run 1.",
    "start": "Start a run.",
    "status": "Show a run and what the endpoints serve.",
    "approve": "Approve the waiting run, after its evidence.",
    "reject": "Reject the waiting run, after its evidence.",
    "retry": "Retry the failed stage of a run.",
    "render": "Write every document as a file, for review.",
    "verify": "Prove every hop allowed, everything else denied.",
    "explain": "Explain an AccessDenied and say what mends it.",
    "teardown": "Delete what this tool made, after showing it.",
    "emulator": "Serve an embedded AWS with the map's accounts.",
    "demo": "All of it in emulated accounts, half a minute.",
}
"""One line of help for each command, in the order in which one needs them.

The command ``upload-data`` is the function ``upload_data`` of the module ``xacct_ml.cli.upload_data``.
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
