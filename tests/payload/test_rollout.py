"""Traffic that shifts: what SageMaker is asked for, what is watched, and the verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.payload.deploying import OTHER_DIGEST, SERVERLESS, SMOKE, SMOKE_TEST, Function, client_error, failure

CANARY = {"type": "CANARY", "percent": 25, "waitSeconds": 300, "steps": 2, "minimumRequests": 100}


def rolling(**changes: Any) -> dict[str, str]:
    """The function's environment."""
    return {"ROLLOUT": json.dumps({**CANARY, **changes})}


def changing(function: Function) -> dict[str, Any]:
    """The reply after which the endpoint is being updated to another model."""
    function.deploy()
    return function.invoke(model=OTHER_DIGEST)


def bakes(function: Function, status: str = "Baking") -> None:
    endpoint = function.sagemaker.endpoints["churn"]
    variant = {"VariantName": "AllTraffic", "VariantStatus": [{"Status": status}]}
    endpoint["PendingDeploymentSummary"] = {"ProductionVariants": [variant]}


def routing(function: Function) -> dict[str, Any]:
    (update,) = function.sagemaker.updates
    found: dict[str, Any] = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    return found


def test_a_canary_is_a_part_of_the_instances_first() -> None:
    function = Function(rolling())
    changing(function)
    policy = routing(function)
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
        "WaitIntervalInSeconds": 300,
    }
    assert policy["MaximumExecutionTimeoutInSeconds"] > 2 * 300 + policy["TerminationWaitInSeconds"]


def test_linear_is_a_part_at_a_time_and_the_longest_time_is_sagemakers() -> None:
    function = Function(rolling(type="LINEAR", percent=10, waitSeconds=2520, steps=10))
    changing(function)
    policy = routing(function)
    assert policy["TrafficRoutingConfiguration"]["LinearStepSize"] == {"Type": "CAPACITY_PERCENT", "Value": 10}
    assert policy["MaximumExecutionTimeoutInSeconds"] == 28800


def test_all_at_once_has_no_size() -> None:
    function = Function(rolling(type="ALL_AT_ONCE", steps=1))
    changing(function)
    assert set(routing(function)["TrafficRoutingConfiguration"]) == {"Type", "WaitIntervalInSeconds"}


def test_enough_requests_of_others_pass() -> None:
    """Those of the function itself do not count."""
    function = Function(rolling() | SMOKE_TEST)
    function.store.found.clear()
    function.deploy()
    reply = function.invoke(model=OTHER_DIGEST)
    function.store.found[OTHER_DIGEST] = function.golden
    function.invoke(reply, OTHER_DIGEST)
    assert function.runtime.asked == []
    bakes(function)
    for _ in range(3):
        reply = function.invoke(reply, OTHER_DIGEST)
    assert [each["EndpointName"] for each in function.runtime.asked] == ["churn"] * 3
    function.sagemaker.settle()
    function.metrics.requests = [60, 43]
    done = function.invoke(reply, OTHER_DIGEST)
    assert done["outputVariables"]["Verdict"] == "passed"
    assert done["executionDetails"]["summary"].endswith("no alarm while traffic shifted, in 100 requests")
    dimensions = {each["Name"]: each["Value"] for each in function.metrics.asked[0]["Dimensions"]}
    assert dimensions == {"EndpointName": "churn", "VariantName": "AllTraffic"}
    start = function.metrics.asked[0]["StartTime"]
    # The minute in which the new fleet began to have requests is left out: others' came before it.
    assert (start.second, 0 < start.timestamp() - function.clock.now <= 60) == (0, True)


def test_too_few_requests_are_no_success_and_a_retry_accepts_them() -> None:
    """The model serves all the same, and the message says so."""
    function = Function(rolling())
    reply = changing(function)
    bakes(function)
    reply = function.invoke(reply, OTHER_DIGEST)
    function.sagemaker.settle()
    function.metrics.requests = [99]
    kind, message = failure(function.invoke(reply, OTHER_DIGEST))
    assert kind == "JobFailed"
    assert message.startswith("inconclusive: churn serves churn-")
    assert "only 99 requests of others came while traffic shifted, and the map asks for 100" in message
    assert "xacct-ml retry" in message
    assert function.invoke(model=OTHER_DIGEST)["outputVariables"]["Verdict"] == "inconclusive"


def test_where_no_requests_are_asked_for_none_are_counted() -> None:
    function = Function(rolling(minimumRequests=0))
    reply = changing(function)
    function.sagemaker.settle()
    assert function.invoke(reply, OTHER_DIGEST)["outputVariables"]["Verdict"] == "passed"
    assert function.metrics.asked == []


def test_an_update_that_was_rolled_back_has_failed() -> None:
    """By an alarm, errors in the old fleet included; or silently."""
    function = Function(rolling(minimumRequests=0))
    reply = changing(function)
    bakes(function)
    reply = function.invoke(reply, OTHER_DIGEST)
    function.sagemaker.settle("InService", "One or more alarms are in ALARM state: churn-churn-latency")
    message = failure(function.invoke(reply, OTHER_DIGEST))[1]
    assert "rolled the update back" in message
    assert "churn-churn-latency" in message


def test_a_request_that_is_refused_while_traffic_shifts_is_the_alarms_to_see() -> None:
    function = Function(rolling() | SMOKE_TEST)
    function.store.found.clear()
    function.deploy()
    reply = function.invoke(model=OTHER_DIGEST)
    function.store.found[OTHER_DIGEST] = function.golden
    function.runtime.answers[:] = [client_error("ModelError", "500")]
    bakes(function, "ActivatingTraffic")
    assert "continuationToken" in function.invoke(reply, OTHER_DIGEST)
    assert len(function.runtime.asked) == 1
    assert SMOKE not in function.sagemaker.endpoints


def test_a_first_deployment_shifts_no_traffic_and_has_no_verdict() -> None:
    assert "Verdict" not in Function(rolling()).deploy()["outputVariables"]


@pytest.mark.parametrize("environment", [SERVERLESS, {}])
def test_without_a_rollout_there_is_no_verdict(environment: dict[str, str]) -> None:
    function = Function(environment)
    function.deploy()
    assert "Verdict" not in function.deploy(OTHER_DIGEST)["outputVariables"]


def test_long_waits_are_waited_for() -> None:
    function = Function(rolling(waitSeconds=3600))
    reply = changing(function)
    function.clock.now += 4 * 3600 - 1
    assert "continuationToken" in function.invoke(reply, OTHER_DIGEST)
    function.clock.now += 2
    assert "within 4 hours" in failure(function.invoke(reply, OTHER_DIGEST))[1]
