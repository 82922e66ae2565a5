"""``xacct-ml data``."""

from enum import StrEnum
from typing import Annotated

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter_shared, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.upload import withdrawal


class What(StrEnum):
    """What is done with a data set."""

    WITHDRAW = "withdraw"
    RESTORE = "restore"


WhatArgument = Annotated[What, typer.Argument(help="withdraw: no run trains on it again. restore: runs may again.")]
DatasetArgument = Annotated[str, typer.Argument(metavar="ID", help="The data set, as upload-data and status name it.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; whoever meets it is told.")]


def data(
    context: typer.Context,
    what: WhatArgument,
    dataset: DatasetArgument,
    reason: ReasonOption = "no reason given",
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Withdraw a data set, or restore it.

    A run on withdrawn data ends at Check, whatever started it, and upload-data refuses the same files."""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        accounts = enter_shared(context, loaded)
        if what is What.WITHDRAW:
            uri = withdrawal.withdraw(loaded, accounts, dataset, reason)
            terminal.line(f"data set {dataset} is withdrawn: {uri}")
            return Outcome({"dataset": dataset, "withdrawn": True, "changed": True})
        changed = withdrawal.restore(loaded, accounts, dataset)
        terminal.line(f"data set {dataset} {'may be trained on again' if changed else 'was not withdrawn'}")
        return Outcome({"dataset": dataset, "withdrawn": False, "changed": changed})

    execute("data", output, work)
