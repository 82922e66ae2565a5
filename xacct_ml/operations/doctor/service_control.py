"""Whether the organization's service control policies allow what the project's roles do.

SimulatePrincipalPolicy tells, whatever the one who is simulated may do, and does not look at the conditions of service
control policies but those on what it is given (IAM API reference, OrganizationsDecisionDetail) [D]; the region is
given. Where it says nothing the account is in no organization, or is its management account, or nobody may know."""

from collections.abc import Iterator
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.operations.doctor.check import Check, Finding, Subject, failed, ok, unknown
from xacct_ml.operations.doctor.simulation import CALL, Simulated, Unsimulated, listed_in, simulate, source
from xacct_ml.system.system import system
from xacct_ml.system.thing import Role

_SHOWN = 6


def checks(subject: Subject) -> Iterator[Check]:
    for account in subject.names.accounts:
        if wanted := actions(subject, account):
            yield Check(
                "organization's policies", account, subject.names.region, CALL, partial(_look, subject, account, wanted)
            )


def actions(subject: Subject, account: str) -> tuple[str, ...]:
    """What the roles of an account may do."""
    roles = [one for one in system(subject.config, subject.keys) if isinstance(one, Role) and one.account == account]
    found = {
        action
        for role in roles
        for document in role.policies.values()
        for statement in document["Statement"]
        for action in listed_in(statement["Action"])
    }
    return tuple(sorted(action for action in found if "*" not in action))


def _look(subject: Subject, account: str, wanted: tuple[str, ...], accounts: Clients) -> Finding:
    try:
        who = source(subject.config, account, accounts)
    except Unsimulated as reason:
        return unknown(str(reason))
    regions = sorted({region for one, region in subject.names.everywhere if one == account})
    iam = accounts.client(account, "iam")
    found: list[Simulated] = []
    for region in regions:
        entry = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [region], "ContextKeyType": "string"}
        found += simulate(iam, who, wanted, ["*"], [entry])
    return judge(found)


def judge(found: list[Simulated]) -> Finding:
    refused = sorted({one.action for one in found if one.organization is False})
    if refused:
        more = f", and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        return failed(
            f"a service control policy denies what the roles need: {', '.join(refused[:_SHOWN])}{more}",
            "have the organization's policy allow it: no policy of the account can; verify "
            "--service-control-policy ACCOUNT=FILE shows which requests fail",
        )
    if any(one.organization is None for one in found):
        return unknown("IAM tells nothing of service control policies here: the account may be in no organization")
    return ok(f"service control policies allow the {len({one.action for one in found})} actions of the roles")
