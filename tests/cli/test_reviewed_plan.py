"""``plan --out`` and ``bootstrap PLAN``: what was reviewed is done, or what changed since is said.

What is not possible keeps all of it from being begun, and who else uses what is adopted is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_bootstrap import ALL, ROLE, cloud, description, drift, run
from tests.configs import SHARED, TRAINING
from tests.resources.cloud import Cloud

__all__ = ["cloud"]

BUCKET = f"churn-{SHARED}-us-east-1"


@pytest.fixture
def reviewed(cloud: Cloud, tmp_path: Path) -> str:
    """The plan of a first bootstrap."""
    path = str(tmp_path / "reviewed.json")
    assert run(cloud, "plan", "--out", path) == 0
    cloud.forget()
    return path


def test_what_was_reviewed_is_done(cloud: Cloud, reviewed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without another question; a second time there is nothing that was reviewed."""
    assert run(cloud, "bootstrap", reviewed) == 0
    assert f"{ALL} created\n" in capsys.readouterr().out
    cloud.forget()
    assert run(cloud, "bootstrap", reviewed) == 1
    assert "KMS key alias/churn in account 111111111111: create was reviewed, now nothing" in capsys.readouterr().err
    assert cloud.writes == []


@pytest.mark.long
def test_what_changed_since_is_said(cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the accounts: nothing is done, and the resource is named."""
    run(cloud, "bootstrap", "--yes")
    cloud.forget()
    path = str(tmp_path / "nothing.json")
    assert run(cloud, "plan", "--out", path) == 0
    drift(cloud)
    assert run(cloud, "bootstrap", path) == 1
    said = capsys.readouterr().err
    assert f"IAM role {ROLE} in account {TRAINING}: nothing was reviewed, now update" in said
    assert "next: review it again: xacct-ml plan --out FILE" in said
    assert (description(cloud), cloud.writes) == ("by hand", [])


@pytest.mark.long
def test_another_map_is_not_what_was_reviewed(cloud: Cloud, reviewed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever of it differs."""
    cloud.map(tags={"team": "another"})
    assert run(cloud, "bootstrap", reviewed) == 1
    assert "the map is not the one that the plan was made of" in capsys.readouterr().err
    assert cloud.writes == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "xacct-ml/plan/1", "bootstrap": [1]}'])
def test_what_is_no_plan(cloud: Cloud, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before any account is asked."""
    (tmp_path / "odd.json").write_text(content)
    assert run(cloud, "bootstrap", str(tmp_path / "odd.json")) == 2
    assert "is no plan" in capsys.readouterr().err
    assert run(cloud, "bootstrap", str(tmp_path / "none.json")) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err


def test_no_file_is_overwritten(cloud: Cloud, reviewed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is one left half written."""
    before = Path(reviewed).read_text()
    assert json.loads(before)["project"] == "churn"
    assert run(cloud, "plan", "--out", reviewed) == 2
    assert "a plan overwrites none" in capsys.readouterr().err
    assert Path(reviewed).read_text() == before


@pytest.mark.long
def test_what_is_not_possible_is_not_begun(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is asked for."""
    cloud.client(TRAINING, "iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
    cloud.forget()
    assert run(cloud, "bootstrap", "--yes") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "nothing was changed: 1 resources cannot be planned" in said
    assert "`adopt: [training/role/training]`" in said
    assert cloud.writes == []
    assert run(cloud, "bootstrap", "--yes", "--partly") == 1
    assert f"{ALL - 1} created" in capsys.readouterr().out


@pytest.mark.long
def test_who_else_uses_an_adopted_bucket(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """Its objects and its policy's statements tell, before anything is changed; afterwards it is said no more."""
    s3 = cloud.client(SHARED, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="team-x/report.csv", Body=b"1")
    statement = {"Sid": "TeamX", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TRAINING}:root"}}
    statement |= {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/team-x/*"}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    cloud.map(adopt=("shared/bucket",))
    assert run(cloud, "plan") == 0
    said = " ".join(capsys.readouterr().err.split())
    assert f"bucket {BUCKET} is adopted: from bootstrap until teardown whoever writes into it without" in said
    assert "It has objects of others: team-x/." in said
    assert "allow nothing beside that: TeamX." in said
    run(cloud, "bootstrap", "--yes")
    capsys.readouterr()
    run(cloud, "plan")
    assert "is adopted" not in capsys.readouterr().err


@pytest.mark.long
def test_who_else_uses_an_adopted_role(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """What it has is replaced: its trust first of all."""
    cloud.client(TRAINING, "iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
    cloud.map(adopt=("training/role/training",))
    assert run(cloud, "plan") == 0
    assert f"IAM role {ROLE} is adopted: what it has now is replaced" in " ".join(capsys.readouterr().err.split())
