"""``xacct-ml verify``."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, AsRoleOption, ConfigOption, OutputOption, enter, execute, load
from xacct_ml.cli.files import free, write_new
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.verdict import VerdictLines
from xacct_ml.cli.views.verdict_brief import BriefLines
from xacct_ml.cli.views.verdict_json import result_of
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.operations import organization_policies
from xacct_ml.operations.name_conflicts import clashes
from xacct_ml.operations.policies import world, world_beside
from xacct_ml.operations.sarif.findings import of_map, of_verdict
from xacct_ml.operations.verify_live import LiveVerdict, verify_live
from xacct_ml.proof.verify import Verdict
from xacct_ml.proof.verify import verify as prove_all
from xacct_ml.report.proof_page import proof_page

LiveOption = Annotated[
    bool, typer.Option("--live", help="Prove it of the policies that are in the accounts now; needs credentials.")
]
BesideOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--beside",
        metavar="FILE",
        help="The map of another project in the same accounts: prove that neither reaches the other. Repeatable.",
    ),
]
ServiceControlOption = Annotated[
    list[str] | None,
    typer.Option(
        organization_policies.SERVICE_CONTROL,
        metavar="ACCOUNT=FILE",
        help="A service control policy that limits this account of the map. Give the option once for each level of the "
        "organization, with all policies of that level: ACCOUNT=FILE,FILE.",
    ),
]
ResourceControlOption = Annotated[
    list[str] | None,
    typer.Option(
        organization_policies.RESOURCE_CONTROL,
        metavar="ACCOUNT=FILE",
        help="A resource control policy that limits what is done to the resources of this account. Repeatable.",
    ),
]
ManagementOption = Annotated[
    str | None,
    typer.Option(
        "--management-account", metavar="ACCOUNT", help="The organization's management account, which none limits."
    ),
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show every request whole, and every request that is allowed.")
]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the proof as one page, with pictures, search and every attack."),
]
SarifOption = Annotated[
    Path | None,
    typer.Option("--sarif", metavar="FILE", help="Write what does not hold for code scanning, as SARIF 2.1.0."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="One screen: a line for each part, and what fails.")]


def verify(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    live: LiveOption = False,
    beside: BesideOption = None,
    service_control_policy: ServiceControlOption = None,
    resource_control_policy: ResourceControlOption = None,
    management_account: ManagementOption = None,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
    html: HtmlOption = None,
    sarif: SarifOption = None,
    as_role: AsRoleOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Prove every hop allowed, everything else denied.

    From the map alone, each request as its service sends it, with the statements that allow it. Calls nothing
    unless --live. Exits with 1 if anything fails.

    Example: xacct-ml verify --quiet

    Example: xacct-ml verify --live --html proof.html

    Example: xacct-ml verify --quiet --sarif verify.sarif"""

    def work(terminal: Terminal) -> Outcome:
        if live and beside:
            raise InputError("give either --live or --beside: the other project is proven from its map")
        if as_role is not None and not live:
            raise InputError("--as-role is of --live: without it no account is entered")
        if quiet and verbose:
            raise InputError("give either --quiet or --verbose")
        if html is not None:
            free(html, "--html")
        if sarif is not None:
            free(sarif, "--sarif")
        service_control, resource_control = service_control_policy or [], resource_control_policy or []
        try:
            loaded = load(context, config)
            organization = organization_policies.read(loaded, service_control, resource_control, management_account)
            others = _neighbours(context, config, loaded, beside or [])
        except InputError as error:
            if sarif is not None and error.file is not None:
                write_new(sarif, of_map(error).encode(), "--sarif")
            raise
        if live:
            accounts = enter(context, loaded, role=as_role)
            with terminal.activity("reading the policies …"):
                verdict: Verdict = verify_live(loaded, accounts, organization)
        else:
            with terminal.activity("deciding …"):
                verdict = prove_all(world(loaded, organization=organization), map(world_beside, others))
        if output is Format.TEXT:
            lines = BriefLines if quiet else VerdictLines
            lines(loaded, verdict, terminal, verbose=verbose).show()
        if html is not None:
            written = write_new(html, _page(loaded, verdict).encode(), "--html")
            if output is Format.TEXT:
                terminal.line(f"wrote {html} ({written:,} bytes)")
        if sarif is not None:
            limits = organization_policies.files([*service_control, *resource_control])
            write_new(sarif, of_verdict(verdict, config, limits).encode(), "--sarif")
            if output is Format.TEXT:
                terminal.line(f"wrote {sarif}")
        return Outcome(result_of(loaded, verdict), verdict.failure())

    execute("verify", output, work, interrupted="Nothing was changed.")


def _page(config: Config, verdict: Verdict) -> str:
    """What follows the hops, as a pipe gets it, is at the page's end."""
    printed = io.StringIO()
    VerdictLines(config, verdict, Terminal(out=printed, err=printed)).show()
    tables = printed.getvalue()
    subject = "the accounts" if isinstance(verdict, LiveVerdict) else "the map"
    return proof_page(verdict, subject, tables[tables.index("Attacks: ") :])


def _neighbours(context: typer.Context, path: Path, config: Config, beside: Sequence[Path]) -> list[Config]:
    """The other maps. Raises :class:`InputError` where both projects would make something of the same name."""
    others = []
    for each in beside:
        other = load(context, each)
        if found := clashes(config, other):
            raise InputError(
                f"{path.name} and {each.name} cannot be in the same accounts: both have {found[0]}",
                file=each,
                details=tuple(f"and {taken}" for taken in found[1:]),
                next_step="give one of them another project, or another name for what is named in the map",
            )
        others.append(other)
    return others
