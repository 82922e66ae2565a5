"""What the map may adopt: exactly what the blueprint makes, and told with its place where it is something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.maps import MINIMAL, refusal
from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.resources.cloud import Cloud
from xacct_ml.config.model import Config
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.validation import load
from xacct_ml.validation.adoption import adoptable, not_adoptable

MAPS = sorted((Path(__file__).parents[2] / "docs" / "maps").glob("*.yaml"))

TWO_TARGETS = {
    "shared": {"id": SHARED},
    "training": {"id": TRAINING},
    "production": ({"id": PRODUCTION, "name": "eu"}, {"id": "444444444444", "name": "us"}),
}
KEY = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    "config",
    [
        example(),
        example(accounts=TWO_TARGETS, endpoint={"name": "scores"}),
        example(endpoint={"serverless": {}}),
        *(load(path) for path in MAPS),
    ],
    ids=["example", "two targets", "serverless", *(path.stem for path in MAPS)],
)
def test_the_ids_are_the_blueprints(config: Config) -> None:
    """All of them, and no other."""
    cloud = Cloud(config)
    resources = (*bootstrap_resources(config, cloud), *pipeline_resources(config, cloud))
    ids = {resource.id for resource in resources}
    assert {*adoptable(config), *(ids & not_adoptable(config).keys())} == ids


REFUSED = {
    "misspelt": (
        "adopt:\n  - shared/buckt\n",
        (16, 5),
        "there is no resource 'shared/buckt'; did you mean 'shared/bucket'?",
    ),
    "of nothing": ("adopt: [xyz]\n", (15, 9), "there is no resource 'xyz'; xacct-ml plan --output json has all ids"),
    "twice": ("adopt: [shared/bucket, shared/bucket]\n", (15, 24), "adopt: shared/bucket is given twice"),
    "the key": ("adopt: [shared/key]\n", (15, 9), "an existing key is named by its ARN: give key.arn"),
    "the alias": ("adopt: [shared/alias]\n", (15, 9), "the alias belongs to the key: give key.arn"),
    "the stack": ("adopt: [training/stack]\n", (15, 9), "a stack cannot be adopted"),
    "no list": ("adopt: shared/bucket\n", (15, 8), "adopt must be a list (- item)"),
    "an id for a key": ("key: {arn: 1234abcd}\n", (15, 12), "'1234abcd' is not a key's ARN, such as"),
    "an alias for a key": (
        f"key: {{arn: '{KEY.replace('key/', 'alias/')}'}}\n",
        (15, 12),
        "an alias may point to another key tomorrow",
    ),
    "a key elsewhere": (
        f"key: {{arn: '{KEY.replace('111111111111', '999999999999')}'}}\n",
        (15, 12),
        "the key belongs to account 999999999999, not to the shared account 111111111111",
    ),
    "a key of another region": (
        f"key: {{arn: '{KEY.replace('us-east-1', 'eu-west-1')}'}}\n",
        (15, 12),
        "the key is in eu-west-1, not in us-east-1",
    ),
    "a key of another partition": (
        f"key: {{arn: '{KEY.replace('arn:aws:', 'arn:aws-cn:')}'}}\n",
        (15, 12),
        "the key is in partition aws-cn; region us-east-1 is in aws",
    ),
}


@pytest.mark.parametrize(("section", "place", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, section: str, place: tuple[int, int], reason: str) -> None:
    """With line and column, before anything is called."""
    error = refusal(tmp_path, MINIMAL + section)
    assert (error.line, error.column) == place
    assert reason in error.message


def test_accepted(tmp_path: Path) -> None:
    """A multi-region key too."""
    path = tmp_path / "config.yaml"
    path.write_text(f"{MINIMAL}key: {{arn: '{KEY.replace('1234abcd-', 'mrk-')}'}}\nadopt: [shared/bucket]\n")
    config = load(path)
    assert config.adopt == ("shared/bucket",)
    assert config.key.arn is not None
