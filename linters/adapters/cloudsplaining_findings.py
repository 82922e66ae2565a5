"""Findings of cloudsplaining. Runs in that tool's environment, see :func:`linters.tools.findings`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cloudsplaining.command.scan_policy_file import scan_policy


def sid(policy: dict[str, Any], action: str) -> str:
    """The statement that names the action; empty where none or several do."""
    named = [statement.get("Sid", "") for statement in policy["Statement"] if action in actions_of(statement)]
    return named[0] if len(named) == 1 else ""


def actions_of(statement: dict[str, Any]) -> list[str]:
    actions = statement.get("Action", [])
    return [actions] if isinstance(actions, str) else actions


def findings(path: str) -> Iterator[dict[str, Any]]:
    policy = json.loads(Path(path).read_text())
    for category, result in scan_policy(policy).items():
        if not isinstance(result, dict):
            continue  # the list of services affected
        for found in result["findings"]:
            if isinstance(found, dict):  # a way to more rights: a type and the actions that make it
                statement, actions, what = "", found["actions"], found["type"]
            else:
                statement, actions, what = sid(policy, found), [found], found
            yield {
                "path": path,
                "id": category,
                "statement": statement,
                "about": actions,
                "message": f"{result['severity']}: {what}",
            }


json.dump([found for each in json.load(sys.stdin) for found in findings(each["path"])], sys.stdout)
