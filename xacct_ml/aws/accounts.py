"""boto3 clients for the accounts of the map."""

import re
import threading
from collections.abc import Iterable
from copy import copy
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import botocore.config
import botocore.session
from botocore import exceptions as boto
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialResolver, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader

from xacct_ml import __version__
from xacct_ml.arn import Arn
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import DENIED, EXPIRED, INVALID_CREDENTIALS, SSO, UNREACHABLE, code_of, translate, watch
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Account, Config, Person
from xacct_ml.errors import CredentialsError, XacctError

SESSION_NAME = "xacct-ml"


def _named(sts: Any) -> str:
    """The name of who calls: a user's, or a session's such as SSO makes it; as RoleSessionName takes it [B]."""
    name = Arn.parse(sts.get_caller_identity()["Arn"]).name
    return re.sub(r"[^\w+=,.@-]", "-", name, flags=re.ASCII)[:64].ljust(2, "-")


class Accounts:
    """One session per account of the map: a profile (SSO included), a role assumed from it, or the ambient credentials.

    Nothing is called or looked up before a client is first asked for. Thread-safe. AWS_ENDPOINT_URL is honoured by
    botocore itself."""

    def __init__(self, config: Config) -> None:
        self._region = config.region
        self._accounts: dict[str, Account] = {account.id: account for _, account in reversed(named_accounts(config))}
        self._sessions: dict[str, botocore.session.Session] = {}
        self._sources: dict[str | None, botocore.session.Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        # Sessions, unlike clients, may not be shared between threads. One lock each: entering an account may take long.
        self._locks = {id_: threading.Lock() for id_ in self._accounts}

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        """The boto3 client, made once; in the map's region where none is given.

        Its errors are :func:`xacct_ml.aws.errors.translate`'s to explain.

        Raises CredentialsError for a profile that does not exist; KeyError for an account that is not in the map."""
        key = (account_id, service, region or self._region)
        with self._locks[account_id]:
            if key not in self._clients:
                client = self._session(account_id).create_client(service, key[2], config=_CLIENT_CONFIG)
                watch(client, account_id)
                self._clients[key] = client
            return self._clients[key]

    def verify(self, account_ids: Iterable[str] | None = None) -> None:
        """GetCallerIdentity in each account (all of the map by default) is in that account, else CredentialsError.

        All accounts at once. Raises AwsCallFailed where AWS cannot be reached at all."""
        ids = self._accounts if account_ids is None else account_ids
        concurrently([partial(self._verify, self._accounts[id_]) for id_ in ids])

    def _verify(self, account: Account) -> None:
        try:
            identity = self.client(account.id, "sts").get_caller_identity()
        except (ClientError, BotoCoreError) as error:
            raise self._explain(account, error) from error
        if identity["Account"] != account.id:
            raise CredentialsError(
                f"{_through(account)} lead into account {identity['Account']}, but the map says {account.id}",
                details=(f"They are those of {identity['Arn']}",),
                next_step=f"correct the id, profile or role_arn of account {account.id} in the map",
            )

    def _session(self, account_id: str) -> botocore.session.Session:
        if account_id not in self._sessions:
            account = self._accounts[account_id]
            try:
                core = self._source(account)
                if account.role_arn is not None:
                    core = self._assuming(core, account, account.role_arn)
            except boto.ProfileNotFound as error:
                profile = account.profile or str(error.kwargs["profile"])
                said = "" if account.profile else ", which AWS_PROFILE names"
                raise CredentialsError(
                    f"account {account.id}: the AWS configuration has no profile {profile}{said}",
                    next_step=f"aws configure sso --profile {profile}",
                ) from error
            self._sessions[account_id] = core
        return self._sessions[account_id]

    def _source(self, account: Account) -> botocore.session.Session:
        """The profile's or the ambient credentials."""
        core = self._bare(account.profile)
        if account.profile is not None:
            core.get_scoped_config()  # raises ProfileNotFound
        return core

    def _assuming(self, source: botocore.session.Session, account: Account, role_arn: str) -> botocore.session.Session:
        """A session with the role's credentials, which renew themselves for as long as the source's are good."""
        credentials = source.get_credentials()
        if credentials is None:
            raise _no_credentials(account)
        extra = {"RoleSessionName": SESSION_NAME}
        if isinstance(account, Person):
            sts = partial(source.create_client, "sts", region_name=self._region)
            extra["RoleSessionName"] = account.name or _named(sts())
        if account.external_id is not None:
            extra["ExternalId"] = account.external_id
        fetcher = AssumeRoleCredentialFetcher(
            partial(source.create_client, region_name=self._region), credentials, role_arn, extra_args=extra
        )
        core = self._bare(account.profile)
        provider: Any = _AssumedRole(fetcher)
        core.register_component("credential_provider", CredentialResolver([provider]))
        return core

    @cached_property
    def _handlers(self) -> HierarchicalEmitter:
        """botocore's own event handlers, to be copied: registering the 120 of them is most of what a session costs."""
        hooks = HierarchicalEmitter()
        botocore.session.Session(event_hooks=hooks)
        return hooks

    def _bare(self, profile: str | None) -> botocore.session.Session:
        """A botocore session: of boto3's, only the transfer of files is needed, and loading it costs every command."""
        hooks = copy(self._handlers)
        core = botocore.session.Session(event_hooks=hooks, include_builtin_handlers=False, profile=profile)
        core.register_component("data_loader", _LOADER)
        core.register("creating-client-class.s3", _with_transfers)
        return core

    def _explain(self, account: Account, error: ClientError | BotoCoreError) -> XacctError:
        """Why an account's credentials do not work."""
        login = f"aws sso login --profile {account.profile}" if account.profile else "aws sso login"
        if isinstance(error, UNREACHABLE):
            return translate(error)
        if isinstance(error, SSO):
            return CredentialsError(
                f"{_through(account)} for account {account.id}: the SSO session has expired or was never begun",
                next_step=login,
            )
        if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
            return _no_credentials(account)
        if isinstance(error, BotoCoreError):
            reason = " ".join(str(error).split())[:300]
            return CredentialsError(
                f"{_through(account)} for account {account.id} give no credentials: {reason}",
                next_step=f"renew them: {_renew(account)}",
            )
        code = code_of(error)
        if code not in EXPIRED | INVALID_CREDENTIALS | DENIED:
            return translate(error)
        assuming, expired = error.operation_name == "AssumeRole", code in EXPIRED
        if assuming and code in DENIED:
            return self._cannot_assume(account)
        whose = (
            f"{_source_of(account)}, needed to assume {account.role_arn},"
            if assuming
            else f"{_through(account)} for account {account.id}"
        )
        return CredentialsError(
            f"{whose} " + ("have expired" if expired else f"are not accepted by AWS: {code}"),
            next_step=login if expired and account.profile and not assuming else f"renew them: {_renew(account)}",
        )

    def _cannot_assume(self, account: Account) -> XacctError:
        external = "with the map's external_id" if account.external_id else "without an external id"
        return CredentialsError(
            f"{self._who(account)} cannot assume {account.role_arn} ({external})",
            details=("The role does not exist, or its trust policy or the caller's own policy does not allow it",),
            next_step=f"correct role_arn, external_id or profile of account {account.id}, or the role's trust policy",
        )

    def _who(self, account: Account) -> str:
        """The ARN of those who would assume the account's role."""
        try:
            sts: Any = self._source(account).create_client("sts", region_name=self._region, config=_CLIENT_CONFIG)
            return str(sts.get_caller_identity()["Arn"])
        except (ClientError, BotoCoreError):
            return _source_of(account)


class _AssumedRole:
    """botocore's credential provider for an assumed role: assumes it on first use and again before each expiry."""

    METHOD = "assume-role"
    CANONICAL_NAME = None

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)


_CLIENT_CONFIG = botocore.config.Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=32,  # as many calls as are made at once through one client
    user_agent_extra=f"xacct-ml/{__version__}",
)


def _with_transfers(class_attributes: dict[str, Any], **_: Any) -> None:
    class_attributes["upload_fileobj"] = _upload_fileobj


def _upload_fileobj(client: Any, *arguments: Any, **named: Any) -> None:
    """boto3's method of an S3 client."""
    from boto3.s3.inject import upload_fileobj

    upload_fileobj(client, *arguments, **named)


def _source_of(account: Account) -> str:
    return f"the credentials of profile {account.profile}" if account.profile else "the ambient credentials"


def _through(account: Account) -> str:
    return f"the credentials of role {account.role_arn}" if account.role_arn else _source_of(account)


def _renew(account: Account) -> str:
    return f"aws configure --profile {account.profile}" if account.profile else "aws configure"


def _no_credentials(account: Account) -> CredentialsError:
    where = f"profile {account.profile}" if account.profile else "the environment or the default profile"
    return CredentialsError(
        f"account {account.id}: no AWS credentials in {where}",
        next_step=_renew(account) if account.profile else "name a profile in the map, or set AWS_PROFILE",
    )


class SharedLoader(Loader):  # type: ignore[misc]
    """One loader for all sessions: a model is most of what a client costs, and is read and kept only once.

    botocore's own is made for one thread: where several ask for a model at once, each reads it."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = threading.RLock()

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore asks for each type
        """By the names of the directories alone. botocore looks into each of over 400 for the type, only to say in one
        way or the other that a service is unknown."""
        return _services(tuple(self.search_paths))

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        with self._reading:
            return super().load_service_model(service_name, type_name, api_version)

    def load_data_with_path(self, name: str) -> Any:
        with self._reading:
            return super().load_data_with_path(name)


@cache
def _services(paths: tuple[str, ...]) -> list[str]:
    found = (path for place in map(Path, paths) if place.is_dir() for path in place.iterdir() if path.is_dir())
    return sorted({path.name for path in found})


_LOADER = SharedLoader()
