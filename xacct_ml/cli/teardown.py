"""``xacct-ml teardown``."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from xacct_ml.aws.clients import Clients
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, YesOption, enter, execute, load
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.resources import ResourceLines, failure, rows, summary
from xacct_ml.config.accounts import account_roles
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.teardown import deletion
from xacct_ml.operations.teardown.deletion import Inventory, inventory

KeepDataOption = Annotated[bool, typer.Option("--keep-data", help="Keep the bucket, all that is in it, and its key.")]
DeleteRepositoryOption = Annotated[
    bool, typer.Option("--delete-repository", help="Delete the repository even if it has commits of yours.")
]
DeleteEvidenceOption = Annotated[
    bool, typer.Option("--delete-evidence", help="Delete judged models and evaluation records, too.")
]

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what exists and what would stay; delete nothing.")]

STAYS = f"{' and '.join(deletion.EVIDENCE)} in the bucket stay, and its key with them; --delete-evidence deletes them."


def teardown(
    context: typer.Context,
    config: ConfigOption = DEFAULT_CONFIG,
    keep_data: KeepDataOption = False,
    delete_repository: DeleteRepositoryOption = False,
    delete_evidence: DeleteEvidenceOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Format.TEXT,
) -> None:
    """Delete what this tool made, after showing it.

    Pipeline, endpoints, models, jobs, roles, bucket, key; at the end it says what is left and why. Judged models and
    evaluation records stay in the bucket, with its key, unless --delete-evidence is given. What the map adopted stays,
    with all that is in it: only what is ours is taken out.

    Example: xacct-ml teardown --dry-run

    Example: xacct-ml teardown --keep-data"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load(context, config)
        accounts = enter(context, loaded)
        found = show_inventory(loaded, accounts, terminal)
        if not found.empty and not (delete_evidence or keep_data):
            terminal.line(STAYS)
        if dry_run:
            terminal.line("nothing was deleted: --dry-run")
            return Outcome({"resources": [_existing(each) for each in found.found], "left": []})
        if not found.empty and not yes:
            _confirm(loaded, terminal, keep_data=keep_data)
        return run_teardown(
            loaded,
            accounts,
            terminal,
            keep_data=keep_data,
            delete_repository=delete_repository,
            delete_evidence=delete_evidence,
        )

    execute("teardown", output, work)


def show_inventory(config: Config, accounts: Clients, terminal: Terminal) -> Inventory:
    """Find what exists and print it."""
    with ResourceLines(terminal, config, outcomes=False) as lines:
        found = inventory(config, accounts, lines)
    show_found(found, config, terminal)
    return found


def run_teardown(
    config: Config,
    accounts: Clients,
    terminal: Terminal,
    *,
    keep_data: bool = False,
    delete_repository: bool = False,
    delete_evidence: bool = False,
) -> Outcome:
    """Delete, and print what is left and why."""
    with ResourceLines(terminal, config) as lines:
        torn = deletion.teardown(
            config,
            accounts,
            lines,
            keep_data=keep_data,
            delete_repository=delete_repository,
            delete_evidence=delete_evidence,
        )
    terminal.line(summary(torn.report))
    show_left(torn.left, terminal)
    return Outcome({"resources": rows(torn.report), "left": [asdict(left) for left in torn.left]}, failure(torn.report))


def _existing(found: deletion.Found) -> dict[str, Any]:
    resource = found.resource
    row = {"id": resource.id, "account": resource.account, "kind": resource.kind, "name": resource.name}
    row |= {"outcome": "exists"} | ({"region": resource.region} if resource.region is not None else {})
    return row | ({"note": found.problem} if found.problem else {})


def _confirm(config: Config, terminal: Terminal, *, keep_data: bool) -> None:
    kept = " Bucket and key are kept." if keep_data else ""
    answer = terminal.ask(
        f"All of it that is ours will be deleted.{kept} Type the project's name to go on:", flag="--yes"
    )
    if answer != config.project:
        raise XacctError(f"nothing was deleted: that is not the project's name, {config.project}")


def show_found(found: Inventory, config: Config, terminal: Terminal) -> None:
    """Print what exists."""
    if not found.found:
        terminal.line(f"nothing of {config.project} exists")
        return
    terminal.heading(f"This exists of {config.project}:")
    roles = account_roles(config)
    rows = [
        (
            each.resource.account,
            roles.get(each.resource.account, ""),
            each.resource.kind,
            each.resource.name if each.resource.region is None else f"{each.resource.name} in {each.resource.region}",
            each.problem or "",
        )
        for each in found.found
    ]
    terminal.table(("account", "", "kind", "name", ""), rows)


def show_left(left: Sequence[deletion.Left], terminal: Terminal) -> None:
    """Print what stays, and why."""
    if not left:
        terminal.line("nothing is left")
        return
    terminal.heading("Left, and why:")
    terminal.table(("account", "what", "why"), [(each.account, each.what, each.why) for each in left])
