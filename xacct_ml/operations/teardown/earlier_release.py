"""What an earlier release made and this one does not, so that it is deleted all the same.

Release 8e7c681 handed over the source of a source account by a Commands action, whose log group bootstrap made."""

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.pages import listed
from xacct_ml.config.model import Config
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.operations.teardown.product_drivers import RunProduct
from xacct_ml.resources.ownership import RoleDocuments
from xacct_ml.resources.rights import Place, Rights, anything, itself, within
from xacct_ml.resources.tags import tag_map
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names

COMMANDS_LOGS = "log group of a Commands action"
RIGHTS = {
    COMMANDS_LOGS: (
        Rights("function/FindLogGroups", "logs: DescribeLogGroups", on=(anything,)),
        Rights("function/LogGroups", "logs: DeleteLogGroup ListTagsForResource", on=(itself, within(":*"))),
    )
}


@dataclass(frozen=True, kw_only=True)
class CommandsLogGroup(RunProduct):
    """With the project's tag, which that release gave it."""

    arn: str
    kind = "log group"

    def observe(self, outputs: Outputs) -> State | None:
        logs = self.client("logs")
        groups = listed(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=self.name)
        if not any(group["logGroupName"] == self.name for group in groups):
            return None
        return {"tags": tag_map(logs.list_tags_for_resource(resourceArn=self.arn)["tags"])}

    def remove(self, observed: State) -> None:
        self.client("logs").delete_log_group(logGroupName=self.name)


def places(names: Names) -> Iterator[tuple[str, Place]]:
    """Where an operator needs rights on it."""
    if names.source_account is not None:
        arn = names.arn("logs", names.shared, f"log-group:{_group(names)}")
        sids, keys = {"LogGroups": "LogGroup"}, Keys.stand_ins(names)
        yield COMMANDS_LOGS, Place(names=names, keys=keys, account=names.shared, arn=arn, policy="logs", sids=sids)


def products(config: Config, clients: Clients, clock: Clock) -> tuple[RunProduct, ...]:
    """All that may exist."""
    names = Names(config)
    return tuple(
        CommandsLogGroup(
            id="shared/commands-log-group",
            account=place.account,
            name=_group(names),
            arn=place.arn,
            tags=names.tags,
            evidence=RoleDocuments(names, clients),
            clients=clients,
            clock=clock,
        )
        for _, place in places(names)
    )


def _group(names: Names) -> str:
    return f"/aws/codepipeline/{names.pipeline}"
