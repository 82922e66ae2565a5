"""The Lambda function of the shared account: copies a judged model into the bucket of another region, whose endpoints
can read it there only, and reports to the pipeline.

Invoked by CodePipeline (Lambda action) after the approval. What may be copied, where to and encrypted with which key
comes from the environment; which model, from the run as CodePipeline tells it.

The model is read here and written there in parts: unlike with S3's own copy, each region's S3 then uses its own
region's key, and nothing hangs on which region a cross-region copy counts for. The same copy twice is one.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3

from xacct_ml.foreign import line

from .job import JobFailed, Reply, answer, log, report
from .model_store import ModelStore, judged_key
from .run import read_run

PART_BYTES = 64 << 20
"""S3 takes parts of 5 MiB at least, and 10,000 of them at most (S3 User Guide, qfacts) [D]."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one copy, and always exactly one reply."""
    job = event["CodePipeline.job"]
    codepipeline = boto3.client("codepipeline")
    copier = Copier(os.environ, codepipeline, lambda region: boto3.client("s3", region_name=region))
    reply = answer(job["data"], copier.copy)
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report([codepipeline], job["id"], reply)


class Copier:
    """``client`` gives the S3 client of a region."""

    def __init__(self, environment: Mapping[str, str], codepipeline: Any, client: Callable[[str], Any]) -> None:
        self.codepipeline = codepipeline
        self.client = client
        self.region = environment["AWS_REGION"]
        self.bucket = environment["SOURCE_BUCKET"]
        self.owner = environment["BUCKET_OWNER"]
        self.prefix = environment["JUDGED_PREFIX"]
        self.pipelines: dict[str, str] = json.loads(environment.get("PIPELINES", "{}"))
        """Names, each with the action that says what was judged; none while an update of the function has brought its
        code and not yet its environment."""
        self.destinations: dict[str, dict[str, str]] = json.loads(environment["DESTINATIONS"])

    def copy(self, parameters: dict[str, str]) -> Reply:
        """The model that was judged for the run, into the bucket of ``region``."""
        pipeline, region, action = parameters["pipeline"], parameters["region"], parameters["action"]
        if pipeline not in self.pipelines:
            raise JobFailed(f"pipeline {line(pipeline)} copies nothing", "ConfigurationError")
        if region not in self.destinations:
            raise JobFailed(f"no bucket for models in {region}", "ConfigurationError")
        run = read_run(self.codepipeline, pipeline, parameters["pipelineExecutionId"])
        run.asked(action, parameters)
        sha256 = run.action(self.pipelines[pipeline], "Succeeded").variables["ModelDigest"]
        key = judged_key(self.prefix, sha256)
        source = self.client(self.region).get_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.owner)
        bucket, key_arn = self.destinations[region]["bucket"], self.destinations[region]["key"]
        there = ModelStore(self.client(region), bucket, self.owner, key_arn, self.prefix)
        size = source["ContentLength"]
        there.store(sha256, size, source["VersionId"], lambda upload: _parts(there.s3, source["Body"], upload, sha256))
        summary = f"s3://{bucket}/{key} holds the model ({size} bytes)"
        return {"executionDetails": {"summary": summary, "externalExecutionId": sha256, "percentComplete": 100}}


def _parts(s3: Any, body: Any, upload: dict[str, Any], sha256: str) -> Iterator[dict[str, Any]]:
    """Raises :class:`JobFailed` where what was read is not the model of this digest: then nothing is completed."""
    read, number = hashlib.sha256(), 0
    while chunk := body.read(PART_BYTES):
        read.update(chunk)
        number += 1
        etag = s3.upload_part(**upload, PartNumber=number, Body=chunk)["ETag"]
        yield {"PartNumber": number, "ETag": etag}
    if read.hexdigest() != sha256:
        raise JobFailed(f"what was read of {upload['Key']} has another digest: {read.hexdigest()}")
