"""CodeConnections over HTTP, under both of its names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.services.codepipeline.pipelines import APPROVE, Workshop
from xacct_ml.emulator.core.git_host import create
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.codeconnections import moto_patches as codeconnections


@pytest.fixture(params=["codeconnections", "codestar-connections"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_connection_is_pending_until_somebody_completes_it(aws: EmbeddedAws, service: str, unique: str) -> None:
    """Made, found, listed, tagged and deleted; another account does not see it."""
    client = aws.administrator(SHARED).client(service)
    arn = client.create_connection(
        ConnectionName=unique[:32], ProviderType="GitLab", Tags=[{"Key": "team", "Value": "ml"}]
    )["ConnectionArn"]
    assert arn.split(":")[2] == service
    assert client.get_connection(ConnectionArn=arn)["Connection"]["ConnectionStatus"] == "PENDING"
    codeconnections.complete(arn)
    found = client.get_connection(ConnectionArn=arn)["Connection"]
    assert (found["ConnectionStatus"], found["ProviderType"], found["OwnerAccountId"]) == (
        "AVAILABLE",
        "GitLab",
        SHARED,
    )
    assert found in client.list_connections(ProviderTypeFilter="GitLab")["Connections"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert error_of(client.create_connection, ConnectionName=unique[:32], ProviderType="GitHub")[0] == (
        "LimitExceededException"
    )
    other = aws.administrator(TRAINING).client(service)
    assert error_of(other.get_connection, ConnectionArn=arn)[0] == "AccessDeniedException"
    client.delete_connection(ConnectionArn=arn)
    assert error_of(client.get_connection, ConnectionArn=arn)[0] == "ResourceNotFoundException"


def test_both_names_show_one_connection(aws: EmbeddedAws, unique: str) -> None:
    """And each asks for its own action."""
    arn = (
        aws.administrator(SHARED)
        .client("codestar-connections")
        .create_connection(ConnectionName=unique[:32], ProviderType="GitHub")["ConnectionArn"]
    )
    found = aws.administrator(SHARED).client("codeconnections").get_connection(ConnectionArn=arn)
    assert found["Connection"]["ConnectionArn"] == arn
    assert aws.requests.entries(action="codeconnections:GetConnection")[-1].asked.resource == arn


def test_bad_parameters_are_refused(aws: EmbeddedAws, service: str) -> None:
    """By the service's model."""
    client = aws.administrator(SHARED).client(service)
    assert error_of(client.create_connection, ConnectionName="x", ProviderType="Gitea")[0] == "ValidationException"


# -- the source action -------------------------------------------------------------------------------------------------
class Connected:
    """A pipeline whose source is a git host's repository."""

    def __init__(self, aws: EmbeddedAws, directory: Any, name: str) -> None:
        self.workshop = Workshop(aws, name)
        self.repository = create(directory / "churn.git", "main")
        self.full_name = f"acme/{name}"
        aws.runtime.repositories[self.full_name] = self.repository
        self.arn = self.workshop.arn("codeconnections", f"connection/{name}")
        codeconnections.put(self.arn, name, "GitHub", "AVAILABLE")

    def create_pipeline(self) -> str:
        action = {
            "name": "Repository",
            "actionTypeId": {
                "category": "Source",
                "owner": "AWS",
                "provider": "CodeStarSourceConnection",
                "version": "1",
            },
            "configuration": {
                "ConnectionArn": self.arn,
                "FullRepositoryId": self.full_name,
                "BranchName": "main",
                "DetectChanges": "false",
            },
            "outputArtifacts": [{"name": "SourceOutput"}],
            "namespace": "Src",
        }
        return self.workshop.create_pipeline(stages=[{"name": "Source", "actions": [action]}, APPROVE])


@pytest.fixture
def connected(aws: EmbeddedAws, tmp_path: Any, unique: str) -> Connected:
    return Connected(aws, tmp_path, unique)


def failure(made: Connected) -> str:
    """Why the source action of run 1 failed."""
    run = made.create_pipeline()
    assert made.workshop.ended(run)["status"] == "Failed"
    return str(made.workshop.actions(run)["Repository"]["output"]["executionResult"]["errorDetails"]["message"])


def test_the_artifact_has_the_files_of_the_newest_commit(connected: Connected) -> None:
    """And the run the commit's id."""
    commit = connected.repository.push("main", {"template.yaml": b"a", "dir/b": b"b"}, "first")
    run = connected.create_pipeline()
    connected.workshop.waiting(run)
    action = connected.workshop.actions(run)["Repository"]
    assert action["output"]["outputVariables"]["CommitId"] == commit
    assert action["output"]["outputVariables"]["ProviderType"] == "GitHub"
    (artifact,) = action["output"]["outputArtifacts"]
    assert connected.workshop.files(artifact["s3location"]) == {"template.yaml": b"a", "dir/b": b"b"}


def test_without_the_right_to_use_the_connection_nothing_is_read(connected: Connected) -> None:
    """The action's message names the right."""
    connected.repository.push("main", {"a": b"a"}, "first")
    connected.workshop.rights(connected.workshop.name, allow("s3:*", resource="*"))
    assert f"is not authorized to perform: codeconnections:UseConnection on resource: {connected.arn}" in failure(
        connected
    )


def test_without_the_right_to_set_the_acl_the_artifact_is_refused(connected: Connected) -> None:
    """As on AWS, where only this action needs it."""
    connected.repository.push("main", {"a": b"a"}, "first")
    statements = allow("s3:PutObject", "codeconnections:UseConnection", resource="*")
    connected.workshop.rights(connected.workshop.name, statements)
    assert "s3:PutObjectAcl" in failure(connected)


def test_a_pending_connection_and_a_missing_branch_fail_the_action(connected: Connected) -> None:
    """With what is missing."""
    codeconnections.put(connected.arn, "x", "GitHub", "PENDING")
    assert "it is PENDING" in failure(connected)
    codeconnections.complete(connected.arn)
    again = connected.workshop.start()
    assert connected.workshop.ended(again)["status"] == "Failed"
    details = connected.workshop.actions(again)["Repository"]["output"]["executionResult"]["errorDetails"]
    assert "No branch [main] found" in details["message"]


def test_who_makes_the_pipeline_passes_the_connection(connected: Connected, roles: Roles) -> None:
    """Without PassConnection CreatePipeline is refused."""
    rights = allow("codepipeline:CreatePipeline", "iam:PassRole", resource="*")
    session = roles.session(f"{connected.workshop.name}-maker", rights)
    connected.workshop.codepipeline = session.client("codepipeline", connected.workshop.region)
    with pytest.raises(Exception, match="codeconnections:PassConnection"):
        connected.create_pipeline()
