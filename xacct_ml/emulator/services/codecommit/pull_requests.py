"""CodeCommit's operations on pull requests, merges, and a file's history.

The ``backend`` is a :class:`xacct_ml.emulator.services.codecommit.moto_patches.CodeCommitBackend`. Rules and error
names: CodeCommit API reference and botocore's model [B]; the wording of messages is assumed [U]. Approval rules,
comments, and conflicts that a person solves are not there."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Handle, Params, page
from xacct_ml.emulator.services.codecommit.files import PAGE
from xacct_ml.emulator.services.codecommit.git import Signature
from xacct_ml.emulator.services.codecommit.merging import ancestors, merge_base, merged
from xacct_ml.emulator.services.codecommit.repository import HEADS, Push, Repository, valid_path

FAST_FORWARD, SQUASH, THREE_WAY = "FAST_FORWARD_MERGE", "SQUASH_MERGE", "THREE_WAY_MERGE"

REPOSITORIES: dict[tuple[str, str, str], str] = {}
"""Account, region and id of a pull request → its repository, whose rights decide."""


@dataclass(slots=True)
class PullRequest:
    id: str
    repository: str
    source: str
    destination: str
    title: str
    description: str | None
    author: str
    commits: tuple[str, str]
    """Of source and destination, kept once it is closed."""
    token: str | None = None
    status: str = "OPEN"
    merge: dict[str, Any] = field(default_factory=lambda: {"isMerged": False})
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))


def _branch(git: Repository, name: str | None) -> str:
    if not name:
        raise ApiError("ReferenceNameRequiredException", "A reference name is required")
    branch = name.removeprefix(HEADS)
    if branch not in git.branches:
        raise ApiError("ReferenceDoesNotExistException", f"{name} does not exist")
    return branch


def _found(backend: Any, pull_request_id: str) -> PullRequest:
    known: PullRequest | None = backend.pull_requests.get(pull_request_id)
    if known is None:
        raise ApiError("PullRequestDoesNotExistException", f"{pull_request_id} does not exist")
    git = backend.hosted(known.repository).git
    if known.status == "OPEN" and {known.source, known.destination} <= git.branches.keys():
        known.commits = git.branches[known.source], git.branches[known.destination]
    return known


def _described(backend: Any, request: PullRequest) -> dict[str, Any]:
    git = backend.hosted(request.repository).git
    source, destination = request.commits
    target = {
        "repositoryName": request.repository,
        "sourceReference": f"{HEADS}{request.source}",
        "destinationReference": f"{HEADS}{request.destination}",
        "sourceCommit": source,
        "destinationCommit": destination,
        "mergeBase": merge_base(git.objects, source, destination),
        "mergeMetadata": request.merge,
    }
    return {
        "pullRequest": {
            "pullRequestId": request.id,
            "title": request.title,
            "description": request.description,
            "creationDate": request.created,
            "lastActivityDate": request.changed,
            "pullRequestStatus": request.status,
            "authorArn": request.author,
            "pullRequestTargets": [target],
            "clientRequestToken": request.token,
            "revisionId": source,
            "approvalRules": [],
        }
    }


# -- pull requests -----------------------------------------------------------------------------------------------------
def create_pull_request(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    targets = params.get("targets") or []
    if len(targets) != 1:
        code = "MultipleRepositoriesInPullRequestException" if targets else "TargetsRequiredException"
        raise ApiError(code, "A pull request has one target")
    hosted = backend.hosted(targets[0]["repositoryName"])
    with backend.lock:
        git = hosted.git
        source = _branch(git, targets[0].get("sourceReference"))
        destination = _branch(git, targets[0].get("destinationReference") or git.default_branch)
        if source == destination:
            raise ApiError("SourceAndDestinationAreSameException", f"Both are {source}")
        made = PullRequest(
            str(len(backend.pull_requests) + 1),
            git.name,
            source,
            destination,
            params["title"],
            params.get("description"),
            caller.arn,
            (git.branches[source], git.branches[destination]),
            params.get("clientRequestToken") or str(uuid.uuid4()),
        )
        backend.pull_requests[made.id] = made
    REPOSITORIES[backend.account_id, backend.region_name, made.id] = git.name
    return _described(backend, made)


def get_pull_request(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    return _described(backend, _found(backend, params["pullRequestId"]))


def list_pull_requests(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    name = backend.hosted(params["repositoryName"]).git.name
    wanted = params.get("pullRequestStatus"), params.get("authorArn")
    found = [
        each.id
        for each in reversed(backend.pull_requests.values())
        if each.repository == name and wanted[0] in (None, each.status) and wanted[1] in (None, each.author)
    ]
    shown, token = page(found, params.get("nextToken"), int(params.get("maxResults") or PAGE))
    return {"pullRequestIds": shown, "nextToken": token}


def update_pull_request_status(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    request = _found(backend, params["pullRequestId"])
    if request.status == "CLOSED" or params["pullRequestStatus"] != "CLOSED":
        raise ApiError("InvalidPullRequestStatusUpdateException", "A pull request can be closed, and not opened again")
    request.status, request.changed = "CLOSED", datetime.now(UTC)
    return _described(backend, request)


def _merge_request(backend: Any, params: Params, caller: Caller, option: str) -> Mapping[str, Any]:
    hosted = backend.hosted(params["repositoryName"])
    with backend.lock:
        request = _found(backend, params["pullRequestId"])
        if request.repository != hosted.git.name:
            raise ApiError("RepositoryNotAssociatedWithPullRequestException", f"It is of {request.repository}")
        if request.status == "CLOSED":
            raise ApiError("PullRequestAlreadyClosedException", f"{request.id} is closed")
        source, destination = request.commits
        if params.get("sourceCommitId") not in (None, source):
            raise ApiError("TipOfSourceReferenceIsDifferentException", f"The tip of {request.source} is {source}")
        commit_id = _merge(hosted.git, source, destination, option, params, caller)
        hosted.git.branches[request.destination] = commit_id
        request.status, request.changed = "CLOSED", datetime.now(UTC)
        request.merge = {"isMerged": True, "mergedBy": caller.arn, "mergeCommitId": commit_id, "mergeOption": option}
    backend.pushed(hosted, Push(request.destination, destination, commit_id), caller)
    return _described(backend, request)


def merge_pull_request_by_fast_forward(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    return _merge_request(backend, params, caller, FAST_FORWARD)


def merge_pull_request_by_squash(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    return _merge_request(backend, params, caller, SQUASH)


def merge_pull_request_by_three_way(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    return _merge_request(backend, params, caller, THREE_WAY)


# -- merges ------------------------------------------------------------------------------------------------------------
def _merge(git: Repository, source: str, destination: str, option: str, params: Params, caller: Caller) -> str:
    if option == FAST_FORWARD:
        if destination not in ancestors(git.objects, source):
            raise ApiError("ManualMergeRequiredException", "The destination has commits that the source has not")
        return source
    files = merged(git.objects, source, destination)
    if files is None:
        raise ApiError("ManualMergeRequiredException", "Both changed the same file")
    author = Signature(
        params.get("authorName") or caller.arn.rsplit("/", 1)[-1], params.get("email") or "", int(time.time())
    )
    parents = (destination,) if option == SQUASH else (destination, source)
    return git.objects.add_commit(files, parents, author, author, params.get("commitMessage") or "").id


def _merge_branches(backend: Any, params: Params, caller: Caller, option: str) -> Mapping[str, Any]:
    hosted = backend.hosted(params["repositoryName"])
    with backend.lock:
        git = hosted.git
        source, destination = git.resolve(params["sourceCommitSpecifier"]), params["destinationCommitSpecifier"]
        branch = (params.get("targetBranch") or destination).removeprefix(HEADS)
        before = git.head(branch)
        commit_id = _merge(git, source, git.resolve(destination), option, params, caller)
        git.branches[branch] = commit_id
    backend.pushed(hosted, Push(branch, before, commit_id), caller)
    return {"commitId": commit_id, "treeId": git.objects.commits[commit_id].tree_id}


def merge_branches_by_fast_forward(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    return _merge_branches(backend, params, caller, FAST_FORWARD)


def merge_branches_by_squash(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    return _merge_branches(backend, params, caller, SQUASH)


def merge_branches_by_three_way(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    return _merge_branches(backend, params, caller, THREE_WAY)


def list_file_commit_history(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    """Every commit, newest first, that gave the file another content than its first parent had."""
    git = backend.hosted(params["repositoryName"]).git
    path = valid_path(params["filePath"])
    head = git.resolve(params.get("commitSpecifier"))
    known = (git.objects.commits[each] for each in ancestors(git.objects, head))
    listed = []
    for commit in sorted(known, key=lambda each: (-each.committer.time, each.id == head)):
        now = git.objects.files(commit.id).get(path)
        before = git.objects.files(commit.parents[0]).get(path) if commit.parents else None
        if now is not None and now != before:
            shown = {"commitId": commit.id, "treeId": commit.tree_id, "message": commit.message}
            parents = {"parents": list(commit.parents)}
            listed.append({"commit": {**shown, **parents}, "blobId": now.blob_id, "path": path})
    if not listed:
        raise ApiError("FileDoesNotExistException", f"{path} does not exist")
    shown_now, token = page(listed, params.get("nextToken"), int(params.get("maxResults") or PAGE))
    return {"revisionDag": shown_now, "nextToken": token}


OPERATIONS: tuple[Handle, ...] = (
    create_pull_request,
    get_pull_request,
    list_pull_requests,
    update_pull_request_status,
    merge_pull_request_by_fast_forward,
    merge_pull_request_by_squash,
    merge_pull_request_by_three_way,
    merge_branches_by_fast_forward,
    merge_branches_by_squash,
    merge_branches_by_three_way,
    list_file_commit_history,
)
