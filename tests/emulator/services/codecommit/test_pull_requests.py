"""Pull requests and merges, as a team changes a branch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configs import SHARED
from tests.emulator.rights import Roles, allow, error_of
from xacct_ml.emulator.server import EmbeddedAws


class Team:
    """A repository with a commit on main, and branches from it."""

    def __init__(self, client: Any, name: str) -> None:
        self.client, self.name = client, name
        client.create_repository(repositoryName=name)
        self.first = self.put("main", "a.txt", b"1", None)

    def put(self, branch: str, path: str, content: bytes, parent: str | None) -> str:
        given: dict[str, Any] = {} if parent is None else {"parentCommitId": parent}
        put = self.client.put_file(
            repositoryName=self.name, branchName=branch, filePath=path, fileContent=content, **given
        )
        return str(put["commitId"])

    def branch(self, name: str) -> None:
        self.client.create_branch(repositoryName=self.name, branchName=name, commitId=self.first)

    def request(self, source: str) -> str:
        target = {"repositoryName": self.name, "sourceReference": source, "destinationReference": "main"}
        made = self.client.create_pull_request(title="change", targets=[target])["pullRequest"]
        return str(made["pullRequestId"])

    def head(self) -> str:
        return str(self.client.get_branch(repositoryName=self.name, branchName="main")["branch"]["commitId"])


@pytest.fixture
def team(aws: EmbeddedAws, unique: str) -> Team:
    return Team(aws.administrator(SHARED).client("codecommit"), unique)


def test_a_pull_request_is_merged_by_fast_forward(team: Team) -> None:
    """Open, with both commits; closed once merged, and the branch is where the source was."""
    team.branch("work")
    change = team.put("work", "b.txt", b"2", team.first)
    number = team.request("work")
    assert team.client.list_pull_requests(repositoryName=team.name, pullRequestStatus="OPEN")["pullRequestIds"] == [
        number
    ]
    (target,) = team.client.get_pull_request(pullRequestId=number)["pullRequest"]["pullRequestTargets"]
    assert (target["sourceCommit"], target["destinationCommit"]) == (change, team.first)
    assert (target["mergeBase"], target["mergeMetadata"]) == (team.first, {"isMerged": False})
    merge = {"pullRequestId": number, "repositoryName": team.name}
    done = team.client.merge_pull_request_by_fast_forward(**merge)["pullRequest"]
    assert done["pullRequestStatus"] == "CLOSED"
    assert done["pullRequestTargets"][0]["mergeMetadata"]["mergeOption"] == "FAST_FORWARD_MERGE"
    assert team.head() == change
    assert error_of(team.client.merge_pull_request_by_fast_forward, **merge)[0] == "PullRequestAlreadyClosedException"


@pytest.mark.parametrize(("way", "parents"), [("squash", 1), ("three_way", 2)])
def test_branches_that_went_apart_need_a_merge(team: Team, way: str, parents: int) -> None:
    """Not by fast-forward; file by file where nobody touched the same file."""
    team.branch("work")
    team.put("work", "b.txt", b"2", team.first)
    team.put("main", "c.txt", b"3", team.first)
    merge = {"pullRequestId": team.request("work"), "repositoryName": team.name}
    assert error_of(team.client.merge_pull_request_by_fast_forward, **merge)[0] == "ManualMergeRequiredException"
    getattr(team.client, f"merge_pull_request_by_{way}")(**merge)
    commit = team.client.get_commit(repositoryName=team.name, commitId=team.head())["commit"]
    assert len(commit["parents"]) == parents
    for path, content in (("a.txt", b"1"), ("b.txt", b"2"), ("c.txt", b"3")):
        assert team.client.get_file(repositoryName=team.name, filePath=path)["fileContent"] == content


def test_the_same_file_needs_a_person(team: Team) -> None:
    """And the branches stay as they are."""
    team.branch("work")
    team.put("work", "a.txt", b"2", team.first)
    head = team.put("main", "a.txt", b"3", team.first)
    merge = {"pullRequestId": team.request("work"), "repositoryName": team.name}
    assert error_of(team.client.merge_pull_request_by_squash, **merge)[0] == "ManualMergeRequiredException"
    assert team.head() == head


def test_branches_are_merged_without_a_request(team: Team) -> None:
    """And a file's history has the commits that changed it."""
    team.branch("work")
    change = team.put("work", "a.txt", b"2", team.first)
    team.client.merge_branches_by_fast_forward(
        repositoryName=team.name, sourceCommitSpecifier="work", destinationCommitSpecifier="main"
    )
    assert team.head() == change
    found = team.client.list_file_commit_history(repositoryName=team.name, filePath="a.txt")["revisionDag"]
    assert {version["commit"]["commitId"] for version in found} == {change, team.first}


@pytest.mark.parametrize(
    ("source", "code"), [("main", "SourceAndDestinationAreSameException"), ("none", "ReferenceDoesNotExistException")]
)
def test_requests_of_nothing_are_refused(team: Team, source: str, code: str) -> None:
    """Before one is made."""
    assert error_of(lambda: team.request(source))[0] == code


def test_it_can_be_closed_and_not_opened_again(team: Team) -> None:
    """As on AWS."""
    team.branch("work")
    number = team.request("work")
    team.client.update_pull_request_status(pullRequestId=number, pullRequestStatus="CLOSED")
    again = {"pullRequestId": number, "pullRequestStatus": "OPEN"}
    code = error_of(team.client.update_pull_request_status, **again)[0]
    assert code == "InvalidPullRequestStatusUpdateException"


def test_rights_are_of_the_repository(team: Team, roles: Roles, unique: str) -> None:
    """Of a pull request that is named by its number alone, too."""
    team.branch("work")
    number = team.request("work")
    own = f"arn:aws:codecommit:us-east-1:{SHARED}:{team.name}"
    may = roles.session(f"{unique}-a", allow("codecommit:GetPullRequest", resource=own)).client("codecommit")
    may.get_pull_request(pullRequestId=number)
    other = roles.session(f"{unique}-b", allow("codecommit:GetPullRequest", resource=f"{own}x")).client("codecommit")
    assert error_of(other.get_pull_request, pullRequestId=number)[0] == "AccessDeniedException"
