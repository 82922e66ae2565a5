"""What whoever runs this tool in the shared account does with data and with the key."""

from collections.abc import Iterator

from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, Row
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.requests.samples import DATASET, DIGEST, EXECUTION, job_name
from xacct_ml.system.names import PROJECT_TAG

DATA_STAGE = "Data"
KEY_API = "Service Authorization Reference, AWS KMS"
BUCKET_API = "Service Authorization Reference, Amazon S3"

_KEY_OPERATIONS = (
    "CancelKeyDeletion CreateAlias DeleteAlias DescribeKey EnableKey EnableKeyRotation GetKeyPolicy "
    "GetKeyRotationStatus ListResourceTags PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource UpdateAlias "
    "UpdateKeyDescription"
)
"""What bootstrap and teardown call on a key that exists, from the calls themselves and from no policy: a right that an
operator's policy has too many must not make the key policy's right count as needed. Of an alias, the key too is asked
for (KMS Developer Guide, alias-access) [D]."""


def data(send: RequestBuilder, operator: str) -> Iterator[Row]:
    """Uploads, and what approve reads."""
    names = send.names
    for what, request in (
        ("The operator looks up the key", send.key(operator, "kms:DescribeKey")),
        ("The operator uploads data", once(send.write(operator, names.channel_key(DATASET, "train")))),
        (
            "The operator names the data to SageMaker",
            once(send.write(operator, names.channel_manifest_key(DATASET, "train"))),
        ),
        ("The operator keeps the manifest", once(send.write(operator, names.dataset_manifest_key(DATASET)))),
        ("The operator uploads the rows held out", once(send.write(operator, names.holdout_key(DATASET, "features")))),
        ("… looks at them", send.read(operator, names.holdout_key(DATASET, "features"))),
        ("… S3 encrypts it for the operator", send.key_through_s3(operator, "kms:GenerateDataKey")),
        ("… in parts", send.key_through_s3(operator, "kms:Decrypt")),
        ("The operator withdraws data", send.write(operator, names.withdrawal_key(DATASET))),
        ("… sees whether they are", send.read(operator, names.withdrawal_key(DATASET))),
        ("The operator writes the manifest", send.write(operator, names.manifest_key)),
        ("The operator reads the manifest", send.read(operator, names.manifest_key)),
        ("The operator reads the evaluation", send.read(operator, names.evaluation_key(EXECUTION, job_name(names)))),
    ):
        yield Row(what, request, S3_ENCRYPTION)
    if names.source_key is not None:
        yield Row("The operator uploads the source zip", send.write(operator, names.source_key), S3_ENCRYPTION)
        yield Row("The operator looks at the source zip", send.read(operator, names.source_key), S3_ENCRYPTION)


def administration(send: RequestBuilder, operator: str) -> Iterator[Row]:
    """Every call on the key of every region, other than its use through S3, and what only the operator deletes."""
    names = send.names
    tags = {f"aws:{origin}Tag/{PROJECT_TAG}": names.project for origin in ("Resource", "Request")}
    for region in names.regions:
        there = send.in_region(region)
        for action in (f"kms:{operation}" for operation in _KEY_OPERATIONS.split()):
            request = there.call(operator, action, there.key_arn, tags)
            yield Row(f"The operator manages the key: {action}", request, KEY_API)
        # Where it is asked to, teardown deletes evidence and judged models, which nobody else may. Where the map names
        # no operator, it first writes a bucket policy that lets it.
        judged = names.judged_key(DIGEST)
        deleted = [there.read(operator, judged, f"s3:{one}") for one in ("DeleteObject", "DeleteObjectVersion")]
        yield Row("The operator deletes judged models", deleted, BUCKET_API)


def administration_of_captured(send: RequestBuilder, target: ProductionTarget, operator: str) -> Iterator[Row]:
    """Every call on the key of what a target's endpoint captures, other than its use."""
    there, tags = send.of_captured(target), {f"aws:ResourceTag/{PROJECT_TAG}": send.names.project}
    for action in (f"kms:{operation}" for operation in _KEY_OPERATIONS.split()):
        request = there.call(
            operator, action, there.key_arn, {**tags, f"aws:RequestTag/{PROJECT_TAG}": send.names.project}
        )
        yield Row(f"The operator of {target.name} manages the key: {action}", request, KEY_API)
