"""``xacct-ml``: options of the whole program, usage errors, interrupts and bugs."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from xacct_ml import __version__
from xacct_ml.cli.commands import COMMANDS, LazyGroup, list_in
from xacct_ml.cli.output import (
    DEBUG_VARIABLE,
    EXIT_CLOSED_PIPE,
    EXIT_FAILED,
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    Outcome,
    Unwritten,
    bug,
    discard_output,
    finish,
    to_json,
)
from xacct_ml.cli.words import MEANT, arranged
from xacct_ml.errors import InputError, XacctError

if TYPE_CHECKING:  # boto3 would make help slower
    from xacct_ml.cli.command import Services

app = typer.Typer(
    name="xacct-ml",
    cls=LazyGroup,
    help="Train a model in one AWS account and serve it from another, every hop proven first.",
    epilog=(
        "\b\nCOMMAND --help shows its options and an example. Exit codes: 0 done, 1 failed,\n"
        "2 your input, 4 credentials, 130 interrupted, 141 the reader went away."
    ),
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: quick, and no escape codes anywhere
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xacct-ml {__version__}")
        raise typer.Exit


def _debug(wanted: bool) -> None:
    if wanted:
        os.environ[DEBUG_VARIABLE] = "1"


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", callback=_debug, help="Print the traceback of a bug.")] = False,
) -> None:
    """Train a model in one AWS account and serve it from another, every hop proven first."""


list_in(app)


def main(arguments: Sequence[str] | None = None, services: Services | None = None) -> int:
    """Run one command and return its exit code. Raises nothing."""
    former = signal.getsignal(signal.SIGINT)
    try:
        return _main(list(sys.argv[1:] if arguments is None else arguments), services)
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, former)


def _main(words: list[str], services: Services | None = None) -> int:
    command = typer.main.get_command(app)
    words = arranged(words)
    try:
        code = command.main(args=words, prog_name="xacct-ml", standalone_mode=False, obj=services)
    except typer.TyperException as error:
        return _usage(error, words)
    except (KeyboardInterrupt, typer.Abort):
        return interrupted(words)
    except SystemExit as error:  # of a completion, 0; else typer's answer to a reader that went away, as `| head` does
        if error.code == 0:
            return 0
        discard_output()
        return EXIT_CLOSED_PIPE
    except Unwritten as error:
        return _unwritten(error)
    except OSError as error:  # of help, or of the version: commands answer for their own
        return _unwritten(Unwritten(error))
    except Exception as error:  # noqa: BLE001 - the last boundary
        return _fail(bug(error), EXIT_FAILED, words)
    return code if isinstance(code, int) else 0


def run() -> NoReturn:
    """The console script."""
    code = _main(sys.argv[1:])
    # Let what is under way finish, such as a part of an upload. Another Ctrl-C ends the process at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


def interrupted(words: list[str]) -> int:
    """Say so, in JSON where that was asked for, and return the exit code. Of a command that has not begun."""
    return _fail(XacctError("interrupted"), EXIT_INTERRUPTED, words)


def _usage(error: typer.TyperException, words: list[str]) -> int:
    if not words:  # the message is the help
        typer.echo(error.format_message(), err=True)
        return EXIT_INPUT
    context = getattr(error, "ctx", None)
    help_command = f"{context.command_path} --help" if context is not None else "xacct-ml --help"
    reason, unknown = _sentence(error.format_message()), next((word for word in words if not word.startswith("-")), "")
    if unknown not in COMMANDS and MEANT.get(unknown) in COMMANDS:
        reason = f"no such command {unknown!r}. Did you mean {MEANT[unknown]!r}?"
    return _fail(InputError(reason, next_step=help_command), EXIT_INPUT, words)


def _fail(error: XacctError, code: int, words: list[str]) -> int:
    from xacct_ml.cli.events import EventTerminal  # rich would make help slower
    from xacct_ml.cli.terminal import Terminal

    finish()
    wanted = _wanted(words)
    outcome = Outcome(error=error)
    try:
        events = EventTerminal(_command(words)) if wanted == "jsonl" else None
        terminal = events or Terminal(json=wanted == "json")
        terminal.error(error.message, error.details, error.next_step)
        if events is not None:
            events.result(outcome, code)
        elif wanted == "json":
            terminal.raw(to_json(_command(words), outcome, code))
    except (Unwritten, BrokenPipeError):
        discard_output()
    return code


def _unwritten(error: Unwritten) -> int:
    discard_output()
    return _fail(error, EXIT_FAILED, [])


def _wanted(words: list[str]) -> str:
    """The format that the arguments ask for, even if they cannot be parsed."""
    for word, value in zip(words, [*words[1:], ""], strict=False):  # no words: nothing
        name, joined, given = word.partition("=")
        if word in {"--output", "-o"}:
            return value
        if name == "--output" and joined:
            return given
        if word.startswith("-o") and not word.startswith("--"):
            return word.removeprefix("-o")
    return ""


def _command(words: list[str]) -> str:
    return next((word for word in words if word in COMMANDS), "")


def _sentence(message: str) -> str:
    text = " ".join(message.split())
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
