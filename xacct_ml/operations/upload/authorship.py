"""Who writes to the bucket, and when, as manifests and notes say it."""

from datetime import UTC, datetime

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.system.names import Names


def utc_now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def uploader(config: Config, accounts: Clients) -> str:
    """The ARN of who uploads, as CloudTrail has it too."""
    return str(accounts.client(Names(config).shared, "sts").get_caller_identity()["Arn"])
