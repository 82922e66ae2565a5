"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli.output import Format

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="The account map.", show_default=True, metavar="FILE")
]
OutputOption = Annotated[
    Format, typer.Option("--output", "-o", help="json: one JSON document on stdout, everything else on stderr.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
ExecutionOption = Annotated[
    str | None, typer.Option("--execution", metavar="ID", help="The run, by its pipeline execution id.")
]
