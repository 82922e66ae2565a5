"""Whether the permissions boundary of the map is in every account that gets roles: CreateRole refuses one that is not
there (IAM API reference) [D]."""

from collections.abc import Iterator
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.operations.doctor.check import EVERY_ACCOUNT, Check, Finding, Subject, failed, ok
from xacct_ml.resources.rights import Place, Rights


def _boundary(place: Place) -> str:
    return str(place.names.boundary_arn(place.account))


RIGHTS = {
    EVERY_ACCOUNT: (
        Rights(
            "doctor/Boundary",
            "iam: GetPolicy",
            on=(_boundary,),
            needed=lambda place: place.names.boundary_arn(place.account) is not None,
        ),
    )
}


def checks(subject: Subject) -> Iterator[Check]:
    names = subject.names
    for account in names.accounts:
        if (arn := names.boundary_arn(account)) is not None:
            look = partial(_look, account, arn)
            yield Check("permissions boundary", account, names.region, "iam:GetPolicy", look, quick=True)


def _look(account: str, arn: str, accounts: Clients) -> Finding:
    if absent_as_none("NoSuchEntity", accounts.client(account, "iam").get_policy, PolicyArn=arn) is not None:
        return ok(arn)
    return failed(f"{arn} does not exist", f"make it in account {account}, or change roles.permissions_boundary")
