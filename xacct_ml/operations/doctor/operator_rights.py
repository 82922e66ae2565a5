"""Whether the operators may do what this tool does: each right of the policies that ``render`` writes, simulated."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.operations.doctor.check import Check, Finding, Subject, failed, ok, unknown
from xacct_ml.operations.doctor.simulation import (
    ALLOWED,
    CALL,
    Simulated,
    Unsimulated,
    concrete,
    context_of,
    listed_in,
    simulate,
    source,
)
from xacct_ml.resources.rights import FIRST_RUN
from xacct_ml.system.names import KEY_ID_UNKNOWN
from xacct_ml.system.statements import Document

_SHOWN = 4
_CALLS_AT_ONCE = 4
"""How many calls a second IAM answers is not documented; an account's statements are some twenty."""


def checks(subject: Subject) -> Iterator[Check]:
    for account in subject.names.accounts:
        yield Check("operator's rights", account, subject.names.region, CALL, partial(_look, subject, account))


def statements(policies: Mapping[str, Document], *, keys_exist: bool) -> Iterator[Document]:
    """Those that are needed now: what makes a key only before there is one, and what names it only afterwards."""
    for name, document in policies.items():
        if name == FIRST_RUN and keys_exist:
            continue
        for statement in document["Statement"]:
            resources = [one for one in listed_in(statement["Resource"]) if keys_exist or KEY_ID_UNKNOWN not in one]
            if resources:
                yield {**statement, "Resource": resources}


def _look(subject: Subject, account: str, accounts: Clients) -> Finding:
    try:
        who = source(subject.config, account, accounts)
    except Unsimulated as reason:
        return unknown(str(reason))
    iam = accounts.client(account, "iam")

    def ask(part: Sequence[Document]) -> list[Simulated]:
        found: list[Simulated] = []
        for statement in part:
            resources = [concrete(one) for one in statement["Resource"]]
            found += simulate(iam, who, listed_in(statement["Action"]), resources, context_of(statement))
        return found

    asked = tuple(statements(subject.policies[account], keys_exist=subject.keys_exist))
    parts = concurrently([partial(ask, asked[number::_CALLS_AT_ONCE]) for number in range(_CALLS_AT_ONCE)])
    return judge([one for part in parts for one in part], who)


def judge(found: list[Simulated], who: str) -> Finding:
    """``who`` is the ARN of the operator."""
    refused = sorted((one for one in found if one.decision != ALLOWED), key=lambda one: (one.action, one.resource))
    if not refused:
        return ok(f"all {len(found)} that are needed are allowed to {who}")
    names = [f"{one.action} on {one.resource}" for one in refused[:_SHOWN]]
    more = f", and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
    if all(one.organization is False for one in refused):
        return failed(
            f"a service control policy denies {who}: {', '.join(names)}{more}",
            "have the organization's policy allow it: no policy of the account can",
        )
    return failed(
        f"{len(refused)} of {len(found)} are not allowed to {who}: {', '.join(names)}{more}",
        f"xacct-ml render writes the policies: attach those of the account to {who}",
    )
