"""Whose a resource is: another map with the project's name takes over, changes and deletes nothing of this one's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, operator_role, with_source_account
from tests.resources.cloud import Cloud
from tests.resources.fake_codecommit import FakeCodeCommit
from xacct_ml.engine.diff import ABSENT, Change
from xacct_ml.engine.events import KeptBack
from xacct_ml.engine.plan import Action, Plan, plan
from xacct_ml.system.names import PIPELINE_TAG, PROJECT_TAG

ROLES = (
    "shared/role/start",
    "shared/role/pipeline",
    "training/role/train-action",
    "training/role/training",
    "production/role/deploy-action",
    "production/role/deploy-function",
)
REGIONAL = (
    "shared/key",
    "shared/bucket",
    "shared/repository",
    "production/log-group",
    "production/function",
    "production/alarm/churn-churn-5xx",
)
OURS = (*ROLES, *REGIONAL)
PIPELINE = f"arn:aws:codepipeline:us-east-1:{SHARED}:churn"
OTHER_SHARED = "444444444444"


def another_region(cloud: Cloud) -> None:
    cloud.map(region="eu-west-1")


def another_pipeline(cloud: Cloud) -> None:
    cloud.map(pipeline={"name": "churn-two"})


def another_shared_account(cloud: Cloud) -> None:
    accounts = {"shared": OTHER_SHARED, "training": TRAINING}
    cloud.map(
        accounts={
            **{name: {"id": account, "role_arn": operator_role(account)} for name, account in accounts.items()},
            "production": ({"id": PRODUCTION, "role_arn": operator_role(PRODUCTION)},),
        }
    )


OTHERS: dict[str, tuple[Callable[[Cloud], None], tuple[str, ...]]] = {
    "another region": (another_region, ROLES),
    "another pipeline": (another_pipeline, OURS),
    "another shared account": (another_shared_account, (*ROLES[2:], *REGIONAL[3:])),
}
"""Other maps, and what of ours has the names of theirs."""
every_other = pytest.mark.parametrize(("other", "taken"), OTHERS.values(), ids=OTHERS)


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    """With a deployment of the example map, as far as plain moto has it."""
    cloud.replaced["codecommit"] = FakeCodeCommit(cloud.calls)
    cloud.apply(*cloud.resources(*OURS))
    cloud.forget()
    return cloud


def as_released(cloud: Cloud, *ids: str) -> None:
    """As release 8e7c681 left it: with the project's tag alone."""
    for resource in cloud.resources(*ids):
        resource.write_tags(resource.read({}), {}, [PIPELINE_TAG])
    cloud.forget()


def reasons(made: Plan) -> list[str]:
    assert {step.action for step in made.steps} == {Action.REFUSE}
    return [step.error.message for step in made.steps if step.error]


def kept(cloud: Cloud, *ids: str) -> list[str]:
    """Why a teardown leaves each of these."""
    done = cloud.destroy(*cloud.resources(*ids)).outcomes
    outcomes = [done[id_] for id_ in ids]
    assert all(isinstance(outcome, KeptBack) for outcome in outcomes)
    assert cloud.writes == []
    return [outcome.reason for outcome in outcomes if isinstance(outcome, KeptBack)]


def test_everything_carries_the_pipelines_tag(cloud: Cloud) -> None:
    """Beside the project's."""
    for id_ in OURS:
        tags = cloud.observe(id_)["tags"]
        assert (tags[PROJECT_TAG], tags[PIPELINE_TAG]) == ("churn", PIPELINE)


@pytest.mark.long
@every_other
def test_another_map_takes_nothing_over_and_deletes_nothing(
    cloud: Cloud, other: Callable[[Cloud], None], taken: tuple[str, ...]
) -> None:
    """Both say to which pipeline it belongs."""
    other(cloud)
    for told in (reasons(plan(cloud.resources(*taken))), kept(cloud, *taken)):
        assert all(f"belongs to the pipeline {PIPELINE}: so says its tag {PIPELINE_TAG}" in one for one in told)


@pytest.mark.long
def test_what_the_release_made_is_taken_over_by_its_tags_alone(cloud: Cloud) -> None:
    """Once, and plan shows it."""
    as_released(cloud, *OURS)
    steps = plan(cloud.resources(*OURS)).steps
    assert {step.action for step in steps} == {Action.UPDATE}
    changes = {change for step in steps for change in step.changes}
    assert changes == {Change(("tags", PIPELINE_TAG), ABSENT, PIPELINE)}
    cloud.apply(*cloud.resources(*OURS))
    cloud.forget()
    assert plan(cloud.resources(*OURS)).empty
    assert cloud.writes == []


@pytest.mark.long
@every_other
def test_what_the_release_made_is_no_other_maps(
    cloud: Cloud, other: Callable[[Cloud], None], taken: tuple[str, ...]
) -> None:
    """The documents tell whose it is, and the next step how to say otherwise."""
    as_released(cloud, *OURS)
    other(cloud)
    made = plan(cloud.resources(*taken))
    for told in (reasons(made), kept(cloud, *taken)):
        assert all(re.search("and may be another pipeline's: (the trust policy of )?role churn-", one) for one in told)
    wanted = f"if it is this map's, give it the tag {PIPELINE_TAG}={cloud.names.pipeline_arn}"
    assert all(wanted in (step.error.next_step or "") for step in made.steps if step.error)


def test_where_no_document_tells_nobody_takes_it(cloud: Cloud) -> None:
    """The role that would tell is gone; in the shared account, of what has no region."""
    as_released(cloud, "production/log-group", "shared/role/start", "shared/key")
    cloud.destroy(*cloud.resources("shared/role/pipeline", "production/role/deploy-action"))
    (group, role) = reasons(plan(cloud.resources("production/log-group", "shared/role/start")))
    assert f"there is no role churn-deploy-action in account {PRODUCTION} that says which pipeline it trusts" in group
    assert f"there is no role churn-pipeline in account {SHARED} that says which pipeline's it is" in role
    (key,) = plan(cloud.resources("shared/key")).steps
    assert key.action is Action.UPDATE


def test_a_teardown_of_what_the_release_made_goes_on(cloud: Cloud) -> None:
    """Where the pipeline's role went before the rest."""
    as_released(cloud, *OURS)
    cloud.destroy(*cloud.resources("shared/role/pipeline"))
    outcome = cloud.destroy(*cloud.resources("production/log-group")).outcomes["production/log-group"]
    assert not isinstance(outcome, KeptBack)


@pytest.mark.long
def test_an_adopted_resource_of_the_release_stays_adopted(cloud: Cloud) -> None:
    """It gets the pipeline's tag beside the others, and no other map adopts it."""
    cloud.client(PRODUCTION, "logs").delete_log_group(logGroupName="/aws/lambda/churn-deploy")
    cloud.client(PRODUCTION, "logs").create_log_group(logGroupName="/aws/lambda/churn-deploy", tags={"team": "x"})
    cloud.map(adopt=("production/log-group",))
    cloud.apply(*cloud.resources("production/log-group"))
    as_released(cloud, "production/log-group")
    cloud.apply(*cloud.resources("production/log-group"))
    assert cloud.observe("production/log-group")["tags"][PIPELINE_TAG] == PIPELINE
    cloud.map(adopt=("production/log-group",), pipeline={"name": "churn-two"})
    (told,) = reasons(plan(cloud.resources("production/log-group")))
    assert f"belongs to the pipeline {PIPELINE}" in told


def test_an_alias_is_its_keys(cloud: Cloud) -> None:
    """It can have no tag."""
    another_pipeline(cloud)
    (told,) = reasons(plan(cloud.resources("shared/alias")))
    assert f"belongs to the pipeline {PIPELINE}" in told
    assert kept(cloud, "shared/alias") == [told]


def test_an_object_is_its_buckets(cloud: Cloud) -> None:
    """Where another map has the same bucket's name."""
    s3: Any = cloud.client(SHARED, "s3")
    s3.delete_bucket_policy(Bucket=cloud.names.bucket)  # moto takes every Deny for one, whatever its conditions
    s3.put_object(Bucket=cloud.names.bucket, Key="source/source.zip", Body=b"ours")
    cloud.forget()
    cloud.map(pipeline={"name": "churn-two", "source_object": {}})
    (told,) = reasons(plan(cloud.resources("shared/source")))
    assert f"is not this project's, for S3 bucket {cloud.names.bucket} in account {SHARED} belongs to" in told
    assert kept(cloud, "shared/source") == [told]


def test_a_statement_is_the_pipelines_roles(cloud: Cloud) -> None:
    """In the policy of a bus that belongs to the account."""
    events = cloud.client(SHARED, "events")
    cloud.config = with_source_account()
    (permission,) = cloud.resources("shared/event-bus-permission")
    cloud.apply(permission)
    cloud.forget()
    cloud.config = with_source_account(pipeline={"name": "churn-two"})
    (told,) = reasons(plan(cloud.resources("shared/event-bus-permission")))
    assert "is not this project's, for IAM role churn-pipeline" in told
    assert kept(cloud, "shared/event-bus-permission") == [told]
    assert len(json.loads(events.describe_event_bus(Name="default")["Policy"])["Statement"]) == 1
