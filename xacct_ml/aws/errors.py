"""From botocore's exceptions to ours: which account, which call, what AWS said, what to do next."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.engine.progress import call_ended, call_started
from xacct_ml.errors import AwsCallFailed, CredentialsError, XacctError
from xacct_ml.foreign import bounded

T = TypeVar("T")
IsAbsent = Callable[[ClientError], bool]

_CALL, _ACCOUNT = "xacct-ml:call", "xacct-ml:account"


def codes(words: str) -> frozenset[str]:
    """AWS's error codes, from a list separated by blanks."""
    return frozenset(words.split())


EXPIRED = codes("ExpiredToken ExpiredTokenException RequestExpired")
INVALID_CREDENTIALS = codes(
    "AuthFailure IncompleteSignature InvalidAccessKeyId InvalidClientTokenId InvalidToken SignatureDoesNotMatch "
    "UnrecognizedClientException"
)
DENIED = codes("403 AccessDenied AccessDeniedException AuthorizationError Forbidden UnauthorizedOperation")
THROTTLED = codes(
    "LimitExceededException RequestLimitExceeded SlowDown Throttling ThrottlingException ThrottledException "
    "TooManyRequestsException"
)
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

_WHO = re.compile(r"(?:User|user): (?P<principal>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)")


def watch(client: Any, account: str) -> None:
    """Make every error of this client say which account and call it comes from, for :func:`translate`.

    Every call is announced (:mod:`xacct_ml.engine.progress`), and is not made once the user has interrupted."""

    def stamp(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if "Error" in parsed:
            parsed.setdefault("ResponseMetadata", {}).update({_CALL: _call(model), _ACCOUNT: account})

    def stamp_exception(exception: Exception, context: dict[str, Any], **_: Any) -> None:
        if isinstance(exception, BotoCoreError):
            exception.kwargs = {**exception.kwargs, _CALL: context.get(_CALL, ""), _ACCOUNT: account}

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


def code_of(error: ClientError) -> str:
    """AWS's error code, such as ``NoSuchEntity``."""
    return str(error.response["Error"].get("Code", ""))


def absent_as_none(absent: str | Collection[str] | IsAbsent, call: Callable[..., T], **arguments: Any) -> T | None:
    """The call's answer; None where the error says that there is no such thing: by this code or one of these, or as
    ``absent`` decides."""
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
        return CredentialsError(f"no usable AWS credentials: {_line(error)}", next_step="aws configure list")
    account, call = error.kwargs.get(_ACCOUNT, "unknown"), error.kwargs.get(_CALL, "unknown call")
    if isinstance(error, UNREACHABLE):
        return AwsCallFailed(
            f"{call} in account {account}: AWS could not be reached: {_line(error)}",
            account=account,
            call=call,
            code="Unreachable",
            next_step="check the network, the map's region and AWS_ENDPOINT_URL, then run the same command again",
        )
    return AwsCallFailed(
        f"{call} in account {account}: {_line(error)}", account=account, call=call, code=type(error).__name__
    )


def _unreadable(error: Exception) -> XacctError:
    return AwsCallFailed(
        f"an answer that is not AWS's: {_line(error)[:300]}",
        account="unknown",
        call="unknown call",
        code="Unreadable",
        next_step="check AWS_ENDPOINT_URL and what stands between here and AWS, such as a proxy",
    )


def _refused(error: ClientError) -> XacctError:
    code, message = code_of(error), bounded(str(error.response["Error"].get("Message", "")))
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    account = str(metadata.get(_ACCOUNT, "unknown"))
    call = str(metadata.get(_CALL, error.operation_name))
    if code in EXPIRED:
        return CredentialsError(
            f"the credentials for account {account} expired during {call}",
            next_step="renew them (aws sso login for SSO profiles) and run the same command again: it continues there",
        )
    if code in INVALID_CREDENTIALS:
        return CredentialsError(
            f"AWS does not accept the credentials for account {account}: {code}", next_step="aws configure list"
        )
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    text = f"{call} in account {account}: {code}: {message}{notes}"
    next_step = _next_step(code, message, call, account) or _after_failure_of_aws(metadata.get("HTTPStatusCode", 0))
    return AwsCallFailed(text, account=account, call=call, code=code, next_step=next_step)


def _after_failure_of_aws(status: int) -> str | None:
    """For a 5xx: an answer to HEAD has no other code than that (S3 API, HeadObject) [D]."""
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    return "this is AWS's failure: run the same command again, it continues there; health.aws.amazon.com tells outages"


def _next_step(code: str, message: str, call: str, account: str) -> str | None:
    if code in DENIED:
        denied = _WHO.search(message)
        who, what = (denied["principal"], denied["action"]) if denied else ("the map's principal", call)
        return f"allow {what} for {who} in account {account}; xacct-ml render writes the policy an operator needs"
    if code == "OperationNotAllowedException" and call.startswith("codecommit:"):
        return (
            f"CodeCommit is not open to account {account}: ask AWS Support to open it, or let another account of yours "
            "that already uses CodeCommit be the shared one"
        )
    if code == "400":  # an answer to HEAD has no body, so no reason: an expired session is the usual one (S3 API) [D]
        return "renew the credentials, which may have expired, and run the same command again: it continues there"
    if code in THROTTLED:
        return "wait a minute and run the same command again: it continues there"
    if "LimitExceeded" in code or "QuotaExceeded" in code or code == "ResourceLimitExceeded":
        return f"raise this quota for account {account} in Service Quotas, then run the same command again"
    if code == "InvalidStructureException" and "not authorized" in message:
        return "check that the pipeline's role and the roles of its actions exist: xacct-ml bootstrap, then verify"
    if code in {"MalformedPolicyDocument", "MalformedPolicyDocumentException", "MalformedPolicy"}:
        return "check the principals that the map names (role_arn): each must exist"
    return None


def _call(model: Any) -> str:
    return f"{model.service_model.service_name}:{model.name}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
