"""CodeCommit, as far as the repository resource uses it. moto has no commits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from tests.aws.client_errors import client_error


class FakeCodeCommit:
    def __init__(self, calls: list[str]) -> None:
        self.repositories: dict[str, dict[str, Any]] = {}
        self._calls = calls

    def get_repository(self, *, repositoryName: str) -> dict[str, Any]:  # noqa: N803
        repository = self._find("GetRepository", repositoryName)
        return {"repositoryMetadata": {"repositoryDescription": repository["description"]}}

    def list_tags_for_resource(self, *, resourceArn: str) -> dict[str, Any]:  # noqa: N803
        return {"tags": dict(self._find("ListTagsForResource", resourceArn.split(":")[-1])["tags"])}

    def get_branch(self, *, repositoryName: str, branchName: str) -> dict[str, Any]:  # noqa: N803
        branches = self._find("GetBranch", repositoryName)["branches"]
        if branchName not in branches:
            raise client_error("BranchDoesNotExistException")
        return {"branch": {"commitId": branches[branchName]}}

    def get_commit(self, *, repositoryName: str, commitId: str) -> dict[str, Any]:  # noqa: N803
        return {"commit": self._find("GetCommit", repositoryName)["commits"][commitId]}

    def create_repository(self, *, repositoryName: str, repositoryDescription: str, tags: dict[str, str]) -> None:  # noqa: N803
        self._calls.append("codecommit:CreateRepository")
        self.repositories[repositoryName] = {
            "description": repositoryDescription,
            "tags": dict(tags),
            "branches": {},
            "commits": {},
        }

    def create_commit(
        self,
        *,
        repositoryName: str,  # noqa: N803
        branchName: str,  # noqa: N803
        commitMessage: str,  # noqa: N803
        putFiles: list[dict[str, Any]],  # noqa: N803
        authorName: str,  # noqa: N803, ARG002
        parentCommitId: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        repository = self._find("CreateCommit", repositoryName)
        if repository["branches"].get(branchName) != parentCommitId:
            raise client_error("ParentCommitIdRequiredException")
        id_ = hashlib.sha1(repr((parentCommitId, commitMessage, putFiles)).encode()).hexdigest()
        repository["commits"][id_] = {
            "message": commitMessage,
            "parents": [parentCommitId] if parentCommitId else [],
            "files": {file["filePath"]: file["fileContent"] for file in putFiles},
        }
        repository["branches"][branchName] = id_
        return {"commitId": id_}

    def update_repository_description(self, *, repositoryName: str, repositoryDescription: str) -> None:  # noqa: N803
        self._find("UpdateRepositoryDescription", repositoryName)["description"] = repositoryDescription

    def tag_resource(self, *, resourceArn: str, tags: dict[str, str]) -> None:  # noqa: N803
        self._find("TagResource", resourceArn.split(":")[-1])["tags"] |= tags

    def untag_resource(self, *, resourceArn: str, tagKeys: list[str]) -> None:  # noqa: N803
        for key in tagKeys:
            del self._find("UntagResource", resourceArn.split(":")[-1])["tags"][key]

    def delete_repository(self, *, repositoryName: str) -> None:  # noqa: N803
        self._find("DeleteRepository", repositoryName)
        del self.repositories[repositoryName]

    def get_paginator(self, operation: str) -> FakeCodeCommit:
        assert operation == "list_branches"
        return self

    def paginate(self, *, repositoryName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield {"branches": list(self._find("ListBranches", repositoryName)["branches"])}

    def _find(self, operation: str, name: str) -> dict[str, Any]:
        self._calls.append(f"codecommit:{operation}")
        if name not in self.repositories:
            raise client_error("RepositoryDoesNotExistException")
        return self.repositories[name]
