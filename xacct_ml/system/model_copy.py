"""An approved model's way into the regions of its endpoints: a Lambda function of the shared account and its role.

Neither exists where all endpoints are in the pipeline's region. The pipeline invokes the function
(:mod:`xacct_ml.system.actions.lambda_copy`)."""

import json
from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.system.actions.lambda_judge import JUDGE, RELEASE
from xacct_ml.system.bucket_layout import JUDGED_PREFIX
from xacct_ml.system.function import LONGEST_SECONDS, settings
from xacct_ml.system.keys import Keys
from xacct_ml.system.logs import log_group
from xacct_ml.system.names import Names
from xacct_ml.system.role import (
    function_logs,
    job_results,
    key_through_s3,
    keys_through_s3,
    role,
    run_reading,
    source_if_sent,
)
from xacct_ml.system.statements import in_our_account, policy, trust_service
from xacct_ml.system.storage import KEY, storage_id
from xacct_ml.system.thing import Function, Role, Thing

HANDLER = "payload.copy.handler"
MEMORY_MB = 512
COPY_FUNCTION = "shared/copy-function"
"""Its id."""


def copies(names: Names, keys: Keys) -> Iterator[Thing]:
    """The function and its log group."""
    if not names.other_regions:
        return
    group = log_group(names, "shared/copy-log-group", names.shared, names.copy_log_group)
    yield group
    yield Function.of(
        names,
        names.shared,
        COPY_FUNCTION,
        names.copy_function,
        names.copy_function_arn,
        needs=("shared/role/copy-model", group.id, *(storage_id(names, KEY, region) for region in names.other_regions)),
        description=f"xacct-ml {names.project}: copies approved models to other regions",
        role=names.copy_role,
        environment=copy_environment(names.config, keys),
        **settings(HANDLER, LONGEST_SECONDS, MEMORY_MB),
    )


def copy_role(names: Names, keys: Keys) -> tuple[Role, ...]:
    """Reads models in the pipeline's region, writes them in the others.

    It reads its own copies back, and may list their buckets, because S3 tells only those who may that an object is
    missing (S3 API reference, HeadObject) [D]."""
    regions = names.other_regions
    if not regions:
        return ()
    buckets = [names.bucket_arn_in(region) for region in regions]
    copies = [names.object_arn(f"{JUDGED_PREFIX}/*", region) for region in regions]
    return (
        role(
            names,
            names.shared,
            "copy-model",
            "Runs the Lambda function that copies approved models to other regions",
            trust_service("lambda.amazonaws.com", source_if_sent(names.shared, names.copy_function_arn)),
            {
                "models": policy(
                    in_our_account(
                        names, "ReadModels", "s3:GetObject", [names.object_arn(f"{JUDGED_PREFIX}/*"), *copies]
                    ),
                    in_our_account(names, "WriteCopies", "s3: AbortMultipartUpload PutObject", copies),
                    in_our_account(names, "MissingCopies", "s3:ListBucket", buckets),
                    key_through_s3(keys, names.region, "kms:Decrypt"),
                    *keys_through_s3(keys, regions),
                ),
                "run": run_reading(names),
                "job-results": job_results(),
                "logs": function_logs(names.arn("logs", names.shared, f"log-group:{names.copy_log_group}")),
            },
        ),
    )


def copy_environment(config: Config, keys: Keys) -> dict[str, str]:
    """Everything that the function must not take from an event."""
    names = Names(config)
    destinations = {region: {"bucket": names.bucket_in(region), "key": keys[region]} for region in names.other_regions}
    return {
        "SOURCE_BUCKET": names.bucket,
        "BUCKET_OWNER": names.shared,
        "JUDGED_PREFIX": JUDGED_PREFIX,
        "PIPELINES": json.dumps({names.pipeline: JUDGE, names.release_pipeline: RELEASE}, separators=(",", ":")),
        "DESTINATIONS": json.dumps(destinations, separators=(",", ":")),
    }
