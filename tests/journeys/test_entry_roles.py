"""From accounts that administrators alone enter to a project: the operators' roles, made as their pages tell."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import boto3
import pytest

from tests import aws_cli
from tests.configs import SHARED, TRAINING
from tests.journeys.project import Project, project
from tests.operations.entry_roles.made import blocks, from_template
from tests.operations.entry_roles.test_forms import EVERYTHING, entered_with_a_secret
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.accounts import entered_as
from xacct_ml.errors import CredentialsError
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.operations.demo import client_environment
from xacct_ml.operations.entry_roles.every import Said
from xacct_ml.operations.entry_roles.github import READER, GitHub, roles
from xacct_ml.operations.entry_roles.people import Trusted
from xacct_ml.operations.preconditions import known_keys
from xacct_ml.operations.render import write
from xacct_ml.operations.verify_live import verify_live
from xacct_ml.validation import load

pytestmark = pytest.mark.long

PROFILES = {SHARED: "shared", TRAINING: "training"}


def typed(folder: Path, block: str, programs: Path) -> None:
    """A block of a role's page, in its folder, as an administrator of its account; stops at the first error."""
    hidden = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"AWS_PROFILE": PROFILES.get(folder.parent.name, "production"), "PATH": aws_cli.install(programs)}
    done = subprocess.run(
        ["sh", "-e", "-c", block], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def ambient() -> str:
    """The ARN of whoever runs the commands; not of boto3's own session, which may be of an embedded AWS before."""
    return str(boto3.Session().client("sts").get_caller_identity()["Arn"])


def folders(directory: Path) -> list[Path]:
    return sorted(page.parent for page in directory.rglob("how-to.md"))


def test_roles_made_as_the_page_tells_can_run_everything(tmp_path: Path) -> None:
    """First with what makes keys; then with the keys' ids and without that; an approver's role beside."""
    config = entered_with_a_secret()
    with project(config, roles_exist=False) as before:
        with pytest.raises(CredentialsError, match="cannot assume"):
            before.accounts.verify()
        who = Trusted(ambient(), ambient())
        write(config, tmp_path / "first", Said(trusted=who))
        for folder in folders(tmp_path / "first"):
            typed(folder, blocks(folder)[0], tmp_path)
        made = Project(config, before.aws)
        made.bootstrap()

        write(config, tmp_path / "then", Said(known_keys(config, made.accounts), who))
        for folder in folders(tmp_path / "then"):
            typed(folder, blocks(folder)[1], tmp_path)
        typed(tmp_path / "then" / SHARED / "operator", blocks(tmp_path / "first" / SHARED / "operator")[2], tmp_path)
        assert plan_project(config, made.accounts, lambda _: None).bootstrap.empty
        made.upload()
        made.create_pipeline()
        assert len(made.runs()) == 1

        for folder in folders(tmp_path / "then"):
            typed(folder, blocks(folder)[-1], tmp_path)
        with pytest.raises(CredentialsError, match="cannot assume"):
            Accounts(config).verify()


def test_managed_policies_are_made_and_deleted(tmp_path: Path) -> None:
    """Of an account whose policies are more than fit inline: made, brought up to date, and nothing is left."""
    config = load(EVERYTHING)
    write(config, tmp_path / "out", Said(trusted=Trusted(f"arn:aws:iam::{SHARED}:root")))
    folder = tmp_path / "out" / SHARED / "operator"
    made = from_template(folder)
    with project(config, roles_exist=False) as before:
        iam = before.aws.administrator(SHARED).client("iam")
        typed(folder, blocks(folder)[0], tmp_path)
        attached = iam.list_attached_role_policies(RoleName=made.name)["AttachedPolicies"]
        assert {each["PolicyName"] for each in attached} == set(made.managed)
        for each in attached:
            version = iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId="v1")["PolicyVersion"]
            assert version["Document"] == made.managed[each["PolicyName"]]
        typed(folder, blocks(folder)[-1], tmp_path)
        assert iam.list_policies(Scope="Local")["Policies"] == []
        assert made.name not in {role["RoleName"] for role in iam.list_roles()["Roles"]}


def test_readers_have_what_plan_and_verify_ask_of_a_map_with_everything() -> None:
    """The same is planned as by operators."""
    config = load(EVERYTHING)
    with project(config) as each:
        each.bootstrap()
        readers = [
            role
            for role in roles(config, known_keys(config, each.accounts), GitHub("my-org/churn"))
            if role.kind == READER
        ]
        for role in readers:
            iam = each.aws.administrator(role.account).client("iam")
            trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}, "Action": "sts:AssumeRole"}
            document = {"Version": "2012-10-17", "Statement": [trust]}
            iam.create_role(RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=json.dumps(document))
            for policy, content in role.policies.items():
                iam.put_role_policy(RoleName=role.name, PolicyName=policy, PolicyDocument=json.dumps(content))
        administrator = each.aws.administrator(config.accounts.shared.id)
        with client_environment(each.aws.environment() | administrator.environment()):
            reading = Accounts(entered_as(config, f"{readers[0].path}{readers[0].name}"))
            reading.verify()
            planned = plan_project(config, reading, lambda _: None)
            verdict = verify_live(config, reading)
        assert planned.empty
        assert verdict.failure() is None
