"""Why an account's credentials do not work, and what to do: from what AWS, or whatever gives the credentials, says."""

import os
import shlex
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.errors import DENIED, EXPIRED, INVALID_CREDENTIALS, SSO, UNREACHABLE, Origin, code_of, translate
from xacct_ml.config.model import Account
from xacct_ml.config.problem import did_you_mean
from xacct_ml.errors import AwsCallFailed, CredentialsError, XacctError
from xacct_ml.foreign import line
from xacct_ml.tables.aws_errors import advice
from xacct_ml.tables.regions import OPT_IN

_LOGIN = "login_session"
"""Of a profile that ``aws login`` made, with a console session (AWS CLI User Guide, cli-configure-sign-in) [D]."""
_LOGIN_ENDED = tuple(
    getattr(boto, name) for name in ("LoginRefreshRequired", "LoginTokenLoadError") if hasattr(boto, name)
)
"""What botocore says where its session is gone, or was never begun [B]; releases before ``aws login`` have neither."""
_PROVIDERS = (
    "credential_process",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "mfa_serial",
    "credential_source",
    "source_profile",
    _LOGIN,
)
"""Settings of a profile that say where its credentials come from (AWS CLI User Guide, cli-configure-files) [D]."""
_SERVICES = {"GetRoleCredentials": "sso", "CreateToken": "sso-oidc"}
"""Which service's operations providers call; STS's the others."""
_PROFILES_SHOWN = 10
"""So many profiles are named."""
_NAMED_POLICY = "denied by "
"""Begins the kinds of errors (:mod:`~xacct_ml.tables.aws_errors`) in which AWS says by which policy."""


Settings = Mapping[str, Any]
"""Of the profile whose credentials are used."""


def settings_of(account: Account, configuration: Mapping[str, Any]) -> Settings:
    """``configuration`` is botocore's ``full_config``."""
    settings: Settings = configuration.get("profiles", {}).get(_name(account), {})
    return settings


def explained(
    account: Account,
    region: str,
    error: ClientError | BotoCoreError,
    who: Callable[[], str],
    settings: Settings = MappingProxyType({}),
) -> XacctError:
    """An account could not be entered. ``who`` looks up the ARN of those who would assume its role."""
    login = _login(account, settings)
    if isinstance(error, UNREACHABLE):
        told = translate(error)
        said = told.message.partition(": ")[2]
        return AwsCallFailed(
            f"{through(account)} for account {account.id}: {said}",
            account=account.id,
            call="sts",
            code="Unreachable",
            next_step=told.next_step,
        )
    if isinstance(error, SSO):
        return CredentialsError(
            f"{through(account)} for account {account.id}: the SSO session has expired or was never begun",
            next_step=login,
        )
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
        return no_credentials(account)
    if isinstance(error, _LOGIN_ENDED):
        return CredentialsError(
            f"{source_of(account)} for account {account.id}: the session of aws login cannot be used: "
            f"{line(str(error), 300)}",
            next_step=login,
        )
    if isinstance(error, boto.MissingDependencyException) and _LOGIN in settings:
        return CredentialsError(
            f"{source_of(account)} for account {account.id} are those of aws login, which botocore reads "
            "only with its extra crt",
            next_step=f"pip install 'botocore[crt]' where xacct-ml is installed; if the session has ended: {login}",
        )
    if isinstance(error, boto.ConfigParseError | boto.ConfigNotFound):
        return CredentialsError(
            f"account {account.id}: the AWS configuration cannot be read: {line(str(error), 300)}",
            next_step="correct that file",
        )
    if isinstance(error, BotoCoreError):
        return _not_had(account, settings, str(error))
    return _refused(account, region, error, login, who, settings)


def _refused(
    account: Account, region: str, error: ClientError, login: str, who: Callable[[], str], settings: Settings
) -> XacctError:
    code, said = code_of(error), line(" ".join(str(error.response["Error"].get("Message", "")).split()), 600)
    call = f"{_SERVICES.get(error.operation_name, 'sts')}:{error.operation_name}"
    found = advice(code, said, call, {"account": account.id, "region": region, "login": login})
    kind, step = (found.kind, found.next_step) if found else ("", None)
    assuming, expired = error.operation_name == "AssumeRole", kind == "expired"
    if kind == "clock":
        return CredentialsError(
            f"AWS in {region} does not accept what this machine signs with {source_of(account)} for account "
            f"{account.id}: {call}: {said}",
            next_step=step,
        )
    if kind in ("MFA", "assignment", "web identity", "role chaining", "region"):
        return CredentialsError(
            f"{source_of(account)} for account {account.id}: {call}: {code}: {said}", next_step=step
        )
    if assuming and code in DENIED:
        return _cannot_assume(account, said, step if kind.startswith(_NAMED_POLICY) else None, who)
    if code not in EXPIRED | INVALID_CREDENTIALS | DENIED and not expired:
        metadata: dict[str, Any] = error.response.setdefault("ResponseMetadata", {})
        origin = Origin(call, account.id, region, account.profile or "").noted()
        metadata.update({key: text for key, text in origin.items() if not metadata.get(key)})
        return translate(error)
    if code in INVALID_CREDENTIALS and region in OPT_IN:
        return CredentialsError(
            f"AWS in {region} does not accept {source_of(account)} for account {account.id}: {call}: {code}: {said}",
            details=(f"{region} is an opt-in region: an account that has not enabled it gets this answer",),
            next_step=f"enable {region} in account {account.id} (aws account enable-region), "
            "or correct the map's region; if it is enabled, renew the credentials",
        )
    whose = (
        f"{source_of(account)}, needed to assume {account.role_arn},"
        if assuming
        else f"{through(account)} for account {account.id}"
    )
    if code in DENIED and step is not None:
        return CredentialsError(f"{whose} may not do {call}: {code}: {said}", next_step=step)
    return CredentialsError(
        f"{whose} "
        + ("have expired" if expired else f"are not accepted by AWS in {region}")
        + f": {call}: {code}: {said}",
        next_step=login if expired and account.profile and not assuming else f"renew them: {_renew(account, settings)}",
    )


def _cannot_assume(account: Account, said: str, step: str | None, who: Callable[[], str]) -> XacctError:
    """Its own role, from the map, or that of its profile. ``step`` where AWS says which policy denies it."""
    if account.role_arn is None:
        return CredentialsError(
            f"{source_of(account)} for account {account.id}: the profile's role cannot be assumed: {said}",
            next_step=step or "correct its role_arn, source_profile or external_id, or the role's trust policy",
        )
    external = "with the map's external_id" if account.external_id else "without an external id"
    reasons = (
        "" if step else "; the role does not exist, or its trust policy or the caller's own policy does not allow it"
    )
    return CredentialsError(
        f"{who()} cannot assume {account.role_arn} ({external})",
        details=(f"AWS says: {said}{reasons}",),
        next_step=step
        or f"correct role_arn, external_id or profile of account {account.id}, or the role's trust policy",
    )


def broken(account: Account, settings: Settings, error: Exception) -> XacctError:
    """What gives the credentials failed in a way of its own."""
    return _not_had(account, settings, f"{type(error).__name__}: {error}")


def _not_had(account: Account, settings: Settings, reason: str) -> XacctError:
    name, used = _name(account), [setting for setting in _PROVIDERS if setting in settings]
    by = f": {used[0]} of profile {name}" if used else ""
    return CredentialsError(
        f"{source_of(account)} for account {account.id} cannot be had{by}: {line(' '.join(reason.split()), 300)}",
        details=tuple(f"{setting} = {line(str(settings[setting]), 200)}" for setting in used[:1]),
        next_step=f"correct it, or try it by hand: aws sts get-caller-identity --profile {name}",
    )


def _name(account: Account) -> str:
    """The profile that is used."""
    return account.profile or os.environ.get("AWS_PROFILE") or "default"


def source_of(account: Account) -> str:
    return f"the credentials of profile {account.profile}" if account.profile else "the ambient credentials"


def through(account: Account) -> str:
    return f"the credentials of role {account.role_arn}" if account.role_arn else source_of(account)


def _login(account: Account, settings: Settings) -> str:
    profile = f" --profile {account.profile}" if account.profile else ""
    return f"aws login{profile}" if _LOGIN in settings else f"aws sso login{profile}"


def _renew(account: Account, settings: Settings = MappingProxyType({})) -> str:
    """Nobody is asked for keys that last whose profile has others."""
    profile = f" --profile {account.profile}" if account.profile else ""
    if not settings.keys().isdisjoint(("sso_session", "sso_start_url", _LOGIN)):
        return _login(account, settings)
    used = next((setting for setting in _PROVIDERS if setting in settings), None)
    return f"aws configure{profile}" if used is None else f"see {used} of profile {_name(account)}"


def no_profile(account: Account, profile: str, known: Collection[str]) -> CredentialsError:
    """``known`` are the profiles that there are. Nobody is told to make one of a misspelt name."""
    place = f"the profile of account {account.id} in the map" if account.profile else "AWS_PROFILE"
    meant = did_you_mean(profile, known)
    if meant is not None:
        step = f"correct {place}: {meant}"
    elif known:
        step = f"correct {place}, or make that profile: aws configure sso --profile {shlex.quote(profile)}"
    else:
        step = f"make it: aws configure sso --profile {shlex.quote(profile)}"
    shown = [line(name, 60) for name in known][:_PROFILES_SHOWN]
    more = f", and {len(known) - _PROFILES_SHOWN} more" if len(known) > _PROFILES_SHOWN else ""
    return CredentialsError(
        f"account {account.id}: the AWS configuration has no profile {profile}"
        f"{'' if account.profile else ', which AWS_PROFILE names'}{f'; did you mean {meant!r}?' if meant else ''}",
        details=(f"it has {', '.join(shown)}{more}",) if shown else (),
        next_step=step,
    )


def no_credentials(account: Account) -> CredentialsError:
    where = f"profile {account.profile}" if account.profile else "the environment or the default profile"
    return CredentialsError(
        f"account {account.id}: no AWS credentials in {where}",
        next_step=_renew(account) if account.profile else "name a profile in the map, or set AWS_PROFILE",
    )
