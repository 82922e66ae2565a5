"""Files that are predicted: nobody else comes to them, and their role to nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.configs import PRODUCTION, TRAINING, example, ireland
from tests.proof.changes import identity_of
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import RepelledAttack, attack_all
from xacct_ml.proof.attacks.batch import FILES
from xacct_ml.proof.prove import prove
from xacct_ml.proof.requests.batch import BATCH_STAGE
from xacct_ml.proof.world import World

BATCH = {"bucket": "churn-files"}
CONFIG = example(batch=BATCH)
WORLD = world(CONFIG)
ROLE = f"arn:aws:iam::{PRODUCTION}:role/churn-batch"


def tried(given: World) -> list[RepelledAttack]:
    return [one for one in attack_all(given) if one.attack.group == FILES]


def planted(policy: str, sid: str, change: Callable[[dict[str, Any]], None]) -> list[str]:
    """The attacks that succeed where a statement of the role is another."""
    ref = identity_of(ROLE, policy)
    document = copy.deepcopy(WORLD.policies.entries[ref])
    (statement,) = (one for one in document["Statement"] if one["Sid"] == sid)
    change(statement)
    changed = WORLD.with_policies(WORLD.policies.with_document(ref, document))
    return [one.attack.what for one in tried(changed) if not one.repelled]


@pytest.mark.parametrize("config", [CONFIG, ireland(batch=BATCH)], ids=["the pipeline's region", "another region"])
def test_every_request_is_allowed_and_every_attack_denied(config: Config) -> None:
    given = world(config)
    proof = prove(given)
    assert proof.holds
    assert sum(each.hop.stage == BATCH_STAGE for each in proof.hops) > 10
    assert [one.attack.what for one in tried(given) if not one.repelled] == []


@pytest.mark.parametrize(
    "what",
    [
        f"churn-0 of {TRAINING} reads files",
        f"churn-endpoint of {PRODUCTION} writes answers",
        "churn-judge of 111111111111 reads files",
        f"churn-deploy-function of {PRODUCTION} passes the role of batch transforms",
        f"churn-batch of {PRODUCTION}: CreateTransformJob of batch transforms",
        "the role of batch transforms reads the labels held out",
        "the role of batch transforms writes judged models",
    ],
)
def test_it_is_tried(what: str) -> None:
    assert what in {one.attack.what for one in tried(WORLD)}


def test_holes_show() -> None:
    """A bucket of anybody's, and more of the project's bucket than models (which the bucket's policy still denies)."""
    anybodys = planted("files", "ReadAndWriteFiles", lambda statement: statement.pop("Condition"))
    assert "the role of batch transforms writes in a bucket made again by others" in anybodys
    deletes = planted("files", "ReadAndWriteFiles", lambda statement: statement["Action"].append("s3:DeleteObject"))
    assert "the role of batch transforms deletes what it reads" in deletes
    assert planted("model", "ReadModels", lambda statement: statement.update(Resource="*")) == []


def test_without_batch_there_is_nothing_of_it() -> None:
    given = world(example())
    assert tried(given) == []
    assert BATCH_STAGE not in {hop.stage for hop in given.hops}
