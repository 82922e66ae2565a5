"""``xacct-ml upload-data`` and ``upload-source``."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, enter_shared, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.model import Config
from xacct_ml.operations.upload import data, data_schema
from xacct_ml.operations.upload import source as upload
from xacct_ml.operations.upload.ahead import Ahead
from xacct_ml.operations.upload.data_check import HOLDOUT, CheckedFile
from xacct_ml.operations.upload.data_files import given
from xacct_ml.operations.upload.data_schema import DataSchema
from xacct_ml.operations.upload.expectation import of_accounts
from xacct_ml.operations.upload.follow_up import follow_up
from xacct_ml.operations.upload.overlap import sent_ahead

TrainOption = Annotated[
    str,
    typer.Option(
        "--train",
        metavar="FILE",
        help="CSV: label first, numbers only (a feature may be empty), no header. Also a directory of such files, or "
        "s3://BUCKET/PREFIX.",
    ),
]
ValidationOption = Annotated[
    str, typer.Option("--validation", metavar="FILE", help="CSV of the same width, other rows; also several, as train.")
]
SchemaChangeOption = Annotated[
    bool,
    typer.Option(
        "--schema-change", help="Other columns than the live model's data have are meant: clients will send them."
    ),
]
HoldoutOption = Annotated[
    str | None,
    typer.Option(
        "--holdout",
        metavar="FILE",
        help="CSV of the same width: rows that models are scored on before approval. Without it, those of validation.",
    ),
]
SchemaOption = Annotated[
    Path | None,
    typer.Option(
        "--schema",
        metavar="FILE",
        help="What the columns mean, as prepare wrote it. Without it, schema.json beside the training data, and the "
        "holdout.csv there, if they are of these files.",
    ),
]
SourceArgument = Annotated[
    Path, typer.Argument(metavar="DIR_OR_ZIP", help="Has template.yaml and configuration.json at its top.")
]
IncludeOption = Annotated[
    list[str] | None,
    typer.Option("--include", metavar="FILE", help="Also this file of the directory; may be given more than once."),
]

NO_MANIFEST = "No manifest was written, so no run starts; the same command goes on with what is missing."
LEFT_OUT_SHOWN = 10
PERHAPS_THERE = "A new version may be there, and started a run: xacct-ml status shows it."


def upload_data(
    context: typer.Context,
    train: TrainOption,
    validation: ValidationOption,
    holdout: HoldoutOption = None,
    schema: SchemaOption = None,
    schema_change: SchemaChangeOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Check training data and upload them, encrypted.

    Files, directories of parts, or s3:// prefixes. They are checked as XGBoost reads them, by the objective on the
    branch and beside the data of the live model; all that is wrong is told at once. The manifest, written last, starts
    the pipeline. What is already there is not sent again.

    Example: xacct-ml upload-data --train s3://lake/churn/train/ --validation s3://lake/churn/validation/"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        entered = cache(lambda: enter_shared(context, loaded))
        expected = cache(lambda: of_accounts(loaded, entered()))
        named = given(train)
        found = data_schema.find(schema, named if isinstance(named, Path) else None, terminal)
        beside = None if found is None else found.held_out()
        held_out = beside if holdout is None else given(holdout)
        paths = {"train": named, "validation": given(validation)} | ({HOLDOUT: held_out} if held_out else {})
        content = None if found is None else found.content
        with sent_ahead(loaded, entered, paths, content, terminal) as ahead:
            files = data.check_files(
                paths["train"],
                paths["validation"],
                terminal,
                loaded.training.hyperparameters,
                expected,
                schema_change=schema_change,
                held_out=held_out,
                theirs=lambda: data.theirs_of(loaded, entered())(),
                ahead=ahead,
            )
            fitting = data_schema.fitting(found, files, terminal)
            data_schema.require_same_columns(fitting, expected().live, terminal, schema_change=schema_change)
            outcome = run_upload(loaded, entered(), files, terminal, fitting, ahead)
        result = dict(outcome.result or {})
        result["next"] = follow_up(loaded, entered(), announced=result["announced"])
        terminal.line(f"next: {result['next']}")
        return Outcome(result)

    execute("upload-data", output, work, interrupted=NO_MANIFEST)


def run_upload(
    config: Config,
    accounts: Clients,
    files: dict[str, CheckedFile],
    terminal: Terminal,
    schema: DataSchema | None = None,
    ahead: Ahead | None = None,
) -> Outcome:
    """Upload files that were checked."""
    upload = data.upload_data(config, accounts, files, terminal, schema=schema, ahead=ahead)
    return Outcome(
        {
            "dataset": upload.manifest.dataset,
            "manifest": upload.manifest_uri,
            "announced": upload.announced,
            "uploaded": list(upload.uploaded),
            "channels": upload.manifest.to_dict()["channels"],
            "holdout": upload.manifest.to_dict()["holdout"],
            "label": {channel: file.label for channel, file in files.items()},
            "missing": {channel: file.missing for channel, file in files.items()},
            "doubts": {channel: list(file.doubts) for channel, file in files.items()},
        }
    )


def upload_source(
    context: typer.Context,
    source: SourceArgument,
    include: IncludeOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Check a source and upload it, encrypted, as a zip.

    For a map with pipeline.source_object. Of a directory, the files that git tracks, as they are now; outside a git
    work tree, those that are not hidden. A zip is sent whole. The new version starts the pipeline; files that are the
    newest version already are not sent again.

    Example: xacct-ml upload-source ./training"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        upload.source_key(loaded)
        package = upload.package(source, include or ())
        for line in _contents(source, package):
            terminal.line(line)
        done = upload.upload_source(loaded, enter_shared(context, loaded), package)
        if done.sent:
            terminal.line(f"{done.uri} uploaded, version {done.version}")
            terminal.line("next: xacct-ml status --watch")
        else:
            terminal.line(f"{done.uri} has these files already, version {done.version}: no new run")
            terminal.line("next: xacct-ml start begins one all the same")
        return Outcome(
            {
                "uri": done.uri,
                "version": done.version,
                "sent": done.sent,
                "files": list(package.paths),
                "left_out": list(package.left_out),
            }
        )

    execute("upload-source", output, work, interrupted=PERHAPS_THERE)


def _contents(source: Path, package: upload.Package) -> Iterator[str]:
    """What is sent, and what of it is not, for a person to see before it is."""
    yield f"{source}: {len(package.paths)} files, zip of {len(package.content):,} bytes"
    for path in package.paths:
        yield f"  {path}"
    if package.left_out:
        names = [name if name.isprintable() else repr(name) for name in package.left_out[:LEFT_OUT_SHOWN]]
        more = len(package.left_out) - len(names)
        yield f"left out: {', '.join(names)}{f' and {more} more' if more else ''}; --include FILE adds one"
