"""``xacct-ml reject``."""

from __future__ import annotations

import typer

from xacct_ml.cli.approve import SummaryOption, WaveOption, decide
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, ExecutionOption, OutputOption, YesOption
from xacct_ml.cli.output import Format


def reject(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    execution: ExecutionOption = None,
    wave: WaveOption = None,
    summary: SummaryOption = None,
    yes: YesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Reject the waiting run, after its evidence.

    Shows revision, data version, metrics and gate, then asks. The endpoints stay as they are.
    """
    decide(context, "reject", config, execution, wave, summary, yes, output)
