"""The rights that modules declare are exactly those that AWS asks for the calls in the same module."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.boto3_calls import calls, rights, services, services_of
from xacct_ml.operations import operator_policies

PRODUCT = Path(__file__).parent.parent.parent / "xacct_ml"
MODULES = sorted(
    path
    for package in ("operations", "resources")
    for path in (PRODUCT / package).rglob("*.py")
    if path.name not in ("__init__.py", "rights.py", "operator_policies.py", "demo.py")
)
BASES = {
    "given_up.py": tuple(f"../resources/{each}.py" for each in ("role", "rule", "schedule", "schedule_group")),
    "adopted_key.py": ("kms_key.py", "kms_key_search.py"),
    "kms_key.py": ("kms_key_search.py",),
    "kms_key_search.py": ("kms_key.py",),
}
"""An adopted key's rights are those for its base's calls on a key without our tag. How a key is found is a part of its
driver, which declares the rights for both. What an earlier map had is deleted by its drivers."""


def name(path: Path) -> str:
    return str(path.relative_to(PRODUCT.parent))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_call_has_its_rights_beside_it(path: Path) -> None:
    declared = {action for _, action in rights(path)}
    for base in BASES.get(path.name, ()):
        declared |= {action for _, action in rights(path.parent / base)}
    missing = [
        f"{name(path)}:{call.line} calls what needs {action}, and the module has no Rights with it"
        for call in calls(path)
        for action in call.actions
        if action not in declared
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_right_is_of_a_call_in_its_module(path: Path) -> None:
    files = (path, *((path.parent / base) for base in BASES.get(path.name, ())))
    asked = {action for file in files for call in calls(file) for action in call.actions}
    spare = [
        f"{name(path)}:{line} allows {action}, which no call of the module needs"
        for line, action in rights(path)
        if action not in asked
    ]
    assert not spare, "\n".join(spare)


def test_every_module_with_rights_is_collected() -> None:
    declaring = {name(path) for path in MODULES if "\nRIGHTS = {" in path.read_text()}
    collected = {name(Path(str(module.__file__))) for module in operator_policies.MODULES}
    assert declaring == collected


def test_a_right_or_a_call_too_many_is_found(tmp_path: Path) -> None:
    """Of the tests above: with their own way of reading a module."""
    module = tmp_path / "topic.py"
    module.write_text(
        'RIGHTS = (Rights("topic/Topic", "kms: ListKeys ListAliases"),)\n'
        'def f(kms):\n    kms.get_paginator("list_keys")\n    kms.create_alias()\n'
    )
    assert {action for call in calls(module) for action in call.actions} == {"kms:ListKeys", "kms:CreateAlias"}
    assert list(rights(module)) == [(1, "kms:ListKeys"), (1, "kms:ListAliases")]


def test_a_service_counts_from_its_first_call(tmp_path: Path) -> None:
    """No list names the services whose calls need rights."""
    module = tmp_path / "topic.py"
    module.write_text(
        'def f(self):\n    self.clients.client(self.account, "sns").publish()\ntagging = Tagging("sqs", "x")\n'
    )
    assert services_of([module]) - services_of([]) == {"sns", "sqs"}
    assert {"cloudformation", "codepipeline", "iam", "kms", "lambda", "s3", "sagemaker"} <= services()
