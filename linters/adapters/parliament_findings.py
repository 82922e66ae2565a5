"""Findings of parliament. Runs in that tool's environment, see :func:`linters.tools.findings`.

Its default auditors; those of its community report every iam:PassRole and every role that is managed at all."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parliament import analyze_policy_string, enhance_finding
from parliament.finding import Finding

ACTION = re.compile(r"\b([a-z0-9-]+:[A-Z][A-Za-z]+)\b")


def findings(path: str) -> Iterator[dict[str, Any]]:
    policy = analyze_policy_string(Path(path).read_text())
    of_statements = {id(found): statement.sid or "" for statement in policy.statements for found in statement.findings}
    for found in policy.findings:
        yield told(path, of_statements.get(id(found), ""), enhance_finding(found))


def told(path: str, statement: str, found: Finding) -> dict[str, Any]:
    detail = str(found.detail)
    return {
        "path": path,
        "id": found.issue,
        "statement": statement,
        "about": ACTION.findall(detail),
        "message": f"{found.severity.lower()}: {found.title}: {detail}",
    }


json.dump([found for each in json.load(sys.stdin) for found in findings(each["path"])], sys.stdout)
