"""What of the shared account holds the project's objects, region by region: key, alias and bucket."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.system import bucket, key
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import KEEP_TAG, Names
from xacct_ml.system.thing import Alias, Bucket, Key, Thing

KEY, BUCKET = "shared/key", "shared/bucket"
"""Ids in the pipeline's region."""


def storage(names: Names, keys: Keys, region: str) -> Iterator[Thing]:
    """Those of one region."""
    config, first = names.config, region == names.region
    key_id, bucket_adopted = storage_id(names, KEY, region), first and BUCKET in config.adopt
    given = config.key.arn if first else None
    contents = "data, models and artifacts" if first else f"models and artifacts in {region}"
    yield Key(
        id=key_id,
        account=names.shared,
        region=region,
        name=names.key_alias,
        arn=keys[region],
        # With an adopted bucket, a key of ours is kept for the objects in it.
        tags={**names.tags, KEEP_TAG: f"S3 bucket {names.bucket}"} if bucket_adopted and not given else names.tags,
        adopted=given is not None,
        policy=key.key_policy(config, region),
        description=f"xacct-ml {names.project}: {contents}",
        deletion_window_days=config.key.deletion_window_days,
    )
    yield Alias(
        id=storage_id(names, "shared/alias", region),
        account=names.shared,
        region=region,
        name=names.key_alias,
        arn=names.arn("kms", names.shared, names.key_alias, region=region),
        tags=names.tags,
        needs=(key_id,),
        adopted_key=given,
    )
    yield Bucket(
        id=storage_id(names, BUCKET, region),
        account=names.shared,
        region=region,
        name=names.bucket_in(region),
        arn=names.bucket_arn_in(region),
        tags=names.tags,
        needs=(key_id,),
        adopted=bucket_adopted,
        ownership=bucket.ownership(),
        public_access_block=bucket.public_access_block(),
        encryption=bucket.encryption(keys[region]),
        lifecycle=bucket.lifecycle(config),
        policy=bucket.bucket_policy(config, keys, region),
    )


def storage_id(names: Names, id_: str, region: str) -> str:
    """The id of a region's key, alias or bucket; ``id_`` is that of the pipeline's region."""
    return id_ if region == names.region else f"{id_}/{region}"
