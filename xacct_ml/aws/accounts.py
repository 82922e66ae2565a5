"""boto3 clients for the accounts of the map."""

import re
import threading
from collections.abc import Callable, Iterable
from copy import copy
from functools import cached_property, partial
from typing import Any, TypeVar

import botocore.config
import botocore.session
from botocore import exceptions as boto
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialResolver, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.hooks import HierarchicalEmitter

from xacct_ml import __version__
from xacct_ml.arn import Arn
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.credential_errors import (
    Settings,
    broken,
    explained,
    no_credentials,
    no_profile,
    settings_of,
    source_of,
    through,
)
from xacct_ml.aws.errors import INVALID_CREDENTIALS, code_of, watch
from xacct_ml.aws.head import give_reasons
from xacct_ml.aws.mfa import Codes, device_of
from xacct_ml.aws.model_loader import LOADER
from xacct_ml.aws.times import in_utc
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Account, Config, Person
from xacct_ml.errors import CredentialsError, XacctError

T = TypeVar("T")

SESSION_NAME = "xacct-ml"


def _named(sts: Any) -> str:
    """The name of who calls: a user's, or a session's such as SSO makes it; as RoleSessionName takes it [B]."""
    name = Arn.parse(sts.get_caller_identity()["Arn"]).name
    return re.sub(r"[^\w+=,.@-]", "-", name, flags=re.ASCII)[:64].ljust(2, "-")


class Accounts:
    """One session per account of the map: a profile (SSO included), a role assumed from it, or the ambient credentials.

    The times in the clients' answers are in UTC.

    Nothing is called or looked up before a client is first asked for. Thread-safe. AWS_ENDPOINT_URL is honoured by
    botocore itself."""

    def __init__(self, config: Config, codes: Codes | None = None) -> None:
        self._region = config.region
        self._codes = codes or Codes()
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
                account = self._accounts[account_id]

                def make() -> Any:
                    return self._session(account_id).create_client(service, key[2], config=_CLIENT_CONFIG)

                client = self._told(account, make)
                give_reasons(client)
                watch(client, account_id, account.profile)
                self._clients[key] = client
            return self._clients[key]

    def verify(self, account_ids: Iterable[str] | None = None) -> None:
        """GetCallerIdentity in each account (all of the map by default) is in that account, else CredentialsError.

        All accounts at once. Raises AwsCallFailed where AWS cannot be reached at all."""
        ids = list(self._accounts if account_ids is None else account_ids)
        accounts = [self._accounts[id_] for id_ in ids]
        asking = [account for account in accounts if self._asks_for_code(account)]
        for account in asking:  # in the user's own thread, where Ctrl-C finds the prompt, and one after another
            self._verify_kept(account)
        concurrently([partial(self._verify, account) for account in accounts if account not in asking])

    def asks_for_code(self, account_id: str) -> bool:
        """Whether :meth:`verify` may ask the user for the account's MFA code."""
        return self._asks_for_code(self._accounts[account_id])

    def _asks_for_code(self, account: Account) -> bool:
        try:
            return device_of(self._bare(account.profile)) is not None
        except BotoCoreError:
            return False  # told with the account's other errors

    def _verify_kept(self, account: Account) -> None:
        """With sessions that earlier commands kept, where there are any; anew where AWS refuses them by now."""
        try:
            self._verify(account)
        except CredentialsError as error:
            refused = isinstance(error.__cause__, ClientError) and code_of(error.__cause__) in INVALID_CREDENTIALS
            if not refused or not self._codes.distrust():
                raise
            self._sessions.clear()
            self._clients.clear()
            self._verify(account)

    def _enter(self, account: Account) -> None:
        """The account's credentials are there."""
        credentials = self._told(account, lambda: self._session(account.id).get_credentials())
        if credentials is None:
            raise no_credentials(account)
        self._told(account, credentials.get_frozen_credentials)

    def _told(self, account: Account, call: Callable[[], T]) -> T:
        """What a provider of credentials gives. Whatever it raises is about the user's configuration: a process that
        prints no JSON, a file that is not there, a session that has ended."""
        try:
            return call()
        except XacctError:
            raise
        except (ClientError, BotoCoreError) as error:
            raise self._explained(account, error) from error
        except Exception as error:
            raise broken(account, self._settings(account), error) from error

    def _explained(self, account: Account, error: ClientError | BotoCoreError) -> XacctError:
        who = partial(self._who, account)
        return explained(account, self._region, error, who, self._settings(account))

    def _settings(self, account: Account) -> Settings:
        try:
            return settings_of(account, self._bare(account.profile).full_config)
        except BotoCoreError:
            return {}  # the configuration itself is what is told

    def _verify(self, account: Account) -> None:
        self._enter(account)
        try:
            identity = self.client(account.id, "sts").get_caller_identity()
        except (ClientError, BotoCoreError) as error:
            raise self._explained(account, error) from error
        if identity["Account"] != account.id:
            raise CredentialsError(
                f"{through(account)} lead into account {identity['Account']}, but the map says {account.id}",
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
                known = self._bare(None).full_config.get("profiles", {})
                raise no_profile(account, account.profile or str(error.kwargs["profile"]), known) from error
            told = partial(self._told, account)
            core.register_component("credential_provider", _Renewed(core.get_component("credential_provider"), told))
            self._sessions[account_id] = core
        return self._sessions[account_id]

    def _source(self, account: Account) -> botocore.session.Session:
        """The profile's or the ambient credentials."""
        core = self._bare(account.profile)
        if account.profile is not None:
            core.get_scoped_config()  # raises ProfileNotFound
        self._codes.configure(core, self._region)
        return core

    def _assuming(self, source: botocore.session.Session, account: Account, role_arn: str) -> botocore.session.Session:
        """A session with the role's credentials, which renew themselves for as long as the source's are good."""
        credentials = source.get_credentials()
        if credentials is None:
            raise no_credentials(account)
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
        core.register_component("data_loader", LOADER)
        core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=in_utc)
        core.set_config_variable("region", self._region)  # also for the calls of providers; a profile needs none
        core.register("creating-client-class.s3", _with_transfers)
        return core

    def _who(self, account: Account) -> str:
        """The ARN of those who would assume the account's role."""
        try:
            sts: Any = self._source(account).create_client("sts", region_name=self._region, config=_CLIENT_CONFIG)
            return str(sts.get_caller_identity()["Arn"])
        except (ClientError, BotoCoreError, XacctError):
            return source_of(account)


class _Renewed:
    """botocore's provider of a session's credentials, which it renews before they end, in the middle of any call: what
    fails then is ``told`` as what fails at the beginning."""

    def __init__(self, resolver: Any, told: Callable[[Callable[[], Any]], Any]) -> None:
        self._resolver, self._told = resolver, told

    def load_credentials(self) -> Any:
        credentials = self._resolver.load_credentials()
        renew = getattr(credentials, "_refresh_using", None)
        if renew is not None:
            credentials._refresh_using = partial(self._told, renew)
        return credentials


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
