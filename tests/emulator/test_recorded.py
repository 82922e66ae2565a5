"""The embedded AWS answers as AWS did where somebody recorded it; what differs is listed in docs/emulator.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.configs import SHARED, example
from tests.emulator.facts import Fact, Replay, facts
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.operations.embedded import embedded

FACTS = {fact["id"]: fact for fact in facts()}
MEANWHILE = "lam-update-twice"
"""Asked while the function is updated, which takes longer there than a busy machine needs to ask."""
SHARE = {"cli": 0.95, "pipeline": 0.95, "lambda": 0.95, "client": 0.7}

_DOCUMENT = Path(__file__).parents[2] / "docs" / "emulator.md"


def disclosed() -> dict[str, str]:
    """The facts that docs/emulator.md lists as different, with the reason."""
    return dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", _DOCUMENT.read_text(), re.MULTILINE))


@pytest.mark.long
def test_a_second_update_meanwhile_is_refused_as_recorded() -> None:
    """In an AWS of its own, which is gone before the others' begins."""
    with embedded(example(), pace=Pace(lambda_transition=2)) as aws:
        slow = Replay(aws.administrator(SHARED), SHARED, "us-east-1")
        assert slow.difference(FACTS[MEANWHILE]) is None


@pytest.fixture(scope="module")
def replay() -> Iterator[Replay]:
    with embedded(example()) as aws:
        yield Replay(aws.administrator(SHARED), SHARED, "us-east-1")


@pytest.mark.parametrize("fact", [FACTS[id_] for id_ in FACTS if id_ != MEANWHILE], ids=lambda fact: str(fact["id"]))
def test_answers_as_recorded(replay: Replay, fact: Fact) -> None:
    different = replay.difference(fact)
    if fact["id"] in disclosed():
        assert different is not None, "it answers as recorded now: take it off the list in docs/emulator.md"
    else:
        assert different is None, different


def test_each_fact_is_told_once_with_its_source() -> None:
    assert len(FACTS) == len(list(facts()))
    assert all(fact["source"] and fact["uses"] in SHARE for fact in FACTS.values())


def test_only_facts_are_disclosed_as_different() -> None:
    assert set(disclosed()) <= set(FACTS)


@pytest.mark.parametrize("use", SHARE)
def test_what_depends_on_aws_rests_on_its_answers(use: str) -> None:
    """Of what the CLI, the pipeline or a function depends on 95 % hold, of what other clients meet 70 %."""
    of_use = [name for name, fact in FACTS.items() if fact["uses"] == use]
    different = [name for name in of_use if name in disclosed()]
    assert len(of_use) - len(different) >= SHARE[use] * len(of_use)
