"""An account to which CodeCommit is closed: what is said, and that the way it shows leads on."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.configs import SHARED, example
from tests.journeys.project import Project
from tests.operator_calls import kept
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.engine.events import Failed, Skipped
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.demo import client_environment
from xacct_ml.operations.embedded import embedded
from xacct_ml.operations.embedded import operators_policies as policies

pytestmark = pytest.mark.long


def test_bootstrap_shows_two_ways_and_goes_on_with_one() -> None:
    """Everything else is made; the YAML that the message shows makes the rest, with nothing made twice."""
    config = example()
    with (
        embedded(config, refuse_codecommit=True, notices=lambda _: None) as aws,
        client_environment(aws.environment()),
        kept(aws),
    ):
        made = Project(config, aws)
        report = bootstrap(config, made.accounts, lambda _: None).report
        (failed,) = (outcome for outcome in report.outcomes.values() if isinstance(outcome, Failed))
        assert [id_ for id_, outcome in report.outcomes.items() if isinstance(outcome, Skipped)] == ["training/stack"]
        assert failed.error.message.startswith(f"CodeCommit is not open to account {SHARED}: CreateRepository request")
        first, second = ways(failed.error.details)
        assert first["pipeline"]["repository"] == "my-org/churn"
        assert first["pipeline"]["connection"]["arn"].startswith(f"arn:aws:codeconnections:us-east-1:{SHARED}:")
        changed = example(pipeline=second["pipeline"])
        give_rights(aws, policies(changed)[SHARED])
        report = bootstrap(changed, made.accounts, lambda _: None).report
        assert report.ok, [failed.error.lines() for failed in report.failures]
        created = {id_ for id_, outcome in report.outcomes.items() if getattr(outcome, "changes", 0) is None}
        assert created == {"shared/source", "training/stack"}


def give_rights(aws: EmbeddedAws, documents: dict[str, dict[str, Any]]) -> None:
    """What ``render`` writes for the operator of another map."""
    iam = aws.administrator(SHARED).client("iam")
    for name, document in documents.items():
        iam.put_role_policy(RoleName="xacct-ml-operator", PolicyName=name, PolicyDocument=json.dumps(document))


def ways(details: tuple[str, ...]) -> list[dict[str, dict[str, dict[str, str]]]]:
    """What of the details is indented, as the YAML that it is."""
    blocks: list[list[str]] = []
    for line in details:
        if not line.startswith("  "):
            blocks.append([])
        else:
            blocks[-1].append(line)
    assert len(blocks) == 2
    return [yaml.safe_load("\n".join(block)) for block in blocks]


def test_an_account_with_a_repository_gets_more() -> None:
    """As AWS does it: only accounts without any are refused."""
    with embedded(example(), notices=lambda _: None) as aws:
        client = aws.administrator(SHARED).client("codecommit")
        client.create_repository(repositoryName="old")
        from xacct_ml.emulator.services.codecommit import moto_patches as codecommit

        codecommit.closed = True
        try:
            client.create_repository(repositoryName="new")
            client.delete_repository(repositoryName="old")
            client.delete_repository(repositoryName="new")
            with pytest.raises(client.exceptions.ClientError, match="OperationNotAllowedException"):
                client.create_repository(repositoryName="third")
        finally:
            codecommit.closed = False
