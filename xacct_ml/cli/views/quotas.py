"""The quotas of instances that a map takes, as lines and as JSON: what ``doctor`` compares with the accounts'."""

from collections.abc import Iterator
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.operations.command_names import DOCTOR
from xacct_ml.operations.doctor.quotas import wanted


def quota_lines(config: Config) -> Iterator[str]:
    """A heading with who compares them, then account, region, quota and how much of it is needed at once."""
    yield f"instances at once, by SageMaker's quotas (whether they are enough: {DOCTOR})"
    for one in quota_json(config):
        yield f"  {one['account']} {one['region']}  {one['quota']}: {one['needed']}"


def quota_json(config: Config) -> list[dict[str, Any]]:
    return [
        {"account": account, "region": region, "quota": quota, "needed": needed}
        for (account, region), of_place in wanted(config).items()
        for quota, needed in of_place.items()
    ]
