"""The blueprint: what needs what, for one production target and for several."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.configs import PRODUCTION, SHARED, TRAINING, example, ireland
from tests.resources.cloud import Cloud
from tests.resources.fake_cloudformation import FakeCloudFormation
from tests.resources.fake_codecommit import FakeCodeCommit
from xacct_ml.engine.apply import apply, destroy
from xacct_ml.engine.events import Absent, Deleted, KeptBack
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.plan import Action, plan
from xacct_ml.engine.resource import UNKNOWN, Resource
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.roles import roles

TWO_TARGETS = {
    "shared": {"id": SHARED},
    "training": {"id": TRAINING},
    "production": ({"id": PRODUCTION, "name": "eu"}, {"id": "444444444444", "name": "us"}),
}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        cloud = Cloud()
        cloud.replaced["codecommit"] = FakeCodeCommit(cloud.calls)
        cloud.replaced["cloudformation"] = FakeCloudFormation(cloud.calls)
        yield cloud


def everything(cloud: Cloud) -> tuple[Resource, ...]:
    return (
        *bootstrap_resources(cloud.config, cloud, clock=cloud.clock),
        *pipeline_resources(cloud.config, cloud, clock=cloud.clock),
    )


def test_what_names_the_key_waits_for_it() -> None:
    """Directly or not: anything else would write a document without the key's ARN."""
    resources = {resource.id: resource for resource in everything(Cloud())}

    def waits(id_: str) -> bool:
        return id_ == "shared/key" or any(map(waits, resources[id_].depends_on))

    naming = {id_ for id_, resource in resources.items() if UNKNOWN in str(resource.desired({"commit": "c0ffee"}))}
    assert {"shared/bucket", "training/role/training", "shared/pipeline"} <= naming
    assert [id_ for id_ in naming if not waits(id_)] == []


def test_what_does_not_name_the_key_does_not_wait() -> None:
    """Dependencies cost time: roles that never touch the key are made at once."""
    resources = {resource.id: resource for resource in everything(Cloud())}
    free = {id_ for id_, resource in resources.items() if not resource.depends_on}
    assert {"shared/key", "shared/repository", "shared/role/start", "training/role/cloudformation"} <= free
    assert {"production/role/deploy-function", "production/log-group"} <= free


def test_every_role_of_the_documents_is_there_once() -> None:
    """In its own account, for every target."""
    cloud = Cloud(example(accounts=TWO_TARGETS))
    made = [(r.account, r.name) for r in everything(cloud) if r.kind == "IAM role"]
    assert sorted(made) == sorted(
        (role.account, role.name) for role in roles(cloud.config, Keys.stand_ins(cloud.names))
    )


def test_each_target_has_its_own_of_everything() -> None:
    """No resource of one target in the account of another."""
    resources = everything(Cloud(example(accounts=TWO_TARGETS)))
    for name, account in (("eu", PRODUCTION), ("us", "444444444444")):
        own = [resource for resource in resources if resource.id.startswith(f"{name}/")]
        assert {resource.account for resource in own} == {account}
        assert f"{name}/function" in {resource.id for resource in own}
    (made,) = (resource for resource in resources if resource.id == "shared/pipeline")
    assert {"eu/function", "us/function"} <= set(made.depends_on)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("shared/key", "shared/bucket"),
        ("training/role/cloudformation", "training/stack"),
        ("training/role/state-machine", "training/stack"),
        ("shared/repository", "training/stack"),
        ("production/log-group", "production/function"),
        ("production/role/deploy-action", "shared/pipeline"),
        ("shared/bucket", "shared/pipeline"),
        ("shared/pipeline", "shared/rule/churn-push"),
        ("shared/pipeline", "shared/rule/churn-data"),
    ],
)
def test_order(before: str, after: str) -> None:
    """What is needed is there first, and is deleted last."""
    order = Graph(everything(Cloud())).order
    assert order.index(before) < order.index(after)


def test_nothing_is_called_before_anything_is_asked() -> None:
    """Building the blueprint makes no client and no call."""
    cloud = Cloud()
    everything(cloud)
    assert cloud.calls == []


@pytest.mark.long
def test_a_second_bootstrap_makes_no_write(cloud: Cloud) -> None:
    """Everything is created; then there is nothing to do, and the plan says so."""
    cloud.apply(*everything(cloud))
    cloud.forget()
    report = apply(everything(cloud), clock=cloud.clock)
    assert report.ok
    assert cloud.writes == []
    assert plan(everything(cloud)).empty


def test_a_plan_of_nothing_yet_creates_everything(cloud: Cloud) -> None:
    """Also with a key that nobody knows the ARN of."""
    steps = plan(everything(cloud)).steps
    assert {step.action for step in steps} == {Action.CREATE}
    assert cloud.writes == []


@pytest.mark.long
def test_destroying_leaves_the_key_waiting_and_nothing_else(cloud: Cloud) -> None:
    """Everything goes; a second time there is nothing left to delete."""
    cloud.apply(*everything(cloud))
    outcomes = destroy(everything(cloud), clock=cloud.clock).outcomes
    assert {type(outcome) for id_, outcome in outcomes.items() if id_ != "shared/key"} == {Deleted}
    assert isinstance(outcomes["shared/key"], KeptBack)
    cloud.forget()
    again = destroy(everything(cloud), clock=cloud.clock).outcomes
    assert {type(outcome) for id_, outcome in again.items() if id_ != "shared/key"} == {Absent}
    assert cloud.writes == []


@pytest.mark.long
@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1"])
def test_other_regions_and_partitions(region: str) -> None:
    """The same map in another partition is created and stays as it is."""
    with mock_aws():
        cloud = Cloud(example(region))
        cloud.replaced["codecommit"] = FakeCodeCommit(cloud.calls)
        cloud.replaced["cloudformation"] = FakeCloudFormation(cloud.calls)
        cloud.apply(*everything(cloud))
        cloud.forget()
        cloud.apply(*everything(cloud))
        assert cloud.writes == []


@pytest.mark.long
def test_a_target_elsewhere_is_made_there_and_once(cloud: Cloud) -> None:
    """Its own region's key, bucket and function; the second time nothing is written."""
    cloud.config = ireland()
    cloud.names = Names(cloud.config)
    apply(everything(cloud), clock=cloud.clock).raise_failures()
    kms = cloud.client(SHARED, "kms", "eu-west-1")
    key = kms.describe_key(KeyId="alias/churn")["KeyMetadata"]["Arn"]
    s3 = cloud.client(SHARED, "s3", "eu-west-1")
    assert s3.get_bucket_location(Bucket="churn-111111111111-eu-west-1")["LocationConstraint"] == "eu-west-1"
    function = cloud.client(PRODUCTION, "lambda", "eu-west-1").get_function_configuration(FunctionName="churn-deploy")
    assert function["FunctionArn"].startswith("arn:aws:lambda:eu-west-1:")
    assert cloud.client(PRODUCTION, "lambda").list_functions()["Functions"] == []
    copies = cloud.client(SHARED, "lambda").get_function_configuration(FunctionName="churn-copy")
    assert key in copies["Environment"]["Variables"]["DESTINATIONS"]
    cloud.forget()
    assert plan(everything(cloud)).empty
    assert cloud.writes == []


def test_a_role_waits_for_its_own_regions_key_only() -> None:
    """The endpoint's for the region's, the pipeline's and the copies' for all."""
    cloud = Cloud(ireland())
    needs = {resource.id: set(resource.depends_on) for resource in everything(cloud)}
    assert needs["ireland/role/endpoint"] == {"shared/key/eu-west-1"}
    assert needs["training/role/training"] == {"shared/key"}
    for id_ in ("shared/role/pipeline", "shared/role/copy-model"):
        assert needs[id_] == {"shared/key", "shared/key/eu-west-1"}
    assert {"shared/bucket/eu-west-1", "shared/copy-function"} <= needs["shared/pipeline"]


@pytest.mark.long
def test_a_region_that_is_added_updates_the_pipeline(cloud: Cloud) -> None:
    """From one artifact store to several, and back."""
    apply(everything(cloud), clock=cloud.clock).raise_failures()
    before = cloud.config
    there = ireland().accounts.production[0].model_copy(update={"name": "more"})
    accounts = before.accounts.model_copy(update={"production": (*before.accounts.production, there)})
    for config, member in (
        (before.model_copy(update={"accounts": accounts}), "artifactStores"),
        (before, "artifactStore"),
    ):
        cloud.config = config
        (step,) = (step for step in plan(everything(cloud)).steps if step.resource.id == "shared/pipeline")
        assert step.action is Action.UPDATE
        assert ("structure", member) in {change.path[:2] for change in step.changes}
        apply(everything(cloud), clock=cloud.clock).raise_failures()
        assert plan(everything(cloud)).empty
