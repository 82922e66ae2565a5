"""The smoke test before an endpoint is changed: passed, failed, interrupted, left over by others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.payload.deploying import (
    OTHER_DIGEST,
    SERVERLESS,
    SMOKE,
    SMOKE_TEST,
    FakeRuntime,
    Function,
    client_error,
    failure,
)
from tests.payload.objects import FakeS3
from tests.payload.pipeline import DIGEST
from xacct_ml.payload.golden import Golden
from xacct_ml.payload.smoke import OTHERS_SECONDS, GoldenStore

MODEL_ERROR = client_error("ModelError", 'Received client error (415) from primary with message "no csv"')
NOT_YET = client_error("InternalFailure", "try again")


def served() -> Function:
    """The endpoint serves a model without golden rows; what follows is another candidate, which has some."""
    function = Function(SMOKE_TEST)
    function.store.found.clear()
    function.deploy()
    function.sagemaker.calls.clear()
    function.store.found[OTHER_DIGEST] = function.golden
    return function


def asked(function: Function, *answers: bytes | Exception) -> dict[str, Any]:
    """The reply in which the temporary endpoint is asked."""
    if answers:
        function.runtime.answers[:] = answers
    waiting = function.invoke(model=OTHER_DIGEST)
    function.sagemaker.settle(name=SMOKE)
    return function.invoke(waiting, OTHER_DIGEST)


def serves(function: Function) -> str:
    assert function.sagemaker.endpoint is not None
    return str(function.sagemaker.endpoint["EndpointConfigName"])


def test_a_candidate_that_answers_alike_is_deployed_when_its_temporary_endpoint_has_gone() -> None:
    """One instance of the candidate's own model, asked the golden rows; then the endpoint is updated."""
    function = served()
    before = serves(function)
    reply = asked(function)
    assert [request["EndpointName"] for request in function.runtime.asked] == [SMOKE]
    assert function.runtime.asked[0]["Body"] == b"1,2\n3,"
    assert function.sagemaker.endpoints[SMOKE]["EndpointStatus"] == "Deleting"
    reply = function.invoke(reply, OTHER_DIGEST)
    assert function.sagemaker.updates == []
    assert serves(function) == before
    function.sagemaker.settle(name=SMOKE)
    reply = function.invoke(reply, OTHER_DIGEST)
    assert len(function.sagemaker.updates) == 1
    assert not [name for name in function.sagemaker.configs if name.startswith("churn-smoke-")]
    function.sagemaker.settle()
    done = function.invoke(reply, OTHER_DIGEST)
    assert "smoke test passed on 2 golden rows" in done["executionDetails"]["summary"]


@pytest.mark.parametrize("environment", [{}, SERVERLESS])
def test_the_temporary_endpoint_is_as_small_as_it_can_be(environment: dict[str, str]) -> None:
    function = Function({**environment, **SMOKE_TEST})
    function.invoke()
    ((name, config),) = function.sagemaker.configs.items()
    assert name.startswith("churn-smoke-")
    assert len(name) == len("churn-smoke-") + 12
    (variant,) = config["ProductionVariants"]
    assert variant["ModelName"] in function.sagemaker.models
    assert variant.get("InitialInstanceCount", variant.get("ServerlessConfig", {}).get("MaxConcurrency")) == 1
    assert set(function.sagemaker.endpoints) == {SMOKE}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"0.25\n0.6\n", "1 of 2 golden rows are answered otherwise than when the model was judged (row 2: 0.6, when"),
        (b'{"predictions": []}', "the answer to 2 golden rows has a line that is no numbers"),
        (b"0.25\n", "the answer to 2 golden rows has 1 lines"),
        (MODEL_ERROR, "the temporary endpoint does not answer: An error occurred (ModelError)"),
    ],
)
def test_a_candidate_that_answers_otherwise_is_not_deployed(answer: bytes | Exception, said: str) -> None:
    """The endpoint is as it was, and the temporary one goes."""
    function = served()
    before = serves(function)
    kind, message = failure(asked(function, answer))
    assert kind == "JobFailed"
    assert message.startswith("the smoke test failed: ")
    assert said in message
    assert f"churn was not changed and serves {before}; its log is in /aws/sagemaker/Endpoints/{SMOKE}" in message
    assert (function.sagemaker.updates, serves(function)) == ([], before)
    assert function.sagemaker.endpoints[SMOKE]["EndpointStatus"] == "Deleting"


def test_a_temporary_endpoint_that_fails_fails_the_deployment_with_its_reason() -> None:
    """A bad image, for one."""
    function = served()
    waiting = function.invoke(model=OTHER_DIGEST)
    function.sagemaker.settle("Failed", "The image does not exist", name=SMOKE)
    message = failure(function.invoke(waiting, OTHER_DIGEST))[1]
    assert f"the temporary endpoint {SMOKE} is Failed: The image does not exist" in message
    assert function.sagemaker.updates == []
    assert function.sagemaker.endpoints[SMOKE]["EndpointStatus"] == "Deleting"


def test_before_a_first_deployment_a_failed_test_makes_no_endpoint() -> None:
    function = Function(SMOKE_TEST)
    function.runtime = function.deployment.smoke.runtime = FakeRuntime(b"0\n0\n")
    waiting = function.invoke()
    function.sagemaker.settle(name=SMOKE)
    assert "churn was not made" in failure(function.invoke(waiting))[1]
    assert "churn" not in function.sagemaker.endpoints


def test_an_endpoint_that_does_not_answer_yet_is_asked_again_twice() -> None:
    function = served()
    timeout = ReadTimeoutError(endpoint_url="https://runtime")
    reply = asked(function, NOT_YET, timeout, b"0.25\n0.75\n")
    reply = function.invoke(reply, OTHER_DIGEST)
    reply = function.invoke(reply, OTHER_DIGEST)
    assert "smoke test passed" in reply["executionDetails"]["summary"]
    assert len(function.runtime.asked) == 3


def test_an_endpoint_that_never_answers_fails() -> None:
    function = served()
    reply = asked(function, NOT_YET)
    reply = function.invoke(reply, OTHER_DIGEST)
    assert "does not answer" in failure(function.invoke(reply, OTHER_DIGEST))[1]


def test_an_interrupted_test_is_taken_up_by_the_next_job() -> None:
    """No token: what is there of this candidate is asked; what has failed is made again."""
    function = served()
    function.invoke(model=OTHER_DIGEST)
    function.sagemaker.settle(name=SMOKE)
    assert "smoke test passed" in function.invoke(model=OTHER_DIGEST)["executionDetails"]["summary"]
    function.sagemaker.settle(name=SMOKE)
    function.invoke(model=OTHER_DIGEST)
    function.sagemaker.settle("Failed", "no capacity", name=SMOKE)
    assert "is being deleted" in function.invoke(model=OTHER_DIGEST)["executionDetails"]["summary"]
    function.sagemaker.settle(name=SMOKE)
    assert "is being created" in function.invoke(model=OTHER_DIGEST)["executionDetails"]["summary"]


def test_an_answer_that_was_lost_after_the_deletion_tests_again() -> None:
    """The invocation that deleted it did not reach the pipeline."""
    function = served()
    waiting = function.invoke(model=OTHER_DIGEST)
    function.sagemaker.settle(name=SMOKE)
    function.invoke(waiting, OTHER_DIGEST)
    reply = function.invoke(waiting, OTHER_DIGEST)
    assert "is being deleted" in reply["executionDetails"]["summary"]
    function.sagemaker.settle(name=SMOKE)
    assert "is being created" in function.invoke(reply, OTHER_DIGEST)["executionDetails"]["summary"]


def test_another_candidates_temporary_endpoint_is_waited_for_and_cleared_when_it_was_left() -> None:
    """The other pipeline may be testing; a deployment that was stopped comes back to nothing."""
    function = served()
    function.invoke(model=OTHER_DIGEST)
    function.sagemaker.settle(name=SMOKE)
    left = function.sagemaker.endpoints[SMOKE]["EndpointConfigName"]
    third = "ef" * 32
    function.store.found[third] = function.golden
    waiting = function.invoke(model=third)
    assert "waits for another deployment's" in waiting["executionDetails"]["summary"]
    function.clock.now += OTHERS_SECONDS
    waiting = function.invoke(waiting, third)
    assert function.sagemaker.endpoints[SMOKE]["EndpointStatus"] == "Deleting"
    assert left not in function.sagemaker.configs
    function.sagemaker.settle(name=SMOKE)
    assert "is being created" in function.invoke(waiting, third)["executionDetails"]["summary"]


def test_a_model_without_golden_rows_is_deployed_with_a_note() -> None:
    """An earlier release judged it."""
    function = Function(SMOKE_TEST)
    function.store.found.clear()
    done = function.deploy()
    assert set(function.sagemaker.endpoints) == {"churn"}
    assert done["executionDetails"]["summary"].endswith("no smoke test: the model has no golden rows")


def test_what_serves_already_is_not_tested() -> None:
    """A retried deployment, say."""
    function = served()
    function.invoke()
    assert set(function.sagemaker.endpoints) == {"churn"}


def test_golden_rows_are_found_and_read_or_refused() -> None:
    s3 = FakeS3()
    store = GoldenStore(s3, "main", "111111111111", "judged")
    assert store.golden(DIGEST) is None
    golden = Golden(("1",), ((0.5,),))
    s3.put("main", f"judged/{DIGEST}/golden.json", golden.to_json(DIGEST))
    assert store.golden(DIGEST) == golden
    s3.put("main", f"judged/{OTHER_DIGEST}/golden.json", json.dumps({"schema": "other"}).encode())
    with pytest.raises(Exception, match="look who wrote it"):
        store.golden(OTHER_DIGEST)
