"""The quality gate: the map's is the floor, and the source's configuration may be stricter."""

import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from xacct_ml.foreign import line

PASSED, MISSED, NOT_REPORTED = "passed", "missed", "not reported"


@dataclass(frozen=True)
class Gate:
    """``direction`` is ``maximize`` or ``minimize``."""

    metric: str
    direction: str
    threshold: float

    @property
    def bound(self) -> str:
        return "at least" if self.direction == "maximize" else "at most"

    def reached_by(self, value: float) -> bool:
        return value >= self.threshold if self.direction == "maximize" else value <= self.threshold

    def met_by(self, value: float) -> bool:
        """Whether a reported value reaches it. SageMaker reports 32-bit floats (0.8792 as 0.8791999816894531, recorded
        in an answer of DescribeTrainingJob), so both are compared as such.
        """
        return replace(self, threshold=_as_reported(self.threshold)).reached_by(_as_reported(value))

    def laxer_than(self, floor: "Gate") -> str | None:
        """Why a model could pass this gate and not the map's, which is ``floor``; None where it cannot."""
        if self.metric != floor.metric:
            return f"the gate is on {line(self.metric)}; the map's is on {floor.metric}"
        if self.direction != floor.direction:
            return f"the gate would {line(self.direction)} {self.metric}; the map's says {floor.direction}"
        if not math.isfinite(self.threshold) or not floor.reached_by(self.threshold):
            return (
                f"the gate asks for {floor.bound} {self.threshold:g} of {self.metric}; the map's, which asks for "
                f"{floor.bound} {floor.threshold:g}, may only be made stricter"
            )
        return None

    def judge(self, metrics: Iterable[Mapping[str, Any]]) -> "Verdict":
        """``metrics`` as FinalMetricDataList of DescribeTrainingJob."""
        values = [float(metric["Value"]) for metric in metrics if metric["MetricName"] == self.metric]
        if not values or not math.isfinite(values[-1]):
            return Verdict(self, None, NOT_REPORTED)
        return Verdict(self, values[-1], PASSED if self.met_by(values[-1]) else MISSED)


@dataclass(frozen=True)
class Verdict:
    gate: Gate
    value: float | None
    outcome: str

    @property
    def reason(self) -> str:
        """Why the model is not offered for approval."""
        gate = self.gate
        if self.value is None:
            return (
                f"The training job reported no {gate.metric}, so the quality gate cannot be judged. Name it in the "
                "hyperparameter eval_metric"
            )
        return (
            f"The quality gate was missed: {gate.metric} is {self.value}, required is {gate.bound} {gate.threshold:g}"
        )

    def document(self) -> dict[str, Any]:
        return {**asdict(self.gate), "value": self.value, "outcome": self.outcome}


def _as_reported(number: float) -> float:
    try:
        nearest: float = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return number
    return nearest
