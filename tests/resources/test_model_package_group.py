"""The group of a Model Registry: made with our tags, and kept with what is registered in it."""

# ruff: noqa: N803 - the names of SageMaker's parameters

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.aws.client_errors import client_error
from tests.resources.cloud import Cloud
from xacct_ml.engine.events import Absent, Deleted, Failed, KeptBack
from xacct_ml.engine.plan import Action, plan
from xacct_ml.engine.resource import NotOurs
from xacct_ml.system.names import PROJECT_TAG

ID, NAME = "shared/model-package-group", "churn-models"


@dataclass
class Pages:
    """Of an operation whose every answer is one page."""

    ask: Callable[..., Any]

    def paginate(self, **arguments: Any) -> list[Any]:
        return [self.ask(**arguments)]


@dataclass
class Groups:
    """SageMaker with one group or none; ``lingers``: so many looks a package that is being deleted is still seen."""

    tags: dict[str, str] | None = None
    packages: dict[str, str] = field(default_factory=dict)
    lingers: int = 0
    loses_answers: bool = False

    def get_paginator(self, operation: str) -> Pages:
        return Pages(getattr(self, operation))

    def describe_model_package_group(self, *, ModelPackageGroupName: str) -> dict[str, Any]:
        assert ModelPackageGroupName == NAME
        if self.tags is None:
            raise client_error("ValidationException", f"ModelPackageGroup {NAME} does not exist.")
        return {}

    def create_model_package_group(self, *, Tags: list[dict[str, str]], **_: Any) -> None:
        if self.tags is not None:
            raise client_error("ValidationException", "Model Package Group already exists: arn")
        self.tags = {tag["Key"]: tag["Value"] for tag in Tags}
        if self.loses_answers:
            self.loses_answers = False
            self.create_model_package_group(Tags=Tags)

    def list_tags(self, *, ResourceArn: str) -> dict[str, Any]:
        assert ResourceArn.endswith(f":model-package-group/{NAME}")
        return {"Tags": [{"Key": key, "Value": value} for key, value in (self.tags or {}).items()]}

    def add_tags(self, *, ResourceArn: str, Tags: list[dict[str, str]]) -> None:  # noqa: ARG002
        assert self.tags is not None
        self.tags |= {tag["Key"]: tag["Value"] for tag in Tags}

    def delete_tags(self, *, ResourceArn: str, TagKeys: list[str]) -> None:  # noqa: ARG002
        assert self.tags is not None
        for key in TagKeys:
            del self.tags[key]

    def list_model_packages(self, *, ModelPackageGroupName: str) -> dict[str, Any]:
        assert ModelPackageGroupName == NAME
        if "Deleting" in self.packages.values():
            self.lingers -= 1
            if self.lingers < 0:
                self.packages.clear()
        found = [{"ModelPackageArn": arn, "ModelPackageStatus": status} for arn, status in self.packages.items()]
        return {"ModelPackageSummaryList": found}

    def delete_model_package(self, *, ModelPackageName: str) -> None:
        assert self.packages[ModelPackageName] == "Completed"
        self.packages[ModelPackageName] = "Deleting"

    def delete_model_package_group(self, *, ModelPackageGroupName: str) -> None:
        assert (ModelPackageGroupName, self.packages) == (NAME, {})
        self.tags = None


class Registry:
    def __init__(self, **given: Any) -> None:
        self.cloud, self.groups = Cloud(), Groups(**given)
        self.cloud.map(registry={"model_package_group": NAME})
        self.cloud.replaced["sagemaker"] = self.groups
        (self.group,) = self.cloud.resources(ID)


def test_it_is_made_once_with_our_tags() -> None:
    registry = Registry()
    registry.cloud.apply(registry.group)
    assert registry.groups.tags == registry.cloud.names.tags
    (step,) = plan([registry.group]).steps
    assert step.action is Action.NOTHING


def test_an_answer_that_was_lost_is_no_failure() -> None:
    """The second call then finds the first one's group."""
    registry = Registry(loses_answers=True)
    registry.cloud.apply(registry.group)
    assert registry.groups.tags == registry.cloud.names.tags


def test_tags_that_somebody_changed_are_put_right() -> None:
    registry = Registry()
    registry.cloud.apply(registry.group)
    assert registry.groups.tags is not None
    registry.groups.tags |= {"theirs": "x", "team": "other"}
    registry.cloud.apply(registry.group)
    assert registry.groups.tags == registry.cloud.names.tags


def test_somebody_elses_is_left_alone() -> None:
    registry = Registry(tags={PROJECT_TAG: "other"})
    outcome = registry.cloud.attempt(registry.group).outcomes[ID]
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, NotOurs)
    assert registry.groups.tags == {PROJECT_TAG: "other"}


def test_an_empty_one_is_deleted() -> None:
    registry = Registry()
    registry.cloud.apply(registry.group)
    assert isinstance(registry.cloud.destroy(registry.group).outcomes[ID], Deleted)
    assert isinstance(registry.cloud.destroy(registry.group).outcomes[ID], Absent)


def test_one_with_packages_is_kept_unless_evidence_goes() -> None:
    """They say what was judged and released."""
    registry = Registry()
    registry.cloud.apply(registry.group)
    registry.groups.packages["arn:1"] = "Completed"
    outcome = registry.cloud.destroy(replace(registry.group, keep=True)).outcomes[ID]
    assert isinstance(outcome, KeptBack)
    assert "1 model package," in outcome.reason
    assert registry.groups.packages == {"arn:1": "Completed"}


@pytest.mark.parametrize("lingers", [0, 3])
def test_packages_go_first(lingers: int) -> None:
    """And are waited for, each deleted once."""
    registry = Registry(lingers=lingers)
    registry.cloud.apply(registry.group)
    registry.groups.packages |= {"arn:1": "Completed", "arn:2": "Completed"}
    assert isinstance(registry.cloud.destroy(registry.group).outcomes[ID], Deleted)
    assert registry.groups.tags is None


def test_packages_that_do_not_go_are_told() -> None:
    registry = Registry(lingers=10_000)
    registry.cloud.apply(registry.group)
    registry.groups.packages["arn:1"] = "Completed"
    outcome = registry.cloud.destroy(registry.group).outcomes[ID]
    assert isinstance(outcome, Failed)
    assert "still has packages" in outcome.error.message
