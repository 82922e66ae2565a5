"""Our rules against an independent judge: the service models that botocore carries."""

from __future__ import annotations

import re
from typing import Any

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.service_limits import TextRule, WholeNumberRule

MODELS = botocore.session.get_session()

TEXTS = {
    "role name": (rules.ROLE_NAME, "iam", "roleNameType"),
    "role path": (rules.ROLE_PATH, "iam", "pathType"),
    "external id": (rules.EXTERNAL_ID, "sts", "externalIdType"),
    "pipeline name": (rules.PIPELINE_NAME, "codepipeline", "PipelineName"),
    "target name": (rules.TARGET_NAME, "codepipeline", "ActionName"),
    "repository": (rules.REPOSITORY_NAME, "codecommit", "RepositoryName"),
    "trigger path": (rules.TRIGGER_PATH, "codepipeline", "GitFilePathPattern"),
    "endpoint": (rules.ENDPOINT_NAME, "sagemaker", "EndpointName"),
    "gate metric": (rules.GATE_METRIC, "sagemaker", "MetricName"),
    "hyperparameter": (rules.HYPERPARAMETER_VALUE, "sagemaker", "HyperParameterValue"),
    "project as rule": (rules.PROJECT, "events", "RuleName"),
    "project as training job": (rules.PROJECT, "sagemaker", "TrainingJobName"),
    "project as model": (rules.PROJECT, "sagemaker", "ModelName"),
    "project as function": (rules.PROJECT, "lambda", "FunctionName"),
}
NUMBERS = {
    "instances": (rules.INSTANCE_COUNT, "sagemaker", "InitialTaskCount"),
    "volume": (rules.VOLUME_GB, "sagemaker", "VolumeSizeInGB"),
    "run time": (rules.MAXIMUM_RUNTIME_SECONDS, "sagemaker", "MaxRuntimeInSeconds"),
    "memory": (rules.SERVERLESS_MEMORY_MB, "sagemaker", "ServerlessMemorySizeInMB"),
    "concurrency": (rules.SERVERLESS_CONCURRENCY, "sagemaker", "ServerlessMaxConcurrency"),
    "deletion window": (rules.DELETION_WINDOW_DAYS, "kms", "PendingWindowInDaysType"),
}


def shape(service: str, name: str) -> Any:
    return MODELS.get_service_model(service).shape_for(name)


@pytest.mark.parametrize(("rule", "service", "name"), TEXTS.values(), ids=TEXTS)
@settings(max_examples=25)
@given(data=st.data())
def test_texts_within_the_model(rule: TextRule, service: str, name: str, data: st.DataObject) -> None:
    """Whatever a rule accepts, the service's model accepts: length and pattern."""
    limits = shape(service, name).metadata
    assert rule.maximum <= limits["max"]
    assert rule.minimum >= limits["min"]
    value = data.draw(st.from_regex(re.compile(rule.pattern, re.ASCII), fullmatch=True))
    if rule.fault(value) is None:
        assert re.fullmatch(limits.get("pattern", ".*"), value)


@pytest.mark.parametrize(("rule", "service", "name"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_within_the_model(rule: WholeNumberRule, service: str, name: str) -> None:
    """A rule's range lies within the service's."""
    limits = shape(service, name).metadata
    assert rule.minimum >= limits["min"]
    assert rule.maximum <= limits.get("max", rule.maximum)
    assert rule.fault(rule.minimum) is None
    assert rule.fault(rule.maximum) is None
    assert rule.fault(rule.minimum - 1)
    assert rule.fault(rule.maximum + 1)


@pytest.mark.parametrize("name", ["TrainingInstanceType", "ProductionVariantInstanceType"])
def test_every_instance_type(name: str) -> None:
    """Every instance type that SageMaker's model lists has the form."""
    assert [kind for kind in shape("sagemaker", name).enum if rules.INSTANCE_TYPE.fault(kind)] == []


def test_retentions() -> None:
    """The retentions are those that the documentation in the model of CloudWatch Logs lists."""
    documented = re.findall(r"\d+", shape("logs", "Days").documentation.split("To set")[0])
    assert tuple(int(days) for days in documented) == rules.RETENTION_DAYS


def test_counts() -> None:
    """Counts stay within the models', with room for the tags that are not the user's."""
    assert shape("sagemaker", "HyperParameters").metadata["max"] >= rules.MAXIMUM_HYPERPARAMETERS
    assert shape("codepipeline", "GitFilePathPatternList").metadata["max"] >= rules.MAXIMUM_TRIGGER_PATHS
    for service, name in (("iam", "tagListType"), ("sagemaker", "TagList")):
        assert shape(service, name).metadata["max"] >= rules.MAXIMUM_TAGS + 2


@given(st.text(min_size=1, max_size=260))
def test_tags_have_the_characters_of_the_model(text: str) -> None:
    """What passes as a tag has only characters of IAM's pattern, whose Unicode classes ``isalnum`` stands for here."""
    if rules.tag_value_fault(text) is None:
        assert all(character.isalnum() or character.isspace() or character in "_.:/=+-@" for character in text)
        assert len(text) <= shape("iam", "tagValueType").metadata["max"]
    if rules.tag_key_fault(text) is None:
        assert len(text) <= shape("iam", "tagKeyType").metadata["max"]


@pytest.mark.parametrize("name", ["main", "a/b", "feature-1.2_x", "a@b", "x" * 256])
def test_branches(name: str) -> None:
    """Names that git takes."""
    assert rules.branch_fault(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "@",
        "HEAD",
        "-a",
        "a.",
        ".a",
        "a/.b",
        "a//b",
        "/a",
        "a/",
        "a.lock",
        "a@{1}",
        "a~1",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[",
        "ä",
    ],
)
def test_refused_branches(name: str) -> None:
    """Names that git refuses, or that would not survive as ASCII."""
    assert rules.branch_fault(name)
