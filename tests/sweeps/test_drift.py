"""Every property that we set, changed by hand, and resources that others deleted or broke: shown, mended or explained.

``python -m tests.sweeps --kinds "changed by hand"`` changes them one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.sweeps import drift
from tests.sweeps.bugs import planted
from tests.sweeps.drift import HANDS, NOT_BY_HAND, TRUST, UNDISTURBED, Place, drifts, mend, planned, resources
from tests.sweeps.plain import plain_clients
from tests.sweeps.sweep import Sweep
from tests.sweeps.world import World, world
from xacct_ml.emulator.core import external_deletion
from xacct_ml.engine.diff import diff
from xacct_ml.engine.plan import Action
from xacct_ml.engine.resource import NotOurs
from xacct_ml.resources.base import KEY_ARN
from xacct_ml.resources.role import Role
from xacct_ml.system.names import PIPELINE_TAG, PROJECT_TAG

ROUNDS = 2
ROLE = "churn-train-action"
OURS = [
    {"Key": PROJECT_TAG, "Value": "churn"},
    {"Key": PIPELINE_TAG, "Value": f"arn:aws:codepipeline:us-east-1:{SHARED}:churn"},
]


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world() as made:
        yield Sweep(made)


@pytest.fixture
def there(sweep: Sweep) -> World:
    """A whole project, as nobody touched it."""
    sweep.reference(UNDISTURBED).done.restore()
    sweep.world.begin()
    return sweep.world


def client(there: World, account: str, service: str) -> Any:
    return plain_clients(there.aws, account)(service)


def place(there: World, id_: str) -> Place:
    return Place(there, next(resource for resource in resources(there) if resource.id == id_))


# -- changed -----------------------------------------------------------------------------------------------------------
@pytest.mark.long
def test_every_property_of_every_type_is_changed(there: World) -> None:
    """A new property, or a new type of resource, needs a hand that changes it, or a reason why nobody can."""
    wanted = {(resource.kind, member) for resource in resources(there) for member in resource.desired({})}
    changed = {(kind, member) for kind, members in HANDS.items() for member in members}
    assert changed | set(NOT_BY_HAND) == wanted
    assert changed & set(NOT_BY_HAND) == set()


@pytest.mark.long
@pytest.mark.parametrize("part", range(ROUNDS))
def test_what_was_changed_by_hand_is_shown_and_mended(sweep: Sweep, part: int) -> None:
    """Exactly that, of every resource; every second property at a time."""
    assert drift.problem(sweep, list(drifts(sweep.world))[part::ROUNDS]) is None


@pytest.mark.long
def test_a_difference_that_is_not_looked_at_is_caught(sweep: Sweep) -> None:
    """A planted bug: the roles' policies are taken for what they should be."""
    policies = {
        resource.name: resource.desired({}) for resource in resources(sweep.world) if resource.kind == "IAM role"
    }
    with planted(Role, "_policies", lambda self, _: policies[self.name]["policies"]):
        (wrong,) = (one for one in drifts(sweep.world) if str(one) == "training/role/train-action: policies")
        assert "changed but not shown" in str(drift.problem(sweep, [wrong]))


@pytest.mark.long
def test_every_value_in_the_pipelines_structure_is_compared(there: World) -> None:
    """Whatever text somebody changes in it, and CodePipeline takes, is a difference at its place."""
    at = place(there, "shared/pipeline")
    codepipeline = at.client("codepipeline")
    key_arn = {KEY_ARN: place(there, "shared/key").arn("kms", f"key/{place(there, 'shared/key').key}")}
    whole = codepipeline.get_pipeline(name=at.name)["pipeline"]
    tried = 0
    for path, value in texts(whole):
        try:
            codepipeline.update_pipeline(pipeline=with_other(whole, path, f"{value}x"))
        except codepipeline.exceptions.ClientError:
            continue  # nobody can change it to that
        (change,) = diff(at.resource.read(key_arn), at.resource.desired(key_arn))
        assert change.path[0] == "structure", path
        assert value in str(change.after), path
        tried += 1
    assert tried >= 20


Path = tuple[str | int, ...]


def texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in a JSON value, and where it is."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from texts(inner, (*path, position))


def with_other(value: Any, path: Path, text: str) -> Any:
    copied = json.loads(json.dumps(value))
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
    return copied


# -- deleted and broken ------------------------------------------------------------------------------------------------
DELETED = (
    ("iam", TRAINING, ROLE),
    ("iam", PRODUCTION, "churn-endpoint"),
    ("kms", SHARED, "alias/churn"),
    ("logs", PRODUCTION, "/aws/lambda/churn-deploy"),
    ("lambda", PRODUCTION, "churn-deploy"),
    ("cloudwatch", PRODUCTION, "churn-churn-5xx"),
    ("events", SHARED, "churn-push"),
)


@pytest.mark.long
def test_what_was_deleted_is_made_again(sweep: Sweep, there: World) -> None:
    """The plan shows exactly that, and after it everything is as before: the same key behind its alias."""
    for service, account, name in DELETED:
        external_deletion.delete(plain_clients(there.aws, account), service, name)
    steps = planned(there)
    assert sorted(step.resource.name for step in steps.values()) == sorted(name for _, _, name in DELETED)
    assert {step.action for step in steps.values()} == {Action.CREATE}
    assert mend(there, steps) == set(steps)
    assert sweep.difference(sweep.reference(UNDISTURBED), there.everything()) is None


@pytest.mark.long
def test_a_deleted_and_re_created_role(sweep: Sweep, there: World) -> None:
    """It has our name and nothing else: somebody else's, until it carries our tag. No policy of ours held its id."""
    iam = client(there, TRAINING, "iam")
    external_deletion.delete(plain_clients(there.aws, TRAINING), "iam", ROLE)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    (refused,) = (step for step in planned(there).values() if step.action is Action.REFUSE)
    assert isinstance(refused.error, NotOurs)
    iam.tag_role(RoleName=ROLE, Tags=OURS)
    steps = planned(there)
    assert {id_: step.action for id_, step in steps.items()} == {"training/role/train-action": Action.UPDATE}
    mend(there, steps)
    assert sweep.difference(sweep.reference(UNDISTURBED), there.everything()) is None


@pytest.mark.long
def test_the_dead_id_of_a_re_created_role_is_shown_and_mended(sweep: Sweep, there: World) -> None:
    """A policy that somebody narrowed to a role's ARN keeps the id of the deleted one (IAM User Guide, principals)."""
    iam = client(there, PRODUCTION, "iam")
    other = str(iam.create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"])
    narrowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": other}}
    client(there, TRAINING, "iam").update_assume_role_policy(
        RoleName=ROLE, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [narrowed]})
    )
    place(there, "shared/key").key_policy(lambda statements: statements[1].update(Principal={"AWS": other}))
    iam.delete_role(RoleName="other")
    iam.create_role(RoleName="other", AssumeRolePolicyDocument=json.dumps(TRUST))
    steps = planned(there)
    assert set(steps) == {"shared/key", "training/role/train-action"}
    for step in steps.values():
        assert any("AROA" in str(change.before) for change in step.changes), step
    mend(there, steps)
    iam.delete_role(RoleName="other")
    assert sweep.difference(sweep.reference(UNDISTURBED), there.everything()) is None


@pytest.mark.long
def test_a_key_that_waits_for_its_deletion_is_brought_back(sweep: Sweep, there: World) -> None:
    """The objects encrypted with it become readable again."""
    key = place(there, "shared/key")
    key.client("kms").schedule_key_deletion(KeyId=key.key, PendingWindowInDays=7)
    steps = planned(there)
    assert set(steps) == {"shared/key"}
    assert ("state",) in {change.path for change in steps["shared/key"].changes}
    mend(there, steps)
    assert sweep.difference(sweep.reference(UNDISTURBED), there.everything()) is None


@pytest.mark.long
def test_a_stack_that_was_never_created_is_replaced(sweep: Sweep, there: World) -> None:
    """ROLLBACK_COMPLETE cannot be updated: it is deleted and created again."""
    cloudformation = client(there, TRAINING, "cloudformation")
    template = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": "x"}}}}
    cloudformation.delete_stack(StackName="churn-training")
    cloudformation.create_stack(
        StackName="churn-training",
        TemplateBody=json.dumps(template),
        RoleARN=f"arn:aws:iam::{TRAINING}:role/churn-cloudformation",
        Tags=OURS,
    )
    (stack,) = cloudformation.describe_stacks(StackName="churn-training")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    steps = planned(there)
    assert {id_: step.action for id_, step in steps.items()} == {"training/stack": Action.REPLACE}
    mend(there, steps)
    assert sweep.difference(sweep.reference(UNDISTURBED), there.everything()) is None
