"""What a map would make, as far as it can be said of one that may have faults: the limits of names are judged on it."""

import re

from xacct_ml.config.model import Config, ProductionTarget, QualityGate, Training
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.system import system
from xacct_ml.system.thing import Role, Thing
from xacct_ml.tables.regions import XGBOOST_REGISTRIES, XGBOOST_VERSIONS
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS

_SOME_REGION = "us-east-1"
_SOME_CONNECTION = "arn:aws:codeconnections:us-east-1:000000000000:connection/0"


def described(config: Config) -> tuple[Thing, ...]:
    """The map's things. Faults that keep them from being described are mended first, and reported by others: neither
    an id nor a name follows from what is mended, but for regions that are none."""
    mended = _mended(config)
    return system(mended, Keys.stand_ins(Names(mended)))


def longest_job(config: Config) -> str:
    """Of all roles, the job that makes the longest name."""
    return max((thing.job for thing in described(config) if isinstance(thing, Role)), key=len)


def _mended(config: Config) -> Config:
    """The map itself where nothing is wrong."""
    changes: dict[str, object] = {}
    if config.region not in XGBOOST_REGISTRIES:
        changes["region"] = _SOME_REGION
    targets = tuple(map(_in_a_region, config.accounts.production))
    one_source = config.pipeline.connection is None and config.pipeline.source_object is None
    source = config.accounts.source if one_source else None
    if targets != config.accounts.production or source != config.accounts.source:
        changes["accounts"] = config.accounts.model_copy(update={"production": targets, "source": source})
    training, pipeline = config.training, config.pipeline
    if training.xgboost_version not in XGBOOST_VERSIONS or training.hyperparameters.keys() - set(HYPERPARAMETERS):
        changes["training"] = Training()
    if config.quality_gate.direction is None:
        changes["quality_gate"] = QualityGate()
    if sorted(name for wave in config.waves for name in wave.targets) != sorted(target.name for target in targets):
        changes["waves"] = ()
    if pipeline.connection is not None and not re.match("arn(:[^:]*){5}", pipeline.connection.arn):
        usable = pipeline.connection.model_copy(update={"arn": _SOME_CONNECTION})
        changes["pipeline"] = pipeline.model_copy(update={"connection": usable})
    return config.model_copy(update=changes) if changes else config


def _in_a_region(target: ProductionTarget) -> ProductionTarget:
    usable = target.region is None or target.region in XGBOOST_REGISTRIES
    return target if usable else target.model_copy(update={"region": None})
