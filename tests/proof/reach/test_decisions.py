"""What a holder may do is decided for each request, and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.proof.changes import NAMES, WORLD
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.reach.attackers import with_attackers
from xacct_ml.proof.reach.decisions import Decisions, Holder


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_bucket_made_again_by_others_is_another_one(*, ours_first: bool) -> None:
    """Whatever was decided of ours says nothing of theirs, which has the same ARN."""
    decisions = Decisions(WORLD, with_attackers(WORLD))
    request = next(
        hop.request
        for hop in WORLD.hops
        if (hop.request.principal.role_arn, hop.request.action) == (NAMES.training_role, "s3:PutObject")
    )
    asked = {True: request, False: replace(request, resource_account=FOREIGN_ACCOUNT)}
    training = Holder(NAMES.training_role)
    for ours in (ours_first, not ours_first):
        assert decisions.allowed(training, asked[ours]) is ours
