"""One CodeCommit repository: branches over git objects, with the service's rules for commits.

Pure. Rules and error names follow the CodeCommit API reference and botocore's model [B]; the wording of messages is
assumed where the reference only names the error [U]."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.services.codecommit.git import NORMAL, Commit, File, Files, ObjectStore, Signature, path_conflict

MAX_FILE_ENTRIES = 100
"""Files one CreateCommit may put, delete and change together (CodeCommit quotas [D])."""
MAX_FILE_BYTES = 6 * 1024 * 1024
"""Size limit of one file in CreateCommit and PutFile [B]."""
HEADS = "refs/heads/"
COMMIT_ID = re.compile(r"[0-9a-f]{40}")
_BRANCH = re.compile(r"(?!/)(?!.*(//|\.\.|@\{|\\))[^\x00-\x20\x7f~^:?*\[]{1,256}(?<![/.])")


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that moved: ``old`` is None where it was created, ``new`` None where it was deleted."""

    branch: str
    old: str | None
    new: str | None


@dataclass(slots=True)
class Repository:
    name: str
    objects: ObjectStore = field(default_factory=ObjectStore)
    branches: dict[str, str] = field(default_factory=dict)
    default_branch: str | None = None

    # -- looking things up ---------------------------------------------------------------------------------------
    def head(self, branch: str) -> str:
        """The branch's newest commit id. Raises BranchDoesNotExistException."""
        if branch not in self.branches:
            raise ApiError("BranchDoesNotExistException", f"{branch} does not exist")
        return self.branches[branch]

    def commit(self, commit_id: str) -> Commit:
        """A commit by its full id. Raises InvalidCommitIdException, CommitIdDoesNotExistException."""
        if not COMMIT_ID.fullmatch(commit_id):
            raise ApiError("InvalidCommitIdException", f"{commit_id} is not a full 40-character commit ID")
        if commit_id not in self.objects.commits:
            raise ApiError("CommitIdDoesNotExistException", f"{commit_id} does not exist")
        return self.objects.commits[commit_id]

    def resolve(self, specifier: str | None) -> str:
        """A commit id from a branch, a full reference, ``HEAD`` or an id; the default branch where none is given."""
        if specifier in (None, "HEAD"):
            specifier = self.default_branch
        if specifier is None:
            raise ApiError("CommitDoesNotExistException", "The repository is empty")
        branch = specifier.removeprefix(HEADS)
        commit_id = self.branches.get(branch, specifier)
        if commit_id not in self.objects.commits:
            raise ApiError("CommitDoesNotExistException", f"Could not resolve {specifier} to a commit")
        return commit_id

    def file(self, specifier: str | None, path: str) -> tuple[str, File, bytes]:
        """Commit id, file and content at a path. Raises FileDoesNotExistException."""
        commit_id = self.resolve(specifier)
        file = self.objects.files(commit_id).get(valid_path(path))
        if file is None:
            raise ApiError("FileDoesNotExistException", f"{path} does not exist in {commit_id}")
        return commit_id, file, self.objects.blob(file.blob_id) or b""

    # -- branches ------------------------------------------------------------------------------------------------
    def create_branch(self, branch: str, commit_id: str) -> Push:
        valid_branch(branch)
        if branch in self.branches:
            raise ApiError("BranchNameExistsException", f"{branch} already exists")
        if not COMMIT_ID.fullmatch(commit_id):
            raise ApiError("InvalidCommitIdException", f"{commit_id} is not a full 40-character commit ID")
        if commit_id not in self.objects.commits:
            raise ApiError("CommitDoesNotExistException", f"{commit_id} does not exist")
        self.branches[branch] = commit_id
        return Push(branch, None, commit_id)

    def delete_branch(self, branch: str) -> Push | None:
        """None where the branch did not exist: DeleteBranch succeeds then."""
        if branch == self.default_branch:
            raise ApiError("DefaultBranchCannotBeDeletedException", f"{branch} is the default branch")
        old = self.branches.pop(branch, None)
        return None if old is None else Push(branch, old, None)

    def set_default_branch(self, branch: str) -> None:
        self.head(branch)
        self.default_branch = branch

    # -- commits -------------------------------------------------------------------------------------------------
    def parent_files(self, branch: str, parent: str | None) -> Files:
        """The files that a new commit on ``branch`` starts from, after checking its parent id.

        The first commit of an empty repository needs no parent and creates the branch."""
        valid_branch(branch)
        if not self.branches:
            if parent is not None:
                raise ApiError("ParentCommitDoesNotExistException", f"{parent} does not exist: the repository is empty")
            return {}
        head = self.head(branch)
        if parent is None:
            raise ApiError("ParentCommitIdRequiredException", "A parent commit ID is required; the branch is not empty")
        if not COMMIT_ID.fullmatch(parent):
            raise ApiError("InvalidParentCommitIdException", f"{parent} is not a full 40-character commit ID")
        if parent not in self.objects.commits:
            raise ApiError("ParentCommitDoesNotExistException", f"{parent} does not exist")
        if parent != head:
            raise ApiError("ParentCommitIdOutdatedException", f"{parent} is not the newest commit of {branch}: {head}")
        return self.objects.files(head)

    def add_commit(self, branch: str, files: Files, author: Signature, message: str) -> tuple[Commit, Push]:
        """Commit ``files`` as the new head of ``branch``, whose parent was checked by :meth:`parent_files`."""
        conflict = path_conflict(files)
        if conflict is not None:
            raise ApiError("FileNameConflictsWithDirectoryNameException", f"{conflict} lies below a file of that name")
        old = self.branches.get(branch)
        commit = self.objects.add_commit(files, () if old is None else (old,), author, author, message)
        self.branches[branch] = commit.id
        if self.default_branch is None:
            self.default_branch = branch
        return commit, Push(branch, old, commit.id)

    def edited(self, base: Files, edits: Mapping[str, Sequence[Mapping[str, Any]]]) -> Files:
        """``base`` after CreateCommit's ``putFiles``, ``deleteFiles`` and ``setFileModes``.

        Raises FileEntryRequiredException, NoChangeException and the errors of single entries."""
        puts, deletes, modes = (edits.get(kind) or () for kind in ("putFiles", "deleteFiles", "setFileModes"))
        entries = [*puts, *deletes, *modes]
        paths = [valid_path(entry["filePath"]) for entry in entries]
        if not entries:
            raise ApiError("FileEntryRequiredException", "The commit cannot be created because no files are specified")
        if len(entries) > MAX_FILE_ENTRIES:
            raise ApiError("MaximumFileEntriesExceededException", f"More than {MAX_FILE_ENTRIES} files in one commit")
        if len(set(paths)) != len(paths):
            raise ApiError("SamePathRequestException", "The same path is given more than once")
        files = dict(base)
        for entry in puts:
            files[valid_path(entry["filePath"])] = self._put(entry, base, files)
        for entry in deletes:
            files.pop(_present(entry["filePath"], base))
        for entry in modes:
            path = _present(entry["filePath"], base)
            files[path] = File(files[path].blob_id, entry["fileMode"])
        if files == dict(base):
            raise ApiError("NoChangeException", "The commit would not change any file")
        return files

    def _put(self, entry: Mapping[str, Any], base: Files, files: dict[str, File]) -> File:
        content, source = entry.get("fileContent"), entry.get("sourceFile")
        if content is not None and source is not None:
            raise ApiError("FileContentAndSourceFileSpecifiedException", "Both a file's content and a source are given")
        if source is not None:
            path = _present(source["filePath"], base)
            if source.get("isMove"):
                files.pop(path, None)
            return File(base[path].blob_id, entry.get("fileMode") or base[path].mode)
        if content is None:
            raise ApiError("SourceFileOrContentRequiredException", f"No content for {entry['filePath']}")
        return File(self.objects.add_blob(valid_content(content)), entry.get("fileMode") or NORMAL)


def valid_branch(branch: str) -> None:
    """Raises InvalidBranchNameException, by git's rules for reference names."""
    if not _BRANCH.fullmatch(branch) or branch.endswith(".lock"):
        raise ApiError("InvalidBranchNameException", f"{branch} is not a valid branch name")


def valid_path(path: str) -> str:
    """The path without its leading slash. Raises InvalidPathException."""
    relative = path.removeprefix("/")
    if not relative or any(part in ("", ".", "..", ".git") for part in relative.split("/")):
        raise ApiError("InvalidPathException", f"{path} is not a valid path")
    return relative


def valid_content(content: bytes) -> bytes:
    """Raises FileContentSizeLimitExceededException above 6 MB."""
    if len(content) > MAX_FILE_BYTES:
        raise ApiError("FileContentSizeLimitExceededException", f"A file is limited to {MAX_FILE_BYTES} bytes")
    return content


def _present(path: str, files: Files) -> str:
    relative = valid_path(path)
    if relative not in files:
        raise ApiError("FileDoesNotExistException", f"{path} does not exist")
    return relative
