"""Names that two projects in the same accounts cannot both have: the second would find what is the first's."""

from dataclasses import dataclass

from xacct_ml.config.model import Config
from xacct_ml.resources.blueprint import driver_of
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.system import system
from xacct_ml.system.thing import Bucket, Connection, SourceObject

_NOT_MADE = (Connection, SourceObject)
"""What is only read of others', or lies in a bucket whose name counts already."""


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
    """The names of buckets are taken for all accounts of a partition."""
    names = Names(config)
    made = (thing for thing in system(config, Keys.stand_ins(names)) if not isinstance(thing, _NOT_MADE))
    return {
        *(Taken("" if isinstance(one, Bucket) else one.account, str(driver_of(one).kind), one.name) for one in made),
        *(
            Taken(target.id, "SageMaker endpoint", endpoint)
            for target in names.production
            for endpoint in (names.endpoint, names.smoke_endpoint)
        ),
    }
