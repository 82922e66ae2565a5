"""The Lambda function of a production account: makes the SageMaker endpoint serve the approved model, and reports to
the pipeline.

Invoked by CodePipeline (Lambda action). Everything that decides *where* and *as whom* comes from the environment; which
model, and that it was approved, from the run as CodePipeline tells it. An event only says which run is meant.

One invocation does one short step and replies: with a continuation token while the endpoint changes (CodePipeline
then invokes again), with success only when the endpoint is InService *with the intended configuration*, and with a
failure and its reason otherwise. Every step may happen twice: names derive from the training job and the settings,
and what exists is compared, not made again.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from xacct_ml.foreign import document

from .job import JobFailed, Reply, answer, log, report
from .model_store import judged_key
from .run import read_run

VARIANT_NAME = "AllTraffic"
GIVE_UP_AFTER_SECONDS = 2 * 60 * 60
ROLLBACK_GRACE_SECONDS = 60
"""For so long after UpdateEndpoint, InService with the old configuration may just be an old reading, not a
rollback.
"""

Token = dict[str, Any]
State = dict[str, Any]

CHANGING = {"Creating", "Updating", "SystemUpdating", "RollingBack"}


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one step of one job, and always exactly one reply."""
    job = event["CodePipeline.job"]
    clients = codepipelines(os.environ, job["id"])
    deployment = Deployment(os.environ, boto3.client("sagemaker"), clients[0], time.time)
    reply = answered(deployment, job["data"])
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report(clients, job["id"], reply)


def answered(deployment: "Deployment", data: dict[str, Any]) -> Reply:
    """The reply to one job's ``data``."""
    token = data.get("continuationToken")
    return answer(data, lambda given: deployment.step(deployment.approved(given), document(token) if token else None))


def codepipelines(environment: Mapping[str, str], job_id: str) -> list[Any]:
    """Clients in the shared account: of the pipeline's region, then of the function's, if that is another.

    Which of the two knows the jobs of an action in another region is not documented, so either will do. The job's own
    credentials do not allow job results (aws-cdk #15235).
    """
    role_arn = environment["JOB_RESULT_ROLE_ARN"]
    session = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=f"job-{job_id}"[:64])
    credentials = session["Credentials"]
    return [
        boto3.client(
            "codepipeline",
            region_name=region,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        for region in dict.fromkeys((environment["PIPELINE_REGION"], environment["AWS_REGION"]))
    ]


@dataclass(frozen=True)
class Approved:
    """What was judged and approved. ``model`` is the SHA-256 of the model's archive."""

    training_job: str
    model: str


class Deployment:
    """One endpoint and what it should serve. ``codepipeline`` is a client of the pipeline's account and region."""

    def __init__(
        self, environment: Mapping[str, str], sagemaker: Any, codepipeline: Any, clock: Callable[[], float]
    ) -> None:
        self.sagemaker = sagemaker
        self.codepipeline = codepipeline
        self.clock = clock
        self.pipeline = environment["PIPELINE"]
        self.action = environment["ACTION"]
        self.judge_action = environment["JUDGE_ACTION"]
        self.approvals: list[str] = json.loads(environment["APPROVALS"])
        self.endpoint = environment["ENDPOINT_NAME"]
        self.prefix = environment["NAME_PREFIX"]
        self.model_location = environment["MODEL_LOCATION"]
        self.image = environment["IMAGE"]
        self.container_version = environment.get("CONTAINER_VERSION")
        """None while an update of the function has brought its code and not yet its environment."""
        self.role_arn = environment["ENDPOINT_ROLE_ARN"]
        self.variant = json.loads(environment["VARIANT"])
        self.serverless = "ServerlessConfig" in self.variant
        self.alarms = json.loads(environment["ALARMS"])
        self.tags = [{"Key": key, "Value": value} for key, value in json.loads(environment["TAGS"]).items()]

    def approved(self, parameters: dict[str, str]) -> Approved:
        """What the run has judged and people have approved for this endpoint. Asked at each step, before anything is
        changed.

        Raises :class:`JobFailed` unless the run's own action for this endpoint is in progress with these parameters,
        after its approvals.
        """
        run = read_run(self.codepipeline, self.pipeline, parameters["pipelineExecutionId"])
        run.asked(self.action, parameters)
        run.approved(self.approvals)
        judged = run.action(self.judge_action, "Succeeded").variables
        if (judged["TrainingJob"], judged["ModelDigest"]) != (parameters["trainingJob"], parameters["modelDigest"]):
            raise JobFailed(f"run {run.id} judged another model than the one to deploy", "ConfigurationError")
        trained_by = judged.get("ContainerVersion")
        if trained_by and self.container_version and trained_by != self.container_version:
            raise JobFailed(
                f"the model is of image {trained_by}, and the map has {self.container_version} since: an image does not"
                " load every other model. Start a new run, or take the map's training.xgboost_version back",
                "ConfigurationError",
            )
        return Approved(judged["TrainingJob"], judged["ModelDigest"])

    def step(self, approved: Approved, token: Token | None) -> Reply:
        """One step towards serving what was approved. ``token`` is None in a job's first invocation."""
        config = self.config_name(approved)
        if token and token["config"] != config:
            under_way = token["config"]
            raise JobFailed(f"asked for {config} while {under_way} is being deployed", "ConfigurationError")
        if token and self.clock() - token["since"] > GIVE_UP_AFTER_SECONDS:
            hours = GIVE_UP_AFTER_SECONDS // 3600
            raise JobFailed(f"endpoint {self.endpoint} was not InService within {hours} hours")
        state = self.describe_endpoint()
        status = state["EndpointStatus"] if state else None
        serves = state["EndpointConfigName"] if state else None
        if status in CHANGING:
            return self.wait(config, status, token or {"config": config, "since": self.clock(), "changed": None})
        if status == "InService" and serves == config:
            return self.done(approved, config)
        if token and token["changed"] is not None:
            return self.after_change(state, status, config, token)
        if status not in (None, "InService"):
            raise JobFailed(self.explain(state, status))
        self.refuse_conversion(state)
        self.ensure_model(approved)
        self.ensure_config(approved, config)
        if status is None:
            self.create_endpoint(config)
        else:
            self.update_endpoint(config)
        now = self.clock()
        since = token["since"] if token else now
        reason = (state or {}).get("FailureReason")
        return self.wait(config, "changing", {"config": config, "since": since, "changed": now, "before": reason})

    def after_change(self, state: State | None, status: str | None, config: str, token: Token) -> Reply:
        """The change was asked for, and the endpoint is neither changing nor serving what was asked for."""
        recent = self.clock() - token["changed"] < ROLLBACK_GRACE_SECONDS
        unchanged = state is None or (status == "InService" and state.get("FailureReason") == token["before"])
        if recent and unchanged:
            return self.wait(config, "not yet changing", token)
        if state is not None and status == "InService":
            reason = state.get("FailureReason", "no reason given")
            raise JobFailed(
                f"SageMaker rolled the update back: {self.endpoint} serves {state['EndpointConfigName']}, "
                f"not {config}: {reason}. Server errors of the model that serves count too"
            )
        raise JobFailed(self.explain(state, status))

    def refuse_conversion(self, state: State | None) -> None:
        """An endpoint on instances cannot be made serverless (SageMaker Developer Guide, serverless-endpoints)."""
        variants = (state or {}).get("ProductionVariants") or []
        if self.serverless and any("CurrentServerlessConfig" not in variant for variant in variants):
            raise JobFailed(
                f"endpoint {self.endpoint} runs on instances, and SageMaker makes no serverless endpoint of it: give "
                "endpoint.name in the map another name, or delete the endpoint and retry the stage",
                "ConfigurationError",
            )

    def explain(self, state: State | None, status: str | None) -> str:
        reason = (state or {}).get("FailureReason", "no reason given")
        advice = "; it can only be deleted: delete it and retry the stage" if status == "Failed" else ""
        return f"endpoint {self.endpoint} is {status or 'gone'}: {reason}{advice}"

    def wait(self, config: str, status: str, token: Token) -> Reply:
        return {
            "continuationToken": json.dumps(token),
            "executionDetails": {"summary": f"{self.endpoint} to {config}: {status}", "externalExecutionId": config},
        }

    def done(self, approved: Approved, config: str) -> Reply:
        return {
            "executionDetails": {
                "summary": f"{self.endpoint} is InService with {config} (training job {approved.training_job})",
                "externalExecutionId": config,
                "percentComplete": 100,
            },
            "outputVariables": {
                "EndpointName": self.endpoint,
                "EndpointConfigName": config,
                "ModelName": self.model_name(approved),
            },
        }

    # -- names: immutable resources are named for what they hold ----------------------
    def model_name(self, approved: Approved) -> str:
        network = ("network",) if self.serverless else ()
        return f"{self.prefix}-{digest(approved.model, self.image, self.role_arn, *network)}"

    def config_name(self, approved: Approved) -> str:
        return f"{self.prefix}-{digest(self.model_name(approved), json.dumps(self.variant, sort_keys=True))}"

    # -- SageMaker ----------------------------------------------------------------------------------
    def describe_endpoint(self) -> State | None:
        try:
            state: State = self.sagemaker.describe_endpoint(EndpointName=self.endpoint)
        except ClientError as error:
            if is_validation(error, "could not find"):
                return None
            raise
        return state

    def ensure_model(self, approved: Approved) -> None:
        name = self.model_name(approved)
        container = {"Image": self.image, "ModelDataUrl": judged_key(self.model_location, approved.model)}
        # Serverless Inference has no network isolation (SageMaker Developer Guide, serverless-endpoints, "Feature
        # exclusions"): a serverless endpoint with such a model is refused.
        isolated = not self.serverless
        try:
            self.sagemaker.create_model(
                ModelName=name,
                PrimaryContainer=container,
                ExecutionRoleArn=self.role_arn,
                EnableNetworkIsolation=isolated,
                Tags=self.tags,
            )
        except ClientError as error:
            if not is_validation(error, "already exist"):
                raise
            model = self.sagemaker.describe_model(ModelName=name)
            found = {key: model["PrimaryContainer"].get(key) for key in container}
            if found != container or model.get("EnableNetworkIsolation", False) != isolated:
                raise JobFailed(f"model {name} exists with {found}, wanted {container}") from error

    def ensure_config(self, approved: Approved, name: str) -> None:
        variant = {"VariantName": VARIANT_NAME, "ModelName": self.model_name(approved), **self.variant}
        try:
            self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], Tags=self.tags)
        except ClientError as error:
            if not is_validation(error, "already exist"):
                raise
            found = self.sagemaker.describe_endpoint_config(EndpointConfigName=name)["ProductionVariants"][0]
            if any(found.get(key) != value for key, value in variant.items()):
                raise JobFailed(f"endpoint configuration {name} exists with other settings") from error
        # The endpoint may not see a configuration that was not read yet (CreateEndpoint, API reference).
        self.sagemaker.describe_endpoint_config(EndpointConfigName=name)

    def create_endpoint(self, config: str) -> None:
        log.info("creating endpoint %s with %s", self.endpoint, config)
        self.sagemaker.create_endpoint(EndpointName=self.endpoint, EndpointConfigName=config, Tags=self.tags)

    def update_endpoint(self, config: str) -> None:
        log.info("updating endpoint %s to %s", self.endpoint, config)
        guarded = {} if self.serverless else {"DeploymentConfig": self.blue_green()}
        self.sagemaker.update_endpoint(EndpointName=self.endpoint, EndpointConfigName=config, **guarded)

    def blue_green(self) -> dict[str, Any]:
        """A second fleet takes all traffic, is watched for three minutes, and the first one goes; alarms roll back."""
        policy: dict[str, Any] = {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 180},
                "TerminationWaitInSeconds": 60,
                "MaximumExecutionTimeoutInSeconds": 3600,
            }
        }
        if self.alarms:
            policy["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in self.alarms]}
        return policy


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def is_validation(error: ClientError, words: str) -> bool:
    details = error.response["Error"]
    return details["Code"] == "ValidationException" and words in details["Message"].lower()
