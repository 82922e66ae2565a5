"""The training template: what reaches it from where, and that CloudFormation's own linter accepts it."""

from __future__ import annotations

import json
from pathlib import Path

import cfnlint.api
import pytest
import yaml

from tests.configs import example
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.repository import first_commit
from xacct_ml.system.template import configuration, parameter_overrides, template

CONFIG = example()


@pytest.mark.long
def test_cfn_lint_finds_nothing() -> None:
    """An independent judge of the template; its informational hints are about taste."""
    found = cfnlint.api.lint_all(template(CONFIG))
    assert [str(match) for match in found if not match.rule.id.startswith("I")] == []


def test_every_parameter_comes_from_exactly_one_side() -> None:
    """Infrastructure from the pipeline, tuning from the configuration file, the rest has a default."""
    parameters = yaml.safe_load(template(CONFIG))["Parameters"]
    overrides = set(parameter_overrides(CONFIG, Keys.stand_ins(Names(CONFIG)), "commit"))
    tuned = set(configuration(CONFIG)["Parameters"])
    assert overrides.isdisjoint(tuned)
    assert overrides | tuned <= set(parameters)
    assert all("Default" in parameters[name] for name in set(parameters) - overrides - tuned)


def test_configuration_is_what_codepipeline_takes() -> None:
    """A template configuration file: an object of texts."""
    content = json.loads(first_commit(CONFIG)["configuration.json"])
    assert set(content) == {"Parameters"}
    assert all(isinstance(value, str) for value in content["Parameters"].values())
    assert content["Parameters"]["MaxDepth"] == "5"
    assert content["Parameters"]["GateDirection"] == "maximize"


def test_the_template_names_no_account_region_or_role(tmp_path: Path) -> None:
    """It is generic: another project's repository could hold the same file."""
    file = tmp_path / "template.yaml"
    file.write_bytes(first_commit(CONFIG)["template.yaml"])
    text = file.read_text()
    assert "111111111111" not in text
    assert "us-east-1" not in text
    assert "arn:aws:iam" not in text
