"""Whether the credentials lead into the map's accounts; in an opt-in region only where the account has enabled it.

An account that has not enabled a region gets InvalidClientTokenId from STS there (reports of users: ScoutSuite #1389,
pulumi-aws #2406) [C]. GetCallerIdentity needs no right (STS API reference) [D]."""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import INVALID_CREDENTIALS, code_of, translate
from xacct_ml.operations.doctor.check import Check, Finding, Subject, failed, ok
from xacct_ml.tables.regions import OPT_IN

CALL = "sts:GetCallerIdentity"


def checks(subject: Subject) -> Iterator[Check]:
    for account in subject.names.accounts:
        yield Check("identity", account, subject.names.region, CALL, partial(_who, account))
    for account, region in subject.names.everywhere:
        if region in OPT_IN:
            yield Check("opt-in region", account, region, CALL, partial(_enabled, account, region))


def _who(account: str, accounts: Clients) -> Finding:
    try:
        return ok(str(accounts.client(account, "sts").get_caller_identity()["Arn"]))
    except ClientError as error:  # whoever may enter may ask that
        told = translate(error)
        return failed(told.message, told.next_step or "renew the credentials")


def _enabled(account: str, region: str, accounts: Clients) -> Finding:
    try:
        accounts.client(account, "sts", region).get_caller_identity()
    except ClientError as error:
        if code_of(error) not in INVALID_CREDENTIALS:
            raise
        return failed(
            f"{region} does not accept the account's credentials: it has not enabled the region",
            f"aws account enable-region --region-name {region}, in account {account}",
        )
    return ok(f"{region} is enabled")
