"""Data that may not be trained on again: a note outside the data, which Check reads before anything is deployed."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.preconditions import (
    encrypted,
    every_withdrawal,
    key_arn,
    object_at,
    object_bytes,
    require_bucket,
)
from xacct_ml.operations.upload.authorship import stamp, uploader, utc_now
from xacct_ml.operations.upload.data_manifest import JSON_TYPE
from xacct_ml.operations.upload.dataset_ids import require_known
from xacct_ml.resources.rights import Rights, pipelines_key, through_s3, within
from xacct_ml.system.names import Names

RIGHTS = {
    "AWS::S3::Bucket": (
        Rights("bucket/Data", "s3: PutObject", on=(every_withdrawal,)),
        Rights("bucket/EmptyBucket", "s3: DeleteObject DeleteObjectVersion", on=(within("/*"),)),
        Rights("key/UseKeyThroughS3", "kms: GenerateDataKey", on=(pipelines_key,), condition=through_s3),
    )
}


def withdraw(
    config: Config, accounts: Clients, dataset: str, reason: str, now: Callable[[], datetime] = utc_now
) -> str:
    """Its URI. Of one that is withdrawn already, the newest word counts. Raises :class:`InputError` for a data set that
    there is not."""
    names = Names(config)
    require_bucket(config, accounts)
    require_known(config, accounts, dataset)
    note = {"by": uploader(config, accounts), "when": stamp(now()), "reason": reason}
    accounts.client(names.shared, "s3").put_object(
        **object_at(names, names.withdrawal_key(dataset)),
        **encrypted(key_arn(config, accounts)),
        Body=json.dumps(note).encode(),
        ContentType=JSON_TYPE,
    )
    return f"s3://{names.bucket}/{names.withdrawal_key(dataset)}"


def restore(config: Config, accounts: Clients, dataset: str) -> bool:
    """Whether it was withdrawn."""
    names = Names(config)
    require_bucket(config, accounts)
    if withdrawn(config, accounts, dataset) is None:
        return False
    accounts.client(names.shared, "s3").delete_object(**object_at(names, names.withdrawal_key(dataset)))
    return True


def withdrawn(config: Config, accounts: Clients, dataset: str) -> str | None:
    """By whom, when and why, in a clause; None where it is not withdrawn."""
    text = object_bytes(config, accounts, Names(config).withdrawal_key(dataset))
    if text is None:
        return None
    try:
        note: Any = document(text)
        return f"by {line(str(note['by']))} at {line(str(note['when']))}: {line(str(note['reason']))}"
    except (ForeignTextError, KeyError, TypeError):
        return "by a note that cannot be read"


def require_not_withdrawn(config: Config, accounts: Clients, dataset: str) -> None:
    """Raises :class:`XacctError` with who, when and why."""
    if said := withdrawn(config, accounts, dataset):
        raise XacctError(
            f"data set {dataset} was withdrawn {said}", next_step=f"other files, or xacct-ml data restore {dataset}"
        )
