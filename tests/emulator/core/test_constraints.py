"""What botocore lets pass and a service refuses."""

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from xacct_ml.emulator.core.constraints import message, violations

MODEL = ServiceModel(Loader().load_service_model("codepipeline", "service-2"), "codepipeline")


def found(operation: str, **params) -> list[str]:
    return list(violations(MODEL.operation_model(operation).input_shape, params))


def pipeline(**changes) -> dict:
    action = {"name": "A", "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}}
    base = {"name": "p", "roleArn": "arn:aws:iam::111111111111:role/r", "stages": [{"name": "S", "actions": [action]}]}
    return {**base, **changes}


def test_a_good_request_has_no_violations() -> None:
    """Nothing is invented."""
    assert found("CreatePipeline", pipeline=pipeline(executionMode="QUEUED")) == []


@pytest.mark.parametrize(
    ("changes", "path", "constraint"),
    [
        ({"name": "has space"}, "pipeline.name", "regular expression pattern"),
        ({"name": "x" * 101}, "pipeline.name", "length less than or equal to 100"),
        ({"executionMode": "WHENEVER"}, "pipeline.executionMode", "enum value set: [QUEUED, SUPERSEDED, PARALLEL]"),
        ({"version": 0}, "pipeline.version", "value greater than or equal to 1"),
    ],
)
def test_each_constraint_is_named_with_its_path(changes, path, constraint) -> None:
    """Maxima, patterns, enums and ranges come from the model."""
    (only,) = found("CreatePipeline", pipeline=pipeline(**changes))
    assert f"at '{path}'" in only
    assert constraint in only


def test_configuration_values_are_limited_inside_maps_and_lists() -> None:
    """The path leads through list positions; a map of texts is named whole, with all constraints of its values."""
    declared = pipeline()
    declared["stages"][0]["actions"][0]["configuration"] = {"S3Bucket": "x" * 1001}
    (only,) = found("CreatePipeline", pipeline=declared)
    assert "at 'pipeline.stages.1.member.actions.1.member.configuration' failed" in only
    assert "Map value must satisfy constraint: [Member must have length less than or equal to 1000, " in only


def test_the_message_counts() -> None:
    """As AWS writes it."""
    assert message(["a"]) == "1 validation error detected: a"
    assert message(["a", "b"]) == "2 validation errors detected: a; b"
