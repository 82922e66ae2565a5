"""The Lambda function of both pipelines' last stage: sets the model package of what was approved and deployed to
Approved, so that other tools see it, and reports to the pipeline.

What was approved and deployed it takes from the run as CodePipeline tells it; an event only says which run is meant.
Its role may write no other status, and no other role may write this one.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

import boto3

from xacct_ml.foreign import line

from .job import JobFailed, Reply, answer, log, report
from .registry import PENDING, RECORD_DIGEST, UNREGISTERED
from .run import read_run

APPROVED = "Approved"
_LONGEST_DESCRIPTION = 1024
"""ApprovalDescription [B]."""


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: one release, and always exactly one reply."""
    job = event["CodePipeline.job"]
    codepipeline = boto3.client("codepipeline")
    release = Release(os.environ, codepipeline, boto3.client("sagemaker"))
    reply = answer(job["data"], release.release)
    log.info("job %s: %s", job["id"], reply.get("failureDetails", reply))
    report([codepipeline], job["id"], reply)


class Release:
    """``codepipeline`` and ``sagemaker`` are clients of the shared account."""

    def __init__(self, environment: Mapping[str, str], codepipeline: Any, sagemaker: Any) -> None:
        self.codepipeline = codepipeline
        self.sagemaker = sagemaker
        self.pipelines: dict[str, dict[str, Any]] = json.loads(environment["PIPELINES"])
        """Those that may release: the names of their own action, the judge's, the approvals and the deployments."""
        self.packages = environment["PACKAGES"]
        """How the ARNs of the group's packages begin."""

    def release(self, parameters: dict[str, str]) -> Reply:
        """Raises :class:`JobFailed` unless the run's own action is in progress with these parameters, after its
        approvals and every deployment, and the package is the one that the run's judge registered.
        """
        pipeline = parameters["pipeline"]
        if pipeline not in self.pipelines:
            raise JobFailed(f"pipeline {line(pipeline)} releases nothing", "ConfigurationError")
        settings = self.pipelines[pipeline]
        run = read_run(self.codepipeline, pipeline, parameters["pipelineExecutionId"])
        run.asked(settings["action"], parameters)
        run.approved(settings["approvals"])
        for deployment in settings["deployments"]:
            run.action(deployment, "Succeeded")
        judged = run.action(settings["judgeAction"], "Succeeded").variables
        # Of a release, the action that found what a run had judged.
        arn, digest = judged.get("ModelPackage", ""), judged["RecordDigest"]
        if (arn, digest) != (parameters["modelPackage"], parameters["recordDigest"]):
            raise JobFailed(f"run {run.id} registered another model package than {parameters['modelPackage']}")
        if arn == UNREGISTERED:
            summary = "the run of this model registered no package: nothing to approve"
            return {"executionDetails": {"summary": summary, "percentComplete": 100}}
        people = sorted({run.actions[each].decided_by or "nobody known" for each in settings["approvals"]})
        by = f"approved by {', '.join(people)}" if people else "no approval asked for"
        self.approve(arn, digest, f"Pipeline {pipeline}, execution {run.id}: {by}; deployed; record SHA-256 {digest}")
        return {
            "executionDetails": {"summary": f"{arn} is {APPROVED}", "externalExecutionId": arn, "percentComplete": 100},
            "outputVariables": {"ModelPackage": arn, "ModelApprovalStatus": APPROVED},
        }

    def approve(self, arn: str, digest: str, told: str) -> None:
        """With ``told`` as the description. The same release twice is one."""
        if not arn.startswith(self.packages):
            raise JobFailed(f"{arn} is no model package of this project's group", "ConfigurationError")
        package = self.sagemaker.describe_model_package(ModelPackageName=arn)
        if (package.get("CustomerMetadataProperties") or {}).get(RECORD_DIGEST) != digest:
            raise JobFailed(f"{arn} does not name the record of its run: look who changed it")
        status = package["ModelApprovalStatus"]
        if status == APPROVED:
            return
        if status != PENDING:
            raise JobFailed(f"{arn} is {status}, not {PENDING}: somebody has decided on it otherwise")
        self.sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=APPROVED, ApprovalDescription=line(told, _LONGEST_DESCRIPTION)
        )
