"""Scheduled training: EventBridge Scheduler invokes a Lambda function of the shared account, which starts the pipeline
unless a run of it is under way. None of it exists where the map has no ``schedule``.

The schedule is in a group of its own, because its role's trust policy can name nothing smaller (EventBridge Scheduler
User Guide, cross-service-confused-deputy-prevention) [D]."""

import json
from collections.abc import Iterator

from xacct_ml.system.bucket_layout import SCHEDULE_PREFIX
from xacct_ml.system.function import MEMORY_MB, TIMEOUT_SECONDS, settings
from xacct_ml.system.keys import Keys
from xacct_ml.system.logs import log_group
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import PIPELINE
from xacct_ml.system.role import function_logs, key_through_s3, role, source_if_sent, source_sent
from xacct_ml.system.statements import allow, in_our_account, policy, trust_service
from xacct_ml.system.storage import KEY
from xacct_ml.system.thing import Function, Role, Schedule, ScheduleGroup, Thing

HANDLER = "payload.schedule.handler"
SCHEDULE_GROUP, SCHEDULE_FUNCTION, SCHEDULE = "shared/schedule-group", "shared/schedule-function", "shared/schedule"
"""Their ids."""

RETRIES, MAXIMUM_AGE_SECONDS = 2, 3600
"""Of Scheduler's call and of Lambda's invocation: the same time twice is one run."""

INPUT = {"time": "<aws.scheduler.scheduled-time>"}
"""What Scheduler puts in for it: ``2026-11-30T05:00:00Z`` (EventBridge Scheduler User Guide,
managing-schedule-context-attributes) [D]."""


def schedule(names: Names, keys: Keys) -> Iterator[Thing]:
    """What bootstrap makes: the group, the function and its log group."""
    if names.config.schedule is None:
        return
    yield ScheduleGroup.of(names, names.shared, SCHEDULE_GROUP, names.schedule_group, names.schedule_group_arn)
    group = log_group(names, "shared/schedule-log-group", names.shared, names.schedule_log_group)
    yield group
    repeated = {"maximum_retry_attempts": RETRIES, "maximum_event_age": MAXIMUM_AGE_SECONDS}
    yield Function.of(
        names,
        names.shared,
        SCHEDULE_FUNCTION,
        names.schedule_function,
        names.schedule_function_arn,
        needs=("shared/role/schedule-function", group.id, KEY),
        description=f"xacct-ml {names.project}: starts the pipeline at the schedule's times",
        role=names.schedule_function_role,
        environment=schedule_environment(names, keys),
        **settings(HANDLER, TIMEOUT_SECONDS, MEMORY_MB) | repeated,
    )


def schedules(names: Names) -> Iterator[Schedule]:
    """What create-pipeline makes: from then on the pipeline is started."""
    given = names.config.schedule
    if given is not None:
        yield Schedule.of(
            names,
            names.shared,
            SCHEDULE,
            names.schedule,
            names.schedule_arn,
            needs=(PIPELINE, SCHEDULE_GROUP, SCHEDULE_FUNCTION, "shared/role/scheduler"),
            parent=SCHEDULE_GROUP,
            group=names.schedule_group,
            description=f"Starts {names.pipeline} unless a run of it is under way",
            expression=given.expression,
            timezone=given.timezone,
            target={
                "Arn": names.schedule_function_arn,
                "RoleArn": names.scheduler_role,
                "Input": json.dumps(INPUT, separators=(",", ":")),
                "RetryPolicy": {"MaximumEventAgeInSeconds": MAXIMUM_AGE_SECONDS, "MaximumRetryAttempts": RETRIES},
            },
        )


def schedule_roles(names: Names, keys: Keys) -> tuple[Role, ...]:
    """Scheduler's, which invokes the function and nothing else, and the function's own."""
    if names.config.schedule is None:
        return ()
    account = names.shared
    under = {"StringLike": {"s3:prefix": f"{SCHEDULE_PREFIX}/*"}}
    reads = "codepipeline: ListActionExecutions ListPipelineExecutions"
    return (
        role(
            names,
            account,
            "scheduler",
            "Assumed by EventBridge Scheduler to invoke the function that starts the pipeline",
            trust_service("scheduler.amazonaws.com", source_sent(account, names.schedule_group_arn)),
            {"invoke": policy(allow("InvokeFunction", "lambda:InvokeFunction", names.schedule_function_arn))},
        ),
        role(
            names,
            account,
            "schedule-function",
            "Runs the Lambda function that starts the pipeline at the schedule's times",
            trust_service("lambda.amazonaws.com", source_if_sent(account, names.schedule_function_arn)),
            {
                "run": policy(
                    allow("SeeRuns", reads, names.pipeline_arn),
                    allow("StartPipeline", "codepipeline:StartPipelineExecution", names.pipeline_arn),
                ),
                "notes": policy(
                    in_our_account(names, "FindNote", "s3:ListBucket", names.bucket_arn, under),
                    in_our_account(names, "WriteNote", "s3:PutObject", names.object_arn(f"{SCHEDULE_PREFIX}/*")),
                    key_through_s3(keys, names.region, "kms:GenerateDataKey"),
                ),
                "logs": function_logs(names.arn("logs", account, f"log-group:{names.schedule_log_group}")),
            },
        ),
    )


def schedule_environment(names: Names, keys: Keys) -> dict[str, str]:
    """Everything that the function must not take from an event."""
    return {
        "PIPELINE": names.pipeline,
        "BUCKET": names.bucket,
        "BUCKET_OWNER": names.shared,
        "KEY_ARN": keys.pipeline,
        "SCHEDULE_PREFIX": SCHEDULE_PREFIX,
        "ROLE_ARN": names.schedule_function_role,
    }
