"""Statements taken out of the accounts, one at a time: a run fails at the hop that the proof names.

A sample; ``python -m tests.rehearsals`` takes all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.journeys.removal import Expectation, Prepared, differences, prepared
from tests.journeys.stored import Statement
from xacct_ml.resources.policy_document import normalise
from xacct_ml.system.bucket import bucket_policy
from xacct_ml.system.key import key_policy
from xacct_ml.system.roles import roles

pytestmark = pytest.mark.long

SEED, SAMPLED = 33, 6

MUTE = frozenset(
    {
        "trust of churn-deploy-function › Service",
        "churn-deploy-function/report › ReportJobResults",
        "trust of churn-job-result › Roles",
        "churn-job-result/job-results › ReportJobResults",
    }
)
"""Without one of these the function cannot answer, and the action waits until it gives up: too long for here."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with prepared(tmp_path_factory.mktemp("data")) as whole:
        yield whole


@pytest.fixture(scope="module")
def statements(made: Prepared) -> list[Statement]:
    return made.rehearsals.statements()


def test_the_accounts_hold_every_allowing_statement_of_the_documents(
    made: Prepared, statements: list[Statement]
) -> None:
    """None is left out of the rehearsals: as many as the documents have."""
    config = made.rehearsals.project.config
    keys = made.rehearsals.world.keys
    documents = [key_policy(config, config.region), bucket_policy(config, keys, config.region)]
    for role in roles(config, keys):
        documents += [role.trust, *role.policies.values()]
    rendered = [
        statement["Sid"] for one in documents for statement in one["Statement"] if statement["Effect"] == "Allow"
    ]
    assert sorted(statement.sid for statement in statements) == sorted(rendered)
    assert len({str(statement) for statement in statements}) == len(rendered)
    assert {str(statement) for statement in statements} > MUTE


def test_a_statement_is_out_and_then_back_as_it_was(statements: list[Statement]) -> None:
    """Of each kind of document, the only statement of a trust and the key's administration included."""
    for name in (
        "trust of churn-start › Service",
        "churn-start/start › StartPipeline",
        "key policy › KeyAdministration",
        "bucket policy › TrainingReadsData",
    ):
        (statement,) = (one for one in statements if str(one) == name)
        with statement.taken_out():
            try:
                sids = {one["Sid"] for one in statement.stored.read()["Statement"]}
            except statement.stored.iam.exceptions.NoSuchEntityException:  # type: ignore[attr-defined]
                sids = set()
            assert statement.sid not in sids
        assert normalise(statement.stored.read()) == normalise(statement.whole)


@pytest.mark.parametrize("number", range(SAMPLED))
def test_a_run_fails_at_the_hop_that_the_proof_names(made: Prepared, statements: list[Statement], number: int) -> None:
    """The stage and the first refused request are those of the first denied hop that a run asks for."""
    candidates = [statement for statement in statements if str(statement) not in MUTE]
    statement = random.Random(SEED).sample(candidates, SAMPLED)[number]
    verdict = made.without(statement)
    assert verdict.complaints == (), str(statement)


def test_the_sample_has_runs_that_fail_and_one_that_is_served(made: Prepared, statements: list[Statement]) -> None:
    """Otherwise it would show only one half."""
    candidates = [statement for statement in statements if str(statement) not in MUTE]
    sample = random.Random(SEED).sample(candidates, SAMPLED)
    stages = {made.rehearsals.expectation(statement, made.again.asked).stage for statement in sample}
    assert None in stages
    assert len(stages) > 3


def test_a_hop_that_only_a_first_run_asks_for_is_left_to_one(made: Prepared, statements: list[Statement]) -> None:
    """A later run updates the endpoint; that it was created once is rehearsed apart, and that the pipeline of releases
    looked for a request when it was made."""
    apart = [str(statement) for statement in statements if made.belongs_to_first_run(statement)]
    assert apart == ["churn-pipeline/request › ReadRequest", "churn-deploy-function/endpoint › Endpoint"]


def test_another_stage_or_another_request_than_expected_is_seen(made: Prepared, statements: list[Statement]) -> None:
    """The judge itself: a run that fails elsewhere, a run that does not fail, a run where nothing was refused."""
    names = made.rehearsals.names
    (sender,) = (one for one in statements if str(one) == "churn-start/start › StartPipeline")
    expected = made.rehearsals.expectation(sender, made.again.asked)
    (outcome,) = [made.without(sender).outcome]
    assert list(differences(names, expected, outcome)) == []
    (stage,) = differences(names, expected, replace(outcome, failed="Source"))
    assert "expected to fail in Start, failed in Source" in stage
    assert len(list(differences(names, expected, made.again))) == 2
    (refused,) = differences(names, expected, replace(outcome, refused=()))
    assert "was: nothing" in refused
    assert len(list(differences(names, Expectation((), None, None), outcome))) == 2
