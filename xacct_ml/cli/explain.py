"""``xacct-ml explain``."""

import sys
from typing import Annotated

import typer

from xacct_ml.aws.errors import translated
from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter, enter_shared, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.explanation import result_of, show_explanation
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations import policies
from xacct_ml.operations.explanation import Answer, explain_message, explain_run
from xacct_ml.operations.runs.failure import FailedAction, failed_action
from xacct_ml.proof.remediation.denial_message import LONGEST_MESSAGE
from xacct_ml.proof.remediation.explain import keys_in
from xacct_ml.proof.world import World

STDIN = "-"

MessageArgument = Annotated[
    str | None,
    typer.Argument(metavar="MESSAGE", help="AWS's error message; - reads it from stdin. Without: the last failed run."),
]
ExecutionOption = Annotated[
    str | None,
    typer.Option("--execution", metavar="ID", help="Explain this run's failed action.", autocompletion=completion.runs),
]


def explain(
    context: typer.Context,
    message: MessageArgument = None,
    execution: ExecutionOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Explain an AccessDenied and say what mends it.

    Which role, which call, which document, which statement is missing or denies. Decided by the policies in the
    accounts where credentials lead there, otherwise by the map's. Exits with 1 if no request is found that they
    deny.

    Example: xacct-ml explain "User: … is not authorized to perform: kms:Decrypt on resource: …\""""

    def work(terminal: Terminal) -> Outcome:
        if message is not None and execution is not None:
            raise InputError("give either a message or --execution")
        loaded = load(context, config)
        text = sys.stdin.read(LONGEST_MESSAGE) if message == STDIN else message
        if text is not None and not text.strip():
            raise InputError("the message is empty")
        if text is None:
            answer = _of_run(context, loaded, terminal, execution)
        else:
            world, live = _world(context, loaded, terminal, text)
            answer = explain_message(text, world, live=live)
        show_explanation(answer, terminal)
        return Outcome(result_of(answer), answer.failure())

    execute("explain", output, work, interrupted="Nothing was changed.")


def _of_run(context: typer.Context, config: Config, terminal: Terminal, execution: str | None) -> Answer:
    """Of the newest run that failed, and of what keeps runs from starting, unless one run is asked for."""
    failed: FailedAction | None = failed_action(config, enter_shared(context, config), execution)
    world, live = _world(context, config, terminal, failed.messages[0] if failed and failed.messages else "")
    return explain_run(failed, world, live=live, starts=execution is None)


def _world(context: typer.Context, config: Config, terminal: Terminal, message: str) -> tuple[World, bool]:
    """What is in the accounts, where all of them can be entered; else the map's, with a note why."""
    try:
        accounts = enter(context, config)
        with translated(), terminal.activity("reading the policies …"):
            return policies.live(config, accounts).world, True
    except XacctError as error:
        terminal.note(f"the policies in the accounts were not read: {error.message}")
        return policies.world(config, keys_in(message, config)), False
