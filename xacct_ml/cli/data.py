"""``xacct-ml data``."""

from enum import StrEnum
from typing import Annotated

import typer

from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute, load_and_enter
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.datasets import dataset_json, show_datasets
from xacct_ml.errors import InputError
from xacct_ml.operations.upload import withdrawal
from xacct_ml.operations.upload.datasets import datasets


class What(StrEnum):
    """What is done with data sets."""

    LIST = "list"
    WITHDRAW = "withdraw"
    RESTORE = "restore"


WhatArgument = Annotated[
    What,
    typer.Argument(
        help="list: those there are. withdraw ID: no run trains on it again. restore ID: runs may again.",
        show_default=True,
    ),
]
DatasetArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="ID",
        help="The data set, as upload-data and status name it.",
        show_default=False,
        autocompletion=completion.datasets,
    ),
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why it is withdrawn; whoever meets it is told.")
]
_NO_REASON = "no reason given"


def data(
    context: typer.Context,
    what: WhatArgument = What.LIST,
    dataset: DatasetArgument = None,
    reason: ReasonOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """List the data sets, or withdraw one.

    The list has rows, columns, when and by whom each was uploaded, how many runs trained on it, and which is the
    current one (the next run's), the live model's, or withdrawn. A run on withdrawn data ends at Check, whatever
    started it, and upload-data refuses the same files.

    Example: xacct-ml data withdraw 8a01b7c5d2e94f30 --reason "rows of the holdout leaked into it\""""

    def work(terminal: Terminal) -> Outcome:
        if what is What.LIST:
            if dataset is not None or reason is not None:
                raise InputError("data list takes no ID and no --reason", next_step=f"xacct-ml data withdraw {dataset}")
            found, past = datasets(*load_and_enter(context, config))
            show_datasets(found, past, terminal)
            return Outcome({"datasets": [dataset_json(each) for each in found], "all_runs": past.whole})
        if dataset is None:
            raise InputError(f"data {what} needs the data set's ID", next_step="xacct-ml data lists them")
        if what is What.RESTORE and reason is not None:
            raise InputError("data restore takes no --reason")
        loaded, accounts = load_and_enter(context, config)
        if what is What.WITHDRAW:
            uri = withdrawal.withdraw(loaded, accounts, dataset, reason or _NO_REASON)
            terminal.line(f"data set {dataset} is withdrawn: {uri}")
            return Outcome({"dataset": dataset, "withdrawn": True, "changed": True})
        changed = withdrawal.restore(loaded, accounts, dataset)
        terminal.line(f"data set {dataset} {'may be trained on again' if changed else 'was not withdrawn'}")
        return Outcome({"dataset": dataset, "withdrawn": False, "changed": changed})

    execute("data", output, work)
