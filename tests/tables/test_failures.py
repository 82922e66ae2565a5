"""Kinds of failures: each public text is of its row's kind, and what is shown of it is short."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

import pytest

from tests.configs import example
from xacct_ml.operations.runs.diagnosis import diagnose_message
from xacct_ml.proof.remediation.denial_message import parse
from xacct_ml.tables.failures import KINDS, REJECTED, ROWS, UNKNOWN, Row

EXAMPLES = [(row, text) for row in ROWS for text in row.examples]
SHORT = {
    "label must be in [0,1] for logistic regression",
    "base_score must be in (0,1) for logistic loss",
    "Given label size mismatched with prediction size",
    "label must be in [0, num_class), num_class=2 but found 17 in label",
    "CapacityError: Unable to provision requested ML compute capacity.",
    "File [template.yaml] does not exist in artifact [SourceApp]",
    "The primary container for production variant AllTraffic did not pass the ping health check",
}
"""Sentences that are to come out exactly so."""


@pytest.mark.parametrize(("row", "text"), EXAMPLES)
def test_a_public_text_is_of_its_rows_kind(row: Row, text: str) -> None:
    found = diagnose_message(example(), text)
    assert found.kind == row.kind
    assert len(found.sentence) <= 400
    assert "\n" not in found.sentence
    assert "Traceback" not in found.sentence
    assert next(first for first in ROWS if first.reason(" ".join(text.split()))) is row


@pytest.mark.parametrize(("row", "text"), EXAMPLES)
def test_a_text_inside_a_services_answer_is_found_there(row: Row, text: str) -> None:
    """Step Functions' cause is DescribeTrainingJob's answer: 3 KB, the reason in the middle."""
    answer = {"AlgorithmSpecification": {"TrainingImage": "x" * 1500}, "FailureReason": text, "Role": "y" * 1500}
    cause = f"The Step Functions execution e ended with status FAILED. Cause: {json.dumps(answer)}"
    found = diagnose_message(example(), cause)
    assert found.kind == row.kind
    assert "xxx" not in found.sentence


def test_sentences_are_short() -> None:
    """Without trace, request and prefix."""
    assert {diagnose_message(example(), text).sentence for _, text in EXAMPLES} >= SHORT


def test_every_kind_of_the_table_is_shown_by_an_example() -> None:
    """And every row has a source and a step that can be filled in."""
    assert {row.kind for row, _ in EXAMPLES} | {REJECTED, UNKNOWN} == set(KINDS)
    known = {"execution", "job", "region", "account", "endpoint", "logs"}
    for row in ROWS:
        assert row.source
        assert {name for _, name, _, _ in string.Formatter().parse(row.next) if name} <= known


def test_no_example_is_taken_for_a_refusal() -> None:
    """What a policy denied has forms of its own."""
    assert [text for row, text in EXAMPLES if row.kind != "right" and parse(text)] == []


def test_what_nobody_knows_is_unknown() -> None:
    found = diagnose_message(example(), "The moon was missed \x1b[31m" + "x" * 10_000)
    assert found.kind == UNKNOWN
    assert len(found.sentence) <= 400
    assert "\x1b" not in found.sentence


def test_patterns_take_no_longer_than_the_text_is_long() -> None:
    """No repeated group that repeats inside: the only way for a search to take longer."""
    for row in ROWS:
        assert not re.search(r"[+*]\)[+*{]", row.says.pattern), row.says.pattern
        assert not re.search(r"\.[+*](?!\?)", row.says.pattern), row.says.pattern


def test_the_documentation_has_every_kind() -> None:
    """And none besides."""
    text = (Path(__file__).parent.parent.parent / "docs" / "terminal.md").read_text()
    table = text.split("## A run that failed")[1].split("```")[0]
    assert set(re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE)) == set(KINDS)
