"""The order of deployment that a map asks for."""

from __future__ import annotations

from tests.waved import waved
from xacct_ml.system.waves import wave_of_stage, waves


def test_without_waves_all_targets_are_one_after_one_approval() -> None:
    """And the stages have plain names."""
    (only,) = waves(waved())
    assert [target.name for target in only.targets] == ["canary", "web", "mobile"]
    assert (only.name, only.approve_stage, only.deploy_stage) == (None, "Approve", "Deploy")


def test_waves_in_order_with_their_targets() -> None:
    """As the map lists them, whatever the order of its accounts."""
    first, second = waves(waved(("late", ["mobile", "canary"], False), ("last", ["web"], True)))
    assert [target.name for target in first.targets] == ["mobile", "canary"]
    assert (first.approve_stage, first.deploy_stage) == (None, "Deploy-late")
    assert (second.approve_stage, second.deploy_stage) == ("Approve-last", "Deploy-last")


def test_whose_stage_it_is() -> None:
    """Stages before the waves belong to none."""
    config = waved(("first", ["canary"], True), ("rest", ["web", "mobile"], False))
    first, rest = waves(config)
    stages = ("Train", "Approve-first", "Deploy-first", "Approve-rest", "Deploy-rest")
    assert [wave_of_stage(config, stage) for stage in stages] == [None, first, first, None, rest]
