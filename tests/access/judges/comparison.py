"""The evaluator's decisions beside a judge's verdicts.

Three ends are good: both say the same; the evaluator leaves the request open, and it is one of :data:`OPEN`, where the
documentation of AWS does; or they disagree, and the judge is wrong where it is known to be (its ``corrections``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.access.judges.cases import Case
from tests.access.judges.judges import Correction, Judge
from xacct_ml.access.model import Decision, Outcome, PrincipalKind


def _grants_to_anyone(case: Case) -> bool:
    statements = case.resource["Statement"] if case.resource else []
    return any(one["Effect"] == "Allow" and one["Principal"] in ("*", {"AWS": "*"}) for one in statements)


def _grants_to_anyone_beside_a_limit(case: Case) -> bool:
    return _grants_to_anyone(case) and (case.boundary is not None or case.session is not None)


def _grants_to_anyone_for_a_service(case: Case) -> bool:
    return _grants_to_anyone(case) and case.request.principal.kind is PrincipalKind.SERVICE


def _any_of_nothing(case: Case) -> bool:
    """A condition with ForAnyValue, negated or with IfExists, on a key without values."""
    given = {key.lower() for key, value in case.request.context.items() if value}
    return any(
        operator.startswith("ForAnyValue:")
        and ("Not" in operator or operator.endswith("IfExists"))
        and any(key.lower() not in given for key in keys)
        for operator, keys in _conditions(case)
    )


def _conditions(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    for document in (*case.identity, case.boundary, case.session, case.resource):
        for statement in document["Statement"] if document else ():
            yield from statement.get("Condition", {}).items()


def _null_of_empty_text(case: Case) -> bool:
    given = {key.lower() for key, value in case.request.context.items() if value == ""}
    return any(operator == "Null" and given & {key.lower() for key in keys} for operator, keys in _conditions(case))


OPEN: dict[str, Callable[[Case], bool]] = {
    "a grant to * beside a permissions boundary or session policy that does not allow: documented as unlimited only "
    "together with aws:PrincipalArn": _grants_to_anyone_beside_a_limit,
    'a grant to * and a service that asks: "all users" may or may not mean services': _grants_to_anyone_for_a_service,
    "ForAnyValue on a key without values, negated or with IfExists: the pages contradict each other": _any_of_nothing,
    "Null on an empty text: whether that is a null value, two sentences say differently": _null_of_empty_text,
}
"""What the evaluator leaves undetermined on purpose, and when a case may be that."""


@dataclass
class Comparison:
    """Counts; ``unexplained`` are the cases that are no good end, with what both said."""

    same: Counter[bool] = field(default_factory=Counter)
    left_open: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[Case, Decision, bool]] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return self.same.total() + self.left_open.total() + self.explained.total() + len(self.unexplained)

    def add(self, judge: Judge, cases: Sequence[Case]) -> None:
        """Judge some more."""
        decisions = [case.decision() for case in cases]
        disputed: list[int] = []
        verdicts = judge.verdicts(cases)
        for number, (case, decision, verdict) in enumerate(zip(cases, decisions, verdicts, strict=True)):
            if decision.outcome is Outcome.UNDETERMINED:
                why = next((words for words, may_be in OPEN.items() if may_be(case)), None)
                if why is None:
                    self.unexplained.append((case, decision, verdict))
                else:
                    self.left_open[why] += 1
            elif decision.allowed is verdict:
                self.same[verdict] += 1
            else:
                disputed.append(number)
        for why, corrections in _attempts(judge.corrections):
            if not disputed:
                return
            corrected = judge.verdicts(cases, corrections)
            agreeing = {number for number in disputed if decisions[number].allowed is corrected[number]}
            if agreeing:
                self.explained[why] += len(agreeing)
            disputed = [number for number in disputed if number not in agreeing]
        self.unexplained.extend((cases[number], decisions[number], verdicts[number]) for number in disputed)


def _attempts(corrections: tuple[Correction, ...]) -> Iterator[tuple[str, tuple[Correction, ...]]]:
    """Each correction alone, then all."""
    for correction in corrections:
        yield correction.why, (correction,)
    if len(corrections) > 1:
        yield "; and ".join(correction.why for correction in corrections), corrections


def compared(judge: Judge, cases: Sequence[Case]) -> Comparison:
    comparison = Comparison()
    comparison.add(judge, cases)
    return comparison
