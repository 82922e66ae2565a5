"""The drivers of everything that the project is made of (:mod:`xacct_ml.system.system`), ready to be planned.

An AWS type is driven by the class in this folder that drives the type's things."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from importlib import import_module
from pkgutil import iter_modules
from threading import Event
from typing import Any

from xacct_ml import resources
from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.resource import UNKNOWN, Outputs, Resource
from xacct_ml.resources.base import Driver, captured_key_output, key_output
from xacct_ml.resources.ownership import Evidence, RoleDocuments
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.storage import ALIAS, BUCKET, KEY
from xacct_ml.system.system import is_pipelines, system, things_by_id
from xacct_ml.system.thing import Alias, Bucket, Connection, Key, ModelPackageGroup, Repository, Thing


def bootstrap_resources(
    config: Config,
    accounts: Clients,
    *,
    clock: Clock | None = None,
    delete_repository: bool = False,
    keep: tuple[str, ...] = (),
) -> tuple[Resource, ...]:
    """Everything but the pipeline and its rules.

    What matters to deletion alone: with ``delete_repository`` the repository goes even with commits that are not ours;
    of the bucket, what has a key that begins with one of ``keep`` stays."""
    blueprint = _blueprint(config, accounts, clock, delete_repository=delete_repository, keep=keep)
    return blueprint.drivers(lambda thing: not is_pipelines(thing))


def pipeline_resources(config: Config, accounts: Clients, *, clock: Clock | None = None) -> tuple[Resource, ...]:
    """The pipeline, then the rules that start it. They depend on :func:`bootstrap_resources`."""
    return _blueprint(config, accounts, clock).drivers(is_pipelines)


def _blueprint(
    config: Config,
    accounts: Clients,
    clock: Clock | None,
    *,
    delete_repository: bool = False,
    keep: tuple[str, ...] = (),
) -> "_Blueprint":
    evidence = RoleDocuments(Names(config), accounts)
    return _Blueprint(config, accounts, clock or SystemClock(), evidence, delete_repository, keep)


@dataclass(frozen=True)
class _Blueprint:
    config: Config
    accounts: Clients
    clock: Clock
    evidence: Evidence
    delete_repository: bool = False
    keep: tuple[str, ...] = ()
    evidence_left: Event = field(default_factory=Event)
    claims: defaultdict[tuple[str, str], Event] = field(default_factory=lambda: defaultdict(Event))
    """By account and region, what its key tells its alias."""

    def drivers(self, wanted: Callable[[Thing], bool]) -> tuple[Resource, ...]:
        return tuple(self._driver(thing) for thing in self._things if wanted(thing))

    @cached_property
    def _things(self) -> tuple[Thing, ...]:
        return system(self.config, Keys.stand_ins(Names(self.config)))

    def _parent(self, thing: Thing) -> Resource | None:
        return next((self._driver(one) for one in self._things if one.id == thing.parent), None)

    def _driver(self, thing: Thing) -> Resource:
        settings: dict[str, Any] = {
            "id": thing.id,
            "account": thing.account,
            "name": thing.name,
            "region": self._elsewhere(thing.region),
            "captures": self._captures(thing),
            "tags": thing.tags,
            "depends_on": thing.needs,
            "adopt": thing.adopted,
            "evidence": self.evidence,
            "parent": self._parent(thing),
            "clients": self.accounts,
            "clock": self.clock,
            "thing": thing,
            "rendered": partial(self._rendered, thing.id),
        }
        return driver_of(thing)(**settings | self._more(thing))

    def _more(self, thing: Thing) -> dict[str, Any]:
        match thing:
            case Key() | Alias():
                told = {"evidence_left": self.evidence_left} if thing.id in (KEY, ALIAS) else {}
                return {"claimed": self.claims[thing.account, thing.region], **told}
            case Bucket() if thing.id == BUCKET:  # elsewhere there are copies, or what was captured
                return {"keep": self.keep, "evidence_left": self.evidence_left}
            case Repository():
                return {"with_commits": self.delete_repository}
            case ModelPackageGroup():
                return {"keep": bool(self.keep)}
            case Connection():  # always told with its region: people make it by hand
                return {"region": thing.region}
        return {}

    def _rendered(self, id_: str, outputs: Outputs) -> Thing:
        regions = Names(self.config).regions
        keys = {region: outputs.get(key_output(self._elsewhere(region)), UNKNOWN) for region in regions}
        targets = Names(self.config).capturing
        captured = {target.name: outputs.get(captured_key_output(target.name), UNKNOWN) for target in targets}
        return things_by_id(self.config, Keys.of(keys, captured))[id_]

    def _captures(self, thing: Thing) -> str | None:
        """The target whose captured requests it holds, or encrypts."""
        if not isinstance(thing, Key | Alias | Bucket):
            return None
        target = Names(self.config).target_at(thing.account, thing.region)
        return None if target is None else target.name

    def _elsewhere(self, region: str) -> str | None:
        return None if region in ("", self.config.region) else region


def driver_of(thing: Thing) -> type[Driver[Any]]:
    """Raises KeyError for a type that nothing drives."""
    every = _by_type_and_adoption()
    return every.get((thing.type, thing.adopted)) or every[thing.type, False]


def drivers() -> Mapping[str, type[Driver[Any]]]:
    """By AWS type, those of what is made by the project."""
    return {type_: driver for (type_, adopted), driver in _by_type_and_adoption().items() if not adopted}


@cache
def _by_type_and_adoption() -> Mapping[tuple[str, bool], type[Driver[Any]]]:
    for module in iter_modules(resources.__path__, f"{resources.__name__}."):
        import_module(module.name)
    return {(driver.drives.type, driver.of_adopted): driver for driver in _below(Driver)}  # type: ignore[type-abstract]


def _below(driver: type[Driver[Any]]) -> Iterator[type[Driver[Any]]]:
    for each in driver.__subclasses__():
        if each.__module__.startswith(f"{resources.__name__}."):
            yield each
        yield from _below(each)
