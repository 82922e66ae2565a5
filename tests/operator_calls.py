"""What operators ask for while tests run, and whether that is what they are allowed.

Where the environment names a directory, each embedded AWS of a journey or a sweep leaves there what it decided for the
operators' roles, and each test of a driver what AWS would ask for its calls: a file with a line per action. After the
default and the long tests ``python -m tests.operator_calls DIRECTORY`` compares: a right that nobody asks for, and a
call that no right allows, are findings."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xacct_ml.emulator.server import EmbeddedAws

DIRECTORY = "XACCT_ML_OPERATOR_CALLS"
OTHERS = "arn:aws:s3:::lake-"
"""Buckets that are no project's: whoever they are of gives the rights on them."""
ROOT = Path(__file__).parent.parent

NEVER_ASKED = {
    "codestar-connections:GetConnection": "the former prefix of codeconnections:GetConnection",
    "codestar-connections:PassConnection": "the former prefix of codeconnections:PassConnection",
    "sagemaker:StopTrainingJob": "of a job that still runs at teardown; tests/operations/teardown/test_run_products.py",
    "sagemaker:StopTransformJob": "of a batch transform that still runs at teardown; the same tests",
    "sagemaker:DeleteTags": "of a tag that others put on the registry's group; resources/test_model_package_group.py",
    "sns:Publish": "of a drift that people are told of; tests/operations/test_drift.py",
}
"""Rights for what does not happen there, and why."""


@contextmanager
def kept(aws: EmbeddedAws) -> Iterator[None]:
    """At the end, what the operators in ``aws`` asked for is kept."""
    from xacct_ml.emulator.accounts import AMBIENT_USER
    from xacct_ml.operations.demo import OPERATOR

    yield
    keep(
        "operators",
        (
            entry.asked.action
            for entry in aws.requests
            if (entry.principal.role_arn or entry.principal.arn).endswith((f"/{OPERATOR}", f"/{AMBIENT_USER}"))
            and not entry.asked.resource.startswith(OTHERS)
        ),
    )


def keep(by: str, actions: Iterable[str]) -> None:
    """``by`` is ``operators``, or ``drivers`` in tests that also call for themselves."""
    if directory := os.environ.get(DIRECTORY):
        Path(directory, f"{by}-{uuid.uuid4().hex}").write_text("\n".join(sorted(set(actions))))


def read(directory: Path, by: str) -> set[str]:
    return {action for file in directory.glob(f"{by}-*") for action in file.read_text().splitlines()}


def findings(
    operators: set[str], drivers: set[str], allowed: set[str], never: Mapping[str, str] = NEVER_ASKED
) -> Iterator[str]:
    """What ``operators`` asked for is what they are ``allowed``; drivers' tests, which also call for themselves, say
    only what somebody asks for."""
    # Nobody needs a right for GetCallerIdentity, and AssumeRole is the trust policies' matter.
    for action in sorted(operators - allowed):
        if not action.startswith("sts:"):
            yield f"{action}: no right allows it"
    for action in sorted(allowed - operators - drivers - never.keys()):
        yield f"{action}: nobody asks for it"
    for action in sorted(never.keys() & (operators | drivers)):
        yield f"{action}: asked for after all; NEVER_ASKED says: {never[action]}"
    for action in sorted(never.keys() - allowed):
        yield f"{action}: no right any more; NEVER_ASKED says: {never[action]}"


def rendered() -> set[str]:
    """The actions of all operator policies of the maps of the documentation, and of some with what those do not
    have."""
    from tests.configs import SHARED, example
    from xacct_ml.operations.operator_policies import policies
    from xacct_ml.validation import load

    maps = [load(path) for path in (ROOT / "config.example.yaml", *sorted((ROOT / "docs" / "maps").glob("*.yaml")))]
    arn = f"arn:aws:kms:us-east-1:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    maps.append(example(key={"arn": arn}, adopt=("shared/bucket",)))
    maps.append(example(batch={"bucket": "churn-files"}))
    maps.append(example(endpoint={"autoscaling": {"min": 1, "max": 2, "target_invocations": 600}}))
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


def main(arguments: list[str]) -> int:
    (name,) = arguments
    directory = Path(name)
    operators, drivers = read(directory, "operators"), read(directory, "drivers")
    if not operators or not drivers:
        sys.stderr.write(f"{directory} has nothing that tests kept: {DIRECTORY} names it while they run\n")
        return 2
    allowed = rendered()
    found = list(findings(operators, drivers, allowed))
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{len(allowed)} rights, {len(operators)} actions asked for, {len(found)} findings\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
