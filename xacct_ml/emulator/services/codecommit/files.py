"""CodeCommit's operations on files, commits and branches.

The ``backend`` is a :class:`xacct_ml.emulator.services.codecommit.moto_patches.CodeCommitBackend`."""

import time
from collections.abc import Mapping
from typing import Any

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Handle, Params, page
from xacct_ml.emulator.services.codecommit.git import (
    GIT_MODES,
    SYMLINK,
    Commit,
    Difference,
    File,
    Signature,
    differences,
)
from xacct_ml.emulator.services.codecommit.repository import Repository, valid_branch, valid_content, valid_path

PAGE = 1000


# -- commits and branches ----------------------------------------------------------------------------------------------
def _signature(name: str | None, email: str | None, caller: Caller) -> Signature:
    return Signature(name or caller.arn.rsplit("/", 1)[-1], email or "", int(time.time()))


def _commit(
    backend: Any, params: Params, caller: Caller, edits: Mapping[str, Any], author: tuple[str | None, str | None]
) -> tuple[Repository, Mapping[str, File], Commit]:
    """Commit ``edits`` on the branch that ``params`` names; the repository, its files before, and the new commit."""
    repository = backend.hosted(params["repositoryName"])
    with backend.lock:
        git, branch = repository.git, params["branchName"]
        before = git.parent_files(branch, params.get("parentCommitId"))
        files = git.edited(before, edits)
        commit, push = git.add_commit(branch, files, _signature(*author, caller), params.get("commitMessage") or "")
    backend.pushed(repository, push, caller)
    return git, before, commit


def create_commit(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    author = (params.get("authorName"), params.get("email"))
    git, before, commit = _commit(backend, params, caller, params, author)
    changes = differences(before, git.objects.files(commit.id))

    def listed(kind: str) -> list[dict[str, str]]:
        found = [(c.path, c.after or c.before) for c in changes if c.kind == kind]
        return [{"absolutePath": p, "blobId": f.blob_id, "fileMode": f.mode} for p, f in found if f is not None]

    return {
        "commitId": commit.id,
        "treeId": commit.tree_id,
        "filesAdded": listed("A"),
        "filesUpdated": listed("M"),
        "filesDeleted": listed("D"),
    }


def put_file(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    content = valid_content(params["fileContent"])
    entry = {"filePath": params["filePath"], "fileContent": content, "fileMode": params.get("fileMode")}
    try:
        git, _, commit = _commit(
            backend, params, caller, {"putFiles": [entry]}, (params.get("name"), params.get("email"))
        )
    except ApiError as error:
        if error.code == "NoChangeException":
            raise ApiError("SameFileContentException", "The file has this content already") from error
        raise
    file = git.objects.files(commit.id)[valid_path(params["filePath"])]
    return {"commitId": commit.id, "blobId": file.blob_id, "treeId": commit.tree_id}


def delete_file(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    edits = {"deleteFiles": [{"filePath": params["filePath"]}]}
    _, before, commit = _commit(backend, params, caller, edits, (params.get("name"), params.get("email")))
    path = valid_path(params["filePath"])
    return {"commitId": commit.id, "blobId": before[path].blob_id, "treeId": commit.tree_id, "filePath": path}


def create_branch(backend: Any, params: Params, caller: Caller) -> None:
    repository = backend.hosted(params["repositoryName"])
    with backend.lock:
        push = repository.git.create_branch(params["branchName"], params["commitId"])
    backend.pushed(repository, push, caller)


def delete_branch(backend: Any, params: Params, caller: Caller) -> Mapping[str, Any]:
    repository = backend.hosted(params["repositoryName"])
    with backend.lock:
        push = repository.git.delete_branch(params["branchName"])
    if push is None:
        return {}
    backend.pushed(repository, push, caller)
    return {"deletedBranch": {"branchName": push.branch, "commitId": push.old}}


def get_branch(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    git = backend.hosted(_required(params, "repositoryName", "RepositoryNameRequiredException")).git
    branch = _required(params, "branchName", "BranchNameRequiredException")
    valid_branch(branch)
    return {"branch": {"branchName": branch, "commitId": git.head(branch)}}


def list_branches(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    git = backend.hosted(params["repositoryName"]).git
    shown, token = page(sorted(git.branches), params.get("nextToken"), PAGE)
    return {"branches": shown, "nextToken": token}


def update_default_branch(backend: Any, params: Params, _: Caller) -> None:
    backend.hosted(params["repositoryName"]).git.set_default_branch(params["defaultBranchName"])


# -- reading -----------------------------------------------------------------------------------------------------------
def _described(commit: Commit) -> dict[str, Any]:
    def person(signature: Signature) -> dict[str, str]:
        return {"name": signature.name, "email": signature.email, "date": signature.date}

    return {
        "commitId": commit.id,
        "treeId": commit.tree_id,
        "parents": list(commit.parents),
        "message": commit.message,
        "author": person(commit.author),
        "committer": person(commit.committer),
        "additionalData": "",
    }


def get_commit(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    return {"commit": _described(backend.hosted(params["repositoryName"]).git.commit(params["commitId"]))}


def batch_get_commits(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    git = backend.hosted(params["repositoryName"]).git
    commits, errors = [], []
    for commit_id in params["commitIds"]:
        try:
            commits.append(_described(git.commit(commit_id)))
        except ApiError as error:
            errors.append({"commitId": commit_id, "errorCode": error.code, "errorMessage": error.message})
    return {"commits": commits, "errors": errors}


def get_file(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    git = backend.hosted(params["repositoryName"]).git
    commit_id, file, content = git.file(params.get("commitSpecifier"), params["filePath"])
    return {
        "commitId": commit_id,
        "blobId": file.blob_id,
        "filePath": valid_path(params["filePath"]),
        "fileMode": file.mode,
        "fileSize": len(content),
        "fileContent": content,
    }


def get_blob(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    content = backend.hosted(params["repositoryName"]).git.objects.blob(params["blobId"])
    if content is None:
        raise ApiError("BlobIdDoesNotExistException", f"{params['blobId']} does not exist")
    return {"content": content}


def get_folder(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    git = backend.hosted(params["repositoryName"]).git
    commit_id = git.resolve(params.get("commitSpecifier"))
    folder = params["folderPath"].strip("/")
    prefix = f"{folder}/" if folder else ""
    below = {p[len(prefix) :]: f for p, f in git.objects.files(commit_id).items() if p.startswith(prefix)}
    if folder and not below:
        raise ApiError("FolderDoesNotExistException", f"{folder} does not exist in {commit_id}")

    def tree(files: Mapping[str, File]) -> str:
        tree_id: str = git.objects.add_tree(files)
        return tree_id

    def entry(name: str) -> dict[str, str]:
        return {"absolutePath": prefix + name, "relativePath": name}

    here = {name: file for name, file in sorted(below.items()) if "/" not in name}
    names = sorted({path.split("/", 1)[0] for path in below if "/" in path})
    inside = {n: {p[len(n) + 1 :]: f for p, f in below.items() if p.startswith(f"{n}/")} for n in names}
    listed = {n: {**entry(n), "blobId": file.blob_id, "fileMode": file.mode} for n, file in here.items()}
    return {
        "commitId": commit_id,
        "folderPath": folder,
        "treeId": tree(below),
        "subFolders": [{**entry(name), "treeId": tree(files)} for name, files in inside.items()],
        "files": [shown for shown in listed.values() if shown["fileMode"] != SYMLINK],
        "symbolicLinks": [shown for shown in listed.values() if shown["fileMode"] == SYMLINK],
        "subModules": [],
    }


def get_differences(backend: Any, params: Params, _: Caller) -> Mapping[str, Any]:
    git = backend.hosted(params["repositoryName"]).git
    before, path = params.get("beforeCommitSpecifier"), (params.get("afterPath") or "").strip("/")
    after = git.objects.files(git.resolve(params["afterCommitSpecifier"]))
    changes = differences({} if before is None else git.objects.files(git.resolve(before)), after)
    inside = [c for c in changes if not path or c.path == path or c.path.startswith(f"{path}/")]
    shown, token = page(inside, params.get("NextToken"), params.get("MaxResults") or PAGE)
    return {"differences": [_difference(change) for change in shown], "NextToken": token}


def _difference(change: Difference) -> dict[str, Any]:
    def blob(file: File | None) -> dict[str, str] | None:
        if file is None:
            return None
        return {"blobId": file.blob_id, "path": change.path, "mode": GIT_MODES[file.mode]}

    return {"changeType": change.kind, "beforeBlob": blob(change.before), "afterBlob": blob(change.after)}


def _required(params: Params, name: str, error: str) -> str:
    if not params.get(name):
        raise ApiError(error, f"{name} is required")
    return str(params[name])


OPERATIONS: tuple[Handle, ...] = (
    create_commit,
    put_file,
    delete_file,
    create_branch,
    delete_branch,
    get_branch,
    list_branches,
    update_default_branch,
    get_commit,
    batch_get_commits,
    get_file,
    get_blob,
    get_folder,
    get_differences,
)
