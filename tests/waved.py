"""A map of three production targets, in the waves that a test wants."""

from __future__ import annotations

from typing import Any

from tests.configs import SHARED, TRAINING, example, operator_role
from xacct_ml.config.model import Config

TARGETS = {"canary": "333333333333", "web": "444444444444", "mobile": "555555555555"}

WaveOf = tuple[str, list[str], bool]
"""Name, targets, approval."""


def waved(*waves: WaveOf, **changes: Any) -> Config:
    """Without ``waves``, a map that names none."""
    return example(
        accounts={
            "shared": {"id": SHARED, "role_arn": operator_role(SHARED)},
            "training": {"id": TRAINING, "role_arn": operator_role(TRAINING)},
            "production": tuple(
                {"name": name, "id": id_, "role_arn": operator_role(id_)} for name, id_ in TARGETS.items()
            ),
        },
        waves=tuple({"name": name, "targets": tuple(targets), "approval": asked} for name, targets, asked in waves),
        **changes,
    )


TWO_WAVES: tuple[WaveOf, WaveOf] = (("first", ["canary"], True), ("rest", ["web", "mobile"], True))
