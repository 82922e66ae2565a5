"""Names that two projects in the same accounts cannot both have: the second would find what is the first's."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.bucket import Bucket
from xacct_ml.resources.connection import Connection
from xacct_ml.resources.source_object import SourceObject
from xacct_ml.system.names import Names

_NOT_MADE = (Connection, SourceObject)
"""A connection belongs to somebody else, and an object lies in a bucket, whose name counts."""


@dataclass(frozen=True, order=True, slots=True)
class Taken:
    """One name. ``account`` is empty where the name counts for all accounts."""

    account: str
    kind: str
    name: str

    def __str__(self) -> str:
        where = f" in {self.account}" if self.account else ""
        return f"{self.kind} {self.name}{where}"


def clashes(config: Config, other: Config) -> tuple[Taken, ...]:
    """Every name that both projects would make. Regions are not told apart: roles have none. Calls nothing."""
    return tuple(sorted(_taken(config) & _taken(other)))


def _taken(config: Config) -> set[Taken]:
    names, accounts = Names(config), Accounts(config)
    resources = (*bootstrap_resources(config, accounts), *pipeline_resources(config, accounts))
    return {
        *(
            # A bucket's name is taken for all accounts of a partition.
            Taken("" if isinstance(resource, Bucket) else resource.account, resource.kind, resource.name)
            for resource in resources
            if not isinstance(resource, _NOT_MADE)
        ),
        *(Taken(target.id, "SageMaker endpoint", names.endpoint) for target in names.production),
    }
