"""Who approves can do nothing beside that, by the statements of the map."""

from __future__ import annotations

import pytest

from tests.configs import APPROVER, approved_by_two, example
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.approver import approver_attacks
from xacct_ml.proof.attacks.attack import attack_all


@pytest.mark.parametrize("config", [approved_by_two(), example(approvers={"role_arn": APPROVER})], ids=["two", "one"])
def test_every_attack_is_denied(config: Config) -> None:
    given = world(config)
    groups = {attack.group for attack in approver_attacks(given)}
    tried = [one for one in attack_all(given) if one.attack.group in groups]
    assert len(tried) > 50
    assert [one.attack.what for one in tried if not one.repelled] == []
