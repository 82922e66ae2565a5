"""The commands of ``xacct-ml``. Only the command that is run is loaded.

Loading all takes half a second, mostly for boto3. What help and completion show is read from the modules' text, in a
few milliseconds: a new command is a new function, in a module of its own or beside its like, and nothing else."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

ORDER = (
    "doctor plan bootstrap prepare upload-data data upload-source create-pipeline start status runs compare report "
    "approve reject retry predict drift logs configure render verify explain audit teardown emulator demo"
)
"""That in which one needs them; what is not here comes behind."""


_COMMAND = re.compile(
    r"^def (\w+)\(\n    context: typer\.Context,\n(?:    .*\n)*?    output: OutputOption.*\n\) -> None:\n"
    r'    """(.+?)(?:"""|\n)',
    re.MULTILINE,
)
"""A function with a context and a format of the output is a command; the first line of its docstring is the help."""


def _found() -> Iterator[tuple[str, str, str]]:
    """Each command, its line of help, and its module."""
    for file in Path(__file__).parent.glob("*.py"):
        for function, line in _COMMAND.findall(file.read_text(encoding="utf-8")):
            yield function.replace("_", "-"), line, file.stem


def _place(command: tuple[str, ...]) -> tuple[int, str]:
    name, order = command[0], ORDER.split()
    return order.index(name) if name in order else len(order), name


_ALL = sorted(_found(), key=_place)
COMMANDS = {name: line for name, line, _ in _ALL}
"""One line of help for each command."""
MODULES = {name: module for name, _, module in _ALL}
"""The command ``upload-data`` is the function ``upload_data`` of the module ``upload``, in this folder."""


class LazyGroup(TyperGroup):
    """Lists placeholders, and loads the command that is to be run or completed."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if name is None or command is None else load(name), rest


def load(name: str) -> Any:
    """The command, loaded. Raises KeyError for a name that is not in the table."""
    module = import_module(f"xacct_ml.cli.{MODULES[name]}")
    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    alone.command(name)(getattr(module, name.replace("-", "_")))
    return typer.main.get_command(alone)


def list_in(app: typer.Typer) -> None:
    """Register a placeholder for each command."""
    for name, line in COMMANDS.items():
        app.command(name, help=line)(_not_loaded)


def _not_loaded() -> None:
    raise AssertionError("LazyGroup runs the command itself")
