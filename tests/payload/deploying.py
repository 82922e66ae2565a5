"""A production account's endpoint as the deploying function drives it: a SageMaker that changes state when asked."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.payload.pipeline import DIGEST, JOB, PIPELINE, RELEASES, RUN, FakePipeline
from xacct_ml.payload import deploy, deployment
from xacct_ml.payload.approved import Approvals
from xacct_ml.payload.endpoint import Endpoint
from xacct_ml.payload.golden import Golden
from xacct_ml.payload.rollout import Rollout
from xacct_ml.payload.smoke import SmokeTest

OTHER_DIGEST = "cd" * 32
STARTED = 1_000_000.0
PARAMETERS = {"pipeline": PIPELINE, "pipelineExecutionId": RUN, "trainingJob": JOB, "modelDigest": DIGEST}


def pipelines(*approvals: str) -> str:
    """That may deploy: the one that trains after these ``approvals``, the one that releases after one."""
    trains = {"action": "Deploy/production", "judgeAction": "Judge/Evaluation", "approvals": list(approvals)}
    releases = {**trains, "judgeAction": "Release/Model", "approvals": ["Approve/Review"]}
    return json.dumps({PIPELINE: trains, RELEASES: releases})


ENVIRONMENT = {
    "ENDPOINT_NAME": "churn",
    "NAME_PREFIX": "churn",
    "MODEL_LOCATION": "s3://churn-bucket/judged",
    "PIPELINES": pipelines("Approve/Review"),
    "IMAGE": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    "CONTAINER_VERSION": "1.7-1",
    "ENDPOINT_ROLE_ARN": "arn:aws:iam::333333333333:role/churn-endpoint",
    "VARIANT": '{"InstanceType":"ml.m5.large","InitialInstanceCount":1}',
    "ALARMS": '["churn-churn-5xx"]',
    "TAGS": '{"xacct-ml:project":"churn"}',
}


def client_error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


class FakeSageMaker:
    """Keeps models, configurations and endpoints; a change lasts until ``settle`` is called."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, Any]] = {}
        self.configs: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.pending: dict[str, str] = {}
        self.calls: list[str] = []
        self.updates: list[dict[str, Any]] = []

    @property
    def endpoint(self) -> dict[str, Any] | None:
        """The one that clients ask."""
        return self.endpoints.get("churn")

    @endpoint.setter
    def endpoint(self, state: dict[str, Any] | None) -> None:
        self.endpoints.pop("churn", None)
        if state is not None:
            self.endpoints["churn"] = state

    def settle(self, status: str = "InService", reason: str | None = None, name: str = "churn") -> None:
        endpoint = self.endpoints[name]
        if endpoint["EndpointStatus"] == "Deleting":
            del self.endpoints[name]
            return
        config = self.pending.pop(name)
        if status == "InService" and reason is None:
            endpoint["EndpointConfigName"] = config
        endpoint["EndpointStatus"] = status
        if reason:
            endpoint["FailureReason"] = reason

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        if EndpointName not in self.endpoints:
            raise client_error("ValidationException", f'Could not find endpoint "{EndpointName}".')
        return dict(self.endpoints[EndpointName])

    def create_model(self, **arguments: Any) -> None:
        self.calls.append("create_model")
        if arguments["ModelName"] in self.models:
            raise client_error("ValidationException", "Cannot create already existing model")
        self.models[arguments["ModelName"]] = arguments

    def describe_model(self, ModelName: str) -> dict[str, Any]:  # noqa: N803
        return self.models[ModelName]

    def create_endpoint_config(self, **arguments: Any) -> None:
        self.calls.append("create_endpoint_config")
        if arguments["EndpointConfigName"] in self.configs:
            raise client_error("ValidationException", "Cannot create already existing endpoint configuration")
        self.configs[arguments["EndpointConfigName"]] = arguments

    def describe_endpoint_config(self, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803
        return self.configs[EndpointConfigName]

    def delete_endpoint_config(self, EndpointConfigName: str) -> None:  # noqa: N803
        self.calls.append("delete_endpoint_config")
        if EndpointConfigName not in self.configs:
            raise client_error("ValidationException", f'Could not find endpoint configuration "{EndpointConfigName}".')
        del self.configs[EndpointConfigName]

    def create_endpoint(self, **arguments: Any) -> None:
        self.calls.append("create_endpoint")
        name, config = arguments["EndpointName"], arguments["EndpointConfigName"]
        assert name not in self.endpoints
        assert config in self.configs
        self.pending[name] = config
        created = datetime.fromtimestamp(STARTED, UTC)
        self.endpoints[name] = {"EndpointStatus": "Creating", "EndpointConfigName": config, "CreationTime": created}

    def update_endpoint(self, **arguments: Any) -> None:
        self.calls.append("update_endpoint")
        self.updates.append(arguments)
        self.pending[arguments["EndpointName"]] = arguments["EndpointConfigName"]
        self.endpoints[arguments["EndpointName"]]["EndpointStatus"] = "Updating"

    def delete_endpoint(self, EndpointName: str) -> None:  # noqa: N803
        self.calls.append("delete_endpoint")
        if EndpointName not in self.endpoints:
            raise client_error("ValidationException", f'Could not find endpoint "{EndpointName}".')
        self.endpoints[EndpointName]["EndpointStatus"] = "Deleting"


class FakeRuntime:
    """InvokeEndpoint, which answers the same or raises it, one after the other; the last one for good."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"Body": io.BytesIO(answer)}


class FakeMetrics:
    """So many requests came in each of some minutes."""

    def __init__(self) -> None:
        self.requests: list[float] = []
        self.asked: list[dict[str, Any]] = []

    def get_metric_statistics(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return {"Datapoints": [{"Sum": each} for each in self.requests]}


class FakeStore:
    """Golden rows by the model's digest."""

    def __init__(self, found: dict[str, Golden]) -> None:
        self.found = found

    def golden(self, sha256: str) -> Golden | None:
        return self.found.get(sha256)


class Clock:
    def __init__(self) -> None:
        self.now = STARTED

    def __call__(self) -> float:
        return self.now


SMOKE = "churn-smoke-0a1b2c3d4e5f"
SMOKE_TEST = {
    "SMOKE_TEST": json.dumps(
        {"endpoint": SMOKE, "configs": "churn-smoke-", "bucket": "b", "owner": "111111111111", "judged": "judged"}
    )
}
SERVERLESS = {"VARIANT": '{"ServerlessConfig":{"MemorySizeInMB":2048,"MaxConcurrency":5}}', "ALARMS": "[]"}


class Function:
    """The function as the pipeline drives it: each reply's continuation token goes into the next invocation."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.sagemaker = FakeSageMaker()
        self.clock = Clock()
        self.pipeline = FakePipeline()
        settings = {**ENVIRONMENT, **(environment or {})}
        self.approvals = Approvals(settings, self.pipeline)
        endpoint = Endpoint(settings, self.sagemaker)
        self.golden = Golden(("1,2", "3,"), ((0.25,), (0.75,)))
        self.store = FakeStore({DIGEST: self.golden, OTHER_DIGEST: self.golden})
        self.runtime = FakeRuntime(b"0.25\n0.75\n")
        smoke = SmokeTest(settings, endpoint, self.runtime, lambda: self.store, self.clock)
        self.metrics = FakeMetrics()
        rows = (lambda: self.store) if smoke.wanted else None
        rollout = Rollout(settings, endpoint, self.metrics, self.runtime, rows, self.clock)
        self.deployment = deployment.Deployment(endpoint, smoke, rollout, self.clock)

    def judged(self, model: str = DIGEST, approval: str = "Succeeded") -> dict[str, str]:
        """A run that comes to the deployment of ``model``; its parameters."""
        parameters = {**PARAMETERS, "modelDigest": model}
        self.pipeline.actions = [one for one in self.pipeline.actions if one["status"] == "Failed"]
        self.pipeline.add("Judge/Evaluation", variables={"TrainingJob": JOB, "ModelDigest": model})
        self.pipeline.add("Approve/Review", approval, by="arn:aws:iam::111111111111:user/ann")
        self.pipeline.add("Deploy/production", "InProgress", parameters=parameters)
        return parameters

    def invoke(self, reply: dict[str, Any] | None = None, model: str = DIGEST) -> dict[str, Any]:
        return self.answer(self.judged(model), reply)

    def answer(self, parameters: dict[str, str], reply: dict[str, Any] | None = None) -> dict[str, Any]:
        configuration = {"configuration": {"UserParameters": json.dumps(parameters)}}
        data: dict[str, Any] = {"actionConfiguration": configuration}
        if reply is not None:
            data["continuationToken"] = reply["continuationToken"]
        return deploy.answered(self.approvals, self.deployment, data)

    def deploy(self, model: str = DIGEST) -> dict[str, Any]:
        waiting = self.invoke(model=model)
        self.sagemaker.settle()
        return self.invoke(waiting, model)


def failure(reply: dict[str, Any]) -> tuple[str, str]:
    return reply["failureDetails"]["type"], reply["failureDetails"]["message"]
