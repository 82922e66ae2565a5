"""What every Lambda action asks for: its function runs, sees the run, and reports to the pipeline."""

from collections.abc import Iterator

from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Evidence, Row

LAMBDA_ACTION = "CodePipeline User Guide, actions-invoke-lambda-function"
LAMBDA_LOGS = "Lambda Developer Guide, lambda-intro-execution-role"
JOB_RESULT = "aws-cdk #15235, CodePipeline actions of aws-cdk"
RUN = "Service Authorization Reference, AWS CodePipeline"
MISSING_OBJECT = "S3 API reference, HeadObject (a missing object is told to those who may list the bucket)"


def running(send: RequestBuilder, role: str, function_arn: str, group_arn: str) -> Iterator[Row]:
    what, service = "Lambda assumes the function's role", "lambda.amazonaws.com"
    yield from send.assumed(what, service, role, LAMBDA_LOGS, sends="function", source_arn=function_arn)
    logged = send.calls(role, "logs", "CreateLogStream PutLogEvents", f"{group_arn}:log-stream:stream")
    yield Row("The function writes logs", logged, LAMBDA_LOGS)


def run_read(send: RequestBuilder, who: str, role: str, *pipelines: str) -> Row:
    """What is under way, was judged and was approved, from CodePipeline and not from the event. ``pipelines`` are
    ARNs."""
    read = [send.call(role, "codepipeline:ListActionExecutions", arn) for arn in pipelines]
    return Row(f"{who} sees what the run did", read, RUN)


def reported(send: RequestBuilder, role: str) -> Row:
    """CodePipeline has no resource to name here."""
    results = send.calls(role, "codepipeline", "PutJobSuccessResult PutJobFailureResult")
    return Row("The function reports to the pipeline", results, JOB_RESULT, Evidence.CODE)
