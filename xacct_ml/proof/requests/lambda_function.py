"""What every Lambda function of the pipeline does: Lambda becomes its role, it logs, it reports its job's result."""

from collections.abc import Iterator

from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Evidence, Row

LAMBDA_ACTION = "CodePipeline User Guide, actions-invoke-lambda-function"
LAMBDA_LOGS = "Lambda Developer Guide, lambda-intro-execution-role"
JOB_RESULT = "aws-cdk #15235, CodePipeline actions of aws-cdk"


def running(send: RequestBuilder, role: str, function_arn: str, group_arn: str) -> Iterator[Row]:
    what, service = "Lambda assumes the function's role", "lambda.amazonaws.com"
    yield from send.assumed(what, service, role, LAMBDA_LOGS, sends="function", source_arn=function_arn)
    logged = send.calls(role, "logs", "CreateLogStream PutLogEvents", f"{group_arn}:log-stream:stream")
    yield Row("The function writes logs", logged, LAMBDA_LOGS)


def reported(send: RequestBuilder, role: str) -> Row:
    """CodePipeline has no resource to name here."""
    results = send.calls(role, "codepipeline", "PutJobSuccessResult PutJobFailureResult")
    return Row("The function reports to the pipeline", results, JOB_RESULT, Evidence.CODE)
