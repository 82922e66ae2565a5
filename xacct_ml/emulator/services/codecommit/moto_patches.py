"""CodeCommit in place of moto's: moto 5.2.5 creates, gets and deletes repositories, and has nothing inside them.

A push is any call that moves a branch; each emits "CodeCommit Repository State Change" on the default event bus of the
repository's account, with the detail of CodeCommit's user guide, page "Monitoring CodeCommit events" [D]."""

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import moto.codecommit.models as moto_models
import moto.codecommit.urls as moto_urls
from moto.core.base_backend import BaseBackend

from xacct_ml.arn import Arn, name_of
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Operations, Params, page, serve
from xacct_ml.emulator.services.codecommit import files, moto_git, pull_requests
from xacct_ml.emulator.services.codecommit.repository import Push, Repository
from xacct_ml.emulator.services.events import moto_patches as events

on_push: list[Callable[[str, str, str, str], None]] = []
"""Called with account, region, repository and branch whenever a branch got a new commit."""

closed = False
"""Whether accounts without a repository get none, as CodeCommit did to new customers from July 2024 on [D]."""

_NAME = re.compile(r"[\w.-]{1,100}")


class HostedRepository:
    """A repository with what the service knows about it."""

    def __init__(self, name: str, arn: str, region: str, description: str | None, tags: Mapping[str, str]) -> None:
        self.git = Repository(name)
        self.arn = arn
        self.region = region
        self.id = str(uuid.uuid4())
        self.description = description
        self.tags = dict(tags)
        self.created = self.modified = datetime.now(UTC)

    def metadata(self) -> dict[str, Any]:
        host = f"git-codecommit.{self.region}.amazonaws.com/v1/repos/{self.git.name}"
        return {
            "accountId": Arn.parse(self.arn).account,
            "repositoryId": self.id,
            "repositoryName": self.git.name,
            "repositoryDescription": self.description,
            "defaultBranch": self.git.default_branch,
            "creationDate": self.created,
            "lastModifiedDate": self.modified,
            "cloneUrlHttp": f"https://{host}",
            "cloneUrlSsh": f"ssh://{host}",
            "Arn": self.arn,
        }


class CodeCommitBackend(BaseBackend):
    """The repositories of one account and region. Every method that reads or moves a branch holds ``lock``."""

    __module__ = moto_models.__name__  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        self.repositories: dict[str, HostedRepository] = {}
        self.pull_requests: dict[str, pull_requests.PullRequest] = {}

    def arn(self, name: str) -> str:
        return f"arn:{self.partition}:codecommit:{self.region_name}:{self.account_id}:{name}"

    def hosted(self, name: str) -> HostedRepository:
        """Raises InvalidRepositoryNameException, RepositoryDoesNotExistException."""
        if not _NAME.fullmatch(name) or name.endswith(".git"):
            raise ApiError("InvalidRepositoryNameException", f"{name} is not a valid repository name")
        if name not in self.repositories:
            raise ApiError("RepositoryDoesNotExistException", f"{name} does not exist")
        return self.repositories[name]

    def tagged(self, arn: str) -> HostedRepository:
        """The repository with this ARN."""
        return self.hosted(name_of(arn))

    def pushed(self, repository: HostedRepository, push: Push, caller: Caller) -> None:
        """Tell EventBridge that a branch moved."""
        repository.modified = datetime.now(UTC)
        kind = "Created" if push.old is None else "Deleted" if push.new is None else "Updated"
        detail = {
            "event": f"reference{kind}",
            "repositoryName": repository.git.name,
            "repositoryId": repository.id,
            "referenceType": "branch",
            "referenceName": push.branch,
            "referenceFullName": f"refs/heads/{push.branch}",
            "callerUserArn": caller.arn,
        }
        if push.new is not None:
            detail["commitId"] = push.new
        if push.old is not None:
            detail["oldCommitId"] = push.old
        if push.new is not None:
            for listener in on_push:
                listener(self.account_id, self.region_name, repository.git.name, push.branch)
        events.emit(
            self.account_id,
            self.region_name,
            source="aws.codecommit",
            detail_type="CodeCommit Repository State Change",
            resources=[repository.arn],
            detail=detail,
        )


def archive(account: str, region: str, repository: str, commit_id: str) -> dict[str, tuple[bytes, bool]]:
    """Every file of a commit as path → (content, executable): what CodeCommit uploads for CodePipeline's source action.

    Raises ApiError where repository or commit do not exist."""
    backend = moto_models.codecommit_backends[account][region]
    with backend.lock:
        git = backend.hosted(repository).git
        git.commit(commit_id)
        return {path: (data, file.mode == "EXECUTABLE") for path, file, data in git.objects.contents(commit_id)}


# -- repositories ------------------------------------------------------------------------------------------------------
def create_repository(backend: CodeCommitBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    name = params["repositoryName"]
    if not _NAME.fullmatch(name) or name.endswith(".git"):
        raise ApiError("InvalidRepositoryNameException", f"{name} is not a valid repository name")
    with backend.lock:
        if closed and not backend.repositories:
            # In AWS's words (aws-samples/eks-workshop-v2 #1142) [C].
            refusal = (
                "CreateRepository request is not allowed because there is no existing repository in this AWS account"
            )
            raise ApiError("OperationNotAllowedException", f"{refusal} or AWS Organization")
        if name in backend.repositories:
            raise ApiError("RepositoryNameExistsException", f"Repository named {name} already exists")
        made = HostedRepository(
            name, backend.arn(name), backend.region_name, params.get("repositoryDescription"), params.get("tags") or {}
        )
        backend.repositories[name] = made
        return {"repositoryMetadata": made.metadata()}


def get_repository(backend: CodeCommitBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    return {"repositoryMetadata": backend.hosted(params["repositoryName"]).metadata()}


def batch_get_repositories(backend: CodeCommitBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    known = [name for name in params["repositoryNames"] if name in backend.repositories]
    return {
        "repositories": [backend.repositories[name].metadata() for name in known],
        "repositoriesNotFound": [name for name in params["repositoryNames"] if name not in known],
    }


def list_repositories(backend: CodeCommitBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    def key(repository: HostedRepository) -> Any:
        return repository.modified if params.get("sortBy") == "lastModifiedDate" else repository.git.name

    ordered = sorted(backend.repositories.values(), key=key, reverse=params.get("order") == "descending")
    shown, token = page(ordered, params.get("nextToken"), files.PAGE)
    listed = [{"repositoryName": repository.git.name, "repositoryId": repository.id} for repository in shown]
    return {"repositories": listed, "nextToken": token}


def delete_repository(backend: CodeCommitBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    with backend.lock:
        gone = backend.repositories.pop(params["repositoryName"], None)
    return {} if gone is None else {"repositoryId": gone.id}


def update_repository_description(backend: CodeCommitBackend, params: Params, _: Caller) -> None:
    repository = backend.hosted(params["repositoryName"])
    repository.description = params.get("repositoryDescription")
    repository.modified = datetime.now(UTC)


def tag_resource(backend: CodeCommitBackend, params: Params, _: Caller) -> None:
    backend.tagged(params["resourceArn"]).tags.update(params["tags"])


def untag_resource(backend: CodeCommitBackend, params: Params, _: Caller) -> None:
    tags = backend.tagged(params["resourceArn"]).tags
    for key in params["tagKeys"]:
        tags.pop(key, None)


def list_tags_for_resource(backend: CodeCommitBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    return {"tags": backend.tagged(params["resourceArn"]).tags}


@serve(
    create_repository,
    get_repository,
    batch_get_repositories,
    list_repositories,
    delete_repository,
    update_repository_description,
    tag_resource,
    untag_resource,
    list_tags_for_resource,
    *files.OPERATIONS,
    *pull_requests.OPERATIONS,
    check=False,
)
class CodeCommitResponse(Operations):
    """The operations of CodeCommit. Bad parameters have errors of their own here, so the model is not asked."""

    def __init__(self) -> None:
        super().__init__("codecommit")

    @property
    def backend(self) -> CodeCommitBackend:
        backend: CodeCommitBackend = moto_models.codecommit_backends[self.current_account][self.region]
        return backend


def install() -> None:
    """Put these operations in the place of moto's."""
    moto_models.codecommit_backends.backend = CodeCommitBackend
    moto_urls.url_paths["{0}/$"] = CodeCommitResponse.dispatch
    moto_git.install()
