"""Run a command and turn what comes of it into output and an exit code."""

from __future__ import annotations

from collections.abc import Callable

import typer
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.errors import translate
from xacct_ml.cli.heartbeat import Heartbeat
from xacct_ml.cli.output import EXIT_FAILED, EXIT_INTERRUPTED, REDO, Format, Outcome, bug, to_json
from xacct_ml.cli.terminal import Terminal
from xacct_ml.errors import XacctError


def execute(
    command: str,
    output: Format,
    work: Callable[[Terminal], Outcome],
    *,
    interrupted: str = REDO,
) -> None:
    """Run ``work`` and show its outcome. Raises :class:`typer.Exit` unless the exit code is 0.

    ``interrupted`` tells the user, after Ctrl-C, what state things are in.
    """
    terminal = Terminal(json=output is Format.JSON)
    try:
        with Heartbeat(terminal):
            outcome, code = _outcome(work, terminal)
    except KeyboardInterrupt:
        outcome, code = Outcome(error=XacctError("interrupted", details=(interrupted,))), EXIT_INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: whatever is left is our bug, and is said to be
        outcome, code = Outcome(error=bug(error)), EXIT_FAILED
    if outcome.error is not None:
        terminal.error(outcome.error.message, outcome.error.details, outcome.error.next_step)
    if output is Format.JSON and not outcome.written:
        terminal.raw(to_json(command, outcome, code))
    if code:
        raise typer.Exit(code)


def _outcome(work: Callable[[Terminal], Outcome], terminal: Terminal) -> tuple[Outcome, int]:
    try:
        outcome = work(terminal)
    except XacctError as error:
        outcome = Outcome(error=error)
    except (BotoCoreError, ClientError) as error:
        outcome = Outcome(error=translate(error))
    return outcome, outcome.code if outcome.error is None else outcome.error.exit_code
