"""A role as each of its forms would make it: what the files say, put together again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.operations.entry_roles.role import TRUSTED
from xacct_ml.operations.entry_roles.template import PARAMETER
from xacct_ml.operations.entry_roles.terraform import VARIABLE

WHO = "arn:aws:iam::999999999999:role/people"


@dataclass(frozen=True)
class Made:
    name: str
    path: str
    description: str
    trust: Any
    inline: Mapping[str, Any]
    managed: Mapping[str, Any]
    boundary: str | None


def from_template(folder: Path) -> Made:
    resources = dict(json.loads((folder / "template.json").read_text())["Resources"])
    role = resources.pop("Role")["Properties"]
    managed = [resource["Properties"] for resource in resources.values()]
    assert all(resource["Type"] == "AWS::IAM::ManagedPolicy" for resource in resources.values())
    assert all(each["Roles"] == [{"Ref": "Role"}] and each["Path"] == role["Path"] for each in managed)
    return Made(
        role["RoleName"],
        role["Path"],
        role["Description"],
        _filled(role["AssumeRolePolicyDocument"]),
        {each["PolicyName"]: each["PolicyDocument"] for each in role["Policies"]},
        {each["ManagedPolicyName"]: each["PolicyDocument"] for each in managed},
        role.get("PermissionsBoundary"),
    )


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return WHO if value == {"Ref": PARAMETER} else {key: _filled(each) for key, each in value.items()}
    return [_filled(each) for each in value] if isinstance(value, list) else value


def from_module(folder: Path) -> Made:
    resources = json.loads((folder / "main.tf.json").read_text())["resource"]
    ((label, role),) = resources["aws_iam_role"].items()
    inline, managed = resources.get("aws_iam_role_policy", {}), resources.get("aws_iam_policy", {})
    attached = resources.get("aws_iam_role_policy_attachment", {})
    entered = f"${{aws_iam_role.{label}.name}}"
    assert all(each["role"] == entered for each in (*inline.values(), *attached.values()))
    assert {each["policy_arn"] for each in attached.values()} == {f"${{aws_iam_policy.{name}.arn}}" for name in managed}
    return Made(
        role["name"],
        role["path"],
        role["description"],
        _expression(folder, role["assume_role_policy"]),
        {each["name"]: _expression(folder, each["policy"]) for each in inline.values()},
        {each["name"]: _expression(folder, each["policy"]) for each in managed.values()},
        role.get("permissions_boundary"),
    )


def _expression(folder: Path, text: str) -> Any:
    """A file of the module, or that with the variable in it: the two expressions that are written."""
    found = re.fullmatch(r'\$\{(replace\()?file\("\$\{path\.module\}/([\w.-]+)"\)(?:, "(\w+)", var\.(\w+)\))?\}', text)
    assert found is not None, text
    replaced, name, sought, variable = found.groups()
    assert (replaced is None) == (sought is None)
    assert (sought, variable) in ((None, None), (TRUSTED, VARIABLE))
    content = (folder / name).read_text()
    return json.loads(content if sought is None else content.replace(sought, WHO))


def blocks(folder: Path) -> list[str]:
    """What the page tells to type: making the role, bringing it up to date, …, deleting it."""
    return re.findall(r"^```sh\n(.*?)^```$", (folder / "how-to.md").read_text(), re.MULTILINE | re.DOTALL)
