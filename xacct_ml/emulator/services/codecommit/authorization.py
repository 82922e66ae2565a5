"""IAM requests of CodeCommit calls (Service Authorization Reference, "AWS CodeCommit" [D])."""

from xacct_ml.access.model import ContextValue
from xacct_ml.emulator.core.authorization import tag_context
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.services.codecommit.pull_requests import REPOSITORIES

SERVICE = "codecommit"

_BRANCH_CALLS = ("CreateCommit", "PutFile", "DeleteFile", "CreateBranch", "DeleteBranch")
"""Calls that move a branch, which policies can limit by ``codecommit:References``."""


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """One request: the operation on the repository, or on ``*`` where it names none or several."""
    action, params = f"codecommit:{call.operation}", call.params
    if params.get("resourceArn"):
        context = tag_context(params.get("tags"))
        if params.get("tagKeys"):
            context["aws:TagKeys"] = tuple(params["tagKeys"])
        return (AuthorizationRequest(action, params["resourceArn"], call.account, context),)
    if params.get("repositoryNames"):
        return tuple(_on(call, action, name, {}) for name in params["repositoryNames"])
    named = params.get("repositoryName") or _of_pull_request(call)
    if not named:
        return (AuthorizationRequest(action, "*", call.account),)
    context = dict(tag_context(params.get("tags")))
    if call.operation in _BRANCH_CALLS and params.get("branchName"):
        context["codecommit:References"] = f"refs/heads/{params['branchName']}"
    if call.operation.startswith("MergeBranchesBy"):
        branch = params.get("targetBranch") or params.get("destinationCommitSpecifier", "")
        context["codecommit:References"] = f"refs/heads/{branch.removeprefix('refs/heads/')}"
    return (_on(call, action, named, context),)


def _of_pull_request(call: ApiCall) -> str | None:
    """The repository that a pull request is of, which some of its calls do not name."""
    targets = call.params.get("targets")
    if targets:
        return str(targets[0].get("repositoryName", "")) or None
    return REPOSITORIES.get((call.account, call.region, str(call.params.get("pullRequestId", ""))))


def _on(call: ApiCall, action: str, repository: str, context: dict[str, ContextValue]) -> AuthorizationRequest:
    return AuthorizationRequest(action, call.arn("codecommit", repository), call.account, context)
