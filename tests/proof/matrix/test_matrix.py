"""The whole matrix: exactly what the hops mean is allowed, and every hole shows."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.proof.changes import BUCKET_POLICY, NAMES, WORLD, changed, identity_of, trust_of, without
from tests.proof.maps import MAPS
from xacct_ml.access.model import Outcome
from xacct_ml.access.store import authorize
from xacct_ml.operations.policies import world
from xacct_ml.proof.matrix.intended import WIDER
from xacct_ml.proof.matrix.matrix import Matrix, whole_matrix
from xacct_ml.proof.matrix.request_classes import DeniedByDefault, RequestClass, RequestClasses
from xacct_ml.proof.policies import DocumentRef

pytestmark = pytest.mark.long


@cache
def matrix_of(name: str) -> Matrix:
    return whole_matrix(world(MAPS[name]))


@pytest.mark.parametrize("name", MAPS)
def test_exactly_the_intended_requests_are_allowed(name: str) -> None:
    """Of more than a hundred thousand, those that a hop means; and every hop shows up."""
    matrix = matrix_of(name)
    assert [(str(cell.request), cell.resource_class) for cell in matrix.unintended] == []
    assert [hop.what for hop in matrix.unexercised] == []
    assert matrix.holds
    assert matrix.requests > 100_000
    assert matrix.requests > 4 * matrix.decisions
    assert all(cell.hop is not None or cell.why for cell in matrix.allowed)


def test_one_decision_stands_for_its_whole_column() -> None:
    """A seeded sample of what was pruned, decided one by one: the same outcome for every action, and a denial where
    the question counted as idle."""
    classes = RequestClasses(WORLD)
    listed = list(classes)
    shared = [one for one in listed if isinstance(one, RequestClass) and one.requests > 1]
    idle = [one for one in listed if isinstance(one, DeniedByDefault) and one.principals]
    chosen = random.Random(7)
    wrong = [
        str(question.request)
        for question in chosen.sample(shared, 60)
        if len({authorize(request, classes.store).outcome for request in question.each()}) > 1
    ]
    for one in chosen.sample(idle, 400):
        asking = chosen.choice(one.principals)
        requests = [request for request in one.each() if request.principal == asking]
        if {authorize(request, classes.store).outcome for request in requests} != {Outcome.DENIED}:
            wrong.append(f"{asking} {requests[0]}")
    assert wrong == []


def set_to(element: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda statement: statement.update({element: value})


def drop(element: str) -> Callable[[dict[str, Any]], None]:
    return lambda statement: statement.pop(element)


HOLES: dict[str, tuple[DocumentRef, str, Callable[[dict[str, Any]], None], set[tuple[str, str]]]] = {
    "a role may do anything with any object": (
        identity_of(NAMES.pipeline_role, "artifacts"),
        "Artifacts",
        set_to("Resource", NAMES.object_arn("*")),
        {("s3:GetObject", "data"), ("s3:PutObject", "models"), ("s3:GetObject", "elsewhere in the bucket")},
    ),
    "a role may take data away to any bucket": (
        identity_of(NAMES.training_role, "data"),
        "WriteModels",
        lambda statement: statement.update(Resource="*", Condition={}),
        {("s3:PutObject", "foreign s3 object")},
    ),
    "a role may create any endpoint": (
        identity_of(NAMES.deploy_function_role(NAMES.production[0]), "endpoint"),
        "Endpoint",
        set_to("Action", "sagemaker:*"),
        {
            ("sagemaker:DeleteEndpoint", "endpoint in 333333333333"),
            ("sagemaker:InvokeEndpoint", "endpoint in 333333333333"),
        },
    ),
    "the whole production account reads judged models": (
        BUCKET_POLICY,
        "EndpointReadsModels",
        drop("Condition"),
        {("s3:GetObject", "judged models")},
    ),
    "any service is trusted": (
        trust_of(NAMES.pipeline_role),
        "Service",
        set_to("Principal", {"Service": ["codepipeline.amazonaws.com", "ec2.amazonaws.com"]}),
        {("sts:AssumeRole", f"role {NAMES.pipeline_role}")},
    ),
}


@pytest.mark.parametrize(("ref", "sid", "change", "expected"), HOLES.values(), ids=HOLES.keys())
def test_a_hole_shows_as_an_unintended_request(
    ref: DocumentRef, sid: str, change: Callable[[dict[str, Any]], None], expected: set[tuple[str, str]]
) -> None:
    """With its action and the class of resource that it opens."""
    matrix = whole_matrix(changed(ref, sid, change))
    assert expected <= {(cell.request.action, cell.resource_class) for cell in matrix.unintended}
    assert not matrix.holds


def test_a_missing_statement_leaves_its_hops_unexercised() -> None:
    """Neither endpoint, the temporary one's included, can read the model, and nothing else changes."""
    matrix = whole_matrix(without(BUCKET_POLICY, "EndpointReadsModels"))
    assert {hop.what for hop in matrix.unexercised} == {"The endpoint reads the model"}
    assert not matrix.unintended
    assert not matrix.holds


def test_what_cannot_be_decided_is_unintended() -> None:
    """An operator that AWS does not have makes its statement undetermined, and that fails."""
    given = changed(
        identity_of(NAMES.start_role, "start"),
        "StartPipeline",
        set_to("Condition", {"StringMatches": {"aws:RequestedRegion": "us-east-1"}}),
    )
    actions = {cell.request.action for cell in whole_matrix(given).unintended}
    assert actions == {"codepipeline:StartPipelineExecution"}


def test_every_documented_exception_explains_something() -> None:
    """A right that AWS documents for more than its hop touches; none is kept that no map needs."""
    of_maps = (matrix_of(name) for name in ("example", "captured requests, scaled"))
    explained = {cell.why for matrix in of_maps for cell in matrix.allowed if cell.hop is None}
    assert explained == {wider.why for wider in WIDER}
