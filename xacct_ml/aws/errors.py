"""From botocore's exceptions to ours: which account, which call, what AWS said, what to do next.

What to do is chosen from code and message, by :mod:`xacct_ml.tables.aws_errors`."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import botocore.session
from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.engine.progress import call_ended, call_started
from xacct_ml.errors import AwsCallFailed, CredentialsError, XacctError
from xacct_ml.foreign import bounded, line
from xacct_ml.tables.aws_errors import GROUPS, advice
from xacct_ml.tables.aws_errors import codes as _codes
from xacct_ml.tables.regions import REGIONS, dns_suffix

T = TypeVar("T")
IsAbsent = Callable[[ClientError], bool]

codes = _codes
EXPIRED, INVALID_CREDENTIALS, DENIED = GROUPS["expired"], GROUPS["invalid"], GROUPS["denied"]
UNREACHABLE = (boto.ConnectionError, boto.HTTPClientError)
_MAKES_ANOTHER = ("kms.CreateKey",)
"""Calls that make one more thing each time. A lost answer is not asked for again: the next run finds the key."""
NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.RefreshWithMFAUnsupportedError,
)
SSO = (boto.SSOError, boto.TokenRetrievalError)

_CREDENTIALS = frozenset(
    {"clock", "region", "assignment", "expired", "invalid", "web identity", "role chaining", "MFA"}
)
"""Kinds of :mod:`~xacct_ml.tables.aws_errors` that are about who calls and not about what is called."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an error comes from, as :func:`watch` notes it in botocore's exceptions. ``call`` is ``service:Operation``;
    what is empty is not known."""

    call: str = ""
    account: str = ""
    region: str = ""
    profile: str = ""
    endpoint: str = ""

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> "Origin":
        """From where it was noted: a response's metadata, an exception's arguments."""
        return cls(*(str(noted.get(_PREFIX + field.name, "")) for field in fields(cls)))

    def noted(self) -> dict[str, str]:
        return {_PREFIX + field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        """For people: call, account, region and profile."""
        region = f", {self.region}" if self.region in REGIONS else ""
        profile = f" (profile {self.profile})" if self.profile else ""
        return f"{self.call or 'unknown call'} in account {self.account or 'unknown'}{region}{profile}"

    @property
    def login(self) -> str:
        """The command that shows or renews the credentials."""
        with_profile = f" --profile {self.profile}" if self.profile else ""
        return f"aws sso login{with_profile} for SSO, else: aws configure list{with_profile}"


_PREFIX = "xacct-ml:"


def watch(client: Any, account: str, profile: str | None = None) -> None:
    """Make every error of this client say which account and call it comes from, for :func:`translate`.

    Every call is announced (:mod:`xacct_ml.engine.progress`), and is not made once the user has interrupted."""
    region, endpoint = client.meta.region_name or "", client.meta.endpoint_url

    def origin(call: str) -> dict[str, str]:
        return Origin(call, account, region, profile or "", endpoint).noted()

    def stamp(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if "Error" in parsed:
            parsed.setdefault("ResponseMetadata", {}).update(origin(_call(model)))

    def stamp_exception(exception: Exception, context: dict[str, Any], **_: Any) -> None:
        if isinstance(exception, BotoCoreError):
            exception.kwargs = {**exception.kwargs, **origin(context.get(_CALL, ""))}

    def remember(model: Any, context: dict[str, Any], **_: Any) -> None:
        context[_CALL] = _call(model)
        call_started(context[_CALL], account)

    def answered(**_: Any) -> None:
        call_ended()

    def not_twice(caught_exception: Exception | None, **_: Any) -> None:
        if caught_exception is not None:
            raise caught_exception

    for call in _MAKES_ANOTHER:
        client.meta.events.register_first(f"needs-retry.{call}", not_twice)
    client.meta.events.register("after-call", stamp)
    client.meta.events.register("before-call", remember)
    client.meta.events.register("after-call-error", stamp_exception)
    for event in ("after-call", "after-call-error"):
        client.meta.events.register(event, answered)


_CALL = f"{_PREFIX}call"


def code_of(error: ClientError) -> str:
    """AWS's error code, such as ``NoSuchEntity``."""
    return str(error.response["Error"].get("Code", ""))


def absent_as_none(absent: str | Collection[str] | IsAbsent, call: Callable[..., T], **arguments: Any) -> T | None:
    """The call's answer; None where the error says that there is no such thing: by this code or one of these, or as
    ``absent`` decides. Of a conditional write, that what it was to be written over is not there any more."""
    try:
        return call(**arguments)
    except ClientError as error:
        if absent(error) if callable(absent) else code_of(error) in ((absent,) if isinstance(absent, str) else absent):
            return None
        raise


@contextmanager
def translated() -> Iterator[None]:
    """Inside, botocore's exceptions become ours."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translate(error) from error
    except Exception as error:
        from botocore.parsers import ResponseParserError  # loads all of botocore's parsers

        if isinstance(error, ResponseParserError):
            raise _unreadable(error) from error
        raise


def translate(error: ClientError | BotoCoreError) -> XacctError:
    """What a failed call means to the user. Never shows more of a request than its account and operation."""
    if isinstance(error, ClientError):
        return _refused(error)
    if isinstance(error, SSO):
        return CredentialsError("the SSO session has expired or was never begun", next_step="aws sso login")
    if isinstance(error, NO_CREDENTIALS):
        return CredentialsError(f"no usable AWS credentials: {_line(str(error))}", next_step="aws configure list")
    origin = Origin.of(error.kwargs)
    unreachable = isinstance(error, UNREACHABLE)
    return AwsCallFailed(
        f"{origin}: {'AWS could not be reached: ' if unreachable else ''}{_line(str(error))}",
        account=origin.account or "unknown",
        call=origin.call or "unknown call",
        code="Unreachable" if unreachable else type(error).__name__,
        next_step=_reach(error) if unreachable else None,
    )


_LONGEST = 2000
"""Characters of a reason that are shown: AWS's sentence whole, and not the page of a proxy."""
_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
"""Where botocore finds the authorities that it trusts, beside `ca_bundle` of a profile (AWS CLI User Guide,
cli-configure-envvars) [D]."""
_TLS = ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed")


def _reach(error: BotoCoreError) -> str:
    """What to do where nothing answered."""
    for name, bundle in _bundles():
        if not Path(bundle).exists():
            return f"correct {name}: there is no {bundle}"
    if isinstance(error, boto.SSLError) or any(said in str(error) for said in _TLS):
        return (
            "if a proxy opens your TLS connections, name the file of its certificate authority in AWS_CA_BUNDLE, or in "
            "ca_bundle of the AWS configuration; else check this machine's clock and AWS_ENDPOINT_URL"
        )
    return "check the network, the map's region and AWS_ENDPOINT_URL, then run the same command again"


def _bundles() -> Iterator[tuple[str, str]]:
    """Each file of authorities that botocore may have been told to use, and where."""
    yield from ((name, os.environ[name]) for name in _BUNDLES if os.environ.get(name))
    try:
        profiles = botocore.session.Session().full_config.get("profiles", {})
    except BotoCoreError:
        return
    for profile, settings in profiles.items():
        if bundle := settings.get("ca_bundle"):
            yield f"ca_bundle of profile {profile} in the AWS configuration", bundle


def _unreadable(error: Exception) -> XacctError:
    return AwsCallFailed(
        f"an answer that is not AWS's: {_line(str(error), 300)}",
        account="unknown",
        call="unknown call",
        code="Unreadable",
        next_step="check AWS_ENDPOINT_URL and what stands between here and AWS, such as a proxy",
    )


def _refused(error: ClientError) -> XacctError:
    code, message = code_of(error), bounded(str(error.response["Error"].get("Message", "")))
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    origin = Origin.of({f"{_PREFIX}call": error.operation_name, **metadata})
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    text = f"{origin}: {code}: {_line(message)}{notes}"
    known = {
        "account": origin.account or "unknown",
        "region": origin.region if origin.region in REGIONS else "the map's region",
        "login": origin.login,
    }
    found = advice(code, message, origin.call, known)
    if found is not None and found.kind in _CREDENTIALS:
        return CredentialsError(text, next_step=found.next_step)
    step = found.next_step if found else _after_failure(metadata.get("HTTPStatusCode", 0), origin.endpoint)
    return AwsCallFailed(text, account=known["account"], call=origin.call, code=code, next_step=step)


_AWS_HOSTS = (*(f".{suffix}" for suffix in {dns_suffix(region) for region in REGIONS}), ".api.aws")


def _after_failure(status: int, endpoint: str) -> str | None:
    """For a 5xx: an answer to HEAD has no other code than that (S3 API, HeadObject) [D]. Of AWS only where it was AWS
    that answered."""
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    if endpoint and not (urlsplit(endpoint).hostname or "").endswith(_AWS_HOSTS):
        return (
            f"what answers at {endpoint} (AWS_ENDPOINT_URL) failed, which need not be AWS: look at its log, then run "
            "the same command again, it continues there"
        )
    return "this is AWS's failure: run the same command again, it continues there; health.aws.amazon.com tells outages"


def _call(model: Any) -> str:
    return f"{model.service_model.service_name}:{model.name}"


def _line(text: str, longest: int = _LONGEST) -> str:
    return line(" ".join(text.split()), longest)
