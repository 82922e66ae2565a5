"""Findings of cfn-lint, informational ones too. Runs in that tool's environment, see :func:`linters.tools.findings`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cfnlint import ManualArgs, lint_file


def findings(path: str) -> Iterator[dict[str, Any]]:
    for match in lint_file(Path(path), config=ManualArgs(include_checks=["I"])):
        yield {
            "path": path,
            "id": match.rule.id,
            "statement": "/".join(str(part) for part in match.path or ()),
            "about": [],
            "message": match.message,
        }


json.dump([found for each in json.load(sys.stdin) for found in findings(each["path"])], sys.stdout)
