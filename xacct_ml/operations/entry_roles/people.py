"""The operators' roles of a map, one in each account, and the approvers'."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xacct_ml.arn import Arn
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Account, Config
from xacct_ml.operations import operator_policies
from xacct_ml.operations.entry_roles import trust
from xacct_ml.operations.entry_roles.role import EntryRole
from xacct_ml.operations.entry_roles.sizes import divided
from xacct_ml.resources.rights import FIRST_RUN
from xacct_ml.system.approver import approver_policies
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, policy

OPERATOR, APPROVER = "operator", "approver"
DEFAULT_NAME = "xacct-ml-operator"
"""Of an operator's role in an account whose ``role_arn`` the map does not give."""


@dataclass(frozen=True)
class Trusted:
    """Who may assume the roles, by ARN; None where it is still to be said."""

    operators: str | None = None
    approvers: str | None = None


NOBODY = Trusted()


def operators(config: Config, keys: Keys, trusted: Trusted, *more: Document) -> Iterator[EntryRole]:
    """One for each account; ``more`` are further statements of their trust policies."""
    names = Names(config)
    for account, policies in operator_policies.policies(config, keys).items():
        entered = entry(config, account)
        needed = without_first_run(names, keys, account, policies)
        inline, managed = divided(needed, [FIRST_RUN])
        yield EntryRole(
            kind=OPERATOR,
            arn=entered.role_arn or names.arn("iam", account, f"role/{DEFAULT_NAME}", region=""),
            description=f"Runs xacct-ml for the project {config.project} in the account {part(config, account)}",
            trust=policy(trust.statement("Enter", trusted.operators, trust.asking(entered.external_id)), *more),
            policies=inline,
            managed=managed,
            boundary=names.boundary_arn(account),
            temporary=(FIRST_RUN,) if FIRST_RUN in needed else (),
        )


def approvers(config: Config, trusted: Trusted) -> Iterator[EntryRole]:
    """One where the map has ``approvers``. More than one approval asks that a session has its person's name."""
    names = Names(config)
    if config.approvers is None:
        return
    asked = trust.asking(config.approvers.external_id)
    if config.approvals > 1:
        for operator, keys in trust.binding(trusted.approvers).items():
            asked.setdefault(operator, {}).update(keys)
    yield EntryRole(
        kind=APPROVER,
        arn=config.approvers.role_arn,
        description=f"Approves models and releases of the project {config.project}, and may ask for a release",
        trust=policy(trust.statement("Enter", trusted.approvers, asked)),
        policies=approver_policies(names),
        boundary=names.boundary_arn(Arn.parse(config.approvers.role_arn).account),
    )


def entry(config: Config, account: str) -> Account:
    """How the map enters an account; several entries of one account enter it alike."""
    return next(each for _, each in named_accounts(config) if each.id == account)


def part(config: Config, account: str) -> str:
    """What the account is in the map, in words of a description."""
    return " and ".join(name for name, each in named_accounts(config) if each.id == account)


def without_first_run(
    names: Names, keys: Keys, account: str, policies: Mapping[str, Document]
) -> Mapping[str, Document]:
    """Without what makes keys, once every key of the account has its id."""
    missing = Keys.stand_ins(names)
    if any(_unknown(names, keys[region], missing[region]) for region in keys if account == names.shared):
        return policies
    captured = (target for target in names.capturing if target.id == account)
    if any(keys.of_captured(target.name) == missing.of_captured(target.name) for target in captured):
        return policies
    return {name: document for name, document in policies.items() if name != FIRST_RUN}


def _unknown(names: Names, key: str, stand_in: str) -> bool:
    """Whether a key has no id yet; the map's own stands for itself."""
    return key == stand_in != names.config.key.arn
