"""Documents that exceed their service's limit, found before any call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.system.bucket import bucket_policy
from xacct_ml.system.function import environment
from xacct_ml.system.key import key_policy
from xacct_ml.system.keys import Keys
from xacct_ml.system.model_copy import copy_environment
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import pipeline
from xacct_ml.system.roles import roles
from xacct_ml.system.template import configuration, template

TRUST_POLICY_CHARACTERS = 2_048
"""IAM's default quota; it can be raised to 4,096 (IAM User Guide, reference_iam-quotas)."""
INLINE_POLICIES_CHARACTERS = 10_240
"""All inline policies of a role together, white space not counted (same page)."""
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
    too_large = [size for size in sizes(config) if not size.fits]
    if too_large:
        lines = [
            f"the {size.document} would have {size.size:,} {size.unit}, the limit is {size.limit:,}: {size.advice}"
            f"{_how_many_fit(config, size)}"
            for size in too_large
        ]
        raise InputError(lines[0], file=file, details=tuple(lines[1:]))


def _how_many_fit(config: Config, too_large: Size) -> str:
    """Where the number of production targets is to blame: of how many the document would have room for, in the map's
    order.
    """
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
    keys = Keys.stand_ins(names)
    for role in roles(config, keys):
        name = f"role {role.name} of account {role.account}"
        yield Size(
            f"trust policy of {name}", _compact(role.trust), TRUST_POLICY_CHARACTERS, "characters", _FEWER_TARGETS
        )
        total = sum(_compact(document) for document in role.policies.values())
        yield Size(f"inline policies of {name}", total, INLINE_POLICIES_CHARACTERS, "characters", _FEWER_TARGETS)
    for region in names.regions:
        first = region == names.region
        where, advice = ("", _FEWER_TARGETS) if first else (f" of {region}", _FEWER_TARGETS_THERE)
        size = _bytes(bucket_policy(config, keys, region))
        yield Size(f"bucket policy{where}", size, BUCKET_POLICY_BYTES, "bytes", advice)
        yield Size(f"key policy{where}", _bytes(key_policy(config, region)), KEY_POLICY_BYTES, "bytes", advice)
    if names.other_regions:
        what = "environment of the function that copies models"
        yield Size(what, _variables(copy_environment(config, keys)), ENVIRONMENT_BYTES, "bytes", "fewer regions")
    stages = pipeline(config, keys)["stages"]
    total = sum(len(stage["actions"]) for stage in stages)
    yield Size("pipeline", len(stages), STAGES, "stages", "fewer waves, or waves without approval")
    yield Size("pipeline", total, PIPELINE_ACTIONS, "actions", "fewer production targets")
    for stage in stages:
        name = f"pipeline's stage {stage['name']}"
        yield Size(name, len(stage["actions"]), STAGE_ACTIONS, "actions", "fewer production targets in one wave")
        for action in stage["actions"]:
            for key, value in action["configuration"].items():
                yield Size(
                    f"pipeline's {stage['name']}/{action['name']} {key}",
                    len(value),
                    CONFIGURATION_VALUE_CHARACTERS,
                    "characters",
                    "shorter names (project, role path, bucket, data prefix)",
                )
    for target in names.production:
        size, what = _variables(environment(config, target)), f"environment of the function in {target.name}"
        yield Size(what, size, ENVIRONMENT_BYTES, "bytes", "fewer or shorter tags")
    yield Size("training template", len(template(config).encode()), TEMPLATE_BYTES, "bytes", "fewer or shorter tags")
    for name, value in configuration(config)["Parameters"].items():
        yield Size(f"template parameter {name}", len(value.encode()), PARAMETER_BYTES, "bytes", "a shorter value")


def _variables(variables: Mapping[str, str]) -> int:
    return sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())


def _compact(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def _bytes(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
