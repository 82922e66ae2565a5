"""The harsh mode: what AWS does on a bad day, from a seed, to any client of the embedded AWS.

Throttling, internal errors, dropped connections, answers lost after the call was executed, new roles that cannot be
assumed and new principals that are not valid yet, reads that do not see what was just created, sessions that expire
under way, resources deleted by somebody else. What happens to a call follows from the seed and from the call alone
(account, operation, what it is about, how many times so far), so threads that take turns differently meet the same. It
is bounded: no call is disturbed more than twice in a row, a session expires once per account, one thing is deleted.

The embedded AWS's own requests, made for its services, are never disturbed: AWS's services retry among themselves."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, TypeVar

from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.clients import OWN_USER_AGENT
from xacct_ml.emulator.core.denials import ServiceError

T = TypeVar("T")

RATE = 0.12
"""Part of the calls that something happens to."""
IN_A_ROW = 2
"""botocore's standard mode tries three times, the tool five."""

_THROTTLED: Mapping[str, tuple[str, int]] = {
    # IAM, STS, CloudFormation, CloudWatch: common errors of the query APIs; S3: error responses; Lambda: Invoke [D]
    "iam": ("Throttling", 400),
    "sts": ("Throttling", 400),
    "cloudformation": ("Throttling", 400),
    "cloudwatch": ("Throttling", 400),
    "s3": ("SlowDown", 503),
    "lambda": ("TooManyRequestsException", 429),
}
_FAILED: Mapping[str, tuple[str, int]] = {
    "iam": ("ServiceFailure", 500),
    "s3": ("InternalError", 500),
    "kms": ("KMSInternalException", 500),
    "lambda": ("ServiceException", 500),
}
_MISSING: Mapping[str, tuple[str, str, int]] = {
    # code, message, status of a read that finds nothing; without those whose reads are lists
    "iam": ("NoSuchEntity", "The role with name {name} cannot be found.", 404),
    "s3": ("NoSuchBucket", "The specified bucket does not exist", 404),
    "lambda": ("ResourceNotFoundException", "Function not found: {name}", 404),
    "kms": ("NotFoundException", "Key '{name}' does not exist", 400),
    "codecommit": ("RepositoryDoesNotExistException", "{name} does not exist", 400),
    "codepipeline": ("PipelineNotFoundException", "Account does not have a pipeline with name '{name}'", 400),
    "events": ("ResourceNotFoundException", "Rule {name} does not exist on EventBus default.", 400),
    "cloudformation": ("ValidationError", "Stack with id {name} does not exist", 400),
    "logs": ("ResourceNotFoundException", "The specified log group does not exist.", 400),
}
_LISTS = frozenset({"DescribeLogGroups", "DescribeAlarms"})
"""They answer with an empty list, not with an error."""
_POLICY_MEMBERS = ("PolicyDocument", "AssumeRolePolicyDocument", "Policy")
_INVALID_PRINCIPAL: Mapping[str, tuple[str, str]] = {
    "iam": ("MalformedPolicyDocument", "Invalid principal in policy"),
    "kms": ("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."),
    "s3": ("MalformedPolicy", "Invalid principal in policy"),
}
NAMES = (
    "RoleName",
    "PolicyName",
    "Bucket",
    "Key",
    "repositoryName",
    "StackName",
    "FunctionName",
    "logGroupName",
    "logGroupNamePrefix",
    "AlarmName",
    "AlarmNames",
    "AliasName",
    "Rule",
    "Name",
    "name",
    "pipelineName",
)
"""Parameters that say what a call is about, and are the same in every run; a key's id is not."""


class Dropped(Exception):
    """The connection ends without an answer."""


def throttled(service: str) -> ServiceError:
    code, status = _THROTTLED.get(service, ("ThrottlingException", 400))
    return ServiceError(code, "Rate exceeded", status)


def failed(service: str) -> ServiceError:
    code, status = _FAILED.get(service, ("InternalFailure", 500))
    return ServiceError(code, "We encountered an internal error. Please try again.", status)


def missing(service: str, name: str) -> ServiceError | None:
    """What a read says of something that does not exist; ``None`` where the service answers with an empty list."""
    if service not in _MISSING:
        return None
    code, message, status = _MISSING[service]
    return ServiceError(code, message.format(name=name), status)


def about(params: Mapping[str, Any]) -> str:
    """What a call is about, as text."""
    return "/".join(_named(params))


Thing = tuple[str, str, str]
"""Account, service, name."""


class FaultInjection:
    """One bad day. ``delete`` removes a thing behind everybody's back; where it cannot, nothing happens.

    ``happened`` lists what was done to which call, for people."""

    def __init__(self, seed: int, *, rate: float = RATE, delete: Callable[[Thing], object] = lambda _: None) -> None:
        self.seed = seed
        self.happened: list[str] = []
        self._rate = rate
        self._delete = delete
        self._lock = threading.Lock()
        self._times: Counter[tuple[str, ...]] = Counter()
        self._in_a_row: Counter[tuple[str, ...]] = Counter()
        self._unseen: dict[Thing, int] = {}
        self._unusable: dict[str, int] = {}
        self._created: list[Thing] = []
        self._calls: Counter[str] = Counter()
        self._expiry: dict[str, int] = {}
        self._deletion = Random(f"{seed}/deletion").randrange(60, 160)

    def serve(self, call: ApiCall, answer: Callable[[], T], access_key_id: str | None) -> T:
        """``answer()``, or what happens instead or after it.

        :raises ServiceError: throttled, failed, not seen yet, expired
        :raises Dropped: the connection breaks, before or after the call was executed"""
        if OWN_USER_AGENT in call.headers.get("user-agent", ""):
            return answer()
        self._expire(call, access_key_id)
        self._interfere(call)
        thing = (call.account, call.service, name_of(call.params))
        self._not_yet(call, thing)
        fate = self._fate(call)
        if fate is None:
            return self._answered(call, thing, answer)
        self.happened.append(f"{call.service}:{call.operation} {about(call.params)}: {fate}")
        if fate == "throttled":
            raise throttled(call.service)
        if fate == "failed":
            raise failed(call.service)
        if fate == "lost":
            self._answered(call, thing, answer)
        raise Dropped(fate)

    def not_assumable(self, role_arn: str) -> bool:
        """Whether a role is too new to be assumed; each question brings it nearer."""
        with self._lock:
            return self._count_down(self._unusable, role_arn)

    # -- parts -----------------------------------------------------------------------------------------------------
    def _fate(self, call: ApiCall) -> str | None:
        key = (call.account, call.service, call.operation, about(call.params))
        with self._lock:
            self._times[key] += 1
            chance = Random("/".join((str(self.seed), *key, str(self._times[key]))))
            if self._in_a_row[key] >= IN_A_ROW or chance.random() >= self._rate:
                self._in_a_row[key] = 0
                return None
            self._in_a_row[key] += 1
            return chance.choice(("throttled", "failed", "dropped", "lost"))

    def _answered(self, call: ApiCall, thing: Thing, answer: Callable[[], T]) -> T:
        answered = answer()
        if call.operation.startswith("Create") and thing[2] and thing not in self._created:
            chance = Random("/".join((str(self.seed), "new", *thing)))
            with self._lock:
                self._created.append(thing)
                if call.operation != "CreateCommit":
                    self._unseen[thing] = chance.randrange(3)
                if call.operation == "CreateRole":
                    arn = call.arn("iam", f"role{call.params.get('Path', '/')}{thing[2]}", region="")
                    self._unusable[arn] = chance.randrange(3)
        return answered

    def _not_yet(self, call: ApiCall, thing: Thing) -> None:
        """A read that does not see what was created a moment ago; a policy that names too new a principal."""
        if call.operation.startswith(("Get", "Describe", "Head")) and call.operation not in _LISTS:
            with self._lock:
                unseen = self._count_down(self._unseen, thing)
            if unseen and (error := missing(call.service, thing[2])) is not None:
                self.happened.append(f"{call.service}:{call.operation} {thing[2]}: not seen yet")
                raise error
        documents = [str(call.params[member]) for member in _POLICY_MEMBERS if member in call.params]
        for arn in (arn for document in documents for arn in _principals(document)):
            with self._lock:
                invalid = call.service in _INVALID_PRINCIPAL and self._count_down(self._unusable, arn)
            if invalid:
                self.happened.append(f"{call.service}:{call.operation}: {arn} is not a valid principal yet")
                code, message = _INVALID_PRINCIPAL[call.service]
                raise ServiceError(code, message, 400)

    def _expire(self, call: ApiCall, access_key_id: str | None) -> None:
        """Once per account the session of a caller ends before its time: whoever enters anew goes on."""
        key = None if access_key_id is None else principals.access_key(access_key_id)
        if key is None or sessions.session_of(key) is None:
            return
        with self._lock:
            self._calls[call.account] += 1
            due = self._expiry.setdefault(call.account, Random(f"{self.seed}/{call.account}").randrange(30, 200))
            now = self._calls[call.account] == due
        if now:
            self.happened.append(f"{call.service}:{call.operation}: the session in {call.account} expires")
            sessions.expire(key)
            raise Dropped("expires")

    def _interfere(self, call: ApiCall) -> None:
        with self._lock:
            self._calls[""] += 1
            due = self._calls[""] == self._deletion and bool(self._created)
            victim = Random(f"{self.seed}/victim").choice(sorted(self._created)) if due else None
        if victim is not None:
            self.happened.append(f"before {call.service}:{call.operation}: {' '.join(victim)} is deleted")
            self._delete(victim)

    @staticmethod
    def _count_down(left: dict[Any, int], key: Any) -> bool:
        if left.get(key, 0) <= 0:
            return False
        left[key] -= 1
        return True


def name_of(params: Mapping[str, Any]) -> str:
    """The name of the one thing a call is about, without what lies inside it."""
    return next(_named(params), "")


def _named(params: Mapping[str, Any]) -> Iterator[str]:
    """A list of one name, as DeleteAlarms has it, is that name."""
    for name in NAMES:
        value = params.get(name)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str):
            yield value


def _principals(document: str) -> Iterator[str]:
    try:
        statements = json.loads(document).get("Statement", [])
    except (ValueError, AttributeError):
        return
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        named = principal.get("AWS", []) if isinstance(principal, dict) else []
        yield from [named] if isinstance(named, str) else named
