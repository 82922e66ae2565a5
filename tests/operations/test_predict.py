"""Asking an endpoint in the words of what its model was trained on."""

import io
import json
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeBucket, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, example
from tests.dataset.test_schema import SCHEMA
from tests.operations.runs.test_evaluation import MODEL, RECORD
from xacct_ml.errors import InputError, NotReady, XacctError
from xacct_ml.operations.predict import ask, served, target_of
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE
from xacct_ml.system.names import Names

CONFIG = example()
NAMES = Names(CONFIG)
TARGET = CONFIG.accounts.production[0]
NO_ENDPOINT = refused("DescribeEndpoint", "ValidationException", "Could not find endpoint.")


def judged(run: str, **variables: str) -> dict[str, Any]:
    output = {"outputVariables": variables}
    return {"stageName": JUDGE_STAGE, "status": "Succeeded", "pipelineExecutionId": run, "output": output}


def accounts(answer: str = "", *, schema: bytes | None = None, digest: str = MODEL, **endpoint: Any) -> FakeAccounts:
    """A project whose first target serves the model of run-1."""
    sagemaker = FakeClient(
        **{
            "describe_endpoint": {"EndpointConfigName": "churn-1", "EndpointStatus": "InService"},
            "describe_endpoint_config": {"ProductionVariants": [{"ModelName": "churn-1"}]},
            "describe_model": {"PrimaryContainer": {"ModelDataUrl": f"s3://b/judged/{digest}/model.tar.gz"}},
            **endpoint,
        }
    )
    details = [
        judged("run-2", ModelDigest="ff", TrainingJob="churn-2"),
        judged("run-1", ModelDigest=MODEL, TrainingJob="churn-1"),
    ]
    bucket = FakeBucket()
    bucket.objects[NAMES.evaluation_key("run-1", "churn-1")] = {"Body": json.dumps(RECORD).encode()}
    if schema is not None:
        bucket.objects[NAMES.schema_key("abc")] = {"Body": schema}
    runtime = FakeClient(invoke_endpoint=lambda **_: {"Body": io.BytesIO(answer.encode())})
    return FakeAccounts(
        {
            (PRODUCTION, "sagemaker"): sagemaker,
            (PRODUCTION, "sagemaker-runtime"): runtime,
            (SHARED, "codepipeline"): FakeClient(list_action_executions={"actionExecutionDetails": details}),
            (SHARED, "s3"): bucket,
        }
    )


def test_the_schema_is_that_of_what_the_serving_model_was_trained_on() -> None:
    """Found by the model's digest: run, record, data set."""
    found = served(CONFIG, accounts(schema=SCHEMA.to_json()), TARGET)
    assert (found.digest, found.dataset, found.schema) == (MODEL, "abc", SCHEMA)


def test_a_data_set_without_a_schema_and_a_model_that_no_run_was_judged_to_be() -> None:
    assert (served(CONFIG, accounts(), TARGET).dataset, served(CONFIG, accounts(), TARGET).schema) == ("abc", None)
    other = served(CONFIG, accounts(digest="cd" * 32), TARGET)
    assert (other.digest, other.dataset) == ("cd" * 32, None)


def test_a_broken_schema_is_told() -> None:
    with pytest.raises(XacctError, match=r"data/abc/schema.json is no schema of a data set") as raised:
        served(CONFIG, accounts(schema=b"{"), TARGET)
    assert raised.value.next_step == "give it with --schema FILE"


def test_no_endpoint_yet() -> None:
    with pytest.raises(NotReady, match="there is no endpoint churn in production yet"):
        served(CONFIG, accounts(describe_endpoint=NO_ENDPOINT), TARGET)


def test_an_endpoint_that_cannot_be_looked_at() -> None:
    denied = refused("DescribeEndpoint", "AccessDeniedException", "no")
    with pytest.raises(XacctError, match="AccessDeniedException"):
        served(CONFIG, accounts(describe_endpoint=denied), TARGET)


def test_rows_go_as_csv_and_come_back_in_words() -> None:
    given = accounts("0.1,0.2,0.7\n")
    (found,) = ask(CONFIG, given, TARGET, ["3750,,,1,"], SCHEMA)
    assert (found.label, found.probability) == ("Gentoo", 0.7)
    ((operation, request),) = given.clients[PRODUCTION, "sagemaker-runtime"].calls
    assert operation == "invoke_endpoint"
    assert (request["EndpointName"], request["ContentType"], request["Body"]) == (
        NAMES.endpoint,
        "text/csv",
        "3750,,,1,",
    )


def test_an_answer_that_is_none() -> None:
    with pytest.raises(XacctError, match="the endpoint's answer to 1 rows is '<html>'"):
        ask(CONFIG, accounts("<html>"), TARGET, ["1"], None)


def test_targets() -> None:
    assert target_of(CONFIG, None) == target_of(CONFIG, TARGET.name) == TARGET
    with pytest.raises(InputError, match=f"the map has no such target; there is {TARGET.name}"):
        target_of(CONFIG, "mars")


def test_how_many_features_the_model_has_is_in_its_record() -> None:
    """Which a question without a schema is compared with."""
    assert served(CONFIG, accounts(), TARGET).features is None
    there = accounts()
    channels = {"train": {"rows": 20, "columns": 7}, "validation": {"rows": 10, "columns": 7}}
    record = {**RECORD, "data": {**RECORD["data"], "channels": channels}}
    there.clients[SHARED, "s3"].objects[NAMES.evaluation_key("run-1", "churn-1")] = {
        "Body": json.dumps(record).encode()
    }
    assert served(CONFIG, there, TARGET).features == 6
