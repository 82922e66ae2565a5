"""What operators ask for while tests run: kept for the test that compares it with what they are allowed.

Where the environment names a directory, each embedded AWS of a journey or a sweep leaves there what it decided for the
operators' roles, and each test of a driver what AWS would ask for its calls: a file with a line per action."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xacct_ml.emulator.accounts import AMBIENT_USER
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.operations.demo import OPERATOR

DIRECTORY = "XACCT_ML_OPERATOR_CALLS"
OTHERS = "arn:aws:s3:::lake-"
"""Buckets that are no project's: whoever they are of gives the rights on them."""


@contextmanager
def kept(aws: EmbeddedAws) -> Iterator[None]:
    """At the end, what the operators in ``aws`` asked for is kept."""
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
