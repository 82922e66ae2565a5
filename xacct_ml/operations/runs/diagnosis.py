"""What kind of failure ended a run, its reason as one short sentence, what to do, and where the log is.

The kinds are those of :mod:`xacct_ml.tables.failures`, and ``right`` for every refusal whose form is known."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.command_names import LOGS, RELEASE_AGAIN, START, STATUS
from xacct_ml.operations.runs.failure import FailedAction
from xacct_ml.operations.runs.log_places import Of, kind_of, places
from xacct_ml.operations.runs.stages import Action, Stage
from xacct_ml.proof.remediation.denial_message import ASSUME_ROLE, LONGEST_MESSAGE, Refusal, parse, role_of
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE, RELEASE_STAGE
from xacct_ml.system.names import Names
from xacct_ml.system.waves import APPROVE_STAGE
from xacct_ml.tables.failures import REJECTED, RIGHT, ROWS, UNKNOWN, Row

_SHOWN, _LONGEST_CAUSE = 400, 240
_RECORD = " [record sha256:"
"""Behind what a person said with an approval or a rejection."""
_REASONS = ("FailureReason", "errorMessage", "ErrorMessage", "Cause", "cause")
"""Members of what Step Functions and Lambda give as a cause: DescribeTrainingJob's answer, an exception (Step Functions
Developer Guide, connect-sagemaker; Lambda Developer Guide, invocation-retries) [D].
"""
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``sentence`` is on one line, in the words of whoever failed; ``cause`` is the shortest that says it. ``log`` says
    where more is and ``logs`` is the command that shows it, None where no log has it. ``stage`` and ``action`` are what
    failed, empty for a message alone."""

    kind: str
    sentence: str
    next_step: str
    log: str | None = None
    logs: str | None = None
    cause: str = ""
    stage: str = ""
    action: str = ""


def diagnose(config: Config, failed: FailedAction) -> Diagnosis:
    """Of a run's failed action."""
    names = Names(config)
    if failed.stage.startswith(APPROVE_STAGE):
        return _rejected(names, failed)
    kind, sentence, step = _kind(failed.messages)
    refused = _refused(failed.messages) if kind == RIGHT else ()
    # A judgement needs no instances but those of its batch transforms.
    trains = failed.job or (failed.stage == JUDGE_STAGE and kind in ("quota", "capacity"))
    where = names.training if trains else names.shared
    of = kind_of(names, failed.stage, failed.action, kind)
    logs = None if of is None else f"{LOGS} {failed.execution} --of {of}"
    known = {
        "execution": failed.execution,
        "job": failed.job or "",
        "region": names.region,
        "account": where,
        "endpoint": names.endpoint,
        "logs": logs or STATUS,
    }
    ours = any(_is_ours(names, one) and not one.beyond_rights for one in refused)
    step = step or (_PUT_BACK if ours else _EXPLAIN if kind == RIGHT or logs is None else _READ)
    if failed.stage == RELEASE_STAGE and kind == UNKNOWN:
        step = _ASK_AGAIN  # the judge has said why; a retried stage would look at the same request
    log = None if of is None else _place(names, failed, of)
    cause = _who_may_not(refused) or line(sentence, _LONGEST_CAUSE)
    return Diagnosis(kind, sentence, step.format(**known), log, logs, cause, failed.stage, failed.action)


def _rejected(names: Names, failed: FailedAction) -> Diagnosis:
    """Of an approval: nothing is broken."""
    told = line(" ".join((failed.messages or ("nobody answered in time",))[0].split()).partition(_RECORD)[0], _SHOWN)
    step = f"{START} begins another run; the rejected one is over, and its data may be trained on again"
    if failed.pipeline == names.release_pipeline:
        step = f"{RELEASE_AGAIN}; the rejected one is over, and what serves is left as it is"
    cause = line(told, _LONGEST_CAUSE)
    return Diagnosis(REJECTED, told, step, cause=cause, stage=failed.stage, action=failed.action)


def _who_may_not(refused: Sequence[Refusal]) -> str | None:
    """One clause for what AWS takes many words for; None where it does not say who. Of several readings, those of what
    the role itself may do: that nobody may assume it is the rarest."""
    own = [one for one in refused if one.actions and one.actions != (ASSUME_ROLE,)] or [*refused]
    role = next((found for one in own if one.principal and (found := role_of(one.principal))), None)
    service = next((one.service for one in own if one.service), None)
    if role is None and service is None:
        return None
    who = f"role {role[1]} of account {role[0]}" if role else str(service)
    actions = list(dict.fromkeys(one.actions[0] for one in own if one.actions))
    if not actions:
        return None
    *first, last = actions
    resource = next((one.resource for one in own if one.resource), None)
    blamed = next(
        (f": {one.blamed} {'denies' if one.explicit else 'does not allow'} it" for one in own if one.blamed), ""
    )
    what = f"{', '.join(first)}{' or ' if first else ''}{last}{f' on {_short(resource)}' if resource else ''}"
    return line(f"{who} may not {what}{blamed}", _LONGEST_CAUSE)


def _short(resource: str) -> str:
    """Beginning and end of a name that is longer than a row."""
    return resource if len(resource) <= 60 else f"{resource[:32]}…{resource[-24:]}"


def _is_ours(names: Names, refused: Refusal) -> bool:
    """Whether it is about a role that bootstrap makes. A service that names none was to assume one of ours."""
    if refused.service is not None and refused.principal is None and refused.resource is None:
        return True
    role = next((role for arn in (refused.principal, refused.resource) if arn and (role := role_of(arn))), None)
    prefix = role_of(names.role_arn(names.shared, ""))
    return role is not None and prefix is not None and role[1].startswith(prefix[1])


def diagnose_message(config: Config, message: str) -> Diagnosis:
    """Of a message alone: in whichever of the map's accounts."""
    kind, sentence, step = _kind((message,))
    cause = (_who_may_not(_refused((message,))) if kind == RIGHT else None) or line(sentence, _LONGEST_CAUSE)
    region = Names(config).region
    known = {"execution": "ID", "job": "", "region": region, "account": "the message's", "endpoint": "", "logs": LOGS}
    return Diagnosis(kind, sentence, (step or _LOOK).format(**known), cause=cause)


def sentence(message: str) -> str:
    """The reason in a message, on one line: of a trace or a service's whole answer, the part that says why."""
    return _kind((message,))[1]


_PUT_BACK = (
    "xacct-ml bootstrap puts back what the accounts lack (xacct-ml explain says what); then: "
    "xacct-ml retry --execution {execution}"
)
_EXPLAIN = "xacct-ml explain; when it is mended: xacct-ml retry --execution {execution}"
_READ = "{logs}; when it is mended: xacct-ml retry --execution {execution}"
_ASK_AGAIN = "when it is mended, xacct-ml deploy or rollback asks again"
_LOOK = "xacct-ml status shows where a run failed, and xacct-ml logs what was printed there"


def _kind(messages: Sequence[str]) -> tuple[str, str, str]:
    """Kind, sentence and next step. What lies behind an action's message says more than that, so it is asked first."""
    plain = [text for message in reversed(messages) for text in _texts(message)]
    for vague in (False, True):
        for row in ROWS:
            if row.vague is vague and (reason := _reason(row, plain)) is not None:
                return row.kind, line(reason, _SHOWN), row.next
        refused = next((text for text in plain if parse(text)), None)
        if refused is not None:
            return RIGHT, line(refused, _SHOWN), ""
    return UNKNOWN, line(plain[-1], _SHOWN) if plain else "", ""


def _refused(messages: Sequence[str]) -> tuple[Refusal, ...]:
    """What :func:`_kind` takes for the refusal."""
    texts = (text for message in reversed(messages) for text in _texts(message))
    return next((found for text in texts if (found := parse(text))), ())


def _reason(row: Row, texts: Sequence[str]) -> str | None:
    return next((reason for text in texts if (reason := row.reason(text)) is not None), None)


def _texts(message: str) -> Iterator[str]:
    """The reasons inside a message that carries a JSON document, innermost first; then itself."""
    text = message[:LONGEST_MESSAGE]
    begins, ends = text.find("{"), text.rfind("}")
    if 0 <= begins < ends:
        with suppress(ForeignTextError):
            yield from _within(document(text[begins : ends + 1]), _DEEPEST)
    yield " ".join(text.split())


def _within(found: Any, depth: int) -> Iterator[str]:
    if not isinstance(found, dict) or depth == 0:
        return
    for name in _REASONS:
        value = found.get(name)
        if isinstance(value, str) and value.strip():
            if value.lstrip().startswith("{"):
                with suppress(ForeignTextError):
                    yield from _within(document(value[:LONGEST_MESSAGE]), depth - 1)
            yield " ".join(value[:LONGEST_MESSAGE].split())


def _place(names: Names, failed: FailedAction, of: Of) -> str | None:
    """Log group and account; with a job, its streams."""
    execution = None if failed.job is None else names.execution_arn(failed.job)
    action = Action(failed.action, "Failed", external_id=execution)
    found = places(names, (Stage(failed.stage, "Failed", (action,)),), of)
    return found[0].place if found else None
