"""The Lambda function of the shared account that looks at a revision before anything is made from it.

It reports to the pipeline. Any revision passes that the source action names: the place for a team's own rules.
"""

from typing import Any

import boto3

from .job import JobFailed, Reply, answer, log, report


def handler(event: dict[str, Any], _context: object) -> None:
    """Lambda's entry: always exactly one reply."""
    job = event["CodePipeline.job"]
    reply = answer(job["data"], check)
    log.info("job %s: %s", job["id"], reply)
    report([boto3.client("codepipeline")], job["id"], reply)


def check(parameters: dict[str, str]) -> Reply:
    """Raises :class:`JobFailed` without a revision."""
    revision = parameters["revision"]
    if not revision or revision.startswith("#{"):
        raise JobFailed("the source action names no revision", "ConfigurationError")
    return {"executionDetails": {"summary": f"revision {revision} may be used", "percentComplete": 100}}
