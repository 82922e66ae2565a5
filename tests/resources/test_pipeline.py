"""The pipeline: compared as CodePipeline gives it back, written only if it really differs."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from tests.aws.client_errors import client_error
from tests.configs import SHARED, example
from tests.resources.cloud import Cloud
from xacct_ml.resources.pipeline import normalise
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import pipeline

ID, ROLE = "shared/pipeline", "shared/role/pipeline"
KEYS = Keys.stand_ins(Names(example()))


def as_given_back(structure: dict[str, Any]) -> dict[str, Any]:
    """What GetPipeline makes of it: counted, filled in, maps in another order."""
    given = json.loads(json.dumps(structure))
    given |= {"version": 7, "variables": [], "triggers": []}
    for stage in given["stages"]:
        for action in stage["actions"]:
            action["configuration"] = dict(reversed(action.get("configuration", {}).items()))
            action |= {"runOrder": 1, "region": "us-east-1", **action}
    return dict(given)


def test_what_codepipeline_fills_in_is_no_difference() -> None:
    """Version, defaults, empty lists and the order of maps mean nothing."""
    structure = pipeline(example(), KEYS)
    assert normalise(as_given_back(structure), "us-east-1") == normalise(structure, "us-east-1")


def test_defaults_may_be_left_out() -> None:
    """A structure without them is the same as one with them."""
    structure = pipeline(example(), KEYS)
    bare = deepcopy(structure)
    bare.pop("executionMode")
    for stage in bare["stages"]:
        for action in stage["actions"]:
            for member in ("runOrder", "region", "inputArtifacts", "outputArtifacts"):
                if action.get(member) in (1, "us-east-1", []):
                    del action[member]
    assert normalise(bare, "us-east-1") == normalise(structure, "us-east-1")


@pytest.mark.parametrize("what", ["stage order", "configuration", "role", "type"])
def test_a_real_difference_is_one(what: str) -> None:
    """Order of stages, configuration, roles and type decide what runs."""
    structure = pipeline(example(), KEYS)
    other = deepcopy(structure)
    match what:
        case "stage order":
            other["stages"][2:4] = reversed(other["stages"][2:4])
        case "configuration":
            other["stages"][0]["actions"][0]["configuration"]["BranchName"] = "other"
        case "role":
            other["roleArn"] += "2"
        case "type":
            other["pipelineType"] = "V1"
    assert normalise(other, "us-east-1") != normalise(structure, "us-east-1")


def test_an_update_is_one_call_with_the_whole_structure(cloud: Cloud) -> None:
    """What somebody changed is written back; the next run writes nothing."""
    everything = cloud.resources("shared/key", ROLE, ID)
    cloud.apply(*everything)
    codepipeline = cloud.client(SHARED, "codepipeline")
    changed = codepipeline.get_pipeline(name="churn")["pipeline"]
    changed["executionMode"] = "QUEUED"
    codepipeline.update_pipeline(pipeline=changed)
    cloud.forget()
    cloud.apply(*everything)
    cloud.apply(*everything)
    assert cloud.writes == ["codepipeline:UpdatePipeline"]


def test_roles_that_have_not_propagated_are_waited_for(cloud: Cloud) -> None:
    """CreatePipeline checks that it can assume the action roles."""
    cloud.apply(*cloud.resources("shared/key", ROLE))
    real = cloud.client(SHARED, "codepipeline")
    refusals = [client_error("InvalidStructureException", "… is not authorized to perform AssumeRole on role …")] * 3

    class Late:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def create_pipeline(self, **request: Any) -> Any:
            if refusals:
                raise refusals.pop()
            return real.create_pipeline(**request)

    cloud.replaced["codepipeline"] = Late()
    cloud.apply(*cloud.resources(ID))
    assert cloud.clock.now() == 1 + 2 + 4
