"""CodeCommit over HTTP, as real clients use it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import SHARED, TRAINING
from tests.emulator.rights import Roles, allow, error_of
from xacct_ml.emulator.server import EmbeddedAws


@pytest.fixture
def codecommit(aws: EmbeddedAws) -> Any:
    return aws.administrator(SHARED).client("codecommit")


@pytest.fixture
def seeded(codecommit: Any, unique: str) -> tuple[str, str]:
    """Name and first commit of a repository with ``a.txt`` and ``dir/b.txt``."""
    codecommit.create_repository(repositoryName=unique, repositoryDescription="ours", tags={"team": "ml"})
    puts = [{"filePath": "a.txt", "fileContent": b"\x00a"}, {"filePath": "dir/b.txt", "fileContent": b"b"}]
    made = codecommit.create_commit(repositoryName=unique, branchName="main", commitMessage="first", putFiles=puts)
    return unique, made["commitId"]


def test_a_repository_is_described_listed_tagged_and_deleted(codecommit: Any, seeded: tuple[str, str]) -> None:
    """Deleting it again says nothing."""
    name, _ = seeded
    found = codecommit.get_repository(repositoryName=name)["repositoryMetadata"]
    assert (found["repositoryDescription"], found["defaultBranch"], found["accountId"]) == ("ours", "main", SHARED)
    assert name in {each["repositoryName"] for each in codecommit.list_repositories()["repositories"]}
    codecommit.tag_resource(resourceArn=found["Arn"], tags={"more": "1"})
    codecommit.untag_resource(resourceArn=found["Arn"], tagKeys=["team"])
    assert codecommit.list_tags_for_resource(resourceArn=found["Arn"])["tags"] == {"more": "1"}
    codecommit.update_repository_description(repositoryName=name, repositoryDescription="changed")
    assert codecommit.get_repository(repositoryName=name)["repositoryMetadata"]["repositoryDescription"] == "changed"
    assert codecommit.delete_repository(repositoryName=name)["repositoryId"] == found["repositoryId"]
    assert "repositoryId" not in codecommit.delete_repository(repositoryName=name)
    assert error_of(codecommit.get_repository, repositoryName=name)[0] == "RepositoryDoesNotExistException"


def test_a_name_is_taken_once_per_account(codecommit: Any, aws: EmbeddedAws, seeded: tuple[str, str]) -> None:
    """Another account neither sees it nor is stopped by it."""
    name, _ = seeded
    assert error_of(codecommit.create_repository, repositoryName=name)[0] == "RepositoryNameExistsException"
    other = aws.administrator(TRAINING).client("codecommit")
    assert error_of(other.get_repository, repositoryName=name)[0] == "RepositoryDoesNotExistException"
    assert other.create_repository(repositoryName=name)["repositoryMetadata"]["accountId"] == TRAINING


def test_files_come_back_as_they_were_put(codecommit: Any, seeded: tuple[str, str]) -> None:
    """By path, by blob and by folder, binary content included."""
    name, first = seeded
    file = codecommit.get_file(repositoryName=name, filePath="/a.txt")
    assert (file["fileContent"], file["commitId"], file["fileSize"]) == (b"\x00a", first, 2)
    assert codecommit.get_blob(repositoryName=name, blobId=file["blobId"])["content"] == b"\x00a"
    folder = codecommit.get_folder(repositoryName=name, folderPath="/")
    assert [each["absolutePath"] for each in folder["files"]] == ["a.txt"]
    assert [each["absolutePath"] for each in folder["subFolders"]] == ["dir"]
    assert error_of(codecommit.get_file, repositoryName=name, filePath="no")[0] == "FileDoesNotExistException"
    assert error_of(codecommit.get_folder, repositoryName=name, folderPath="no")[0] == "FolderDoesNotExistException"


def test_commits_are_chained_and_their_parent_is_checked(codecommit: Any, seeded: tuple[str, str]) -> None:
    """put_file, create_commit and delete_file each add one."""
    name, first = seeded
    second = codecommit.put_file(
        repositoryName=name, branchName="main", filePath="a.txt", fileContent=b"2", parentCommitId=first
    )["commitId"]
    stale = {"repositoryName": name, "branchName": "main", "parentCommitId": first}
    assert error_of(codecommit.delete_file, filePath="a.txt", **stale)[0] == "ParentCommitIdOutdatedException"
    same = {"filePath": "a.txt", "fileContent": b"2", **stale, "parentCommitId": second}
    assert error_of(codecommit.put_file, **same)[0] == "SameFileContentException"
    third = codecommit.delete_file(repositoryName=name, branchName="main", filePath="a.txt", parentCommitId=second)
    commit = codecommit.get_commit(repositoryName=name, commitId=third["commitId"])["commit"]
    assert commit["parents"] == [second]
    found = codecommit.batch_get_commits(repositoryName=name, commitIds=[first, "0" * 40])
    assert [each["message"] for each in found["commits"]] == ["first"]
    assert found["errors"][0]["errorCode"] == "CommitIdDoesNotExistException"
    changes = codecommit.get_differences(repositoryName=name, beforeCommitSpecifier=first, afterCommitSpecifier="main")[
        "differences"
    ]
    assert [(each["changeType"], each["beforeBlob"]["path"]) for each in changes] == [("D", "a.txt")]


def test_branches_are_created_listed_and_deleted(codecommit: Any, seeded: tuple[str, str]) -> None:
    """The default branch can be changed, and only another one deleted."""
    name, first = seeded
    codecommit.create_branch(repositoryName=name, branchName="next", commitId=first)
    again = {"repositoryName": name, "branchName": "next", "commitId": first}
    assert error_of(codecommit.create_branch, **again)[0] == "BranchNameExistsException"
    assert codecommit.list_branches(repositoryName=name)["branches"] == ["main", "next"]
    codecommit.update_default_branch(repositoryName=name, defaultBranchName="next")
    kept = {"repositoryName": name, "branchName": "next"}
    assert error_of(codecommit.delete_branch, **kept)[0] == "DefaultBranchCannotBeDeletedException"
    codecommit.delete_branch(repositoryName=name, branchName="main")
    assert error_of(codecommit.get_branch, repositoryName=name, branchName="main")[0] == "BranchDoesNotExistException"
    assert codecommit.get_branch(**kept)["branch"]["commitId"] == first


def test_each_call_is_decided_on_the_repository(seeded: tuple[str, str], roles: Roles, aws: EmbeddedAws) -> None:
    """A role bound to one repository and branch can do nothing elsewhere."""
    name, first = seeded
    arn = f"arn:aws:codecommit:{aws.runtime.region}:{SHARED}:{name}"
    only_next = {"StringEquals": {"codecommit:References": "refs/heads/next"}}
    session = roles.session(
        f"{name}-reader",
        allow("codecommit:GetFile", resource=arn),
        allow("codecommit:CreateBranch", resource=arn, **only_next),
    )
    client = session.client("codecommit")
    assert client.get_file(repositoryName=name, filePath="a.txt")["fileContent"] == b"\x00a"
    code, message, _ = error_of(client.get_branch, repositoryName=name, branchName="main")
    assert code == "AccessDeniedException"
    assert f"codecommit:GetBranch on resource: {arn}" in message
    client.create_branch(repositoryName=name, branchName="next", commitId=first)
    refused = {"repositoryName": name, "branchName": "other", "commitId": first}
    assert error_of(client.create_branch, **refused)[0] == "AccessDeniedException"
