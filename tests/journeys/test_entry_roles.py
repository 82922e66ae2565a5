"""From accounts that administrators alone enter to a project: the operators' roles, made as their pages tell."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import boto3
import pytest

from tests import aws_cli
from tests.configs import SHARED, TRAINING
from tests.journeys.project import Project, project
from tests.operations.entry_roles.made import blocks
from tests.operations.entry_roles.test_forms import entered_with_a_secret
from xacct_ml.aws.accounts import Accounts
from xacct_ml.errors import CredentialsError
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.operations.entry_roles.every import Said
from xacct_ml.operations.entry_roles.people import Trusted
from xacct_ml.operations.preconditions import known_keys
from xacct_ml.operations.render import write

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


def folders(directory: Path) -> list[Path]:
    return sorted(page.parent for page in directory.rglob("how-to.md"))


def test_roles_made_as_the_page_tells_can_run_everything(tmp_path: Path) -> None:
    """First with what makes keys; then with the keys' ids and without that; an approver's role beside."""
    config = entered_with_a_secret()
    with project(config, roles_exist=False) as before:
        with pytest.raises(CredentialsError, match="cannot assume"):
            before.accounts.verify()
        ambient = str(boto3.client("sts").get_caller_identity()["Arn"])
        who = Trusted(ambient, ambient)
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
