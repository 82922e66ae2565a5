"""What operators are allowed is what they ask for, in the journeys and sweeps: taken from the requests decided there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.configs import SHARED, example
from tests.operator_calls import DIRECTORY, read
from xacct_ml.operations.operator_policies import policies
from xacct_ml.validation import load

ROOT = Path(__file__).parent.parent.parent
WHERE = ("tests/journeys", "tests/sweeps/test_drift.py", "tests/sweeps/test_sweep.py")
NEVER_ASKED: dict[str, str] = {}
"""Rights for what does not happen there, and why."""


@pytest.mark.long
def test_every_right_is_asked_for_and_nothing_else_is(tmp_path: Path) -> None:
    asked = asked_by_operators(tmp_path)
    allowed = rendered()
    assert {action: "no right allows it" for action in asked - allowed} == {}
    assert {action: "nobody asks for it" for action in allowed - asked - NEVER_ASKED.keys()} == {}
    assert not NEVER_ASKED.keys() & asked


def asked_by_operators(directory: Path) -> set[str]:
    """Runs those tests. The actions that operators asked for, those that identify them aside: nobody needs a right for
    GetCallerIdentity, and AssumeRole is the trust policies' matter.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "long or not long", *WHERE]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, DIRECTORY: str(directory)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return {action for action in read(directory) if not action.startswith("sts:")}


def rendered() -> set[str]:
    """The actions of all operator policies of the maps of the documentation, and of one that adopts."""
    maps = [load(path) for path in (ROOT / "config.example.yaml", *sorted((ROOT / "docs" / "maps").glob("*.yaml")))]
    arn = f"arn:aws:kms:us-east-1:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    maps.append(example(key={"arn": arn}, adopt=("shared/bucket",)))
    statements = [
        statement
        for config in maps
        for documents in policies(config).values()
        for document in documents.values()
        for statement in document["Statement"]
    ]
    actions = (statement["Action"] for statement in statements)
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}
