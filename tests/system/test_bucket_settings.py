"""What expires in the bucket, and what never does."""

from __future__ import annotations

import pytest

from tests.configs import example
from xacct_ml.config.model import Config
from xacct_ml.system.bucket import settings

MAPS = [
    example(),
    example(pipeline={"source_object": {}}),
    example(pipeline={"name": "j"}),
    example(pipeline={"name": "evaluations"}),
    example(data={"prefix": "team/data"}),
]


def expiring(config: Config) -> list[str]:
    rules = settings(config, "arn:key")["lifecycle"]["Rules"]
    assert not [rule for rule in rules if "Expiration" in rule]
    return [rule["Filter"]["Prefix"] for rule in rules if "NoncurrentVersionExpiration" in rule]


@pytest.mark.parametrize("config", MAPS)
def test_nothing_that_was_judged_expires(config: Config) -> None:
    """Not even a version that was deleted: whatever the pipeline is called."""
    for key in ("judged/0/model.tar.gz", "evaluations/0/0.json", "evaluations/0.json"):
        assert not [prefix for prefix in expiring(config) if key.startswith(prefix)]


def test_old_versions_of_all_else_do() -> None:
    config = example(pipeline={"source_object": {}})
    for key in (
        "churn/Source/0",
        "data/manifest.json",
        "models/0/output/model.tar.gz",
        "checkpoints/0",
        "source/source.zip",
    ):
        assert [prefix for prefix in expiring(config) if key.startswith(prefix)]
