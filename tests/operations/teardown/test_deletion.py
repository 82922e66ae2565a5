"""The order of deletion, and what stays."""

from __future__ import annotations

from typing import Any

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, TRAINING, example, ireland
from tests.operations.teardown.test_run_products import Pages, SageMaker
from xacct_ml.engine.clock import SystemClock
from xacct_ml.engine.graph import Graph
from xacct_ml.operations.teardown.deletion import data_ids, graph
from xacct_ml.operations.teardown.run_products import run_products
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.pipeline import Pipeline


def whole() -> Graph:
    """The graph of a project with one job, one model and one endpoint."""
    clients = {
        (TRAINING, "sagemaker"): SageMaker(jobs=["churn-00000000-0000-4000-8000-000000000001"]),
        (PRODUCTION, "sagemaker"): SageMaker(
            endpoints=["churn"], configs=["churn-00000000000000c1"], models=["churn-00000000000000a1"]
        ),
    }
    accounts, config = FakeAccounts(clients), example()
    products = run_products(config, accounts, SystemClock())
    return graph(bootstrap_resources(config, accounts), products, pipeline_resources(config, accounts))


def test_the_order_is_safe() -> None:
    """Deleted is from the end: rules and pipeline, what runs made, stack, roles, bucket, key."""
    order = whole().order
    deleted = {id_: place for place, id_ in enumerate(reversed(order))}
    rules = [id_ for id_ in order if "rule" in id_]
    roles = [id_ for id_ in order if "/role/" in id_]
    assert len(rules) == 3
    assert all(deleted[rule] < deleted["shared/pipeline"] for rule in rules)
    assert deleted["shared/rule/churn-release"] < deleted["shared/release-pipeline"] < deleted["shared/pipeline"]
    for product in ("training/job/churn-00000000-0000-4000-8000-000000000001", "production/endpoint"):
        assert deleted["shared/pipeline"] < deleted[product] < deleted["shared/bucket"] < deleted["shared/key"]
    assert (
        deleted["production/endpoint"]
        < deleted["production/endpoint-config/churn-00000000000000c1"]
        < deleted["production/model/churn-00000000000000a1"]
    )
    assert deleted["production/model/churn-00000000000000a1"] < deleted["production/role/endpoint"]
    assert deleted["training/stack"] < deleted["training/role/cloudformation"]
    assert all(deleted[role] < deleted["shared/key"] for role in roles)


def test_a_failure_in_production_keeps_nothing_of_training() -> None:
    """What production's products need lies in their own account, and the bucket that they read."""
    needed = whole().dependencies["production/endpoint"]
    assert not [id_ for id_ in needed if id_.startswith("training/")]
    assert "shared/bucket" in needed


def test_kept_data_is_bucket_key_and_alias() -> None:
    """Nothing else survives --keep-data."""
    accounts = FakeAccounts({})
    kept = data_ids(example(), bootstrap_resources(example(), accounts))
    assert kept == {"shared/bucket", "shared/key", "shared/alias"}


def test_runs_under_way_are_abandoned() -> None:
    """One that ends by itself meanwhile is no failure."""

    class CodePipeline(FakeClient):
        def get_paginator(self, _: str) -> Pages:
            runs = [("run-3", "InProgress"), ("run-2", "Succeeded"), ("run-1", "InProgress")]
            return Pages({"pipelineExecutionSummaries": [{"pipelineExecutionId": id_, "status": s} for id_, s in runs]})

    def stop(**request: Any) -> dict[str, Any]:
        if request["pipelineExecutionId"] == "run-3":
            raise refused("StopPipelineExecution", "PipelineExecutionNotStoppableException")
        return {}

    codepipeline = CodePipeline(stop_pipeline_execution=stop)
    (pipeline, *_) = pipeline_resources(example(), FakeAccounts({(SHARED, "codepipeline"): codepipeline}))
    assert isinstance(pipeline, Pipeline)
    pipeline.stop_runs()
    assert [(request["pipelineExecutionId"], request["abandon"]) for _, request in codepipeline.calls] == [
        ("run-3", True),
        ("run-1", True),
    ]


def test_what_other_regions_have_goes_in_the_same_order() -> None:
    """The function that copies before its role, an endpoint before the bucket that its model is in; data is kept in all
    regions."""
    config = ireland()
    clients = {(TRAINING, "sagemaker"): SageMaker(), (PRODUCTION, "sagemaker"): SageMaker(endpoints=["churn"])}
    accounts = FakeAccounts(clients)
    foundation = bootstrap_resources(config, accounts)
    products = run_products(config, accounts, SystemClock())
    order = graph(foundation, products, pipeline_resources(config, accounts)).order
    deleted = {id_: place for place, id_ in enumerate(reversed(order))}
    assert deleted["shared/pipeline"] < deleted["shared/copy-function"] < deleted["shared/role/copy-model"]
    assert deleted["ireland/endpoint"] < deleted["shared/bucket/eu-west-1"] < deleted["shared/key/eu-west-1"]
    assert {"shared/bucket/eu-west-1", "shared/key/eu-west-1", "shared/alias/eu-west-1"} < data_ids(config, foundation)
