"""``xacct-ml upload-source``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter_shared, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.upload import source as upload

SourceArgument = Annotated[
    Path, typer.Argument(metavar="DIR_OR_ZIP", help="Has template.yaml and configuration.json at its top.")
]
INTERRUPTED = "A new version may be there, and started a run: xacct-ml status shows it."


def upload_source(
    context: typer.Context,
    source: SourceArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Check a source and upload it, encrypted, as a zip.

    For a map with pipeline.source_object. The new version starts the pipeline; files that are the newest version
    already are not sent again.
    """

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        upload.source_key(loaded)
        package = upload.package(source)
        terminal.line(f"{source}: {len(package.paths)} files, zip of {len(package.content):,} bytes")
        done = upload.upload_source(loaded, enter_shared(context, loaded), package)
        if done.sent:
            terminal.line(f"{done.uri} uploaded, version {done.version}")
            terminal.line("next: xacct-ml status --watch")
        else:
            terminal.line(f"{done.uri} has these files already, version {done.version}: no new run")
        return Outcome({"uri": done.uri, "version": done.version, "sent": done.sent, "files": list(package.paths)})

    execute("upload-source", output, work, interrupted=INTERRUPTED)
