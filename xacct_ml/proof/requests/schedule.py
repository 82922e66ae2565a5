"""What the schedule does: EventBridge Scheduler invokes a function, which starts the pipeline and notes it."""

from collections.abc import Iterator

from xacct_ml.access.model import Request
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, Row
from xacct_ml.proof.requests.lambda_running import RUN, running
from xacct_ml.proof.requests.samples import TIME

SCHEDULE_STAGE = "Schedule"

SCHEDULER = "scheduler.amazonaws.com"
SCHEDULER_DEPUTY = "EventBridge Scheduler User Guide, cross-service-confused-deputy-prevention"
SCHEDULER_ROLE = "EventBridge Scheduler User Guide, setting-up (the execution role)"
LISTING = "S3 API reference, ListObjectsV2"


def requests(send: RequestBuilder) -> Iterator[Row]:
    """None where the map has no schedule."""
    names, scheduler, role = send.names, send.names.scheduler_role, send.names.schedule_function_role
    if names.config.schedule is None:
        return
    function = names.schedule_function_arn
    assumed = send.assume_for(SCHEDULER, scheduler, names.schedule_group_arn)
    yield Row("Scheduler assumes its role", assumed, SCHEDULER_DEPUTY)
    invoked = send.call(scheduler, "lambda:InvokeFunction", function)
    yield Row("Scheduler invokes the function", invoked, SCHEDULER_ROLE)
    yield from running(send, role, function, names.arn("logs", names.shared, f"log-group:{names.schedule_log_group}"))
    listed = send.bucket(role, "s3:ListBucket", {"s3:prefix": names.schedule_key(TIME)})
    yield Row("The function sees whether this time was dealt with", listed, LISTING)
    seen = send.calls(role, "codepipeline", "ListPipelineExecutions ListActionExecutions", names.pipeline_arn)
    yield Row("The function sees whether a run is under way, and waits", seen, RUN)
    started = send.call(role, "codepipeline:StartPipelineExecution", names.pipeline_arn)
    yield Row("The function starts the pipeline", started, RUN)
    yield Row("The function notes what it did", noted(send, role), S3_ENCRYPTION)
    encrypted = send.key_through_s3(role, "kms:GenerateDataKey")
    yield Row("… S3 encrypts it", encrypted, S3_ENCRYPTION)


def noted(send: RequestBuilder, role: str) -> Request:
    return send.write(role, send.names.schedule_key(TIME))
