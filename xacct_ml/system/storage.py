"""What of the shared account holds the project's objects, region by region: key, alias and bucket."""

from collections.abc import Iterator
from typing import Any

from xacct_ml.system import bucket, key
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import KEEP_TAG, Names
from xacct_ml.system.thing import Alias, Bucket, Key, Thing

KEY, ALIAS, BUCKET = "shared/key", "shared/alias", "shared/bucket"
"""Ids in the pipeline's region."""


def storage(names: Names, keys: Keys, region: str) -> Iterator[Thing]:
    """Those of one region."""
    config, first = names.config, region == names.region
    key_id, bucket_adopted = storage_id(names, KEY, region), first and BUCKET in config.adopt
    given = config.key.arn if first else None
    contents = "data, models and artifacts" if first else f"models and artifacts in {region}"
    # With an adopted bucket, a key of ours is kept for the objects in it.
    kept = {KEEP_TAG: f"S3 bucket {names.bucket}"} if bucket_adopted and not given else {}
    yield Key.of(
        names,
        names.shared,
        key_id,
        names.key_alias,
        keys[region],
        region=region,
        tags={**names.tags, **kept},
        adopted=given is not None,
        policy=key.key_policy(config, region),
        description=f"xacct-ml {names.project}: {contents}",
        deletion_window_days=config.key.deletion_window_days,
    )
    alias, alias_arn = names.key_alias, names.arn("kms", names.shared, names.key_alias, region=region)
    more: dict[str, Any] = {"region": region, "needs": (key_id,)}
    yield Alias.of(names, names.shared, storage_id(names, ALIAS, region), alias, alias_arn, adopted_key=given, **more)
    yield Bucket.of(
        names,
        names.shared,
        storage_id(names, BUCKET, region),
        names.bucket_in(region),
        names.bucket_arn_in(region),
        adopted=bucket_adopted,
        policy=bucket.bucket_policy(config, keys, region),
        **bucket.settings(config, keys[region]),
        **more,
    )


def storage_id(names: Names, id_: str, region: str) -> str:
    """The id of a region's key, alias or bucket; ``id_`` is that of the pipeline's region."""
    return id_ if region == names.region else f"{id_}/{region}"
