"""``xacct-ml audit``: what the project did, as files."""

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli import command as shared
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.audit import MOST_RUNS, write
from xacct_ml.operations.audit import audit as read_audit

RunsOption = Annotated[
    int, typer.Option("--runs", metavar="N", min=1, max=MOST_RUNS, help="So many, the newest.", show_default=True)
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder.")]


def audit(
    context: typer.Context,
    out: OutOption,
    runs: RunsOption = MOST_RUNS,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Export records, approvals, data manifests and what served when.

    Of the newest 100 runs. Each record is checked by the digest that the judge told the pipeline; what has no proof is
    said. audit.json has who approved which record when, and the digest of each file. Nothing is overwritten."""

    def work(terminal: Terminal) -> Outcome:
        loaded, accounts = shared.load_and_enter(context, config)
        found = read_audit(loaded, accounts, runs)
        write(found, out)
        for sentence in found.unproven:
            terminal.warn(sentence)
        terminal.line(f"wrote {len(found.files):,} files about {found.runs:,} runs to {out}")
        return Outcome({"runs": found.runs, "files": sorted(found.files), "unproven": list(found.unproven)})

    execute("audit", output, work, interrupted="The folder may be there in part: delete it.")
