"""Findings of statelint. Runs in that tool's environment, see :func:`linters.tools.findings`.

It has no ids: a problem's text without what it quotes is one."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from statelint.linter import Linter

QUOTED = re.compile(r'"([^"]*)"')
STATE = "State Machine.States."


def findings(path: str) -> Iterator[dict[str, Any]]:
    for problem in Linter.validate(path):
        quoted = QUOTED.findall(problem)
        states = [each.removeprefix(STATE) for each in quoted if each.startswith(STATE)]
        yield {
            "path": path,
            "id": QUOTED.sub('"…"', problem),
            "statement": states[0] if states else "",
            "about": [each for each in quoted if not each.startswith(STATE)],
            "message": problem,
        }


json.dump([found for each in json.load(sys.stdin) for found in findings(each["path"])], sys.stdout)
