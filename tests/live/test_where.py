"""What a journey gets of the user's map, and what keeps a live test from touching what it did not make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient
from tests.configs import SHARED, example, ireland, with_source_account
from tests.live import where
from xacct_ml.config.model import Config


@pytest.fixture
def users() -> Iterator[Config]:
    """A map of the user's, as ``--live --config`` gives it: in another region, with one target beside the pipeline."""
    accounts: Any = {
        "shared": {"id": "777777777777", "profile": "a"},
        "training": {"id": "888888888888", "profile": "b"},
        "production": ({"name": "web", "id": "999999999999", "profile": "c"},),
    }
    given = example("eu-central-1", project="sandbox", accounts=accounts)
    where._given.append(given)
    yield given
    where._given.remove(given)


def test_a_journey_keeps_what_it_is_about(users: Config) -> None:
    """And gets accounts, region and project; its targets keep their names."""
    fitted = where.fitted(example(training={"hyperparameters": {"num_round": 7}}))
    assert (fitted.project, fitted.region, fitted.accounts.shared.id) == ("sandbox", "eu-central-1", "777777777777")
    assert [(one.name, one.id) for one in fitted.accounts.production] == [("production", "999999999999")]
    assert fitted.training.hyperparameters == {"num_round": 7}
    assert where.fitted(users) is users
    assert "sandbox" in where.cost(users)


@pytest.mark.parametrize("config", [with_source_account(), ireland()], ids=["source account", "another region"])
def test_a_journey_is_skipped_where_the_map_has_not_what_it_needs(users: Config, config: Config) -> None:
    del users
    with pytest.raises(pytest.skip.Exception, match="the map has no"):
        where.fitted(config)


def test_nothing_is_made_where_the_project_is_there_already() -> None:
    """And nothing is removed."""
    accounts = FakeAccounts({(SHARED, "s3"): FakeClient(head_bucket={})})
    with (
        pytest.raises(pytest.fail.Exception, match="need a map of their own"),
        where.removed_afterwards(example(), accounts),
    ):
        raise AssertionError("it went on")


def test_what_only_the_embedded_aws_has_skips_a_test() -> None:
    with pytest.raises(pytest.skip.Exception, match="real accounts have no requests"):
        _ = where.RealAws(FakeAccounts({})).requests
