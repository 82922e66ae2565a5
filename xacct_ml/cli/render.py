"""``xacct-ml render``."""

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.render import KEY_NOTE, write

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write; made if it does not exist.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Write into a directory that has other files, too.")]


def render(
    context: typer.Context,
    out: OutOption,
    config: ConfigOption = DEFAULT_CONFIG,
    force: ForceOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Write every document as a file, for review.

    With an index.json, before anything exists, from the map alone; the smallest policies for operators included.

    Example: xacct-ml render --out rendered"""

    def work(terminal: Terminal) -> Outcome:
        files = write(load(context, config), out, force=force)
        terminal.table(("account", "kind", "file"), [(f.account, f.kind, f.path) for f in files])
        terminal.line(f"{len(files)} documents and index.json written to {out}")
        terminal.line(KEY_NOTE)
        index = [{"kind": f.kind, "account": f.account, "name": f.name, "path": f.path} for f in files]
        return Outcome({"directory": str(out), "documents": index})

    execute("render", output, work, interrupted="Some files may be missing; the same command writes them all.")
