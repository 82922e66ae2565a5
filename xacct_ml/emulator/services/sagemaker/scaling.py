"""Which variants of endpoints Application Auto Scaling has as targets, and by which policies.

SageMaker asks it when an endpoint is updated or deleted (SageMaker Developer Guide, endpoint-scaling-update,
endpoint-delete-with-scaling) [D]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Target:
    """``policies`` are by their names, each as PutScalingPolicy was asked for it, with the alarms that it has."""

    resource: str
    arn: str
    low: int
    high: int
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    policies: dict[str, "Policy"] = field(default_factory=dict)


@dataclass
class Policy:
    request: Mapping[str, Any]
    arn: str
    alarms: tuple[str, ...] = ()
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


class Scaling:
    """Of one account and region: targets by their resource ids."""

    def __init__(self) -> None:
        self.targets: dict[str, Target] = {}

    def resource(self, endpoint: str, variant: str) -> str:
        return f"endpoint/{endpoint}/variant/{variant}"

    def forget(self, endpoint: str) -> None:
        """What it has of an endpoint."""
        begin = self.resource(endpoint, "")
        self.targets = {name: target for name, target in self.targets.items() if not name.startswith(begin)}
