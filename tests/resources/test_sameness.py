"""What AWS gives back in another order, or with empty members that nobody set, is no difference; of any type."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from tests.configs import example
from tests.resources.cloud import Cloud
from tests.resources.fake_codecommit import FakeCodeCommit
from tests.resources.test_every_resource import EACH, NEEDS
from xacct_ml.resources.pipeline import normalise
from xacct_ml.resources.policy_document import normalise as normalise_policy
from xacct_ml.resources.sameness import unordered, without_empty
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import pipeline

IN_ORDER = {"stages", "actions", "inputArtifacts", "commands"}
"""Lists of CodePipeline's whose order says what runs."""
MEANS_SOMETHING = {"EventBridgeConfiguration"}
"""Structures that say something by being there."""
DOCUMENTS = {"Policy", "PolicyDocument", "AssumeRolePolicyDocument", "EventPattern"}
SEEDS = range(2)


class Perturbed(Cloud):
    """Once ``seed`` is set, every answer comes in another order, with the members that its shape has and it has not."""

    seed: int | None = None

    def _make(self, account_id: str, service: str, region: str) -> Any:
        client = super()._make(account_id, service, region)
        client.meta.events.register("after-call", self._perturb)
        return client

    def _perturb(self, parsed: dict[str, Any], model: OperationModel, **_: Any) -> None:
        if self.seed is not None and "Error" not in parsed and model.output_shape is not None:
            parsed.update(perturbed(parsed, model.output_shape, random.Random(self.seed)))


def perturbed(value: Any, shape: Shape, chance: random.Random, name: str = "") -> Any:
    if name in DOCUMENTS:
        return shuffled(value, chance)
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = dict(value)
        for member, inner in shape.members.items():
            if member in members:
                members[member] = perturbed(members[member], inner, chance, member)
            elif isinstance(inner, ListShape) and not inner.serialization.get("location"):
                members[member] = []
            elif isinstance(inner, MapShape | StructureShape) and member not in MEANS_SOMETHING:
                members[member] = {}
        return reordered(members, chance)
    if isinstance(shape, ListShape) and isinstance(value, list):
        found = [perturbed(one, shape.member, chance) for one in value]
        if name not in IN_ORDER:
            chance.shuffle(found)
        return found
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return reordered(value, chance)
    return value


def reordered(members: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    items = list(members.items())
    chance.shuffle(items)
    return dict(items)


def shuffled(document: Any, chance: random.Random) -> Any:
    """A policy or a pattern: every list in another order, one value in a list of its own, keys in another order."""
    if isinstance(document, str) and document.lstrip().startswith("{"):
        return json.dumps(shuffled(json.loads(document), chance))
    if isinstance(document, Mapping):
        return reordered({key: shuffled(value, chance) for key, value in document.items()}, chance)
    if isinstance(document, list):
        found = [shuffled(one, chance) for one in document]
        chance.shuffle(found)
        return found
    return document


@pytest.fixture
def cloud(cloud: Cloud) -> Perturbed:
    found = Perturbed(cloud.config)
    found.calls = cloud.calls
    found.replaced["codecommit"] = FakeCodeCommit(found.calls)
    return found


@pytest.mark.parametrize("id_", EACH)
def test_another_order_and_empty_members_are_no_difference(cloud: Perturbed, id_: str) -> None:
    """Made once, then looked at again and again: nothing is written."""
    cloud.apply(*cloud.resources(*NEEDS[id_], id_))
    cloud.forget()
    for seed in SEEDS:
        cloud.seed = seed
        cloud.apply(*cloud.resources(*NEEDS[id_], id_))
        assert cloud.writes == []


CONNECTED = example(
    pipeline={
        "repository": "org/churn",
        "connection": {
            "arn": "arn:aws:codeconnections:us-east-1:111111111111:connection/0f1e2d3c-0000-4000-8000-000000000000",
            "paths": ("src/**", "package.json", "lib/**"),
        },
    }
)


def test_a_triggers_paths_come_back_in_another_order() -> None:
    """As recorded from AWS: declared src/**, package.json, lib/**, given back lib/**, src/**, package.json
    (go-to-k/cdk-real-drift, tests/corpus, AWS__CodePipeline__Pipeline.*.triggers.json)."""
    structure = json.loads(json.dumps(pipeline(CONNECTED, Keys.stand_ins(Names(CONNECTED)))))
    live = json.loads(json.dumps(structure))
    (push,) = live["triggers"][0]["gitConfiguration"]["push"]
    includes = push["filePaths"]["includes"]
    assert includes == ["src/**", "package.json", "lib/**"]
    push["filePaths"]["includes"] = [includes[2], includes[0], includes[1]]
    live["triggers"][0]["gitConfiguration"]["pullRequest"] = []
    for stage in live["stages"]:
        stage["blockers"] = []
        for action in stage["actions"]:
            action |= {"commands": [], "outputVariables": [], "environmentVariables": []}
            for artifact in action.get("outputArtifacts", ()):
                artifact["files"] = []
    assert normalise(live, "us-east-1") == normalise(structure, "us-east-1")


@pytest.mark.parametrize("paths", [("src/**",), ("src/**", "package.json", "docs/**")])
def test_other_paths_are_a_difference(paths: tuple[str, ...]) -> None:
    structure = json.loads(json.dumps(pipeline(CONNECTED, Keys.stand_ins(Names(CONNECTED)))))
    live = json.loads(json.dumps(structure))
    live["triggers"][0]["gitConfiguration"]["push"][0]["filePaths"]["includes"] = list(paths)
    assert normalise(live, "us-east-1") != normalise(structure, "us-east-1")


def test_statements_without_a_sid_have_no_order() -> None:
    statements = [{"Effect": "Allow", "Action": action, "Resource": "*"} for action in ("s3:GetObject", "s3:PutObject")]
    one, other = ({"Version": "2012-10-17", "Statement": found} for found in (statements, statements[::-1]))
    assert normalise_policy(one) == normalise_policy(other)
    assert normalise_policy(one) != normalise_policy({**one, "Statement": statements[:1]})


def test_no_condition_and_an_empty_one_mean_the_same() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    assert normalise_policy({"Statement": [statement]}) == normalise_policy(
        {"Statement": {**statement, "Condition": {}}}
    )


def test_false_and_nothing_are_not_empty() -> None:
    """0, false and an empty text are values."""
    assert without_empty({"a": 0, "b": False, "c": "", "d": [], "e": {"f": None}}) == {"a": 0, "b": False, "c": ""}
    assert unordered({"a": [2, 1, [{"b": 1}, {"a": 1}]]}) == {"a": [1, 2, [{"a": 1}, {"b": 1}]]}
