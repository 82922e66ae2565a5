"""Buckets and keys of what endpoints were asked, which an earlier map had captured and this one captures no more.

They are data of customers: no command deletes them, but ``plan``, ``bootstrap`` and ``teardown`` say where they are."""

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.resources.rights import Place, Rights, itself
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names

FORMER_CAPTURE = "bucket that an earlier map captured into"
RIGHTS = {FORMER_CAPTURE: (Rights("endpoint/FormerCapture", "s3: ListBucket", on=(itself,)),)}


def places(names: Names) -> Iterator[tuple[str, Place]]:
    """Where an operator needs rights on what there may be: to see that it is there."""
    if names.config.endpoint.capture is None:
        keys = Keys.stand_ins(names)
        for target in names.production:
            arn = names.capture_bucket_arn(target)
            yield FORMER_CAPTURE, Place(names=names, keys=keys, account=target.id, arn=arn)


def former_capture(config: Config, accounts: Clients) -> tuple[ProductionTarget, ...]:
    """The targets whose account still has such a bucket; what may not be looked at is taken for not there."""
    names = Names(config)
    if config.endpoint.capture is not None:
        return ()
    looks = [partial(_is_there, names, accounts, target) for target in names.production]
    return tuple(target for target, there in zip(names.production, concurrently(looks), strict=True) if there)


def _is_there(names: Names, accounts: Clients, target: ProductionTarget) -> bool:
    s3 = accounts.client(target.id, "s3", names.region_of(target))
    try:
        s3.head_bucket(Bucket=names.capture_bucket(target), ExpectedBucketOwner=target.id)
    except ClientError:
        return False
    return True


def place_of(names: Names, target: ProductionTarget) -> str:
    """What is left, for a person."""
    return f"bucket {names.capture_bucket(target)} and key {names.capture_key_alias}"


def way_out(names: Names, target: ProductionTarget) -> str:
    """How it is removed by hand."""
    region = names.region_of(target)
    return (
        "what is in it expires by the days of that map. Once it is empty: aws s3api delete-bucket --bucket "
        f"{names.capture_bucket(target)} --region {region}; then aws kms schedule-key-deletion for that key"
    )
