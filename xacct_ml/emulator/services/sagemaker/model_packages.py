"""SageMaker's Model Registry as functions of a backend, its parameters and the caller: groups and their versions.

Members and rules: SageMaker API reference [D]; that a missing group "does not exist" is of terraform-provider-aws
(sagemaker/find.go) [C], the other texts are assumed [U]. Neither model nor image is read when a package is made [U].
Packages that are in no group, and policies of groups, are not there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.moto_operations import Caller, Params, page
from xacct_ml.emulator.services.sagemaker.hosting import invalid
from xacct_ml.emulator.services.sagemaker.workloads import Workloads, keep_tags

_LARGEST_PAGE = 100
_PENDING = "PendingManualApproval"
_CARD_MEMBERS = {
    *("model_overview", "intended_uses", "business_details", "training_details", "evaluation_details"),
    "additional_information",
}
"""Of a model package's card (developer guide, model-registry-details) [D]."""


@dataclass
class ModelPackage:
    """One version. ``request`` is what it was made with, and what it was changed to."""

    request: dict[str, Any]
    arn: str
    version: int
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    changed: datetime | None = None

    def summary(self) -> dict[str, Any]:
        return {
            "ModelPackageGroupName": self.request["ModelPackageGroupName"],
            "ModelPackageVersion": self.version,
            "ModelPackageArn": self.arn,
            "ModelPackageDescription": self.request.get("ModelPackageDescription"),
            "CreationTime": self.created,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": self.request["ModelApprovalStatus"],
        }

    def describe(self) -> dict[str, Any]:
        described = {key: value for key, value in self.request.items() if key != "ClientToken"}
        changed = {} if self.changed is None else {"LastModifiedTime": self.changed}
        details: dict[str, Any] = {"ModelPackageStatusDetails": {"ValidationStatuses": []}}
        return {"ModelPackageName": self.arn.partition("/")[2], **described, **self.summary(), **changed, **details}


@dataclass
class ModelPackageGroup:
    """``packages`` by version; a version is never given again."""

    request: Mapping[str, Any]
    arn: str
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    packages: dict[int, ModelPackage] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """ARNs of packages by the tokens that they were made with."""
    newest: int = 0

    @property
    def name(self) -> str:
        return str(self.request["ModelPackageGroupName"])

    def summary(self) -> dict[str, Any]:
        described = self.request.get("ModelPackageGroupDescription")
        return {
            "ModelPackageGroupName": self.name,
            "ModelPackageGroupArn": self.arn,
            **({} if described is None else {"ModelPackageGroupDescription": described}),
            "CreationTime": self.created,
            "ModelPackageGroupStatus": "Completed",
        }


# -- groups ----------------------------------------------------------------------------------------------------------
def _group(backend: Workloads, named: str) -> ModelPackageGroup:
    name = named.rpartition("/")[2].lower()
    if name not in backend.model_package_groups:
        raise invalid(f"ModelPackageGroup {backend.resource_arn('model-package-group', name)} does not exist.")
    found: ModelPackageGroup = backend.model_package_groups[name]
    return found


def create_model_package_group(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    name = params["ModelPackageGroupName"]
    arn = backend.resource_arn("model-package-group", name)
    if name.lower() in backend.model_package_groups:
        raise invalid(f"Model Package Group already exists: {arn}")
    backend.model_package_groups[name.lower()] = ModelPackageGroup(params, arn)
    keep_tags(backend, arn, params)
    return {"ModelPackageGroupArn": arn}


def describe_model_package_group(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return _group(backend, params["ModelPackageGroupName"]).summary() | {"CreatedBy": {}}


def list_model_package_groups(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    wanted = params.get("NameContains", "").lower()
    found = [group.summary() for name, group in backend.model_package_groups.items() if wanted in name]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", _LARGEST_PAGE))
    return {"ModelPackageGroupSummaryList": shown, "NextToken": token}


def delete_model_package_group(backend: Workloads, params: Params, _: Caller) -> None:
    group = _group(backend, params["ModelPackageGroupName"])
    if group.packages:
        raise ApiError("ConflictException", f"Model Package Group {group.arn} still has model packages.")
    del backend.model_package_groups[group.name.lower()]
    backend.tags.pop(group.arn, None)


# -- their versions --------------------------------------------------------------------------------------------------
def _package(backend: Workloads, named: str) -> ModelPackage:
    """By ARN or ``<group>/<version>``."""
    name = named.partition(":model-package/")[2] or named
    group, _, version = name.partition("/")
    kept: ModelPackageGroup | None = backend.model_package_groups.get(group.lower())
    if kept is None or not version.isdigit() or int(version) not in kept.packages:
        raise invalid(f"ModelPackage {backend.resource_arn('model-package', name)} does not exist.")
    return kept.packages[int(version)]


def _check_card(params: Params) -> None:
    try:
        content = json.loads((params.get("ModelCard") or {}).get("ModelCardContent", "{}"))
    except ValueError as error:
        raise invalid("Model card content is not JSON.") from error
    if not isinstance(content, dict) or (unknown := sorted(content.keys() - _CARD_MEMBERS)):
        told = ", ".join(unknown) if isinstance(content, dict) else "no object"
        raise invalid(f"Model card content does not follow the schema: {told}")


def create_model_package(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    if "ModelPackageGroupName" not in params:
        raise invalid("ModelPackageGroupName is required in the embedded AWS.")
    if params.get("Tags"):
        raise invalid("Tags cannot be specified for a versioned model package; those of its group count.")
    group = _group(backend, params["ModelPackageGroupName"])
    _check_card(params)
    token = params.get("ClientToken")
    if token in group.tokens:
        return {"ModelPackageArn": group.tokens[token]}
    group.newest += 1
    arn = backend.resource_arn("model-package", f"{group.name}/{group.newest}")
    request = {"ModelApprovalStatus": _PENDING, **params, "ModelPackageGroupName": group.name}
    group.packages[group.newest] = ModelPackage(request, arn, group.newest)
    if token is not None:
        group.tokens[token] = arn
    return {"ModelPackageArn": arn}


def describe_model_package(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return _package(backend, params["ModelPackageName"]).describe()


def update_model_package(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    """What is given; the properties are added to those that are there."""
    package = _package(backend, params["ModelPackageArn"])
    _check_card(params)
    properties = {
        **package.request.get("CustomerMetadataProperties", {}),
        **params.get("CustomerMetadataProperties", {}),
    }
    for key in params.get("CustomerMetadataPropertiesToRemove", ()):
        properties.pop(key, None)
    changes = {key: value for key, value in params.items() if key not in _NOT_KEPT}
    package.request |= {**changes, "CustomerMetadataProperties": properties}
    package.changed = datetime.now(UTC)
    return {"ModelPackageArn": package.arn}


_NOT_KEPT = {"ModelPackageArn", "ClientToken", "CustomerMetadataPropertiesToRemove"}


def list_model_packages(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    named, status = params.get("ModelPackageGroupName"), params.get("ModelApprovalStatus")
    groups = [_group(backend, named)] if named else list(backend.model_package_groups.values())
    found = [
        package.summary()
        for group in groups
        for package in group.packages.values()
        if status in (None, package.request["ModelApprovalStatus"])
    ]
    found.sort(key=lambda summary: summary["CreationTime"], reverse=params.get("SortOrder") != "Ascending")
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", _LARGEST_PAGE))
    return {"ModelPackageSummaryList": shown, "NextToken": token}


def delete_model_package(backend: Workloads, params: Params, _: Caller) -> None:
    package = _package(backend, params["ModelPackageName"])
    del _group(backend, package.request["ModelPackageGroupName"]).packages[package.version]


OPERATIONS = (
    *(create_model_package_group, describe_model_package_group, list_model_package_groups, delete_model_package_group),
    *(create_model_package, describe_model_package, update_model_package, list_model_packages, delete_model_package),
)
