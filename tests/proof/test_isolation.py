"""Two projects in the same accounts: neither reaches the other, and a document that lets it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.config.model import Config
from xacct_ml.operations.name_conflicts import clashes
from xacct_ml.operations.policies import world, world_beside
from xacct_ml.proof.isolation import Intrusion, policies_of_both, separation
from xacct_ml.proof.policies import DocumentKind, DocumentRef, Policies
from xacct_ml.system.names import Names
from xacct_ml.system.statements import allow, pass_role, trust_service
from xacct_ml.validation import load

pytestmark = pytest.mark.long

MAPS = Path(__file__).parents[2] / "docs" / "maps"
CHURN, CHURN_EU = example(), example(project="churn-eu")
OURS, THEIRS = Names(CHURN), Names(CHURN_EU)
FUNCTION = THEIRS.deploy_function_role(CHURN.accounts.production[0])
BOTH = policies_of_both(world(CHURN), world_beside(CHURN_EU))


def operators(name: str) -> Config:
    """The other project, with operators of its own."""

    def entered(account: str) -> dict[str, str]:
        return {"id": account, "role_arn": f"arn:aws:iam::{account}:role/{name}"}

    accounts = {"shared": entered(SHARED), "training": entered(TRAINING), "production": (entered(PRODUCTION),)}
    return example(project="churn-eu", accounts=accounts)


@pytest.mark.parametrize("other", [CHURN_EU, operators("other")], ids=["same operators", "operators of its own"])
def test_one_name_is_the_prefix_of_the_other(other: Config) -> None:
    """Both ways, by every request of a run and by the whole matrix."""
    for intrusion in separation(world(CHURN), world_beside(other)):
        assert len(intrusion.attacks) > 1000
        assert intrusion.requests > 10_000
        assert intrusion.holds, (intrusion.successful, intrusion.unintended)
        assert {cell.request.action for cell in intrusion.wider} == {"sagemaker:ListTags", "cloudwatch:DescribeAlarms"}


@pytest.mark.parametrize("topology", ["regions", "source-account"])
def test_every_topology(topology: str) -> None:
    """What targets in other regions and a source account add is each project's own too."""
    config = load(MAPS / f"{topology}.yaml")
    other = config.model_copy(update={"project": f"{config.project}-eu"})
    assert all(intrusion.holds for intrusion in separation(world(config), world_beside(other)))
    assert clashes(config, other) == ()


def against_churn(policies: Policies) -> Intrusion:
    return separation(world(CHURN), world_beside(CHURN_EU), policies=policies)[0]


def widened(job_arn: str, policy: str, statement: dict[str, object]) -> Policies:
    """The documents with one more statement in a role of churn-eu."""
    account = job_arn.split(":")[4]
    return BOTH.with_statement(DocumentRef(DocumentKind.IDENTITY, job_arn, account, policy), statement)


def test_a_pattern_without_a_length_shows() -> None:
    """``churn-eu`` could name what is ``churn``'s; the other way round ``churn-*`` would cover ``churn-eu-…``."""
    wide = allow("Wide", ["sagemaker:CreateModel"], [OURS.arn("sagemaker", PRODUCTION, "model/churn-*")])
    found = against_churn(widened(FUNCTION, "endpoint", wide))
    assert {attack.attack.request.action for attack in found.successful} == {"sagemaker:CreateModel"}
    assert {cell.request.action for cell in found.unintended} == {"sagemaker:CreateModel"}


def test_passing_the_others_role_shows() -> None:
    """A role of the same account, which its own trust policy does not keep away."""
    endpoint = OURS.endpoint_role(CHURN.accounts.production[0])
    found = against_churn(widened(FUNCTION, "pass-role", pass_role("Wide", endpoint, "sagemaker.amazonaws.com")))
    assert {attack.attack.request.resource for attack in found.successful} == {endpoint}
    assert not found.holds


def test_trusting_a_service_for_anybody_shows() -> None:
    """The other project's rule could start this one's pipeline."""
    ref = DocumentRef(DocumentKind.TRUST, OURS.start_role, SHARED)
    found = against_churn(BOTH.with_document(ref, trust_service("events.amazonaws.com")))
    assert {attack.attack.request.resource for attack in found.successful} == {OURS.start_role}
