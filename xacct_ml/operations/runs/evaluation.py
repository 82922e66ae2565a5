"""The record that a run leaves in the shared bucket: all that an approver needs, from the shared account alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.operations.preconditions import object_bytes
from xacct_ml.system.names import Names


@dataclass(frozen=True, slots=True)
class Gate:
    """The quality gate as it was judged. ``value`` is None where the metric was not reported; ``outcome`` is
    ``passed``, ``missed`` or ``not reported``."""

    metric: str
    direction: str
    threshold: float
    value: float | None
    outcome: str

    def __str__(self) -> str:
        bound = "at least" if self.direction == "maximize" else "at most"
        value = "not reported" if self.value is None else f"{self.value:g}"
        return f"{self.outcome}: {self.metric} is {value}, required is {bound} {self.threshold:g}"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run's record. ``rows`` counts per channel; ``model`` is an S3 URI."""

    execution: str
    commit: str
    job: str
    model: str
    metrics: Mapping[str, float]
    gate: Gate
    dataset: str
    rows: Mapping[str, int]


def read_evaluation(config: Config, accounts: Clients, execution: str) -> Evaluation | None:
    """The record of the run ``execution``; None while there is none, or where it is not one of ours."""
    text = object_bytes(config, accounts, Names(config).evaluation_key(execution))
    return None if text is None else parse_evaluation(text)


def parse_evaluation(text: bytes) -> Evaluation | None:
    """Step Functions' ``aws-sdk:s3:putObject`` takes an object as ``Body``. Whether the bucket then has its JSON, or
    that JSON within a JSON string, is not documented [U]: both are read."""
    try:
        record: Any = json.loads(text)
        if isinstance(record, str):
            record = json.loads(record)
        gate, data = record["gate"], record["data"]
        values = gate["values"]
        return Evaluation(
            execution=str(record["pipelineExecutionId"]),
            commit=str(record["commit"]),
            job=str(record["job"]),
            model=str(record["model"]),
            metrics={str(metric["MetricName"]): float(metric["Value"]) for metric in record["metrics"]},
            gate=Gate(
                metric=str(gate["metric"]),
                direction=str(gate["direction"]),
                threshold=float(gate["threshold"]),
                value=float(values[0]) if values else None,
                outcome=str(gate["outcome"]),
            ),
            dataset=str(data["dataset"]),
            rows={str(name): int(channel["rows"]) for name, channel in data["channels"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
