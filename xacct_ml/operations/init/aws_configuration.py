"""What the user's AWS configuration says of accounts: no call is made but those of :func:`identities`."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.arn import Arn
from xacct_ml.foreign import bounded

_ACCOUNT = re.compile(r"[0-9]{12}")
_MAXIMUM_ACCOUNTS = 500
"""Of an organisation: more are no help to whoever looks for three."""


@dataclass(frozen=True)
class Profile:
    """A profile of ``~/.aws/config``; ``account`` is what it names itself: ``sso_account_id``, or that of its role."""

    name: str
    account: str | None = None
    region: str | None = None


def profiles() -> tuple[Profile, ...]:
    """In the order of the file, and of ``~/.aws/credentials`` behind; none where the files cannot be read."""
    try:
        known = botocore.session.Session().full_config.get("profiles", {})
    except BotoCoreError:
        return ()
    return tuple(_profile(name, settings) for name, settings in known.items() if isinstance(settings, Mapping))


def _profile(name: str, settings: Mapping[str, Any]) -> Profile:
    sso = str(settings.get("sso_account_id", ""))
    account = sso if _ACCOUNT.fullmatch(sso) else _account_of(str(settings.get("role_arn", "")))
    return Profile(name, account, settings.get("region") or None)


def _account_of(role: str) -> str | None:
    try:
        return Arn.parse(role).account or None
    except ValueError:
        return None


def usual_region(known: tuple[Profile, ...]) -> str:
    """Of the environment, else the profile that is used, else the first that has one."""
    own = os.environ.get("AWS_PROFILE", "default")
    named = [*(one.region for one in known if one.name == own), *(one.region for one in known)]
    given = (os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION"), *named)
    return next((region for region in given if region), "us-east-1")


Caller = Callable[[str, str], Any]
"""The client of a profile and a service."""


def client(profile: str, service: str) -> Any:
    """botocore's; AWS_ENDPOINT_URL is honoured."""
    session = botocore.session.Session(profile=profile)
    return session.create_client(service, region_name=session.get_config_variable("region") or "us-east-1")


def identity(profile: str, call: Caller) -> tuple[str | None, str]:
    """The account that a profile leads to, by sts:GetCallerIdentity, and who one is there; or why it did not tell."""
    try:
        arn = Arn.parse(call(profile, "sts").get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError) as error:
        return None, bounded(str(error), 300)
    return arn.account, str(arn)


def organisation(profile: str, call: Caller) -> dict[str, str]:
    """The names of the organisation's accounts by id, where the profile may list them; else nothing."""
    try:
        return dict(_accounts(call(profile, "organizations")))
    except (BotoCoreError, ClientError):
        return {}


def _accounts(organizations: Any) -> Iterator[tuple[str, str]]:
    token: dict[str, str] = {}
    for _ in range(_MAXIMUM_ACCOUNTS // 20):
        page = organizations.list_accounts(**token)
        yield from ((one["Id"], bounded(one.get("Name", ""), 60)) for one in page["Accounts"])
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}
