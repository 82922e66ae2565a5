"""Batch transforms in the training account: whom the judge starts them as, and as whom they run.

The judge assumes ``scorer``, which makes models and transform jobs of the project's own names only, of judged models,
without a network, and passes one role to them: ``scoring``, which reads judged models and the features of the rows held
out, not their labels, and writes predictions. No role that a pushed template comes to may start any."""

from collections.abc import Iterator

from xacct_ml.system.bucket_layout import HOLDOUT_PREFIX, JUDGED_PREFIX, SCORES_PREFIX
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import SCORING_INSTANCE_TYPE, Names
from xacct_ml.system.role import key_through_s3, model_container, role
from xacct_ml.system.statements import Conditions, allow, in_our_account, pass_role, policy, trust_roles, trust_service
from xacct_ml.system.thing import Role

LOGS = "/aws/sagemaker/TransformJobs"
"""The log group of all transform jobs of an account (SageMaker Developer Guide, logging-cloudwatch) [D]."""
FEATURES = f"{HOLDOUT_PREFIX}/*/features.csv"
GOLDEN_ROWS = f"{JUDGED_PREFIX}/*/golden.csv"
"""Beside the judged models, which it reads anyhow."""


def listed_rows(names: Names) -> Conditions:
    """What a batch transform looks for: its input is a prefix."""
    rows = [FEATURES, GOLDEN_ROWS] if names.config.endpoint.smoke_test else FEATURES
    return {"StringLike": {"s3:prefix": rows}}


def scoring_roles(names: Names, keys: Keys) -> Iterator[Role]:
    yield _scorer(names, keys)
    yield _scoring(names, keys)


def _scorer(names: Names, keys: Keys) -> Role:
    models, jobs = (names.arn("sagemaker", names.training, f"{kind}/{names.scoring_pattern}") for kind in _KINDS)
    return role(
        names,
        names.training,
        "scorer",
        "Assumed by the judge to have models scored on the rows held out",
        trust_roles(names, [names.judge_role]),
        {
            "transforms": policy(
                allow("MakeModels", "sagemaker:CreateModel", models, {"Bool": {"sagemaker:NetworkIsolation": "true"}}),
                allow("ClearModels", "sagemaker: DeleteModel DescribeModel", models),
                allow("StartTransforms", "sagemaker:CreateTransformJob", jobs, _as_judged(keys)),
                allow("WatchTransforms", "sagemaker: DescribeTransformJob StopTransformJob", jobs),
                allow("Tag", "sagemaker:AddTags", [models, jobs]),
            ),
            "pass-role": policy(pass_role("PassScoringRole", names.scoring_role, "sagemaker.amazonaws.com")),
        },
    )


_KINDS = ("model", "transform-job")


def _as_judged(keys: Keys) -> Conditions:
    """What CreateTransformJob has condition keys for (Service Authorization Reference, SageMaker) [D]; the rest is the
    judge's to compare."""
    return {
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": [SCORING_INSTANCE_TYPE]},
        "Null": {"sagemaker:InstanceTypes": "false"},
        # As of training jobs: were the key's name another, the bucket would still take no other KMS key.
        "ArnEqualsIfExists": {"sagemaker:OutputKmsKeyArn": keys.pipeline},
    }


def _scoring(names: Names, keys: Keys) -> Role:
    prefix = listed_rows(names)
    objects = names.object_arn
    return role(
        names,
        names.training,
        "scoring",
        "Used by SageMaker batch transforms to read judged models and the features held out, and to write predictions",
        # The role of a model: what SageMaker sends is the literal that stands at the role of endpoints [D].
        trust_service(
            "sagemaker.amazonaws.com", {"StringEquals": {"aws:SourceArn": names.arn("sagemaker", names.training, "*")}}
        ),
        {
            "rows": policy(
                in_our_account(names, "ListFeatures", "s3:ListBucket", names.bucket_arn, prefix),
                in_our_account(names, "ReadFeatures", "s3:GetObject", objects(FEATURES)),
                in_our_account(names, "ReadModels", "s3:GetObject", objects(f"{JUDGED_PREFIX}/*")),
                in_our_account(
                    names, "WriteScores", "s3: AbortMultipartUpload PutObject", objects(f"{SCORES_PREFIX}/*")
                ),
                key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
            ),
            **model_container(names, names.region, names.arn("logs", names.training, f"log-group:{LOGS}")),
        },
    )
