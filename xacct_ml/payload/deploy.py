"""The Lambda function of a production account: makes the SageMaker endpoint serve the approved model, and reports to
the pipeline.

Invoked by CodePipeline (Lambda action). Everything that decides *where* and *as whom* comes from the environment; which
model, and that it was approved, from the run as CodePipeline tells it. An event only says which run is meant.
"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from xacct_ml.foreign import document

from .approved import Approvals, not_asked_for
from .autoscale import Scaling
from .deployment import Deployment
from .endpoint import VARIANT_NAME, Endpoint
from .job import Reply, answer, log, report
from .rollout import Rollout
from .smoke import GoldenStore, SmokeTest

PATIENCE = Config(connect_timeout=5, read_timeout=65, retries={"total_max_attempts": 1})
"""A model must answer within 60 seconds (SageMaker API reference, InvokeEndpoint) [B]; what does not is asked again by
the next invocation.
"""


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one step of one job, and always exactly one reply."""
    job = event["CodePipeline.job"]
    shared = SharedAccount(os.environ, job["id"])
    clients = shared.codepipelines()
    approvals = Approvals(os.environ, clients[0])
    endpoint = Endpoint(os.environ, boto3.client("sagemaker"), Scaling.of(os.environ, VARIANT_NAME, boto3.client))
    runtime = boto3.client("sagemaker-runtime", config=PATIENCE)
    smoke = SmokeTest(os.environ, endpoint, runtime, shared.golden_rows, time.time)
    rows = shared.golden_rows if smoke.wanted else None
    rollout = Rollout(os.environ, endpoint, boto3.client("cloudwatch"), runtime, rows, time.time)
    deployment = Deployment(endpoint, smoke, rollout, time.time)
    reply = answered(approvals, deployment, job["data"])
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report(clients, job["id"], reply)


def answered(approvals: Approvals, deployment: Deployment, data: dict[str, Any]) -> Reply:
    """The reply to one job's ``data``."""
    token = data.get("continuationToken")

    def step(given: dict[str, str]) -> Reply:
        approved = approvals.approved(given)
        if not approved.asked_for:
            return not_asked_for()
        return deployment.step(approved, document(token) if token else None)

    return answer(data, step)


class SharedAccount:
    """Clients there, with the role that may see what was approved and report: the job's own credentials do not allow
    job results (aws-cdk #15235).
    """

    def __init__(self, environment: Mapping[str, str], job_id: str) -> None:
        self.environment = environment
        role_arn = environment["JOB_RESULT_ROLE_ARN"]
        session = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=f"job-{job_id}"[:64])
        self.credentials = session["Credentials"]

    def codepipelines(self) -> list[Any]:
        """Of the pipeline's region, then of the function's, if that is another: which of the two knows the jobs of an
        action in another region is not documented, so either will do.
        """
        regions = dict.fromkeys((self.environment["PIPELINE_REGION"], self.environment["AWS_REGION"]))
        return [self.client("codepipeline", region) for region in regions]

    def golden_rows(self) -> GoldenStore:
        """Of the pipeline's region's bucket."""
        settings = json.loads(self.environment["SMOKE_TEST"])
        s3 = self.client("s3", self.environment["PIPELINE_REGION"])
        return GoldenStore(s3, settings["bucket"], settings["owner"], settings["judged"])

    def client(self, service: str, region: str) -> Any:
        return boto3.client(
            service,
            region_name=region,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
        )
