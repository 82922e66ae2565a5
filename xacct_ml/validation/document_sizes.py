"""Documents that exceed their service's limit, found before any call."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document
from xacct_ml.system.system import system
from xacct_ml.system.template import configuration
from xacct_ml.system.thing import Bucket, Function, Key, Pipeline, Role, Stack, Thing

TRUST_POLICY_CHARACTERS = 2_048
"""IAM's default quota; it can be raised to 4,096 (IAM User Guide, reference_iam-quotas)."""
INLINE_POLICIES_CHARACTERS = 10_240
"""All inline policies of a role together, white space not counted (same page)."""
MANAGED_POLICY_CHARACTERS = 6_144
"""One managed policy, likewise (same page)."""
BUCKET_POLICY_BYTES = 20_480
KEY_POLICY_BYTES = 32_768
CONFIGURATION_VALUE_CHARACTERS = 1_000
"""CodePipeline's ActionConfigurationValue (service model)."""
ENVIRONMENT_BYTES = 4_096
"""All variables of a Lambda function (Lambda Developer Guide, gettingstarted-limits)."""
TEMPLATE_BYTES = 51_200
"""A template that is passed in the call, as bootstrap does (CloudFormation User Guide, cloudformation-limits)."""
PARAMETER_BYTES = 4_096
STAGES = 50
STAGE_ACTIONS = 50
PIPELINE_ACTIONS = 500
"""CodePipeline User Guide, limits [D]."""

_FEWER_TARGETS = "fewer production targets, or shorter names (roles.path, roles.name_prefix, project)"

_FEWER_TARGETS_THERE = "fewer production targets in it, or shorter role names"


@dataclass(frozen=True)
class Size:
    document: str
    size: int
    limit: int
    unit: str
    advice: str

    @property
    def fits(self) -> bool:
        return self.size <= self.limit


def check_sizes(config: Config, file: Path | None = None) -> None:
    """Raises InputError naming every document that is too large and what in the map makes it so."""
    lines = [
        f"the {size.document} would have {size.size:,} {size.unit}, the limit is {size.limit:,}: {size.advice}"
        f"{_how_many_fit(config, size)}"
        for size in sizes(config)
        if not size.fits
    ]
    if lines:
        raise InputError(lines[0], file=file, details=tuple(lines[1:]))


def _how_many_fit(config: Config, too_large: Size) -> str:
    """Where the number of production targets is to blame: of how many the document would have room for, in the map's
    order."""
    if too_large.advice != _FEWER_TARGETS:
        return ""
    for count in range(len(config.accounts.production) - 1, 0, -1):
        fewer = _with_targets(config, count)
        if all(size.fits for size in sizes(fewer) if size.document == too_large.document):
            return f"; the first {count} of {len(config.accounts.production)} would fit"
    return ""


def _with_targets(config: Config, count: int) -> Config:
    accounts = config.accounts.model_copy(update={"production": config.accounts.production[:count]})
    return config.model_copy(update={"accounts": accounts, "waves": ()})


def sizes(config: Config) -> Iterator[Size]:
    """Every document that has a limit, with the key's id at its full length."""
    names = Names(config)
    things = system(config, Keys.stand_ins(names))
    # Roles first: what makes a map too large for one of them is what makes it too large for most.
    for thing in sorted(things, key=lambda thing: not isinstance(thing, Role)):
        yield from _sizes_of(names, thing)


def _sizes_of(names: Names, thing: Thing) -> Iterator[Size]:
    first = thing.region == names.region
    where, advice = ("", _FEWER_TARGETS) if first else (f" of {thing.region}", _FEWER_TARGETS_THERE)
    if isinstance(thing, Key | Bucket) and thing.account != names.shared:
        captured = f" of what {names.part(thing.account, thing.region)} captures"
        where, advice = captured, "shorter names (roles.path, roles.name_prefix, project)"
    match thing:
        case Role():
            name = f"role {thing.name} of account {thing.account}"
            size, total = len(compact(thing.trust)), sum(len(compact(each)) for each in thing.policies.values())
            yield Size(f"trust policy of {name}", size, TRUST_POLICY_CHARACTERS, "characters", _FEWER_TARGETS)
            yield Size(f"inline policies of {name}", total, INLINE_POLICIES_CHARACTERS, "characters", _FEWER_TARGETS)
        case Bucket():
            yield _of_text(f"bucket policy{where}", compact(thing.policy), BUCKET_POLICY_BYTES, advice)
        case Key():
            yield _of_text(f"key policy{where}", compact(thing.policy), KEY_POLICY_BYTES, advice)
        case Function():
            what, less = f"in {names.part(thing.account, thing.region)}", "fewer or shorter tags"
            if thing.account == names.shared:
                what, less = "that copies models", "fewer regions"
            variables = "".join(name + value for name, value in thing.environment.items())
            yield _of_text(f"environment of the function {what}", variables, ENVIRONMENT_BYTES, less)
        case Stack():
            yield _of_text("training template", thing.template, TEMPLATE_BYTES, "fewer or shorter tags")
            for name, value in configuration(names.config)["Parameters"].items():
                yield _of_text(f"template parameter {name}", value, PARAMETER_BYTES, "a shorter value")
        case Pipeline():
            yield from _of_pipeline(thing.structure["stages"])


def _of_pipeline(stages: list[Document]) -> Iterator[Size]:
    total = sum(len(stage["actions"]) for stage in stages)
    yield Size("pipeline", len(stages), STAGES, "stages", "fewer waves, or waves without approval")
    yield Size("pipeline", total, PIPELINE_ACTIONS, "actions", "fewer production targets")
    shorter = "shorter names (project, role path, bucket, data prefix)"
    for stage in stages:
        name, actions = stage["name"], stage["actions"]
        fewer = "fewer production targets in one wave"
        yield Size(f"pipeline's stage {name}", len(actions), STAGE_ACTIONS, "actions", fewer)
        for action in actions:
            for key, value in action["configuration"].items():
                what = f"pipeline's {name}/{action['name']} {key}"
                yield Size(what, len(value), CONFIGURATION_VALUE_CHARACTERS, "characters", shorter)


def _of_text(document: str, text: str, limit: int, advice: str) -> Size:
    return Size(document, len(text.encode()), limit, "bytes", advice)


def compact(document: Document) -> str:
    """As IAM and others count it: without white space."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
