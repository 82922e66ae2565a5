"""``xacct-ml audit``: what the project did, as files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli import command as shared
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.errors import InputError
from xacct_ml.operations.audit import INDEX, Period
from xacct_ml.operations.audit import audit as read_audit
from xacct_ml.operations.audit_folder import whole

RunsOption = Annotated[
    int | None,
    typer.Option("--runs", metavar="N", min=1, help="So many, the newest of the period.", show_default=False),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder.")]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE", help="Runs that started then or later: 2026-01-31, or with a time."),
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Runs that started before its end; UTC unless it says.")
]
_TOLD = 100


def audit(
    context: typer.Context,
    out: OutOption,
    since: SinceOption = None,
    until: UntilOption = None,
    runs: RunsOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Export records, approvals and what served when.

    Of all runs that CodePipeline keeps (twelve months), or of a period. Each record is checked by the digest that the
    judge told the pipeline; what has no proof is said. audit.json has who approved which record when, what served from
    when until when, and the digest of each file. The folder is there when all of it is; nothing is overwritten.

    Example: xacct-ml audit --out audit-2026 --since 2026-01-01"""

    def work(terminal: Terminal) -> Outcome:
        period = Period(_moment("--since", since), _moment("--until", until, end=True), runs)
        if period.since is not None and period.until is not None and period.until <= period.since:
            raise InputError(f"--until {until} is before --since {since}")
        loaded, accounts = shared.load_and_enter(context, config)

        def advance(done: int) -> None:
            if done % _TOLD == 0:
                terminal.note(f"{done:,} runs read")

        with whole(out) as folder:
            found = read_audit(loaded, accounts, folder, period, advance)
        for sentence in found.unproven:
            terminal.warn(sentence)
        terminal.line(f"wrote {len(found.files):,} files about {found.runs:,} runs to {out}")
        terminal.line(f"{INDEX} has SHA-256 {found.digest}")
        return Outcome(
            {"runs": found.runs, "files": sorted(found.files), "sha256": found.digest, "unproven": list(found.unproven)}
        )

    execute("audit", output, work, interrupted="There is no folder: it gets its name when all of it is written.")


def _moment(option: str, text: str | None, *, end: bool = False) -> datetime | None:
    """A day is meant from its beginning, or to its ``end``. Raises :class:`InputError`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {text} is no date", next_step="2026-01-31, or 2026-01-31T18:00:00+01:00") from None
    day = timedelta(days=1) if end and len(text) <= len("2026-01-31") else timedelta()
    try:
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)) + day
    except OverflowError:
        raise InputError(f"{option} {text} is beyond the calendar") from None
