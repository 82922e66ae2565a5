"""``xacct-ml report``: a run's record as one page of HTML."""

from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli import command as shared
from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute
from xacct_ml.cli.files import free, write_new
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.release.beside import candidate, records
from xacct_ml.operations.release.serving import serving
from xacct_ml.operations.runs.approval import as_approver
from xacct_ml.operations.runs.evaluation import Evaluation, Judgement, Package, evaluation_of
from xacct_ml.report.charts import drawn
from xacct_ml.report.page import LARGEST_BYTES, Released, page

RunArgument = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help="The run, by its id; else the newest.", autocompletion=completion.runs),
]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to; else report-RUN.html here.")]


def report(
    context: typer.Context,
    run: RunArgument = None,
    out: OutOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Write a run's record as one page of HTML.

    Findings, both models' scores, charts, slices and what will change; it fetches nothing. Needs the extra `report`. No
    file is overwritten.

    Example: xacct-ml report 3f2a9c01 --out report.html"""

    def work(terminal: Terminal) -> Outcome:
        loaded = shared.load(context, config)
        accounts = shared.enter_shared(context, as_approver(loaded))
        judged, evaluation = evaluation_of(loaded, accounts, run)
        found = judged.execution
        if evaluation is None:
            raise XacctError(f"run {found} has no record", next_step=f"{STATUS} --execution {found}")
        path = out or Path(f"report-{found}.html")
        written = write(evaluation, path, judged.package, _released(loaded, accounts, judged, evaluation))
        terminal.line(f"wrote {path} ({written:,} bytes)")
        return Outcome({"execution": found, "file": str(path), "bytes": written, "record": evaluation.sha256})

    execute("report", output, work, interrupted="The file may be there in part: delete it.")


def _released(config: Config, accounts: Clients, judged: Judgement, evaluation: Evaluation) -> Released | None:
    """None of a run that trains."""
    if (release := judged.release) is None:
        return None
    found = candidate(config, accounts, evaluation, release.targets, serving(config, accounts))
    return Released(release.execution, records(found, evaluation), found.all_findings)


def write(evaluation: Evaluation, path: Path, package: Package | None = None, released: Released | None = None) -> int:
    """The page's size in bytes. ``package`` is what the model is registered as, ``released`` what a release of it would
    replace.

    Raises :class:`InputError` where there is a file already, or no place for one."""
    free(path)
    arn, record = None if package is None else package.arn, evaluation.record
    charts = drawn(record if released is None else released.beside[0])
    content = page(record, evaluation.sha256, charts, arn, released).encode()
    if len(content) > LARGEST_BYTES:
        content = page(record, evaluation.sha256, {}, arn, released).encode()
    return write_new(path, content)
