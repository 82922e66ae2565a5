"""The Lambda function of the shared account: copies an approved model into the bucket of another region, whose
endpoints can read it there only, and reports to the pipeline.

Invoked by CodePipeline (Lambda action) after the approval. What may be copied, where to and encrypted with which key
comes from the environment; an event only says which execution trained the model, and for which region it is wanted.

The model is read here and written there, in parts if it is large: unlike with S3's own copy, each region's S3 then
uses its own region's key, and nothing hangs on which region a cross-region copy counts for. The same copy twice is one:
what is there already, of the same source, is left.
"""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .job import JobFailed, Reply, answer, log, report, trained_by

SOURCE_ETAG = "source-etag"
"""Metadata of a copy: the ETag of what it was made from. With KMS encryption the copy's own says nothing of its content
(S3 API reference, Object).
"""


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one copy, and always exactly one reply."""
    job = event["CodePipeline.job"]
    copier = Copier(os.environ, lambda region: boto3.client("s3", region_name=region))
    reply = answer(job["data"], copier.copy)
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report([boto3.client("codepipeline")], job["id"], reply)


class Copier:
    """``client`` gives the S3 client of a region."""

    def __init__(self, environment: Mapping[str, str], client: Callable[[str], Any]) -> None:
        self.client = client
        self.region = environment["AWS_REGION"]
        self.bucket = environment["SOURCE_BUCKET"]
        self.owner = environment["BUCKET_OWNER"]
        self.prefix = environment["MODELS_PREFIX"]
        self.execution_prefix = environment["EXECUTION_PREFIX"]
        self.destinations: dict[str, dict[str, str]] = json.loads(environment["DESTINATIONS"])

    def copy(self, parameters: dict[str, str]) -> Reply:
        """The model that ``executionArn`` trained, into the bucket of ``region``."""
        job = trained_by(parameters["executionArn"], self.execution_prefix)
        region = parameters["region"]
        if region not in self.destinations:
            raise JobFailed(f"no bucket for models in {region}", "ConfigurationError")
        key = f"{self.prefix}/{job}/output/model.tar.gz"
        bucket, key_arn = self.destinations[region]["bucket"], self.destinations[region]["key"]
        there = self.client(region)
        source = self.client(self.region).get_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.owner)
        size, etag = source["ContentLength"], source["ETag"].strip('"')
        if not self.holds(there, bucket, key, size, etag):
            there.upload_fileobj(
                source["Body"],
                bucket,
                key,
                ExtraArgs={
                    "ExpectedBucketOwner": self.owner,
                    "Metadata": {SOURCE_ETAG: etag},
                    "ServerSideEncryption": "aws:kms",
                    "SSEKMSKeyId": key_arn,
                },
            )
            if not self.holds(there, bucket, key, size, etag):
                raise JobFailed(f"s3://{bucket}/{key} is not what was copied there: it has another size or source")
        summary = f"s3://{bucket}/{key} holds the model of {job} ({size} bytes)"
        return {"executionDetails": {"summary": summary, "externalExecutionId": job, "percentComplete": 100}}

    def holds(self, there: Any, bucket: str, key: str, size: int, etag: str) -> bool:
        """Whether the copy is there, whole and of this source."""
        try:
            found = there.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=self.owner)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return False
            raise
        return bool(found["ContentLength"] == size and found["Metadata"].get(SOURCE_ETAG) == etag)
