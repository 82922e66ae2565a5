"""Log groups, made before anything writes into them so that they have tags and a retention."""

from __future__ import annotations

from xacct_ml.system.names import Names
from xacct_ml.system.thing import LogGroup


def log_group(names: Names, id_: str, account: str, name: str, region: str | None = None) -> LogGroup:
    """Of the pipeline's region where none is given."""
    return LogGroup(
        id=id_,
        account=account,
        region=region or names.region,
        name=name,
        arn=names.arn("logs", account, f"log-group:{name}", region=region),
        tags=names.tags,
        retention_days=names.config.logs.retention_days,
    )
