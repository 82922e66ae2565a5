"""Three other evaluators judge the real one on random cases, each on what it can read.

``python -m tests.access.judges`` does the same with many more cases, and with ministack itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.access.judges.cases import Case, cases
from tests.access.judges.comparison import Comparison, compared
from tests.access.judges.judges import Correction, Judge, Moto, Naive, RecordedMinistack, Unusable
from xacct_ml.access.model import Decision, Outcome

RECORD = (RecordedMinistack.count, RecordedMinistack.seed)


def judged(judge: Judge, count: int, seed: int) -> list[Case]:
    return list(cases(judge.grammar, count, seed))


def found(comparison: Comparison) -> list[str]:
    return [f"{decision.outcome.value}: {case}" for case, decision, _ in comparison.unexplained[:3]]


@pytest.mark.parametrize(
    ("judge", "count", "seed"),
    [
        pytest.param(Naive(), 6000, 2, id="naive", marks=pytest.mark.long),
        pytest.param(Moto(), 3000, 3, id="moto"),
        pytest.param(RecordedMinistack(), *RECORD, id="ministack", marks=pytest.mark.long),
    ],
)
def test_a_judge_agrees(judge: Judge, count: int, seed: int) -> None:
    """But for what the documentation leaves open, and the judge's known mistakes; both verdicts are common."""
    comparison = compared(judge, judged(judge, count, seed))
    assert found(comparison) == []
    assert comparison.cases == count
    assert min(comparison.same[True], comparison.same[False]) > count / 12


@pytest.mark.long
@pytest.mark.parametrize(("judge", "count", "seed"), [(Moto(), 3000, 3), (RecordedMinistack(), *RECORD)])
def test_every_known_mistake_of_a_judge_occurs(judge: Judge, count: int, seed: int) -> None:
    """The tables of corrections have no entry without a case."""
    explained = compared(judge, judged(judge, count, seed)).explained
    assert {correction.why for correction in judge.corrections} <= explained.keys()


def test_the_record_belongs_to_its_cases() -> None:
    """Cases that were changed since are not judged by an old record."""
    with pytest.raises(Unusable, match="record again"):
        RecordedMinistack().verdicts(judged(RecordedMinistack(), 10, 1))


class Contrary(Naive):
    """A judge that is wrong once."""

    def verdicts(self, cases: Sequence[Case], corrections: tuple[Correction, ...] = ()) -> list[bool]:
        first, *rest = super().verdicts(cases, corrections)
        return [not first, *rest]


def test_a_disagreement_that_nothing_explains_is_found() -> None:
    """One among many."""
    assert len(compared(Contrary(), judged(Naive(), 50, 4)).unexplained) == 1


class Undecided(Case):
    """A case that the evaluator leaves open without one of the reasons for it."""

    def decision(self) -> Decision:
        return Decision(Outcome.UNDETERMINED, "")


def test_what_is_left_open_without_a_reason_is_found() -> None:
    """Undetermined is no way out."""
    (case,) = judged(Moto(), 1, 5)
    assert len(compared(Naive(), [Undecided(case.request, case.kind)]).unexplained) == 1
