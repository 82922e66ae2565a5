"""Real models on real tables: what an approver sees of twelve bad candidates, and of twenty good ones."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from tests.evidence.planted import BAD, GOOD
from xacct_ml.cli.views.evidence import verdict_lines
from xacct_ml.evidence.findings import warnings
from xacct_ml.evidence.record import Record
from xacct_ml.operations.runs.evaluation import Evaluation

pytestmark = pytest.mark.long
_LINES = 10


def first_lines(record: Record) -> str:
    """What a screen of 80 columns has in its first ten lines, below the heading."""
    text = json.dumps(record.document()).encode()
    lines = verdict_lines(Evaluation(record, sha256(text).hexdigest()))[: _LINES - 1]
    assert all(len(line) <= 80 for line in lines)
    return " ".join(" ".join(lines).split())


def test_bad_candidates_are_named_in_the_first_ten_lines() -> None:
    """Eleven of twelve at least; by the sentence that names what was planted."""
    missed = []
    for name, (kind, make) in BAD.items():
        evaluation = Evaluation(make(), "0" * 64)
        shown = first_lines(evaluation.record)
        if not any(one.kind == kind and one.text in shown for one in evaluation.findings):
            missed.append((name, shown))
    assert len(BAD) == 12
    assert len(missed) <= 1, missed


def test_good_candidates_raise_no_alarm() -> None:
    """One of twenty at most."""
    alarms = []
    for name, make in GOOD.items():
        found = warnings(Evaluation(make(), "0" * 64).findings)
        if found:
            alarms.append((name, [one.text for one in found]))
    assert len(GOOD) == 20
    assert len(alarms) <= 1, alarms
