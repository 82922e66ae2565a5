"""Tags of SageMaker's resources, as functions of a backend, its parameters and the caller (API reference) [D]."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.emulator.core.moto_operations import Caller, Params
from xacct_ml.emulator.services.sagemaker.hosting import invalid
from xacct_ml.emulator.services.sagemaker.workloads import Workloads, existing


def _tags(backend: Workloads, params: Params) -> dict[str, str]:
    arn = params["ResourceArn"]
    return existing(backend.tags, arn.lower(), lambda: invalid(f"Could not find resource {arn}."))


def add_tags(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    tags = _tags(backend, params)
    tags.update({tag["Key"]: tag["Value"] for tag in params["Tags"]})
    return {"Tags": _as_list(tags)}


def list_tags(backend: Workloads, params: Params, _: Caller) -> Mapping[str, Any]:
    return {"Tags": _as_list(_tags(backend, params))}


def delete_tags(backend: Workloads, params: Params, _: Caller) -> None:
    tags = _tags(backend, params)
    for key in params["TagKeys"]:
        tags.pop(key, None)


def _as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


OPERATIONS = (add_tags, list_tags, delete_tags)
