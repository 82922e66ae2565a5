"""The repository: seeded once, never overwritten, kept with commits that are not ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.resources.cloud import Cloud
from tests.resources.fake_codecommit import FakeCodeCommit
from xacct_ml.engine.events import Deleted, KeptBack
from xacct_ml.errors import NotReady
from xacct_ml.system.repository import first_commit


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    cloud.replaced["codecommit"] = FakeCodeCommit(cloud.calls)
    return cloud


def repository(cloud: Cloud) -> Any:
    return cloud.resources("shared/repository")[0]


def commit(cloud: Cloud, branch: str = "main", parent: str | None = None) -> str:
    answer = cloud.replaced["codecommit"].create_commit(
        repositoryName="churn",
        branchName=branch,
        commitMessage="tune",
        putFiles=[{"filePath": "a", "fileContent": b"b"}],
        authorName="ann",
        parentCommitId=parent,
    )
    return str(answer["commitId"])


def head(cloud: Cloud) -> str:
    return str(cloud.observe("shared/repository")["head"])


def test_the_first_commit_has_the_documents_files(cloud: Cloud) -> None:
    """Template and configuration, byte for byte, on the pipeline's branch."""
    report = cloud.apply(repository(cloud))
    (made,) = cloud.replaced["codecommit"].repositories["churn"]["commits"].values()
    assert made["files"] == dict(repository(cloud).thing.first_commit)
    assert made["files"].keys() == first_commit(cloud.config).keys()
    assert report.outputs == {"commit": head(cloud)}


def test_the_teams_commits_are_left_alone(cloud: Cloud) -> None:
    """A run after their commit writes nothing and publishes their commit."""
    cloud.apply(repository(cloud))
    theirs = commit(cloud, parent=head(cloud))
    cloud.forget()
    assert cloud.apply(repository(cloud)).outputs == {"commit": theirs}
    assert cloud.writes == []


def test_an_empty_repository_of_ours_is_seeded(cloud: Cloud) -> None:
    """A run that ended between the two calls is finished by the next."""
    cloud.replaced["codecommit"].create_repository(
        repositoryName="churn", repositoryDescription=repository(cloud).thing.description, tags=dict(cloud.names.tags)
    )
    cloud.forget()
    cloud.apply(repository(cloud))
    assert cloud.writes == ["codecommit:CreateCommit"]


def test_a_branch_that_another_run_makes_meanwhile_is_the_one(cloud: Cloud) -> None:
    """Between the look at the branch and the one at all branches: nothing is refused, and no second commit made."""
    cloud.apply(repository(cloud))
    fake = cloud.replaced["codecommit"]
    first = fake.repositories["churn"]
    commits, branches = dict(first["commits"]), dict(first["branches"])
    first["commits"].clear()
    first["branches"].clear()

    class Raced:
        def __getattr__(self, name: str) -> Any:
            return getattr(fake, name)

        def get_paginator(self, operation: str) -> Any:
            if operation == "list_branches":
                first["commits"].update(commits)
                first["branches"].update(branches)
            return fake.get_paginator(operation)

    cloud.replaced["codecommit"] = Raced()
    cloud.apply(repository(cloud))
    assert first["commits"] == commits


def test_a_repository_without_our_branch_is_not_seeded(cloud: Cloud) -> None:
    """It has other branches: what is missing is named, nothing is written."""
    cloud.replaced["codecommit"].create_repository(
        repositoryName="churn", repositoryDescription=repository(cloud).thing.description, tags=dict(cloud.names.tags)
    )
    commit(cloud, "develop")
    cloud.forget()
    (failure,) = cloud.attempt(repository(cloud)).failures
    assert isinstance(failure.error, NotReady)
    assert "has no branch main, but has develop" in failure.error.message
    assert cloud.writes == []


@pytest.mark.parametrize("theirs", ["on top", "another branch"])
def test_it_is_kept_with_commits_that_are_not_ours(cloud: Cloud, theirs: str) -> None:
    """Their work is only deleted when that is asked for."""
    cloud.apply(repository(cloud))
    if theirs == "on top":
        commit(cloud, parent=head(cloud))
    else:
        commit(cloud, "develop")
    kept = cloud.destroy(repository(cloud)).outcomes["shared/repository"]
    assert isinstance(kept, KeptBack)
    assert "commits" in kept.reason
    gone = cloud.destroy(replace(repository(cloud), with_commits=True)).outcomes["shared/repository"]
    assert isinstance(gone, Deleted)


def test_somebody_elses_first_commit_is_theirs(cloud: Cloud) -> None:
    """A single commit that is not ours keeps the repository too."""
    cloud.replaced["codecommit"].create_repository(
        repositoryName="churn", repositoryDescription="", tags=dict(cloud.names.tags)
    )
    commit(cloud)
    assert isinstance(cloud.destroy(repository(cloud)).outcomes["shared/repository"], KeptBack)
