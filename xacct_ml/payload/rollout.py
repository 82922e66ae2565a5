"""How traffic comes to a new model, what watches meanwhile, and what to make of it: SageMaker's deployment guardrails.

SageMaker makes a second fleet, gives it a part of the requests or all of them, waits, and takes the first fleet away;
an alarm meanwhile takes everything back (SageMaker Developer Guide, deployment-guardrails-blue-green) [D]. A serverless
endpoint has none of it. While it bakes, each invocation sends the golden rows, so that there is something to measure;
they do not count as traffic.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.foreign import line
from xacct_ml.tables.synthetic import SYNTHETIC_ID

from .approved import Approved
from .endpoint import VARIANT_NAME, Endpoint, State
from .job import log
from .served import INCONCLUSIVE
from .smoke import GoldenStore

Document = dict[str, Any]
PASSED = "passed"
TERMINATION_SECONDS = 60
"""So long the old fleet stays when the new one has all requests."""
_FOR_INSTANCES_SECONDS = 3600
_LONGEST_SECONDS = 28800
"""MaximumExecutionTimeoutInSeconds [B]."""
_UNWATCHED_SECONDS = 180
"""Of a map without a rollout: what the alarm's two minutes and its metric's way need."""
_PERIOD_SECONDS = 60
_SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


@dataclass(frozen=True)
class Watched:
    """What was seen of a change: when the new fleet first had requests (Unix seconds, None before), and how many
    requests were the function's own.
    """

    since: float | None = None
    own: int = 0

    @classmethod
    def of(cls, found: Any) -> "Watched":
        """From a continuation token."""
        given = found if isinstance(found, Mapping) else {}
        since = given.get("since")
        return cls(None if since is None else float(since), int(given.get("own") or 0))

    def document(self) -> Document:
        return {"since": self.since, "own": self.own}


@dataclass(frozen=True)
class Verdict:
    """``outcome`` is ``passed`` or ``inconclusive``; ``told`` says of what."""

    outcome: str
    told: str


class Rollout:
    """Of one endpoint. ``cloudwatch`` and ``runtime`` are clients of its account and region."""

    def __init__(
        self,
        environment: Mapping[str, str],
        endpoint: Endpoint,
        cloudwatch: Any,
        runtime: Any,
        store: Callable[[], GoldenStore] | None,
        clock: Callable[[], float],
    ) -> None:
        self.settings: Document | None = json.loads(environment.get("ROLLOUT") or "null")
        """Type, percent, waitSeconds, steps and minimumRequests; None where the map says nothing, or did when an
        earlier release made the function's environment.
        """
        self.endpoint = endpoint
        self.cloudwatch = cloudwatch
        self.runtime = runtime
        self.store = store
        self.clock = clock

    @property
    def wait_seconds(self) -> int:
        """All waits together that the map asks for."""
        return int(self.settings["steps"] * self.settings["waitSeconds"]) if self.settings else 0

    def guardrails(self) -> dict[str, Any]:
        """UpdateEndpoint's ``DeploymentConfig``, as its arguments; none of a serverless endpoint."""
        if self.endpoint.serverless:
            return {}
        routing: Document = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": _UNWATCHED_SECONDS}
        if self.settings:
            kind = self.settings["type"]
            routing = {"Type": kind, "WaitIntervalInSeconds": self.settings["waitSeconds"]}
            if kind in _SIZES:
                routing[_SIZES[kind]] = {"Type": "CAPACITY_PERCENT", "Value": self.settings["percent"]}
        longest = min(_LONGEST_SECONDS, _FOR_INSTANCES_SECONDS + self.wait_seconds)
        policy: Document = {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": routing,
                "TerminationWaitInSeconds": TERMINATION_SECONDS,
                "MaximumExecutionTimeoutInSeconds": longest,
            }
        }
        if self.endpoint.alarms:
            policy["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in self.endpoint.alarms]}
        return {"DeploymentConfig": policy}

    def watch(self, approved: Approved, state: State, before: Watched) -> Watched:
        """One look while the endpoint changes."""
        if not self.settings or (before.since is None and not _bakes(state)):
            return before
        return Watched(self.clock() if before.since is None else before.since, before.own + self._asked(approved))

    def verdict(self, changed: float, watched: Watched) -> Verdict | None:
        """Of a change that was asked for at ``changed`` (Unix seconds) and has come through; None where the map has no
        rollout.
        """
        if not self.settings:
            return None
        least = self.settings["minimumRequests"]
        if least == 0:
            return Verdict(PASSED, "no alarm while traffic shifted")
        others = max(0, self._requests(watched.since or changed) - watched.own)
        if others >= least:
            return Verdict(PASSED, f"no alarm while traffic shifted, in {others} requests")
        told = f"only {others} requests of others came while traffic shifted, and the map asks for {least}"
        return Verdict(INCONCLUSIVE, told)

    def _asked(self, approved: Approved) -> int:
        """How many requests of its own it sent; what they are answered is the alarms' to see."""
        golden = self.store().golden(approved.model) if self.store else None
        if golden is None:
            return 0
        try:
            self.runtime.invoke_endpoint(
                EndpointName=self.endpoint.name,
                ContentType="text/csv",
                Accept="text/csv",
                Body=golden.body,
                InferenceId=f"{SYNTHETIC_ID}golden",
            )
        except (ClientError, BotoCoreError) as error:
            log.info("%s does not answer while it changes: %s", self.endpoint.name, line(str(error)))
        return 1

    def _requests(self, since: float) -> int:
        """In whole minutes from then on: what came before in the same minute came to the old fleet alone."""
        start = since + -since % _PERIOD_SECONDS
        answer = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Dimensions=[
                {"Name": "EndpointName", "Value": self.endpoint.name},
                {"Name": "VariantName", "Value": VARIANT_NAME},
            ],
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(max(start, self.clock()) + _PERIOD_SECONDS, UTC),
            Period=_PERIOD_SECONDS,
            Statistics=["Sum"],
        )
        return int(sum(each["Sum"] for each in answer["Datapoints"]))


def _bakes(state: State) -> bool:
    """Whether the new fleet has requests already (SageMaker API reference, ProductionVariantStatus) [B]."""
    pending = (state.get("PendingDeploymentSummary") or {}).get("ProductionVariants") or []
    found = {each.get("Status") for variant in pending for each in variant.get("VariantStatus") or []}
    return bool(found & {"ActivatingTraffic", "Baking"})
