"""Every file about who enters the accounts, of a map and of what is said beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.config.model import Config
from xacct_ml.operations.entry_roles import provider
from xacct_ml.operations.entry_roles.files import files
from xacct_ml.operations.entry_roles.github import GitHub, operating_trust, roles
from xacct_ml.operations.entry_roles.people import NOBODY, Trusted, approvers, operators
from xacct_ml.operations.entry_roles.role import EntryRole
from xacct_ml.operations.entry_roles.workflow import WORKFLOW_FILE, workflow
from xacct_ml.system.keys import Keys

GITHUB = "github"
"""The folder of what is no role's."""


@dataclass(frozen=True)
class Said:
    """What the map does not say: the ``keys`` that exist, who is ``trusted``, and the repository on GitHub whose runs
    enter the accounts."""

    keys: Keys | None = None
    trusted: Trusted = NOBODY
    github: GitHub | None = None


NOTHING = Said()


def entry_roles(config: Config, keys: Keys, said: Said) -> Iterator[EntryRole]:
    yield from approvers(config, said.trusted)
    yield from operators(config, keys, said.trusted, *operating_trust(config, said.github))
    if said.github is not None:
        yield from roles(config, keys, said.github)


def entry_files(config: Config, keys: Keys, said: Said) -> Iterator[tuple[str, str, str, str, bytes]]:
    """``(account, folder, what it is, file name, content)``."""
    for role in entry_roles(config, keys, said):
        yield from ((role.account, role.kind, *each) for each in files(role))
    if said.github is not None:
        shared = config.accounts.shared.id
        yield from ((shared, GITHUB, *each) for each in provider.files(shared, said.github))
        yield shared, GITHUB, "workflow", WORKFLOW_FILE, workflow(config, said.github).encode()
