"""Log groups, made before anything writes into them so that they have tags and a retention."""

from xacct_ml.system.names import Names
from xacct_ml.system.thing import LogGroup


def log_group(names: Names, id_: str, account: str, name: str, region: str | None = None) -> LogGroup:
    """Of the pipeline's region where none is given."""
    arn, days = names.arn("logs", account, f"log-group:{name}", region=region), names.config.logs.retention_days
    return LogGroup.of(names, account, id_, name, arn, region=region, retention_days=days)
