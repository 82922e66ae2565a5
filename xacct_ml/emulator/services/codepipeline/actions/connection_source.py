"""Source action of a connection: GitHub, GitLab, Bitbucket (CodePipeline user guide, action reference
CodeStarSourceConnection [D]).

UseConnection is an IAM permission without an API; the connection's service fetches the repository on behalf of the
role."""

import json

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.git_host import Commit, GitError, HostedRepository
from xacct_ml.emulator.services.codeconnections import moto_patches as codeconnections
from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed, failure
from xacct_ml.emulator.services.codepipeline.model import Revision


def run(context: ActionContext) -> Outcome:
    """Zip the branch's newest commit (or the one that the trigger pinned) into the output artifact."""
    arn, name = context.configuration["ConnectionArn"], context.configuration["FullRepositoryId"]
    branch = context.configuration["BranchName"]
    connection = _usable(context, arn)
    repository = runtime.current().repositories.get(name)
    if repository is None:
        raise ActionFailed("ConfigurationError", f"No repository {name} is found through the connection {arn}")
    try:
        commit = _commit(context, repository, name, branch)
        content = zipped(repository.files(commit.id))
    except GitError as error:
        raise ActionFailed("RevisionUnavailable", f"[{connection.provider}] {error}") from error
    try:
        artifacts = context.save(content, commit.id, to_owner=True)
    except ClientError as error:
        raise failure(error) from error
    # As list-pipeline-executions shows it [C].
    summary = json.dumps({"ProviderType": connection.provider, "CommitMessage": commit.message[:1900]})
    context.report(external_id=commit.id, summary=summary)
    return Outcome(
        {
            "ConnectionArn": arn,
            "FullRepositoryName": name,
            "ProviderType": connection.provider,
            "BranchName": branch,
            "CommitId": commit.id,
            "CommitMessage": commit.message,
            "AuthorDate": commit.date,
            "AuthorDisplayName": commit.author,
            "AuthorEmail": commit.email,
        },
        artifacts,
        Revision(context.execution.name, commit.id, summary, None, context.output_names[0]),
    )


def _usable(context: ActionContext, arn: str) -> codeconnections.Connection:
    """The connection, if the action's role may use it and a person has completed it."""
    context.require(f"{Arn.parse(arn).service}:UseConnection", arn)
    try:
        found = codeconnections.lookup(arn)
    except ApiError as error:
        raise ActionFailed("ConfigurationError", error.message) from error
    if found.status != codeconnections.AVAILABLE:
        raise ActionFailed("ConfigurationError", f"Connection {arn} is not available: it is {found.status}")
    return found


def _commit(context: ActionContext, repository: HostedRepository, name: str, branch: str) -> Commit:
    pinned = context.run.pinned.get(context.execution.name)
    head = pinned or repository.heads().get(branch)
    if head is None:
        raise ActionFailed("ConfigurationError", f"No branch [{branch}] found for repository [{name}]")
    return repository.commit(head)
