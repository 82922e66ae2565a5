"""What a rollout may say: SageMaker shifts traffic between fleets of instances only (SageMaker Developer Guide,
deployment-guardrails and its exclusions), by at most half of the new one at a time, and ends after eight hours."""

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Problem
from xacct_ml.tables.service_limits import LINEAR_PERCENT, LONGEST_ROLLOUT_SECONDS

_PATH = ("endpoint", "rollout")


def problems(config: Config) -> Iterator[Problem]:
    endpoint, rollout = config.endpoint, config.endpoint.rollout
    if rollout is None:
        return
    if endpoint.serverless:
        reason = (
            "SageMaker shifts no traffic between models of a serverless endpoint, and no alarm takes one back "
            "(SageMaker Developer Guide, deployment-guardrails); give instances, or leave rollout out: the smoke test "
            "remains"
        )
        yield Problem(_PATH, reason, at_key=True)
        return
    scaling = endpoint.autoscaling
    least = "instance_count" if scaling is None else "autoscaling.min"
    if rollout.type != "all_at_once" and ((endpoint.instance_count or 0) if scaling is None else scaling.min) < 2:
        reason = (
            f"a {rollout.type} rollout begins with at most half of the instances, and there is one; set {least} to 2 "
            "or more, or type to all_at_once"
        )
        yield Problem((*_PATH, "type"), reason)
    if rollout.type == "linear" and (fault := LINEAR_PERCENT.fault(rollout.percent)):
        yield Problem((*_PATH, "percent"), fault)
    total = rollout.steps * rollout.wait_seconds
    if total > LONGEST_ROLLOUT_SECONDS:
        reason = (
            f"{rollout.steps} waits of {rollout.wait_seconds} seconds are {total / 3600:.1f} hours, and SageMaker ends "
            f"an update after 8, of which {LONGEST_ROLLOUT_SECONDS // 3600} may be waits here"
        )
        yield Problem((*_PATH, "wait_seconds"), reason)
