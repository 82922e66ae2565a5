"""The commands of ``xacct-ml``. Only the command that is run is loaded.

Loading all takes half a second, mostly for boto3. What help and completion show is read from the modules' text, in a
few milliseconds: a new command is a new function, in a module of its own or beside its like, with an ``Example:`` in
its docstring, and its name in a group."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

GROUPS = {
    "Try it and prove it": "demo verify render explain emulator",
    "Set it up": "init doctor plan bootstrap create-pipeline configure",
    "Data and source": "prepare upload-data data upload-source",
    "Runs": "start status runs compare report logs retry stop",
    "Decide and deploy": "approve reject deploy rollback history",
    "In production": "predict drift",
    "Keep it, or take it away": "audit teardown",
}
"""The commands by what one does with them, each group in the order in which one needs them."""
ORDER = " ".join(GROUPS.values()).split()
_EXAMPLE = "Example: "


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
    name = command[0]
    return ORDER.index(name) if name in ORDER else len(ORDER), name


_ALL = sorted(_found(), key=_place)
COMMANDS = {name: line for name, line, _ in _ALL}
"""One line of help for each command."""
MODULES = {name: module for name, _, module in _ALL}
"""The command ``upload-data`` is the function ``upload_data`` of the module ``upload``, in this folder."""


class LazyGroup(TyperGroup):
    """Lists placeholders by group, and loads the command that is to be run or completed."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        listed = self.list_commands(ctx)
        width = max(map(len, listed))
        left = [name for name in listed if name not in ORDER]
        for group, names in {**GROUPS, "Others": " ".join(left)}.items():
            rows = [
                (name.ljust(width), self.commands[name].get_short_help_str(formatter.width - width - 6))
                for name in names.split()
                if name in listed
            ]
            if rows:
                with formatter.section(group):
                    formatter.write_dl(rows)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if name is None or command is None else load(name), rest


def load(name: str) -> Any:
    """The command, loaded. Raises KeyError for a name that is not in the table."""
    module = import_module(f"xacct_ml.cli.{MODULES[name]}")
    function = getattr(module, name.replace("-", "_"))
    told, examples = documented(function.__doc__ or "")
    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    # \b keeps lines as they are: an example is copied whole
    alone.command(name, help=told, epilog="\n".join(["\b", "Examples:", *(f"  {one}" for one in examples)]))(function)
    return typer.main.get_command(alone)


def documented(docstring: str) -> tuple[str, list[str]]:
    """What a command's docstring tells, and the command lines of its paragraphs that begin with ``Example:``."""
    paragraphs = [" ".join(one.split()) for one in docstring.split("\n\n")]
    examples = [one.removeprefix(_EXAMPLE) for one in paragraphs if one.startswith(_EXAMPLE)]
    return "\n\n".join(one for one in paragraphs if not one.startswith(_EXAMPLE)), examples


def list_in(app: typer.Typer) -> None:
    """Register a placeholder for each command."""
    for name, line in COMMANDS.items():
        app.command(name, help=line)(_not_loaded)


def _not_loaded() -> None:
    raise AssertionError("LazyGroup runs the command itself")
