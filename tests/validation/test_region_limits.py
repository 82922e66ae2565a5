"""Regions of production targets: what is refused, where, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.maps import MINIMAL, changed, refusal
from xacct_ml.system.names import Names
from xacct_ml.validation import load

TARGET = '    - id: "333333333333"\n'


def targets(*entries: str, **map_changes: str) -> str:
    """The minimal map with these production targets; ``map_changes`` replace whole lines that begin with the key."""
    text = changed(TARGET, "".join(f"    - {{{entry}}}\n" for entry in entries))
    for key, line in map_changes.items():
        text = "".join(f"{line}\n" if row.startswith(f"{key}:") else f"{row}\n" for row in text.splitlines())
    return text


def target(id_: str = "333333333333", **values: str) -> str:
    return ", ".join([f'id: "{id_}"', *(f"{key}: {value}" for key, value in values.items())])


LONG = "a-project-of-letters"

REFUSED: dict[str, tuple[str, int, str]] = {
    "unknown": (targets(target(region="eu-wset-1")), 9, "unknown region 'eu-wset-1'; did you mean 'eu-west-1'?"),
    "another partition": (
        targets(target(region="cn-north-1")),
        9,
        "cn-north-1 is in partition aws-cn, region us-east-1 in aws; allowed: af-south-1",
    ),
    "no image": (targets(target(region="ap-southeast-5")), 9, "no SageMaker XGBoost image is known in region"),
    "no CodePipeline": (targets(target(region="ca-west-1")), 9, "is not in ca-west-1; allowed: af-south-1"),
    "the same place twice": (
        targets(target(name="a", region="eu-west-1"), target(name="b", region="eu-west-1")),
        10,
        "accounts.production.1.id is 333333333333 like accounts.production.0.id, and both are in eu-west-1",
    ),
    "the map's region, said and unsaid": (
        targets(target(name="a"), target(name="b", region="us-east-1")),
        10,
        "both are in us-east-1: give each target its own account or region",
    ),
    "two ways into one account": (
        targets(target(name="a", profile="one"), target(name="b", region="eu-west-1", profile="two")),
        10,
        "accounts.production.1: profile is not accounts.production.0's, and both are account 333333333333",
    ),
    "the training account again": (
        targets(target("222222222222", region="eu-west-1")),
        9,
        "is 222222222222 like accounts.training.id; every account of the map must be another",
    ),
    "role names": (
        targets(target(region="ap-northeast-1"), project=f"project: {LONG}")
        + "roles:\n  name_prefix: fourteen-more-\n",
        9,
        f"'fourteen-more-{LONG}-deploy-function-ap-northeast-1' has 65 characters; "
        "shorten roles.name_prefix or project by 1",
    ),
    "bucket name": (
        targets(target(region="eu-west-1")) + f"bucket:\n  name: {'b' * 54}\n",
        9,
        f"the region's bucket would be {'b' * 54}-eu-west-1, which",
    ),
    "an action's name": (
        targets(target(name="a", region="eu-west-1"), target("444444444444", name="copy-eu-west-1")),
        10,
        "'copy-eu-west-1' is the name of the action that copies models there",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, tmp_path: Path) -> None:
    """With the line of the value to blame."""
    text, line, reason = REFUSED[name]
    error = refusal(tmp_path, text)
    assert error.line == line
    assert reason in error.message


def test_one_account_with_two_regions_is_accepted(tmp_path: Path) -> None:
    """Names at their limits included; they are those that Names makes."""
    bucket = "b" * (63 - len("-ap-northeast-1"))
    path = tmp_path / "config.yaml"
    path.write_text(
        targets(target(name="a"), target(name="b", region="ap-northeast-1"), project=f"project: {LONG}")
        + f"roles:\n  name_prefix: thirteen-mor-\nbucket:\n  name: {bucket}\n"
    )
    config = load(path)
    names = Names(config)
    assert len(names.deploy_function_role(config.accounts.production[1]).rsplit("/", 1)[-1]) == 64
    assert len(names.bucket_in("ap-northeast-1")) == 63


def test_the_maps_own_region_is_no_other_one(tmp_path: Path) -> None:
    """Said or not, it is the same map."""
    path = tmp_path / "config.yaml"
    path.write_text(MINIMAL.replace(TARGET, f"    - {{{target(region='us-east-1')}}}\n"))
    names = Names(load(path))
    assert names.other_regions == ()
    assert names.deploy_action_role(names.production[0]).endswith(":role/churn-deploy-action")
