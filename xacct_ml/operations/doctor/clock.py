"""Whether this machine's clock is AWS's: a signature is good for five minutes (IAM User Guide, Signature Version 4)
[D]. The time is that of an answer's Date header."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.operations.doctor.check import Check, Finding, Subject, failed, ok, unknown

_ALLOWED = timedelta(minutes=4)
"""A minute of the five is left for what happens on the way."""


def checks(subject: Subject) -> Iterator[Check]:
    shared = subject.names.shared
    yield Check("clock", shared, subject.names.region, "sts:GetCallerIdentity", partial(_look, shared))


def _look(account: str, accounts: Clients) -> Finding:
    answer = accounts.client(account, "sts").get_caller_identity()
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return unknown("the answer has no date") if told is None else judge(told, datetime.now(UTC))


def judge(told: str, now: datetime) -> Finding:
    """``told`` is a Date header."""
    try:
        apart = abs(now - parsedate_to_datetime(told))
    except (ValueError, TypeError):
        return unknown("the answer has no readable date")
    sentence = f"this machine's clock and AWS's are {apart.total_seconds():.0f} s apart"
    return ok(sentence) if apart < _ALLOWED else failed(sentence, "set this machine's clock")
