"""Real models on real tables: what an approver sees of bad candidates, and of good ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256

import pytest

from tests.evidence import other_planted, planted
from xacct_ml.cli.views.evidence import verdict_lines
from xacct_ml.evidence.findings import warnings
from xacct_ml.evidence.record import Record
from xacct_ml.operations.runs.evaluation import Evaluation

pytestmark = pytest.mark.long
_LINES = 10
Make = Callable[[], Record]


def first_lines(record: Record) -> str:
    """What a screen of 80 columns has in its first ten lines, below the heading."""
    text = json.dumps(record.document()).encode()
    lines = verdict_lines(Evaluation(record, sha256(text).hexdigest()))[: _LINES - 1]
    assert all(len(line) <= 80 for line in lines)
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("bad", [planted.BAD, other_planted.BAD], ids=["planted", "others"])
def test_bad_candidates_are_named_in_the_first_ten_lines(bad: Mapping[str, tuple[str, Make]]) -> None:
    """Eleven of twelve at least; by the sentence that names what was planted."""
    missed = []
    for name, (kind, make) in bad.items():
        evaluation = Evaluation(make(), "0" * 64)
        shown = first_lines(evaluation.record)
        if not any(one.kind == kind and one.text in shown for one in evaluation.findings):
            missed.append((name, shown))
    assert len(bad) >= 12
    assert len(missed) <= len(bad) // 12, missed


@pytest.mark.parametrize("good", [planted.GOOD, other_planted.GOOD], ids=["planted", "others"])
def test_good_candidates_raise_no_alarm(good: Mapping[str, Make]) -> None:
    """One of twenty at most."""
    alarms = []
    for name, make in good.items():
        found = warnings(Evaluation(make(), "0" * 64).findings)
        if found:
            alarms.append((name, [one.text for one in found]))
    assert len(good) >= 20
    assert len(alarms) <= len(good) // 20, alarms
