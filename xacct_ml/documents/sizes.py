"""Documents that would outgrow their service's limit, found before anything is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.documents.bucket import bucket_policy
from xacct_ml.documents.function import environment
from xacct_ml.documents.key import key_policy
from xacct_ml.documents.model_copy import copy_environment
from xacct_ml.documents.pipeline import pipeline
from xacct_ml.documents.regional_storage import regional_bucket_policy, regional_key_policy
from xacct_ml.documents.roles import roles
from xacct_ml.documents.template import configuration, template
from xacct_ml.errors import InputError
from xacct_ml.naming import Names

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


@dataclass(frozen=True)
class Size:
    document: str
    size: int
    limit: int
    unit: str
    advice: str


def check_sizes(config: Config) -> None:
    """Raises InputError naming every document that is too large and what in the map makes it so."""
    too_large = [size for size in sizes(config) if size.size > size.limit]
    if too_large:
        lines = [
            f"the {size.document} would have {size.size:,} {size.unit}, the limit is {size.limit:,}: {size.advice}"
            for size in too_large
        ]
        raise InputError(lines[0], details=tuple(lines[1:]))


def sizes(config: Config) -> Iterator[Size]:
    """Every document that has a limit, with the key's id at its full length."""
    names = Names(config)
    key_arn = names.key_arn()
    targets = "fewer production targets, or shorter role names"
    for role in roles(config, key_arn):
        name = f"role {role.name} of account {role.account}"
        yield Size(f"trust policy of {name}", _compact(role.trust), TRUST_POLICY_CHARACTERS, "characters", targets)
        total = sum(_compact(document) for document in role.policies.values())
        yield Size(f"inline policies of {name}", total, INLINE_POLICIES_CHARACTERS, "characters", targets)
    yield Size("bucket policy", _bytes(bucket_policy(config, key_arn)), BUCKET_POLICY_BYTES, "bytes", targets)
    yield Size("key policy", _bytes(key_policy(config)), KEY_POLICY_BYTES, "bytes", targets)
    yield from _of_other_regions(config, names)
    for stage in pipeline(config, key_arn)["stages"]:
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
        variables = environment(config, target)
        size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
        yield Size(
            f"environment of the function in {target.name}", size, ENVIRONMENT_BYTES, "bytes", "fewer or shorter tags"
        )
    yield Size("training template", len(template(config).encode()), TEMPLATE_BYTES, "bytes", "fewer or shorter tags")
    for name, value in configuration(config)["Parameters"].items():
        yield Size(f"template parameter {name}", len(value.encode()), PARAMETER_BYTES, "bytes", "a shorter value")


def _of_other_regions(config: Config, names: Names) -> Iterator[Size]:
    advice = "fewer production targets in it, or shorter role names"
    for region in names.other_regions:
        policy = regional_bucket_policy(config, region, names.key_arn(region=region))
        yield Size(f"bucket policy of {region}", _bytes(policy), BUCKET_POLICY_BYTES, "bytes", advice)
        yield Size(
            f"key policy of {region}", _bytes(regional_key_policy(config, region)), KEY_POLICY_BYTES, "bytes", advice
        )
    if names.other_regions:
        variables = copy_environment(config, names.regional_keys())
        size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
        yield Size("environment of the function that copies models", size, ENVIRONMENT_BYTES, "bytes", "fewer regions")


def _compact(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def _bytes(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
