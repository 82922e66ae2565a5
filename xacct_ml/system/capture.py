"""What a target's endpoint is asked and answers, kept in a bucket of that production account under a key of its own.

None of it leaves the account: neither the shared nor the training account, nor any role of the project but the
endpoint's, which only writes, has a right on it. Who reads it is the account's own operator (``xacct-ml drift``). A
serverless endpoint captures nothing (SageMaker Developer Guide, serverless-endpoints, "Feature exclusions") [D]."""

import json
from collections.abc import Iterator
from typing import Any

from xacct_ml.config.model import Capture, ProductionTarget
from xacct_ml.system import bucket
from xacct_ml.system.bucket import ALGORITHM, ENCRYPTION_KEY
from xacct_ml.system.key import ADMINISTRATION
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import CAPTURED_PREFIX, Names
from xacct_ml.system.statements import Document, allow, deny, grant, in_account, only_roles, policy
from xacct_ml.system.thing import Alias, Bucket, Key, Thing
from xacct_ml.tables.regions import service_host

CAPTURE_KEY, CAPTURE_ALIAS, CAPTURE_BUCKET = "capture-key", "capture-alias", "capture-bucket"
"""The ends of their ids, behind the target's name."""


def captured(names: Names, target: ProductionTarget, keys: Keys) -> Iterator[Thing]:
    """Key, alias and bucket of a target that captures."""
    if target not in names.capturing:
        return
    account, name, key_arn = target.id, target.name, keys.of_captured(target.name)
    where: dict[str, Any] = {"region": names.region_of(target)}
    key_id, alias = f"{name}/{CAPTURE_KEY}", names.capture_key_alias
    yield Key.of(
        names,
        account,
        key_id,
        alias,
        key_arn,
        **where,
        policy=_key_policy(names, target),
        description=f"xacct-ml {names.project}: what endpoint {names.endpoint} is asked",
        deletion_window_days=names.config.key.deletion_window_days,
    )
    where["needs"] = (key_id,)
    alias_arn = names.target_arn(target, "kms", alias)
    yield Alias.of(names, account, f"{name}/{CAPTURE_ALIAS}", alias, alias_arn, adopted_key=None, **where)
    yield Bucket.of(
        names,
        account,
        f"{name}/{CAPTURE_BUCKET}",
        names.capture_bucket(target),
        names.capture_bucket_arn(target),
        policy=_bucket_policy(names, target, key_arn),
        lifecycle={"Rules": [*_expiry(names.config.endpoint.capture or Capture()), bucket.CLEAR_BROKEN_UPLOADS]},
        **bucket.private(key_arn),
        **where,
    )


def capturing(names: Names, target: ProductionTarget, keys: Keys) -> dict[str, Document]:
    """What the endpoint's role may do for it, as an inline policy by its name; none where nothing is captured.

    SageMaker captures as the role of the model (SageMaker Developer Guide, model-monitor-data-capture-endpoint) [D]."""
    if target not in names.capturing:
        return {}
    objects = f"{names.capture_bucket_arn(target)}/{names.capture_prefix}*"
    via_s3 = {"StringEquals": {"kms:ViaService": service_host("s3", names.region_of(target))}}
    key = keys.of_captured(target.name)
    return {
        "capture": policy(
            in_account(target.id, "WriteCaptured", "s3: AbortMultipartUpload PutObject", objects),
            allow("CaptureKeyThroughS3", "kms: Decrypt GenerateDataKey", key, via_s3),
        )
    }


def capture_environment(names: Names, target: ProductionTarget, keys: Keys) -> dict[str, str]:
    """What the deploying function is told of it: the endpoint configuration's ``DataCaptureConfig``."""
    if target not in names.capturing or names.config.endpoint.capture is None:
        return {}
    config = {
        "EnableCapture": True,
        "InitialSamplingPercentage": names.config.endpoint.capture.percent,
        "DestinationS3Uri": f"s3://{names.capture_bucket(target)}/{CAPTURED_PREFIX}",
        "KmsKeyId": keys.of_captured(target.name),
        "CaptureOptions": [{"CaptureMode": mode} for mode in ("Input", "Output")],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    }
    return {"CAPTURE": json.dumps(config, separators=(",", ":"))}


def _key_policy(names: Names, target: ProductionTarget) -> Document:
    """The endpoint's role writes through S3, and the account's operator reads through it: the map's role, or whom the
    account's IAM allows where it names none."""
    account, endpoint = {"AWS": names.account_root(target.id)}, names.endpoint_role(target)
    arn = names.capture_bucket_arn(target)
    through_s3: dict[str, dict[str, Any]] = {
        "StringEquals": {"kms:ViaService": service_host("s3", names.region_of(target))},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [arn, f"{arn}/*"]},
    }
    operator = {} if target.role_arn is None else only_roles([target.role_arn])
    writing = {**only_roles([endpoint]), **through_s3}
    return policy(
        grant("KeyAdministration", account, ADMINISTRATION, "*"),
        grant("CaptureThroughS3", account, "kms: Decrypt GenerateDataKey", "*", writing),
        grant("ReadCapturedThroughS3", account, "kms:Decrypt", "*", {**operator, **through_s3}),
    )


def _bucket_policy(names: Names, target: ProductionTarget, key_arn: str) -> Document:
    """The endpoint alone writes, and nothing under another key than the bucket's. An upload may do without the headers
    that say so: whether SageMaker sends them is not documented, and the bucket's own encryption is then what counts."""
    arn, endpoint = names.capture_bucket_arn(target), names.endpoint_role(target)
    objects = f"{arn}/*"
    other_algorithm = {"Null": {ALGORITHM: "false"}, "StringNotEquals": {ALGORITHM: "aws:kms"}}
    other_key = {"StringEquals": {ALGORITHM: "aws:kms"}, "StringNotEquals": {ENCRYPTION_KEY: key_arn}}
    return policy(
        deny("DenyInsecureTransport", "*", "s3:*", [arn, objects], {"Bool": {"aws:SecureTransport": "false"}}),
        deny("DenyOtherEncryption", "*", "s3:PutObject", objects, other_algorithm),
        deny("DenyOtherKeys", "*", "s3:PutObject", objects, other_key),
        deny("DenyOtherWriters", "*", "s3:PutObject", objects, {"ArnNotEquals": {"aws:PrincipalArn": endpoint}}),
    )


def _expiry(capture: Capture) -> Iterator[Document]:
    """An object that has expired is a delete marker and an old version: that goes a day later, and the marker with it
    (S3 User Guide, intro-lifecycle-rules) [D]."""
    whole: Document = {"Status": "Enabled", "Filter": {"Prefix": ""}}
    ends = {"Expiration": {"Days": capture.days}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    yield {"ID": "expire-captured", **whole, **ends}
    yield {"ID": "clear-delete-markers", **whole, "Expiration": {"ExpiredObjectDeleteMarker": True}}
