"""Predictions for files in production: the role that SageMaker's batch transforms run as.

The operator of the target's account makes the model and the job (:mod:`xacct_ml.operations.predict_batch`) and passes
this role to them. It reads judged models, as the endpoint's does, and reads and writes in the one bucket of its own
account that the map names, which nobody of the other accounts comes to."""

from collections.abc import Iterator

from xacct_ml.system.bucket_layout import JUDGED_PREFIX
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import key_through_s3, model_container, role
from xacct_ml.system.scoring import LOGS
from xacct_ml.system.statements import allow, in_our_account, policy, trust_service
from xacct_ml.system.thing import Role


def batch_role(names: Names, keys: Keys) -> Iterator[Role]:
    """None where the map has no ``batch``."""
    if (target := names.batch_target) is None:
        return
    region, bucket = names.region_of(target), names.batch_bucket_arn
    # One of its name in another account gives and gets nothing.
    ours = {"StringEquals": {"aws:ResourceAccount": target.id}}
    yield role(
        names,
        target.id,
        "batch",
        "Used by SageMaker batch transforms to read the model that is served and to predict files",
        # The role of a model: what SageMaker sends is the literal that stands at the role of endpoints [D].
        trust_service(
            "sagemaker.amazonaws.com", {"StringEquals": {"aws:SourceArn": names.target_arn(target, "sagemaker", "*")}}
        ),
        {
            "files": policy(
                allow("ListFiles", "s3:ListBucket", bucket, ours),
                allow("ReadAndWriteFiles", "s3: AbortMultipartUpload GetObject PutObject", f"{bucket}/*", ours),
            ),
            "model": policy(
                in_our_account(names, "ReadModels", "s3:GetObject", names.object_arn(f"{JUDGED_PREFIX}/*", region)),
                key_through_s3(keys, region, "kms:Decrypt"),
            ),
            **model_container(names, region, names.target_arn(target, "logs", f"log-group:{LOGS}")),
        },
        region=region,
    )
