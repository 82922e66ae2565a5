"""Attacks by further calls: what an account's own people come to is found, each step of it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, approved_by_two, example
from tests.proof.maps import MAPS
from xacct_ml.config.model import Config
from xacct_ml.operations import operator_policies
from xacct_ml.operations.policies import world, world_beside
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.attacks.intruder import intruders
from xacct_ml.proof.isolation import separation
from xacct_ml.proof.reach.decisions import Holder
from xacct_ml.proof.reach.further import Further, Possible, further
from xacct_ml.proof.world import World
from xacct_ml.system.names import PROJECT_TAG, Names
from xacct_ml.system.statements import Document, allow, pass_role, policy

pytestmark = pytest.mark.long

CONFIG = example()
NAMES = Names(CONFIG)
BOUNDED_ROLES: dict[str, Any] = {"roles": {"permissions_boundary": "team/boundary"}}
BOUNDED = example(**BOUNDED_ROLES)
BESIDE = example(
    project="churn-eu",
    accounts={
        "shared": {"id": SHARED, "role_arn": f"arn:aws:iam::{SHARED}:role/other"},
        "training": {"id": TRAINING, "role_arn": f"arn:aws:iam::{TRAINING}:role/other"},
        "production": ({"id": PRODUCTION, "role_arn": f"arn:aws:iam::{PRODUCTION}:role/other"},),
    },
    **BOUNDED_ROLES,
)
BOUNDARY = f"arn:aws:iam::{TRAINING}:policy/team/boundary"
ROLES = {account: f"arn:aws:iam::{account}:role/*" for account in (SHARED, TRAINING, PRODUCTION)}
KEYS = f"arn:aws:kms:us-east-1:{SHARED}:key/*"
OURS = {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": "churn"}}
TAG = {"StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": "churn"}}
OF = {
    SHARED: "The operator of the shared account",
    TRAINING: "The operator of the training account",
    PRODUCTION: "The operator of production account production",
}
(TARGET,) = CONFIG.accounts.production
MODELS, DATA = "s3:PutObject on models/", "s3:GetObject on data/0"
EVERYTHING = "everything that an administrator of "


def found(given: World) -> Further:
    return further(given, attack_all(given))


@cache
def of_map(name: str) -> Further:
    return found(world(MAPS[name]))


def with_operators(given: Mapping[str, list[Document]], config: Config = CONFIG) -> World:
    """Operators who may do nothing but these statements."""
    operators = {
        account: {"only": policy(*given.get(account, [NOTHING]))} for account in (SHARED, TRAINING, PRODUCTION)
    }
    return World.of_map(config, operators)


NOTHING = allow("Nothing", "sts:GetCallerIdentity", "*")


def possible(result: Further, group: str) -> list[Possible]:
    return [one for one in result.possible if one.attack.group == group]


def way(result: Further, group: str, what: str) -> tuple[str, ...] | None:
    """The calls before an attack; None where it stays denied."""
    ways = {one.path for one in possible(result, group) if one.attack.what.startswith(what)}
    assert len(ways) <= 1
    return ways.pop() if ways else None


# -- the project's own policies ---------------------------------------------------------------------------------------


def test_an_administrator_takes_the_roles_of_the_account() -> None:
    """What "72 of 72 denied" did not say: one call more, and the training role writes models."""
    group = "An administrator of the training account"
    result = of_map("example")
    assert way(result, group, MODELS) == ("writes the trust of churn-training and assumes it",)
    assert way(result, group, DATA) == ("writes the trust of churn-training and assumes it",)
    assert way(result, group, "s3:DeleteObject on models/") is None
    assert way(result, group, "s3:PutObject on judged/") is None
    assert way(result, group, "s3:PutObject on evaluations/") is None
    assert way(result, group, "codepipeline:PutApprovalResult") is None
    group = "An administrator of production account production"
    assert way(result, group, "s3:GetObject on judged/") == ("writes the trust of churn-endpoint and assumes it",)
    assert way(result, group, "s3:PutObject on judged/") is None


def test_the_keys_account_writes_its_policy() -> None:
    way_to_key = way(of_map("example"), "An administrator of the shared account", "administrator: kms:Decrypt past S3")
    assert way_to_key == ("writes the policy of the key",)


def test_a_push_runs_as_the_roles_of_a_run() -> None:
    """A template defines what CloudFormation deploys, and that what Step Functions and SageMaker run."""
    pushed = way(of_map("example"), "Who pushes to the repository", MODELS)
    assert pushed == (
        "pushes a template, which is deployed as churn-cloudformation",
        "runs a state machine as churn-state-machine",
        "runs a training job as churn-training",
    )


def test_a_role_of_the_project_passes_another_on() -> None:
    """The state machine's role writes no models; a job that it starts does."""
    assert way(of_map("example"), "Beyond the job", "churn-state-machine writes models") == (
        "runs a training job as churn-training",
    )


def test_an_operator_without_boundary_is_an_administrator() -> None:
    for account, group in OF.items():
        first, *others = possible(of_map("example"), group)
        assert first.attack.what == f"{EVERYTHING}{account} can"
        assert first.path[-1].startswith("writes the policies of churn-")
        assert all(one.attack.what.endswith(" of others") for one in others)


def with_tagging(config: Config) -> World:
    """Operators of the shared account who, beside what is rendered, manage every key that has our tag."""
    given = dict(operator_policies.policies(config))
    managed = allow("ManageKey", ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"], KEYS, OURS)
    given[SHARED] = {**given[SHARED], "by-tag": policy(managed, allow("Tag", "kms:TagResource", KEYS, TAG))}
    return World.of_map(config, given)


def test_the_key_of_others_is_named_beside() -> None:
    """Being an administrator does not hide what the policy itself hands over."""
    assert way(found(with_tagging(CONFIG)), OF[SHARED], "kms:PutKeyPolicy on a key of others") == (
        f"tags it {PROJECT_TAG}=churn",
    )


def test_a_right_by_tag_hands_over_keys_with_a_boundary_too() -> None:
    result = found(with_tagging(BOUNDED))
    assert not any(one.attack.what.startswith(EVERYTHING) for one in result.possible)
    taken = way(result, OF[SHARED], "kms:PutKeyPolicy on a key of others")
    assert taken == (f"tags it {PROJECT_TAG}=churn",)
    assert way(result, OF[SHARED], "kms:DisableKey on a key of others") == (*taken, "writes its policy")


@pytest.mark.parametrize(("changes", "does"), [({}, True), (BOUNDED_ROLES, False)])
def test_with_approvers_and_a_boundary_no_operator_approves(changes: dict[str, Any], does: bool) -> None:
    """Without the boundary an operator writes a role that does."""
    result = found(world(approved_by_two(**changes)))
    assert bool(possible(result, "The operator approves")) is does
    assert possible(result, "The approver beyond approving") == []


@pytest.mark.parametrize("config", [CONFIG, BOUNDED], ids=["without boundary", "with boundary"])
def test_with_a_boundary_the_operator_is_none_and_takes_no_key(config: Config) -> None:
    """Neither the policy of the first run nor the standing one, nor both: no tag leads to a right."""
    result = found(world(config))
    assert not any("key of others" in one.attack.what for one in possible(result, OF[SHARED]))
    unlimited = any(one.attack.what.startswith(EVERYTHING) for one in result.possible)
    assert unlimited is (config is CONFIG)


@pytest.mark.parametrize("name", MAPS.keys())
def test_a_foreign_account_reaches_nothing(name: str) -> None:
    """In every topology, by any number of calls; nor does an account what it has no role for."""
    result = of_map(name)
    assert possible(result, "An administrator of a foreign account") == []
    assert len(result.tried) > len(intruders(Names(MAPS[name])))
    assert all(one.path for one in result.possible if "of others" not in one.attack.what)


# -- planted weaknesses -----------------------------------------------------------------------------------------------


def test_who_may_do_nothing_reaches_nothing() -> None:
    """The statements below make the difference."""
    result = found(with_operators({}))
    assert [one for group in OF.values() for one in possible(result, group)] == []


PLANTED: dict[str, tuple[str, list[Document], str, tuple[str, ...]]] = {
    "the trust of a role": (
        TRAINING,
        [allow("Trust", "iam:UpdateAssumeRolePolicy", NAMES.training_role)],
        MODELS,
        ("writes the trust of churn-training and assumes it",),
    ),
    "the trust of whatever role carries a tag, and the tag": (
        TRAINING,
        [
            allow("Trust", "iam:UpdateAssumeRolePolicy", ROLES[TRAINING], OURS),
            allow("Tag", "iam:TagRole", ROLES[TRAINING], TAG),
        ],
        "iam:UpdateAssumeRolePolicy on a role of others",
        (f"tags it {PROJECT_TAG}=churn",),
    ),
    "the policy of whatever key carries a tag, and the tag": (
        SHARED,
        [allow("Policy", "kms:PutKeyPolicy", KEYS, OURS), allow("Tag", "kms:TagResource", KEYS, TAG)],
        "kms:DisableKey on a key of others",
        (f"tags it {PROJECT_TAG}=churn", "writes its policy"),
    ),
    "a right for who carries a tag, and tagging itself": (
        SHARED,
        [
            allow("Policy", "kms:PutKeyPolicy", KEYS, {"StringEquals": {"aws:PrincipalTag/duty": "keys"}}),
            allow("Tag", "iam:TagRole", f"arn:aws:iam::{SHARED}:role/xacct-ml-operator"),
        ],
        "kms:PutKeyPolicy on a key of others",
        ("tags xacct-ml-operator duty=keys",),
    ),
    "any key through S3": (SHARED, [allow("Use", "kms:Decrypt", KEYS)], "kms:Decrypt on a key of others", ()),
    "the key's policy": (
        SHARED,
        [allow("Policy", "kms:PutKeyPolicy", KEYS, OURS)],
        "kms:Decrypt on the key",
        ("writes the policy of the key",),
    ),
    "the bucket's policy": (
        SHARED,
        [allow("Policy", "s3:PutBucketPolicy", NAMES.bucket_arn)],
        DATA,
        ("writes the policy of the bucket",),
    ),
    "a role passed to a training job": (
        TRAINING,
        [
            pass_role("Pass", NAMES.training_role, "sagemaker.amazonaws.com"),
            allow("Run", "sagemaker:CreateTrainingJob", "*"),
        ],
        MODELS,
        ("runs a training job as churn-training",),
    ),
    "a role passed to a function": (
        PRODUCTION,
        [
            pass_role("Pass", NAMES.deploy_function_role(TARGET), "lambda.amazonaws.com"),
            allow("Run", "lambda:CreateFunction", NAMES.function_arn(TARGET)),
        ],
        "assumes churn-job-result",
        ("runs a function as churn-deploy-function",),
    ),
    "the code of a function": (
        PRODUCTION,
        [allow("Code", "lambda:UpdateFunctionCode", NAMES.function_arn(TARGET))],
        "assumes churn-job-result",
        ("replaces the code of the function churn-deploy, which runs as churn-deploy-function",),
    ),
    "the definition of the state machine": (
        TRAINING,
        [allow("Definition", "states:UpdateStateMachine", NAMES.state_machine_arn)],
        MODELS,
        (
            "replaces the definition of the state machine, which runs as churn-state-machine",
            "runs a training job as churn-training",
        ),
    ),
    "the template of the stack": (
        TRAINING,
        [allow("Template", "cloudformation:UpdateStack", NAMES.stack_arn_pattern)],
        MODELS,
        (
            "replaces the template of the stack churn-training, which runs as churn-cloudformation",
            "runs a state machine as churn-state-machine",
            "runs a training job as churn-training",
        ),
    ),
    "a commit": (
        SHARED,
        [allow("Push", "codecommit:CreateCommit", NAMES.repository_arn)],
        MODELS,
        (
            "pushes a template, which is deployed as churn-cloudformation",
            "runs a state machine as churn-state-machine",
            "runs a training job as churn-training",
        ),
    ),
    "a role of its own": (
        PRODUCTION,
        [allow("Make", ["iam:CreateRole", "iam:AttachRolePolicy"], ROLES[PRODUCTION])],
        EVERYTHING,
        ("makes a role of its own with every right",),
    ),
    "trust and policies of a role": (
        TRAINING,
        [allow("Roles", ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"], NAMES.training_role)],
        EVERYTHING,
        ("writes the trust of churn-training and assumes it", "writes the policies of churn-training"),
    ),
}


@pytest.mark.parametrize(("account", "statements", "what", "path"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_weakness_is_found(
    account: str, statements: list[Document], what: str, path: tuple[str, ...]
) -> None:
    """Each with the calls that it takes."""
    assert way(found(with_operators({account: statements})), OF[account], what) == path


@pytest.mark.parametrize("name", [name for name, (_, statements, _, _) in PLANTED.items() if len(statements) > 1])
def test_half_of_it_leads_nowhere(name: str) -> None:
    """A tag that nothing asks for, a role that is passed to nothing, a job without a role."""
    account, statements, what, _ = PLANTED[name]
    for statement in statements:
        assert way(found(with_operators({account: [statement]})), OF[account], what) is None


def bounded(**condition: Any) -> list[Document]:
    rights = ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"]
    conditions = {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}
    role = Names(BOUNDED).training_role
    return [
        allow("Trust", rights[0], role),
        allow("Policies", rights[1], role, conditions),
        *([allow("Boundary", condition["more"], role)] if condition else []),
    ]


def test_a_boundary_that_stays_limits_what_is_written() -> None:
    """One that may be taken away, or replaced, does not."""
    group = OF[TRAINING]
    assert way(found(with_operators({TRAINING: bounded()}, BOUNDED)), group, EVERYTHING) is None
    for more in ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"):
        result = found(with_operators({TRAINING: bounded(more=more)}, BOUNDED))
        assert way(result, group, EVERYTHING) is not None


def test_another_projects_operator_does_not_take_the_key_by_its_tag() -> None:
    """Beside each other, with operators of their own in one account: a key that has one project's tag gets no other."""
    intrusion, _ = separation(world(BOUNDED), world_beside(BESIDE))
    assert intrusion.holds
    assert [one.attack.what for one in intrusion.further.possible if "kms:" in one.attack.what] == []


def test_a_right_to_tag_any_key_takes_it() -> None:
    """What another project's operators could do, were they not bound by the tag that is there."""
    beside = world_beside(BESIDE)
    theirs = {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": "churn-eu"}}
    more = policy(allow("Tag", "kms:TagResource", KEYS), allow("ManageKey", "kms:PutKeyPolicy", KEYS, theirs))
    given = {**beside.operators, SHARED: {**beside.operators[SHARED], "more": more}}
    intrusion, _ = separation(world(BOUNDED), World.of_map(BESIDE, given, beside.keys))
    taken = {one.attack.what: one.path for one in intrusion.further.possible}
    assert taken["other: kms:PutKeyPolicy on the key of us-east-1"] == (f"tags it {PROJECT_TAG}=churn-eu",)


def test_whose_policies_are_written_is_limited_by_nothing() -> None:
    """A holder is told from itself with everything."""
    assert Holder("arn:aws:iam::111111111111:role/a") != Holder("arn:aws:iam::111111111111:role/a", everything=True)
