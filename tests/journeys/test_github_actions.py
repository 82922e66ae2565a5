"""The workflow that is rendered: a pull request is verified and planned, a merge does what was reviewed, and neither a
pull request nor another branch can do more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.journeys.project import project
from tests.journeys.test_entry_roles import ambient, folders, typed
from tests.journeys.workflow_runner import Runner, runner
from tests.operations.entry_roles.made import blocks
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.operations.entry_roles.every import Said
from xacct_ml.operations.entry_roles.github import GitHub
from xacct_ml.operations.entry_roles.people import Trusted
from xacct_ml.operations.preconditions import known_keys
from xacct_ml.operations.render import write

pytestmark = pytest.mark.long

GITHUB = GitHub("my-org/churn")
PULL_REQUEST, MAIN = GITHUB.reading, GITHUB.operating
PLAN, LIVE, BOOTSTRAP = "Plan", "What is in the accounts now", "Bootstrap what was reviewed, or nothing"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A repository with a map and the workflow, and the accounts as its roles were made: nothing of the project yet."""
    directory = tmp_path_factory.mktemp("github")
    config = mapped()
    with project(config, roles_exist=False) as before:
        who = ambient()
        write(config, directory / "rendered", Said(None, Trusted(who), GITHUB))
        (directory / "repository").mkdir()
        write_map(directory / "repository", config)
        provider = directory / "rendered" / SHARED / "github"
        for folder in (provider, *(each for each in folders(directory / "rendered") if each != provider)):
            typed(folder, blocks(folder)[0], directory)
        text = (provider / "xacct-ml.yml").read_text()
        yield runner(text, directory / "repository", directory / "runner")
        assert before.config == config


def mapped(**changes: Any) -> Config:
    hyperparameters = {"objective": "binary:logistic", "num_round": 50, "eval_metric": "auc"}
    return example(training={"hyperparameters": hyperparameters}, **changes)


def write_map(repository: Path, config: Config) -> None:
    content = config.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    (repository / "config.yaml").write_text(yaml.safe_dump(content))


def test_a_repository_that_does_not_say_what_to_install(made: Runner) -> None:
    """Nothing of the name is taken from an index, where anybody may have registered it."""
    variables, made.variables = made.variables, dict.fromkeys(made.variables, "")
    try:
        done = made.run("pull_request", PULL_REQUEST)
    finally:
        made.variables = variables
    assert [name for name, well in done.items() if not well] == ["Install"]
    assert "the variable XACCT_ML of the repository names what pip installs" in "\n".join(made.said)


def test_the_first_pull_request_and_its_merge(made: Runner) -> None:
    """Everything is planned by who may only read, and made by who may operate; what is in the accounts is proven."""
    reviewed = made.run("pull_request", PULL_REQUEST)
    assert [name for name, well in reviewed.items() if not well] == [LIVE]  # there is nothing yet
    assert "to create" in (made.directory / "summary.md").read_text()
    assert all(made.run("push", MAIN).values()), "\n".join(made.said)
    assert "created" in "\n".join(made.said)


def test_a_change_that_is_reviewed(made: Runner, tmp_path: Path) -> None:
    """After the keys' ids came into the roles and what makes keys was taken away."""
    config = mapped(tags={"team": "ml"})
    who = ambient()
    write(config, tmp_path / "then", Said(known_keys(config, Accounts(config)), Trusted(who), GITHUB))
    for folder in folders(tmp_path / "then"):
        if folder.name in ("operator", "reader"):
            typed(folder, blocks(folder)[1], tmp_path)
    write_map(made.repository, config)
    assert all(made.run("pull_request", PULL_REQUEST)[name] for name in (PLAN,)), "\n".join(made.said)
    assert "to change" in "\n".join(made.said[-40:]) or "change" in (made.directory / "summary.md").read_text()

    write_map(made.repository, mapped(tags={"team": "another"}))
    assert not made.run("push", MAIN)[BOOTSTRAP]
    assert "nothing was changed: what would be done now is not what was reviewed" in "\n".join(made.said)

    write_map(made.repository, config)
    assert all(made.run("push", MAIN).values()), "\n".join(made.said)
    assert all(made.run("pull_request", PULL_REQUEST).values()), "\n".join(made.said)


def test_who_does_not_get_in(made: Runner) -> None:
    """A pull request as the operator, a branch as the reader, another repository, another branch."""
    for role, subject in (
        ("churn-github-operator", PULL_REQUEST),
        ("churn-github-reader", MAIN),
        ("churn-github-operator", "repo:my-org/churn:ref:refs/heads/other"),
        ("churn-github-operator", "repo:my-org/churn-2:ref:refs/heads/main"),
        ("churn-github-operator", "repo:my-org/churn:environment:main"),
    ):
        with pytest.raises(ClientError, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
            made._credentials(f"arn:aws:iam::{SHARED}:role/{role}", "us-east-1", subject)


def test_what_a_pull_request_cannot_do(made: Runner) -> None:
    """Its role assumes no operator's, changes nothing, and reads no data."""
    given = made._credentials(f"arn:aws:iam::{SHARED}:role/churn-github-reader", "us-east-1", PULL_REQUEST)
    session = boto3.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], given["AWS_SESSION_TOKEN"])
    sts = session.client("sts")
    for account in (SHARED, TRAINING, PRODUCTION):
        with pytest.raises(ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/xacct-ml-operator", RoleSessionName="pull-request")
    reader = sts.assume_role(RoleArn=f"arn:aws:iam::{SHARED}:role/churn-reader", RoleSessionName="pull-request")[
        "Credentials"
    ]
    as_reader = boto3.Session(reader["AccessKeyId"], reader["SecretAccessKey"], reader["SessionToken"])
    with pytest.raises(ClientError, match="AccessDenied"):
        as_reader.client("iam").put_role_policy(RoleName="churn-judge", PolicyName="x", PolicyDocument="{}")
    with pytest.raises(ClientError, match="AccessDenied"):
        as_reader.client("s3").put_object(Bucket=f"churn-{SHARED}-us-east-1", Key="data/x", Body=b"1")
    with pytest.raises(ClientError, match="AccessDenied"):
        as_reader.client("s3").get_object(Bucket=f"churn-{SHARED}-us-east-1", Key="data/x")
