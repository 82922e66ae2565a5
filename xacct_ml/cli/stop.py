"""``xacct-ml stop``."""

from typing import Annotated

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli import command as shared
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, ExecutionOption, OutputOption, execute
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.runs import DecidedYesOption
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.runs import stopping

AbandonOption = Annotated[
    bool, typer.Option("--abandon", help="At once, whatever is under way: nobody watches any more what it does.")
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the run (200 characters at most).")
]


def stop(
    context: typer.Context,
    execution: ExecutionOption = None,
    abandon: AbandonOption = False,
    reason: ReasonOption = None,
    yes: DecidedYesOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Stop a run or release that is under way.

    The only one, unless told. A training job and batch transforms are stopped; what else is under way comes to its end,
    and nothing begins after it. Says what becomes of what, then asks. What serves stays as it is, unless a deployment
    is under way.

    Example: xacct-ml stop --execution 3f2a9c01-1b7e-4c9a-8d51-0f6e2ab94c77 --reason \"wrong data\""""

    def work(terminal: Terminal) -> Outcome:
        if yes and execution is None:
            raise InputError("--yes needs --execution ID: name the run that you mean", next_step=STATUS)
        why = stopping.checked_reason(reason if reason is not None else "stop with xacct-ml")
        loaded = shared.load(context, config)
        accounts = shared.enter(context, loaded, (loaded.accounts.shared.id, loaded.accounts.training.id))
        return run_stop(loaded, accounts, terminal, execution, why, abandon=abandon, yes=yes)

    execute("stop", output, work, interrupted="It may be stopping: the same command again goes on from there.")


def run_stop(
    config: Config, accounts: Clients, terminal: Terminal, execution: str | None, why: str, *, abandon: bool, yes: bool
) -> Outcome:
    """Say, ask, look again, and stop what was agreed to."""
    found = stopping.look(config, accounts, execution, abandon=abandon)
    result = {"execution": found.execution, "pipeline": found.pipeline, "abandoned": found.abandon, "reason": why}
    if found.over:
        terminal.line(f"run {found.execution} is stopped already")
        return Outcome({**result, "at": [], "told": [], "stopped": []})
    terminal.line(f"run {found.execution} of {found.pipeline}{_at(found)}")
    for told in found.told:
        terminal.line(f"  {told}")
    if not yes:
        if not terminal.confirm("stop it?", flag=f"--execution {found.execution} --yes"):
            raise XacctError("nothing was stopped: the run goes on")
        found = stopping.look_again(config, accounts, found, abandon=abandon)
    stopped = stopping.do(config, accounts, found, why)
    terminal.line(f"stopped {', '.join((f'run {found.execution}', *stopped))}")
    terminal.line(f"next: {STATUS} --watch --execution {found.execution}")
    return Outcome({**result, "at": list(found.at), "told": list(found.told), "stopped": list(stopped)})


def _at(found: stopping.Stop) -> str:
    return f" is at {', '.join(found.at)}" if found.at else ""
