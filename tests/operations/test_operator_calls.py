"""What operators are allowed is what they ask for: in journeys, in sweeps and in the drivers' own tests."""

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
WHERE = (
    "tests/journeys",
    "tests/sweeps/test_drift.py",
    "tests/sweeps/test_sweep.py",
    "tests/operations/test_deployed_policies.py",
    "tests/resources",
)
NEVER_ASKED = {
    "codestar-connections:GetConnection": "the former prefix of codeconnections:GetConnection",
    "codestar-connections:PassConnection": "the former prefix of codeconnections:PassConnection",
    "sagemaker:StopTrainingJob": "of a job that still runs at teardown; tests/operations/teardown/test_run_products.py",
    "sagemaker:StopTransformJob": "of a batch transform that still runs at teardown; the same tests",
    "sagemaker:DeleteTags": "of a tag that others put on the registry's group; resources/test_model_package_group.py",
    "sns:Publish": "of a drift that people are told of; tests/operations/test_drift.py",
}
"""Rights for what does not happen there, and why."""


@pytest.mark.journeys_again
def test_every_right_is_asked_for_and_nothing_else_is(tmp_path: Path) -> None:
    run(tmp_path)
    asked, allowed = read(tmp_path, "operators"), rendered()
    # Nobody needs a right for GetCallerIdentity, and AssumeRole is the trust policies' matter.
    unknown = {action for action in asked - allowed if not action.startswith("sts:")}
    assert dict.fromkeys(unknown, "no right allows it") == {}
    asked |= read(tmp_path, "drivers")
    assert dict.fromkeys(allowed - asked - NEVER_ASKED.keys(), "nobody asks for it") == {}
    assert dict.fromkeys(NEVER_ASKED.keys() & asked, "asked for after all") == {}


def run(directory: Path) -> None:
    """Those tests, all of them, in a session of their own: alone they would know only what ran before."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "long or not long", *WHERE]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, DIRECTORY: str(directory)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]


def rendered() -> set[str]:
    """The actions of all operator policies of the maps of the documentation, and of one that adopts."""
    maps = [load(path) for path in (ROOT / "config.example.yaml", *sorted((ROOT / "docs" / "maps").glob("*.yaml")))]
    arn = f"arn:aws:kms:us-east-1:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    maps.append(example(key={"arn": arn}, adopt=("shared/bucket",)))
    maps.append(example(batch={"bucket": "churn-files"}))
    maps.append(example(schedule={"expression": "rate(1 day)"}, notifications={"emails": ("ann@example.com",)}))
    statements = [
        statement
        for config in maps
        for documents in policies(config).values()
        for document in documents.values()
        for statement in document["Statement"]
    ]
    actions = (statement["Action"] for statement in statements)
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}
