"""CodeCommit source action.

Permissions: CodePipeline user guide, "Permissions required for CodePipeline" [D]: GetBranch, GetCommit, UploadArchive,
GetUploadArchiveStatus (and CancelUploadArchive to stop one). The three archive actions are IAM permissions without an
API; CodeCommit itself puts the archive into the artifact bucket on behalf of the role. That the action also checks the
bucket with s3:ListBucket is in the guide's Troubleshooting page [D]."""

from botocore.exceptions import ClientError

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.clock import iso
from xacct_ml.emulator.services.codecommit import moto_patches as codecommit
from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome, account_of
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed, failure, is_denial
from xacct_ml.emulator.services.codepipeline.model import Revision


def run(context: ActionContext) -> Outcome:
    """Zip the branch's newest commit (or the one the run is pinned to) into the output artifact."""
    repository, branch = context.configuration["RepositoryName"], context.configuration["BranchName"]
    s3, git = context.client("s3"), context.client("codecommit")
    try:
        s3.list_objects_v2(Bucket=context.store.bucket, MaxKeys=1)
    except ClientError as error:
        raise _store_failure(context.store.bucket, error) from error
    try:
        commit_id = context.run.pinned.get(context.execution.name)
        if commit_id is None:
            commit_id = git.get_branch(repositoryName=repository, branchName=branch)["branch"]["commitId"]
        commit = git.get_commit(repositoryName=repository, commitId=commit_id)["commit"]
    except ClientError as error:
        raise _source_failure(repository, branch, error) from error
    content = _archive(context, repository, commit_id)
    try:
        artifacts = context.save(content, commit_id)
    except ClientError as error:
        raise _store_failure(context.store.bucket, error) from error
    message = commit.get("message", "").strip()
    revision = Revision(
        context.execution.name,
        commit_id,
        message[:2048] or None,
        _url(context, repository, commit_id),
        context.output_names[0],
    )
    context.report(external_id=commit_id, summary=message[:2048] or None)
    return Outcome(
        {
            "CommitId": commit_id,
            "CommitMessage": message,
            "RepositoryName": repository,
            "BranchName": branch,
            "AuthorDate": _date(commit["author"]["date"]),
            "CommitterDate": _date(commit["committer"]["date"]),
        },
        artifacts,
        revision,
    )


def _archive(context: ActionContext, repository: str, commit_id: str) -> bytes:
    account = account_of(context.role_arn)
    arn = f"arn:{context.partition}:codecommit:{context.action_region}:{account}:{repository}"
    for action in ("codecommit:UploadArchive", "codecommit:GetUploadArchiveStatus"):
        try:
            context.require(action, arn)
        except ActionFailed as denied:
            raise _insufficient(f"AWS CodeCommit repository named {repository}", denied.message) from denied
    try:
        return zipped(codecommit.archive(account, context.action_region, repository, commit_id))
    except ApiError as error:
        raise ActionFailed("RevisionUnavailable", error.message) from error


def _insufficient(what: str, reason: str) -> ActionFailed:
    """In the words of the user guide's Troubleshooting page."""
    return ActionFailed(
        "PermissionError",
        "Insufficient permissions: The service role or action role doesn't have the permissions required to access "
        f"the {what}. Update the IAM role permissions, and then try again. Error: {reason}",
    )


def _store_failure(bucket: str, error: ClientError) -> ActionFailed:
    if is_denial(error):
        return _insufficient(f"Amazon S3 bucket named {bucket}", error.response["Error"]["Message"])
    return failure(error)


def _source_failure(repository: str, branch: str, error: ClientError) -> ActionFailed:
    code = error.response["Error"]["Code"]
    if code == "RepositoryDoesNotExistException":
        return ActionFailed("ConfigurationError", f"Unable to find the AWS CodeCommit repository named {repository}")
    if code == "BranchDoesNotExistException":
        return ActionFailed(
            "ConfigurationError",
            f"The action failed because no branch named {branch} was found in the selected AWS CodeCommit repository "
            f"{repository}. Make sure you are using the correct branch name, and then try again. Error: {branch}",
        )
    if is_denial(error):
        return _insufficient(f"AWS CodeCommit repository named {repository}", error.response["Error"]["Message"])
    return ActionFailed("RevisionUnavailable", error.response["Error"]["Message"])


def _date(git_date: str) -> str:
    """Git's "<seconds> <offset>" as ISO 8601 in UTC."""
    return iso(int(git_date.split()[0]))


def _url(context: ActionContext, repository: str, commit_id: str) -> str:
    region = context.action_region
    console = f"https://{region}.console.aws.amazon.com/codesuite/codecommit/repositories"
    return f"{console}/{repository}/commit/{commit_id}?region={region}"
