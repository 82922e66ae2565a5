"""The four ways in which a role is made say the same, and CloudFormation's is one that its linter takes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import cfnlint.api
import pytest

from tests.configs import SHARED, approved_by_two, example, operator_role
from tests.operations.entry_roles.made import WHO, Made, blocks, from_module, from_template
from xacct_ml.config.model import Config
from xacct_ml.operations.entry_roles.every import GITHUB, Said
from xacct_ml.operations.entry_roles.github import GitHub
from xacct_ml.operations.operator_policies import policies
from xacct_ml.operations.render import write
from xacct_ml.validation import load

BOUNDARY = "boundaries/ml"
EVERYTHING = Path(__file__).parents[3] / "docs" / "maps" / "everything.yaml"


def entered_with_a_secret() -> Config:
    """Roles in a path, with an external id and a boundary, and two people who approve."""
    config = approved_by_two(roles={"permissions_boundary": BOUNDARY})
    shared = {"role_arn": f"arn:aws:iam::{SHARED}:role/ml/people/xacct-ml-operator", "external_id": "ours"}
    accounts = config.accounts.model_copy(update={"shared": config.accounts.shared.model_copy(update=shared)})
    return config.model_copy(update={"accounts": accounts})


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By map, where it was written: one with inline policies only, and one with more than fit."""
    directory = tmp_path_factory.mktemp("rendered")
    write(entered_with_a_secret(), directory / "secret", Said(github=GitHub("my-org/churn", environment="production")))
    write(load(EVERYTHING), directory / "everything")
    return {path.name: path for path in directory.iterdir()}


def folders(rendered: dict[str, Path]) -> Iterator[Path]:
    for directory in rendered.values():
        yield from (page.parent for page in sorted(directory.rglob("how-to.md")) if page.parent.name != GITHUB)


def from_commands(folder: Path) -> Made:
    """As IAM would have it after the page's first block."""
    lines = [line for line in blocks(folder)[0].splitlines() if line.startswith("aws iam")]
    calls = [(words[2], dict(zip(words[3::2], words[4::2], strict=True))) for words in map(_words, lines)]
    (role,) = (given for operation, given in calls if operation == "create-role")
    made = {given["--policy-name"]: given for operation, given in calls if operation == "create-policy"}
    attached = {given["--policy-arn"] for operation, given in calls if operation == "attach-role-policy"}
    assert attached == {f"arn:aws:iam::{folder.parent.name}:policy{role['--path']}{name}" for name in made}
    assert {given.get("--role-name", role["--role-name"]) for _, given in calls} == {role["--role-name"]}
    return Made(
        role["--role-name"],
        role["--path"],
        role["--description"],
        json.loads((folder / "trust.json").read_text().replace("TRUSTED_PRINCIPAL_ARN", WHO)),
        {given["--policy-name"]: _file(folder, given) for operation, given in calls if operation == "put-role-policy"},
        {name: _file(folder, given) for name, given in made.items()},
        role.get("--permissions-boundary"),
    )


def _words(line: str) -> list[str]:
    return shlex.split(re.sub(r'"\$\(sed .*\)"', "TRUST", line))


def _file(folder: Path, given: dict[str, str]) -> object:
    return json.loads((folder / given["--policy-document"].removeprefix("file://")).read_text())


def test_the_forms_say_the_same(rendered: dict[str, Path]) -> None:
    """For each role of both maps; and the console's steps paste every document."""
    for folder in folders(rendered):
        made = from_commands(folder)
        assert from_template(folder) == made == from_module(folder)
        console = (folder / "how-to.md").read_text().partition("## Console")[2].partition("## AWS CLI")[0]
        documents = {path.name for path in folder.glob("*.json")} - {"template.json", "main.tf.json"}
        assert set(re.findall(r"paste `([\w.-]+)`", console)) == documents
        assert made.name in console


def test_operators_have_what_they_need(rendered: dict[str, Path]) -> None:
    """Inline and managed together; each within IAM's limits."""
    for account, documents in policies(load(EVERYTHING)).items():
        made = from_template(rendered["everything"] / account / "operator")
        managed = {name.split("operator-", 1)[1]: each for name, each in made.managed.items()}
        assert {**made.inline, **managed} == documents
        assert sum(len(json.dumps(each, separators=(",", ":"))) for each in made.inline.values()) <= 10_240
    assert from_template(rendered["everything"] / SHARED / "operator").managed


def test_what_the_map_says_of_the_way_in(rendered: dict[str, Path]) -> None:
    """Path, external id, boundary, and that a session of who approves has its person's name."""
    operator = from_template(rendered["secret"] / SHARED / "operator")
    assert (operator.name, operator.path) == ("xacct-ml-operator", "/ml/people/")
    assert operator.boundary == f"arn:aws:iam::{SHARED}:policy/{BOUNDARY}"
    statement, of_github = operator.trust["Statement"]
    assert of_github["Sid"] == "GitHub"
    assert statement["Principal"] == {"AWS": WHO}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "ours"}}
    (statement,) = from_template(rendered["secret"] / SHARED / "approver").trust["Statement"]
    assert statement["Condition"]["StringEquals"]["sts:RoleSessionName"] == "${aws:username}"


def test_an_account_without_a_role_in_the_map_gets_a_name(tmp_path: Path) -> None:
    """The page says under which ARN it is then named in the map."""
    accounts = example().accounts.model_dump()
    accounts["training"] |= {"role_arn": None, "profile": "ml"}
    write(example(accounts={**accounts, "production": tuple(accounts["production"])}), tmp_path / "out")
    training = tmp_path / "out" / accounts["training"]["id"] / "operator" / "how-to.md"
    assert training.read_text().startswith(f"# {operator_role(accounts['training']['id'])}\n")


@pytest.mark.long
def test_templates_pass_cfn_lint(rendered: dict[str, Path], tmp_path: Path) -> None:
    """With a parameter, as here, and without one: no finding, not even an informational one."""
    for folder in folders(rendered):
        assert cfnlint.api.lint_file(folder / "template.json", cfnlint.ManualArgs(include_checks=["I"])) == []
    from tests.operations.entry_roles.test_trust import named

    write(entered_with_a_secret(), tmp_path / "named", named())
    for page in (tmp_path / "named").rglob("how-to.md"):
        template = page.parent / "template.json"
        assert "Parameters" not in json.loads(template.read_text())
        assert cfnlint.api.lint_file(template, cfnlint.ManualArgs(include_checks=["I"])) == []
