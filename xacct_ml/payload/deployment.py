"""The steps of one deployment, from the first invocation to the endpoint that serves what was approved.

One invocation does one short step and replies: with a continuation token while the endpoint changes (CodePipeline
then invokes again), with success only when the endpoint is InService *with the intended configuration*, and with a
failure and its reason otherwise. Every step may happen twice: names derive from the training job and the settings,
and what exists is compared, not made again.
"""

import json
from collections.abc import Callable
from typing import Any

from .approved import Approved
from .endpoint import CHANGING, Endpoint, State
from .job import JobFailed, Reply
from .rollout import PASSED, Rollout, Watched
from .served import INCONCLUSIVE
from .smoke import Progress, SmokeTest

GIVE_UP_AFTER_SECONDS = 2 * 60 * 60
ROLLBACK_GRACE_SECONDS = 60
"""For so long after UpdateEndpoint, InService with the old configuration may just be an old reading, not a
rollback.
"""

Token = dict[str, Any]


class Deployment:
    """One endpoint and what it should serve, after its ``smoke`` test, and by which ``rollout``."""

    def __init__(self, endpoint: Endpoint, smoke: SmokeTest, rollout: Rollout, clock: Callable[[], float]) -> None:
        self.endpoint = endpoint
        self.smoke = smoke
        self.rollout = rollout
        self.clock = clock

    def step(self, approved: Approved, token: Token | None) -> Reply:
        """One step towards serving what was approved. ``token`` is None in a job's first invocation."""
        config = self.endpoint.config_name(approved)
        if token and token["config"] != config:
            under_way = token["config"]
            raise JobFailed(f"asked for {config} while {under_way} is being deployed", "ConfigurationError")
        longest = GIVE_UP_AFTER_SECONDS + self.rollout.wait_seconds
        if token and self.clock() - token["since"] > longest:
            hours = longest // 3600
            raise JobFailed(f"endpoint {self.endpoint.name} was not InService within {hours} hours")
        state = self.endpoint.describe()
        status = state["EndpointStatus"] if state else None
        serves = state["EndpointConfigName"] if state else None
        begun = token or {"config": config, "since": self.clock(), "changed": None}
        if state and status in CHANGING:
            if begun["changed"] is not None:
                watched = Watched.of(begun.get("watched"))
                begun["watched"] = self.rollout.watch(approved, state, watched).document()
            return self.wait(config, status, begun)
        if status == "InService" and serves == config:
            if not self.endpoint.scaled():
                return self.wait(config, "not yet scaled", begun)
            return self.done(approved, config, begun)
        if token and token["changed"] is not None:
            return self.after_change(state, status, config, token)
        if status not in (None, "InService"):
            raise JobFailed(self.explain(state, status))
        self.endpoint.refuse_conversion(state)
        self.endpoint.ensure_model(approved)
        tested = self.smoke.step(approved, Progress.of(begun.get("smoke")), serves)
        begun["smoke"] = tested.progress.document()
        if tested.waits is not None:
            return self.wait(config, tested.waits, begun)
        self.endpoint.ensure_config(approved, config)
        if status is None:
            self.endpoint.create(config)
        else:
            self.endpoint.update(config, self.rollout.guardrails())
        reason = (state or {}).get("FailureReason")
        change = {"changed": self.clock(), "before": reason, "updates": status, "served": serves}
        return self.wait(config, "changing", {**begun, **change})

    def after_change(self, state: State | None, status: str | None, config: str, token: Token) -> Reply:
        """The change was asked for, and the endpoint is neither changing nor serving what was asked for."""
        recent = self.clock() - token["changed"] < ROLLBACK_GRACE_SECONDS
        unchanged = state is None or (status == "InService" and state.get("FailureReason") == token["before"])
        if recent and unchanged:
            return self.wait(config, "not yet changing", token)
        if state is not None and status == "InService":
            serves = state["EndpointConfigName"]
            # A release before this one did not say what served.
            if serves != token.get("served", serves):
                raise JobFailed(
                    f"another deployment replaced this one: {self.endpoint.name} serves {serves}, neither {config} nor "
                    "what served before, and what ends last serves. xacct-ml history shows both; if this model should "
                    "serve after all: xacct-ml deploy"
                )
            reason = state.get("FailureReason", "no reason given").rstrip(".")
            raise JobFailed(
                f"SageMaker rolled the update back: {self.endpoint.name} serves {serves}, "
                f"not {config}: {reason}. Server errors of the model that serves count too"
            )
        raise JobFailed(self.explain(state, status))

    def explain(self, state: State | None, status: str | None) -> str:
        reason = (state or {}).get("FailureReason", "no reason given")
        advice = "; it can only be deleted: delete it and retry the stage" if status == "Failed" else ""
        return f"endpoint {self.endpoint.name} is {status or 'gone'}: {reason}{advice}"

    def wait(self, config: str, status: str, token: Token) -> Reply:
        return {
            "continuationToken": json.dumps(token),
            "executionDetails": {
                "summary": f"{self.endpoint.name} to {config}: {status}",
                "externalExecutionId": config,
            },
        }

    def done(self, approved: Approved, config: str, token: Token) -> Reply:
        """Raises :class:`JobFailed` where too little was seen to say that the change is good."""
        told = [Progress.of(token.get("smoke")).told]
        outcome = None
        if token["changed"] is None:
            # It serves already: a retry accepts what was inconclusive, and nothing was watched that could be better.
            outcome = INCONCLUSIVE if self.rollout.settings else None
        elif token.get("updates"):
            verdict = self.rollout.verdict(token["changed"], Watched.of(token.get("watched")))
            if verdict is not None and verdict.outcome != PASSED:
                raise JobFailed(
                    f"{INCONCLUSIVE}: {self.endpoint.name} serves {config}, but {verdict.told}. To accept it as it is: "
                    "xacct-ml retry"
                )
            if verdict is not None:
                told.append(verdict.told)
                outcome = verdict.outcome
        serves = f"{self.endpoint.name} is InService with {config} (training job {approved.training_job})"
        return {
            "executionDetails": {
                "summary": "; ".join([serves, *filter(None, told)]),
                "externalExecutionId": config,
                "percentComplete": 100,
            },
            "outputVariables": {
                "EndpointName": self.endpoint.name,
                "EndpointConfigName": config,
                "ModelName": self.endpoint.model_name(approved),
                **({} if outcome is None else {"Verdict": outcome}),
            },
        }
