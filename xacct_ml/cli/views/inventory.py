"""Tables of what a teardown will delete and of what it left."""

from __future__ import annotations

from collections.abc import Sequence

from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.accounts import account_roles
from xacct_ml.config.model import Config
from xacct_ml.operations.teardown.deletion import Left
from xacct_ml.operations.teardown.inventory import Inventory


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


def show_left(left: Sequence[Left], terminal: Terminal) -> None:
    """Print what stays, and why."""
    if not left:
        terminal.line("nothing is left")
        return
    terminal.heading("Left, and why:")
    terminal.table(("account", "what", "why"), [(each.account, each.what, each.why) for each in left])
