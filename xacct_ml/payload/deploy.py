"""The Lambda function of a production account: makes the SageMaker endpoint serve the approved model, and reports to
the pipeline.

Invoked by CodePipeline (Lambda action). Everything that decides *where* and *as whom* comes from the environment; which
model, and that it was approved, from the run as CodePipeline tells it. An event only says which run is meant.
"""

import os
import time
from collections.abc import Mapping
from typing import Any

import boto3

from xacct_ml.foreign import document

from .approved import Approvals
from .deployment import Deployment
from .endpoint import Endpoint
from .job import Reply, answer, log, report


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one step of one job, and always exactly one reply."""
    job = event["CodePipeline.job"]
    clients = codepipelines(os.environ, job["id"])
    approvals = Approvals(os.environ, clients[0])
    deployment = Deployment(Endpoint(os.environ, boto3.client("sagemaker")), time.time)
    reply = answered(approvals, deployment, job["data"])
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report(clients, job["id"], reply)


def answered(approvals: Approvals, deployment: Deployment, data: dict[str, Any]) -> Reply:
    """The reply to one job's ``data``."""
    token = data.get("continuationToken")
    return answer(data, lambda given: deployment.step(approvals.approved(given), document(token) if token else None))


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
