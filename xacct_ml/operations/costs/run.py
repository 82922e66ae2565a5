"""What a run of a pipeline costs: read off the pipeline's actions, and how long each took, or is thought to take.

The minutes that are thought of are assumptions [U], of small data and one instance: a job or endpoint is ready after
some five minutes. Training is taken for as long as the map lets it be."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

from xacct_ml.config.model import ProductionTarget
from xacct_ml.operations.costs.charge import HOURS_OF_A_MONTH, MINUTES, Charge
from xacct_ml.system.names import SCORING_INSTANCE_TYPE, Names
from xacct_ml.system.thing import Function, Pipeline
from xacct_ml.tables.prices import price

SHORT, CLOUDFORMATION, JUDGE, DEPLOY = 1, 3, 12, 15
"""Minutes of an action: most; that which makes the stack; with batch transforms; with an endpoint that is updated."""
SMOKE = 8
"""Minutes of a temporary endpoint before that."""
AROUND_TRAINING = 5
"""Minutes of the training action beside the job's."""
TRANSFORM = 8
"""Minutes that a batch transform is charged for."""
SECONDS_IN_A_MINUTE = 10
"""So long a function runs in a minute of its action: it is asked again and again until it is done."""
TRANSITIONS = 10

Measured = Mapping[str, float]
"""By ``<stage>/<action>``, the seconds that an action took."""


@dataclass(frozen=True)
class Run:
    """A run of one pipeline. ``functions`` are the project's, by name. Of ``stages`` alone, where they are given; of
    the actions that deploy, those to other ``targets`` are over at once, where these are given."""

    names: Names
    pipeline: Pipeline
    functions: Mapping[str, Function]
    measured: Measured
    stages: frozenset[str] | None = None
    targets: tuple[str, ...] | None = None

    def charges(self) -> Iterator[Charge]:
        actions = [
            (stage["name"], action)
            for stage in self.pipeline.structure["stages"]
            if self.stages is None or stage["name"] in self.stages
            for action in stage["actions"]
            if action["actionTypeId"]["category"] != "Approval"
        ]
        if not actions:
            return
        minutes = {f"{stage}/{action['name']}": self._minutes(stage, action) for stage, action in actions}
        for stage, action in actions:
            yield from self._jobs(action, self.measured.get(f"{stage}/{action['name']}"))
        total, plural = sum(minutes.values()), "s" if len(minutes) > 1 else ""
        what = f"CodePipeline: {len(minutes)} action{plural}, {total} min"
        yield Charge(what, "pipeline_action_minute", self.names.region, total)
        yield from self._functions(minutes, actions)

    def _minutes(self, stage: str, action: Mapping[str, Any]) -> int:
        """Each action is rounded up to a minute (aws.amazon.com/codepipeline/pricing) [D]."""
        measured = self.measured.get(f"{stage}/{action['name']}")
        return self._assumed(action) if measured is None else max(1, ceil(measured / MINUTES))

    def _functions(self, minutes: Mapping[str, int], actions: list[tuple[str, Any]]) -> Iterator[Charge]:
        """The time of the functions that actions invoke, those of a region together."""
        found: dict[str, float] = {}
        for stage, action in actions:
            function = self.functions.get(action["configuration"].get("FunctionName", ""))
            if function is not None:
                seconds = SECONDS_IN_A_MINUTE * minutes[f"{stage}/{action['name']}"]
                found[function.region] = found.get(function.region, 0) + seconds * function.memory / 1024
        for region, quantity in found.items():
            yield Charge("Lambda", "lambda_gb_second", region, quantity)

    def _assumed(self, action: Mapping[str, Any]) -> int:
        match action["actionTypeId"]["provider"]:
            case "CloudFormation":
                return CLOUDFORMATION
            case "StepFunctions":
                return ceil(_longest_training(self.names) / MINUTES) + AROUND_TRAINING
        if self._target(action) is not None:
            return _update_minutes(self.names) + (SMOKE if self.names.config.endpoint.smoke_test else 0)
        return JUDGE if _judges(action) else SHORT

    def _jobs(self, action: Mapping[str, Any], seconds: float | None) -> Iterator[Charge]:
        """What SageMaker does in an action that took so many seconds, or has not begun."""
        if action["actionTypeId"]["provider"] == "StepFunctions":
            yield from _training(self.names, seconds)
            yield Charge("Step Functions", "state_transition", self.names.region, TRANSITIONS)
        elif _judges(action):
            yield from _transforms(self.names, seconds)
        elif (target := self._target(action)) is not None:
            yield from _update(self.names, target)

    def _target(self, action: Mapping[str, Any]) -> ProductionTarget | None:
        """Which target it deploys to."""
        wanted = self.targets is None or action["name"] in self.targets
        if action["configuration"].get("FunctionName") != self.names.function or not wanted:
            return None
        return next((target for target in self.names.production if target.name == action["name"]), None)


def _training(names: Names, seconds: float | None) -> Iterator[Charge]:
    """The dearest that the source's configuration may choose, or what the map says, for as long as it took at most."""
    training, allowed = names.config.training, names.config.training.allowed_or_own
    type_, count = training.instance_type, training.instance_count
    if seconds is None:
        type_ = max(allowed.instance_types, key=partial(_hour, names.region))
        count, seconds = allowed.max_instance_count, _longest_training(names)
    hours = count * seconds / 3600
    what = f"training: {count} × {type_}, at most {ceil(seconds / MINUTES)} min"
    yield Charge(f"{what}{', less on spot' if training.spot else ''}", f"instance_hour {type_}", names.region, hours)
    stored = training.volume_gb * hours / HOURS_OF_A_MONTH
    yield Charge("volumes of training", "volume_gb_month", names.region, stored)


def _longest_training(names: Names) -> float:
    return names.config.training.allowed_or_own.max_runtime_seconds


def _hour(region: str, type_: str) -> float:
    """An hour's price; that of an unknown type is above all, so that it is said to be unknown."""
    found = price(f"instance_hour {type_}", region)
    return float("inf") if found is None else found.usd


def _transforms(names: Names, seconds: float | None) -> Iterator[Charge]:
    """Of the candidate and of the live model, and of the rows that a temporary endpoint is to be asked."""
    minutes, number = TRANSFORM if seconds is None else ceil(seconds / MINUTES), 2 + names.config.endpoint.smoke_test
    bound = "" if seconds is None else "at most "
    what = f"{number} batch transforms on {SCORING_INSTANCE_TYPE}, {bound}{minutes} min each"
    yield Charge(what, f"instance_hour {SCORING_INSTANCE_TYPE}", names.region, number * minutes / MINUTES)


def _update(names: Names, target: ProductionTarget) -> Iterator[Charge]:
    """A temporary endpoint of one instance; then a second fleet beside the first (SageMaker Developer Guide,
    deployment-guardrails-blue-green) [D]. What is serverless costs seconds."""
    endpoint = names.config.endpoint
    if endpoint.instance_type is not None and endpoint.instance_count is not None:
        if endpoint.smoke_test:
            what = f"temporary endpoint of {target.name}: 1 × {endpoint.instance_type}, {SMOKE} min"
            yield Charge(what, f"instance_hour {endpoint.instance_type}", names.region_of(target), SMOKE / MINUTES)
        most = endpoint.instance_count if endpoint.autoscaling is None else endpoint.autoscaling.max
        minutes = _update_minutes(names)
        what = f"second fleet of {target.name}: {most} × {endpoint.instance_type}, {minutes} min"
        hours = most * minutes / MINUTES
        yield Charge(what, f"instance_hour {endpoint.instance_type}", names.region_of(target), hours)


def _update_minutes(names: Names) -> int:
    """With what the map's rollout waits before all of the traffic is the new model's, and after."""
    rollout = names.config.endpoint.rollout
    return DEPLOY + (0 if rollout is None else ceil(rollout.steps * rollout.wait_seconds / MINUTES))


def _judges(action: Mapping[str, Any]) -> bool:
    """Whether it has models scored."""
    return bool(_parameters(action).get("task") == "judge")


def _parameters(action: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(action["configuration"].get("UserParameters", "{}"))
    return found
