"""A model package group that remembers what it was asked for."""

# ruff: noqa: N803 - the names of SageMaker's parameters

from typing import Any

PACKAGES = "arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/"


class FakePackages:
    """``updates`` are the requests that changed something."""

    def __init__(self) -> None:
        self.packages: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}
        self.updates: list[dict[str, Any]] = []

    def create_model_package(self, *, ClientToken: str, **request: Any) -> dict[str, Any]:
        arn = self.tokens.setdefault(ClientToken, f"{PACKAGES}{len(self.tokens) + 1}")
        self.packages.setdefault(arn, request)
        return {"ModelPackageArn": arn}

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:
        return self.packages[ModelPackageName]

    def update_model_package(self, *, ModelPackageArn: str, **changes: Any) -> None:
        self.updates.append(changes)
        self.packages[ModelPackageArn] |= changes
