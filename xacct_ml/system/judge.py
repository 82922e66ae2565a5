"""The judge: a Lambda function of the shared account, which neither the training account's operators nor who pushes can
change, its role, and the role in the training account that lets it see what really happened.

The pipeline invokes it (:mod:`xacct_ml.system.actions.lambda_judge`); what it does is in :mod:`xacct_ml.payload.judge`.
"""

import json
from collections.abc import Iterator
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.system.actions.lambda_judge import CHECK, HAND_OVER, JUDGE, RELEASE
from xacct_ml.system.actions.stepfunctions import TRAIN_ACTION, TRAIN_STAGE
from xacct_ml.system.bucket_layout import (
    DATASET_ID_LENGTH,
    EVALUATIONS_PREFIX,
    HISTORY_PREFIX,
    HOLDOUT_PREFIX,
    JUDGED_PREFIX,
    LIVE_PREFIX,
    MODELS_PREFIX,
    SCORES_PREFIX,
    WITHDRAWN_PREFIX,
)
from xacct_ml.system.function import LONGEST_SECONDS, settings
from xacct_ml.system.keys import Keys
from xacct_ml.system.logs import log_group
from xacct_ml.system.names import SCORING_INSTANCE_TYPE, Names
from xacct_ml.system.registry import registration
from xacct_ml.system.role import function_logs, job_results, key_through_s3, role, source_if_sent
from xacct_ml.system.sources.source import OBJECT_ACTION, SOURCE_ACTION, SOURCE_STAGE
from xacct_ml.system.statements import allow, in_our_account, policy, trust_roles, trust_service
from xacct_ml.system.storage import KEY
from xacct_ml.system.template import TEMPLATE_VERSION, gate_direction
from xacct_ml.system.thing import Function, Role, Thing
from xacct_ml.system.waves import waves

HANDLER = "payload.judge.handler"
MEMORY_MB = 1024
"""A source of 256 MB is held in memory; and a function's share of a processor grows with its memory [D]."""

JUDGE_FUNCTION = "shared/judge-function"
"""Its id."""


def judge_function(names: Names, keys: Keys) -> Iterator[Thing]:
    """The function and its log group."""
    group = log_group(names, "shared/judge-log-group", names.shared, names.judge_log_group)
    yield group
    yield Function.of(
        names,
        names.shared,
        JUDGE_FUNCTION,
        names.judge_function,
        names.judge_function_arn,
        needs=("shared/role/judge", group.id, KEY),
        description=f"xacct-ml {names.project}: judges what was trained",
        role=names.judge_role,
        environment=judge_environment(names.config, keys),
        **settings(HANDLER, LONGEST_SECONDS, MEMORY_MB),
    )


def judge_role(names: Names, keys: Keys) -> Role:
    """Reads the run, the source, the data manifest and one model; writes records, judged models, and what serves where.

    It may list, because S3 tells only those who may that an object is missing (S3 API reference, HeadObject) [D]."""
    objects, judged = names.object_arn, f"{JUDGED_PREFIX}/*"
    written = [objects(f"{each}/*") for each in (EVALUATIONS_PREFIX, LIVE_PREFIX, HISTORY_PREFIX)]
    hands_over = names.source_account is not None
    return role(
        names,
        names.shared,
        "judge",
        "Runs the Lambda function that checks the configuration, judges the model and writes the record",
        trust_service("lambda.amazonaws.com", source_if_sent(names.shared, names.judge_function_arn)),
        {
            "run": policy(
                allow("ReadRun", "codepipeline:ListActionExecutions", names.pipeline_arns),
                allow("AssumeTrainingRoles", "sts:AssumeRole", [names.evidence_role, names.scorer_role]),
            ),
            "source": policy(
                in_our_account(names, "ReadSource", "s3:GetObject", names.artifacts_arn),
                *([in_our_account(names, "HandOver", "s3:PutObject", names.artifacts_arn)] if hands_over else []),
                in_our_account(names, "ReadManifest", "s3: GetObject GetObjectVersion", objects(names.manifest_key)),
                in_our_account(names, "ReadWithdrawals", "s3:GetObject", names.withdrawals_arn),
                in_our_account(names, "ReadChannels", "s3:GetObject", names.channel_manifests_arn),
            ),
            "judgement": policy(
                in_our_account(names, "Objects", "s3:ListBucket", names.bucket_arn),
                in_our_account(
                    names, "SeeVersions", "s3:ListBucketVersions", names.bucket_arn, _under(names, hands_over)
                ),
                in_our_account(names, "ReadModel", "s3:GetObjectVersion", objects(f"{MODELS_PREFIX}/*")),
                in_our_account(names, "ReadScores", "s3:GetObjectVersion", _scored_by(names)),
                in_our_account(names, "StoreModel", "s3: AbortMultipartUpload GetObject PutObject", objects(judged)),
                in_our_account(names, "WriteRecords", "s3: GetObject PutObject", written),
                key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
            ),
            **registration(names),
            "job-results": job_results(),
            "logs": function_logs(names.arn("logs", names.shared, f"log-group:{names.judge_log_group}")),
        },
    )


def evidence_role(names: Names) -> Role:
    """What the judge may see of the training account, and do there: nothing else."""
    return role(
        names,
        names.training,
        "evidence",
        "Assumed by the judge to see what was trained",
        trust_roles(names, [names.judge_role]),
        {
            "evidence": policy(
                allow("DescribeExecution", "states:DescribeExecution", names.execution_arn(names.job_pattern)),
                allow(
                    "DescribeTrainingJob", "sagemaker:DescribeTrainingJob", names.training_job_arn(names.job_pattern)
                ),
            )
        },
    )


def judge_environment(config: Config, keys: Keys) -> dict[str, str]:
    """Everything that the function must not take from an event or from the training account."""
    names, allowed, gate = Names(config), config.training.allowed_or_own, config.quality_gate
    settings = {
        "pipelines": {names.pipeline: JUDGE, names.release_pipeline: RELEASE},
        "actions": actions(names),
        "deployActions": _deployed_to(names),
        "scoringRole": names.scoring_role,
        "scoringNames": names.scoring_prefix,
        "scoringInstanceType": SCORING_INSTANCE_TYPE,
        "scoresPrefix": SCORES_PREFIX,
        "templateVersion": TEMPLATE_VERSION,
        "image": names.image_uri,
        "containerVersion": config.training.xgboost_version,
        "trainingRole": names.training_role,
        "executionPrefix": names.execution_arn(f"{names.job_prefix}-"),
        "modelsPrefix": MODELS_PREFIX,
        "judgedPrefix": JUDGED_PREFIX,
        "maxWaitSeconds": config.training.wait_seconds,
        "evaluationsPrefix": EVALUATIONS_PREFIX,
        "golden": config.endpoint.smoke_test,
        "livePrefix": LIVE_PREFIX,
        "historyPrefix": HISTORY_PREFIX,
        "artifactPrefix": names.artifact_prefix,
        "manifestKey": names.manifest_key,
        "withdrawnPrefix": WITHDRAWN_PREFIX,
        "revisionVariable": "CommitId" if names.source_key is None else "VersionId",
        **({} if names.model_package_group is None else {"modelPackageGroup": names.model_package_group}),
    }
    limits: dict[str, Any] = {
        "instanceTypes": list(allowed.instance_types),
        "maxInstanceCount": allowed.max_instance_count,
        "maxRuntimeSeconds": allowed.max_runtime_seconds,
        "gate": {"metric": gate.metric, "direction": gate_direction(config), "threshold": gate.threshold},
    }
    return {
        "PIPELINE": names.pipeline,
        "BUCKET": names.bucket,
        "BUCKET_OWNER": names.shared,
        "KEY_ARN": keys.pipeline,
        "EVIDENCE_ROLE_ARN": names.evidence_role,
        "SCORER_ROLE_ARN": names.scorer_role,
        "TAGS": json.dumps(names.tags, separators=(",", ":")),
        "SETTINGS": json.dumps(settings, separators=(",", ":")),
        "ALLOWED": json.dumps(limits, separators=(",", ":")),
    }


def actions(names: Names) -> dict[str, str]:
    """The training pipeline's actions that the judge looks at, each as ``<stage>/<action>``, by what they do."""
    found = {
        "source": f"{SOURCE_STAGE}/{SOURCE_ACTION if names.source_key is None else OBJECT_ACTION}",
        "check": CHECK,
        "train": f"{TRAIN_STAGE}/{TRAIN_ACTION}",
        "judge": JUDGE,
    }
    return {**found, "hand-over": HAND_OVER} if names.source_account is not None else found


def deploy_actions(config: Config) -> list[list[str]]:
    """Each production target, in the map's order, and the action that deploys to it."""
    found = {target.name: f"{wave.deploy_stage}/{target.name}" for wave in waves(config) for target in wave.targets}
    return [[target.name, found[target.name]] for target in config.accounts.production]


def _deployed_to(names: Names) -> list[list[str]]:
    """The same with each target's account and region."""
    pairs = zip(deploy_actions(names.config), names.production, strict=True)
    return [[*pair, target.id, names.region_of(target)] for pair, target in pairs]


def _scored_by(names: Names) -> list[str]:
    """What scores are made of: labels and slices of the rows held out, predictions, and what is known of the columns,
    each in one version."""
    held = [f"{HOLDOUT_PREFIX}/*/{each}.csv" for each in ("labels", "slices")]
    known = [f"{names.data_prefix}/{'?' * DATASET_ID_LENGTH}/{each}.json" for each in ("schema", "profile")]
    return [names.object_arn(each) for each in (*held, *known, f"{SCORES_PREFIX}/*")]


def _under(names: Names, hands_over: bool) -> dict[str, dict[str, list[str]]]:
    """What may be listed: where others write what must have one version."""
    artifacts = [f"{names.artifact_prefix}*"] if hands_over else []
    prefixes = (MODELS_PREFIX, names.data_prefix, HOLDOUT_PREFIX, SCORES_PREFIX)
    return {"StringLike": {"s3:prefix": [*(f"{each}/*" for each in prefixes), *artifacts]}}
