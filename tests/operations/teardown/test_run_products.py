"""What runs leave behind: found by name, ours by tag, deleted from the endpoint down."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.engine.apply import destroy
from xacct_ml.engine.clock import SystemClock
from xacct_ml.engine.events import Absent, Deleted, Failed, KeptBack
from xacct_ml.operations.teardown.product_drivers import RunProduct
from xacct_ml.operations.teardown.run_products import run_products
from xacct_ml.resources.tags import tag_list
from xacct_ml.system.names import PIPELINE_TAG, PROJECT_TAG, Names

MISSING = refused("Describe", "ValidationException", "Could not find it.")


TAGS = Names(example()).tags
SMOKE = Names(example()).smoke_endpoint


class Pages:
    def __init__(self, page: dict[str, Any]) -> None:
        self.page = page

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [self.page]


class SageMaker:
    """Named things that exist until they are deleted, with ``tags``; ``foreign`` ones have no tag of ours."""

    def __init__(
        self,
        *,
        foreign: tuple[str, ...] = (),
        job_status: str = "Completed",
        tags: dict[str, str] = TAGS,
        **names: list[str],
    ) -> None:
        self.names = {kind: list(found) for kind, found in names.items()}
        self.foreign = foreign
        self.job_status = job_status
        self.tags = tags
        self.deleted: list[str] = []
        self.stopped: list[str] = []

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_tags":
            return self
        key, member, name = {
            "list_training_jobs": ("jobs", "TrainingJobSummaries", "TrainingJobName"),
            "list_transform_jobs": ("transforms", "TransformJobSummaries", "TransformJobName"),
            "list_models": ("models", "Models", "ModelName"),
            "list_endpoint_configs": ("configs", "EndpointConfigs", "EndpointConfigName"),
        }[operation]
        return Pages({member: [{name: each} for each in self.names.get(key, [])]})

    def paginate(self, *, ResourceArn: str) -> list[dict[str, Any]]:  # noqa: N803
        return [{"Tags": [] if ResourceArn in self.foreign else tag_list(self.tags)}]

    def _found(self, kind: str, name: str) -> str:
        if name not in self.names.get(kind, []):
            raise MISSING
        return name

    def _delete(self, kind: str, name: str) -> None:
        self.names[kind].remove(name)
        self.deleted.append(name)

    def describe_endpoint(self, **request: str) -> dict[str, str]:
        return {"EndpointStatus": "InService", "EndpointArn": self._found("endpoints", request["EndpointName"])}

    def describe_endpoint_config(self, **request: str) -> dict[str, str]:
        return {"EndpointConfigArn": self._found("configs", request["EndpointConfigName"])}

    def describe_model(self, **request: str) -> dict[str, str]:
        return {"ModelArn": self._found("models", request["ModelName"])}

    def describe_training_job(self, **request: str) -> dict[str, str]:
        return {"TrainingJobStatus": self.job_status, "TrainingJobArn": self._found("jobs", request["TrainingJobName"])}

    def stop_training_job(self, **request: str) -> None:
        self.stopped.append(request["TrainingJobName"])
        self.job_status = "Stopped"

    def describe_transform_job(self, **request: str) -> dict[str, str]:
        name = self._found("transforms", request["TransformJobName"])
        return {"TransformJobStatus": self.job_status, "TransformJobArn": name}

    def stop_transform_job(self, **request: str) -> None:
        self.stop_training_job(TrainingJobName=request["TransformJobName"])

    def delete_endpoint(self, **request: str) -> None:
        self._delete("endpoints", request["EndpointName"])

    def delete_endpoint_config(self, **request: str) -> None:
        self._delete("configs", request["EndpointConfigName"])

    def delete_model(self, **request: str) -> None:
        self._delete("models", request["ModelName"])

    def delete_training_job(self, **request: str) -> None:
        self._delete("jobs", request["TrainingJobName"])


class Logs:
    """One log group, until it is deleted."""

    def __init__(self, *groups: str) -> None:
        self.groups = list(groups)

    def get_paginator(self, _: str) -> Pages:
        return Pages({"logGroups": [{"logGroupName": group} for group in self.groups]})

    def delete_log_group(self, *, logGroupName: str) -> None:  # noqa: N803
        self.groups.remove(logGroupName)


def found(
    training: Any, production: Any, logs: Logs | None = None, starts: str = "", trusts: str = ""
) -> tuple[RunProduct, ...]:
    """``starts``: the pipeline that the shared account's role names; ``trusts``: the role that production's trusts."""
    shared, trust = ({"Statement": [{"Condition": {"ArnLike": {"x": arn}}}]} for arn in (starts, trusts))
    clients = {
        (SHARED, "iam"): FakeClient(get_role={"Role": {"AssumeRolePolicyDocument": shared}}),
        (PRODUCTION, "iam"): FakeClient(get_role={"Role": {"AssumeRolePolicyDocument": trust}}),
        (TRAINING, "sagemaker"): training,
        (PRODUCTION, "sagemaker"): production,
        (PRODUCTION, "logs"): logs or Logs(),
    }
    return run_products(example(), FakeAccounts(clients), SystemClock())


def test_everything_goes_from_the_endpoint_down() -> None:
    """Endpoint, its log group, configurations, models; jobs in their own account."""
    training = SageMaker(jobs=["churn-00000000-0000-4000-8000-000000000001"])
    production = SageMaker(
        endpoints=["churn"],
        configs=["churn-00000000000000c1", "churn-00000000000000c2"],
        models=["churn-00000000000000a1"],
    )
    logs = Logs("/aws/sagemaker/Endpoints/churn", "/aws/sagemaker/Endpoints/churn-of-others")
    report = destroy(found(training, production, logs))
    assert report.ok
    assert production.deleted[0] == "churn"
    assert production.deleted[-1] == "churn-00000000000000a1"
    assert set(production.deleted) == {
        "churn",
        "churn-00000000000000c1",
        "churn-00000000000000c2",
        "churn-00000000000000a1",
    }
    assert training.deleted == ["churn-00000000-0000-4000-8000-000000000001"]
    assert logs.groups == ["/aws/sagemaker/Endpoints/churn-of-others"]


def test_an_endpoint_that_vanishes_while_it_is_read_is_gone() -> None:
    """Its deletion may end between the call that describes it and the call for its tags."""

    class Vanishing(SageMaker):
        def paginate(self, *, ResourceArn: str) -> list[dict[str, Any]]:  # noqa: N803
            self.names["endpoints"].clear()
            raise refused("ListTags", "ValidationException", f"Could not find resource {ResourceArn}.")

    *_, endpoint = found(SageMaker(), Vanishing(endpoints=["churn"]))
    assert endpoint.name == "churn"
    assert endpoint.read({}) is None


def test_an_endpoint_that_cannot_be_looked_at_fails_alone() -> None:
    """It is named with its reason; what it may still use stays, the other account's goes."""

    class Hidden(SageMaker):
        def describe_endpoint(self, **_: str) -> Any:
            raise refused("DescribeEndpoint", "AccessDeniedException", "no")

    training = SageMaker(jobs=["churn-00000000-0000-4000-8000-000000000001"])
    production = Hidden(endpoints=["churn"], configs=["churn-00000000000000c1"], models=["churn-00000000000000a1"])
    report = destroy(found(training, production))
    assert [failed.resource.name for failed in report.failures] == [SMOKE, "churn"]
    failed = report.failures[-1]
    assert "AccessDeniedException: no" in failed.error.message
    assert "churn-00000000000000c1" in production.names["configs"]
    assert training.deleted


def test_names_of_others_are_not_looked_at() -> None:
    """``NameContains`` finds more than what begins with the project's name."""
    products = found(
        SageMaker(jobs=["my-churn-00000000-0000-4000-8000-000000000001", "churn-00000000-0000-4000-8000-000000000001"]),
        SageMaker(models=["not-churn-00000000000000a1"], configs=[]),
    )
    assert [product.name for product in products] == ["churn-00000000-0000-4000-8000-000000000001", SMOKE, "churn"]


def test_names_of_a_project_whose_name_begins_with_ours_are_not_looked_at() -> None:
    """``churn-eu`` runs in the same accounts: its names have another length."""
    job, model = "churn-eu-00000000-0000-4000-8000-000000000001", "churn-eu-00000000000000a1"
    products = found(SageMaker(jobs=[job]), SageMaker(models=[model], configs=[model]))
    assert [product.name for product in products] == [SMOKE, "churn"]


def test_what_has_no_tag_of_ours_stays() -> None:
    """Also its log group, where the endpoint itself is somebody else's."""
    production = SageMaker(
        endpoints=["churn"], models=["churn-00000000000000a1"], foreign=("churn", "churn-00000000000000a1")
    )
    logs = Logs("/aws/sagemaker/Endpoints/churn")
    report = destroy(found(SageMaker(), production, logs))
    assert production.deleted == []
    assert logs.groups
    outcomes = {outcome.resource.name: outcome for outcome in report.outcomes.values()}
    assert isinstance(outcomes.pop(SMOKE), Absent)
    assert all(isinstance(outcome, KeptBack) for outcome in outcomes.values())


def test_what_a_smoke_test_left_goes() -> None:
    """Its endpoint, its configuration and its log, where the endpoint is ours."""
    left = "churn-smoke-0000000000c3"
    production = SageMaker(
        endpoints=["churn", SMOKE],
        configs=["churn-00000000000000c1", left, "churn-smoke-of-others-1"],
        models=["churn-00000000000000a1"],
    )
    logs = Logs("/aws/sagemaker/Endpoints/churn", f"/aws/sagemaker/Endpoints/{SMOKE}")
    assert destroy(found(SageMaker(), production, logs)).ok
    assert {SMOKE, left} < set(production.deleted)
    assert production.deleted.index(SMOKE) < production.deleted.index(left)
    assert (production.names["configs"], logs.groups) == (["churn-smoke-of-others-1"], [])


SERVING = {"endpoints": ["churn"], "configs": ["churn-00000000000000c1"], "models": ["churn-00000000000000a1"]}
OTHERS_PIPELINE = TAGS[PIPELINE_TAG].replace(SHARED, "444444444444")
OURS = Names(example()).pipeline_role


@pytest.mark.parametrize(
    ("tags", "starts", "trusts", "goes"),
    [
        ({**TAGS, PIPELINE_TAG: OTHERS_PIPELINE}, TAGS[PIPELINE_TAG], OURS, False),
        ({PROJECT_TAG: "churn"}, TAGS[PIPELINE_TAG], OURS, True),
        ({PROJECT_TAG: "churn"}, OTHERS_PIPELINE, OURS, False),
        ({PROJECT_TAG: "churn"}, TAGS[PIPELINE_TAG], OURS.replace(SHARED, "444444444444"), False),
    ],
    ids=["another pipeline's", "ours by the roles", "not ours by the shared role", "not ours by production's role"],
)
def test_what_another_pipeline_serves_stays(tags: dict[str, str], starts: str, trusts: str, goes: bool) -> None:
    """Of the same project's name in the same production account; its log group, too."""
    production = SageMaker(tags=tags, **SERVING)
    logs = Logs("/aws/sagemaker/Endpoints/churn")
    destroy(found(SageMaker(), production, logs, starts, trusts))
    assert len(production.deleted) == (3 if goes else 0)
    assert bool(logs.groups) is not goes


def test_after_a_broken_teardown_the_log_group_still_goes() -> None:
    """The endpoint is gone already; the configuration that is left shows whose it was."""
    logs = Logs("/aws/sagemaker/Endpoints/churn")
    assert destroy(found(SageMaker(), SageMaker(configs=["churn-00000000000000c1"]), logs)).ok
    assert logs.groups == []


def test_a_running_job_is_stopped_first() -> None:
    """SageMaker deletes only jobs that ended."""
    training = SageMaker(jobs=["churn-00000000-0000-4000-8000-000000000001"], job_status="InProgress")
    assert destroy(found(training, SageMaker())).ok
    assert (training.stopped, training.deleted) == (
        ["churn-00000000-0000-4000-8000-000000000001"],
        ["churn-00000000-0000-4000-8000-000000000001"],
    )


def test_what_scores_is_stopped_and_its_model_deleted() -> None:
    """Where the judge did not come to it; another project's stays."""
    ours, theirs = "churn-scoring-00000000000000c1", "churn-eu-scoring-00000000000000c1"
    training = SageMaker(transforms=[ours, theirs], models=[ours, theirs], job_status="InProgress")
    assert destroy(found(training, SageMaker())).ok
    assert (training.stopped, training.deleted) == ([ours], [ours])


def test_what_predicts_files_is_stopped_and_its_model_deleted() -> None:
    """Where the map has it; another project's stays."""
    ours, theirs = "churn--batch-00000000000000c1", "churn-eu--batch-00000000000000c1"
    production = SageMaker(transforms=[ours, theirs], models=[ours, theirs], job_status="InProgress")
    accounts = FakeAccounts(
        {(TRAINING, "sagemaker"): SageMaker(), (PRODUCTION, "sagemaker"): production, (PRODUCTION, "logs"): Logs()}
    )
    products = run_products(example(batch={"bucket": "churn-files"}), accounts, SystemClock())
    assert destroy(products).ok
    assert (production.stopped, production.deleted) == ([ours], [ours])


def test_jobs_that_cannot_be_deleted_are_kept() -> None:
    """Where the service has no DeleteTrainingJob, the record stays, with the reason."""

    class Older(SageMaker):
        def delete_training_job(self, **_: str) -> None:
            raise refused("DeleteTrainingJob", "UnknownOperationException")

    outcome = destroy(found(Older(jobs=["churn-00000000-0000-4000-8000-000000000001"]), SageMaker())).outcomes[
        "training/job/churn-00000000-0000-4000-8000-000000000001"
    ]
    assert isinstance(outcome, KeptBack)
    assert "cannot delete training jobs" in outcome.reason


def test_an_account_that_cannot_be_listed_fails_alone() -> None:
    """The other account's products go all the same."""

    class Denied(FakeClient):
        def get_paginator(self, _: str) -> Any:
            raise refused("ListModels", "AccessDeniedException", "no")

    training = SageMaker(jobs=["churn-00000000-0000-4000-8000-000000000001"])
    report = destroy(found(training, Denied()))
    kinds = {id_: type(outcome) for id_, outcome in report.outcomes.items()}
    assert kinds == {
        "training/job/churn-00000000-0000-4000-8000-000000000001": Deleted,
        f"{PRODUCTION}/run-products": Failed,
    }


@pytest.mark.parametrize("kind", ["make", "change", "desired"])
def test_they_are_never_made_here(kind: str) -> None:
    """A run product in an apply would be our bug."""
    product = found(SageMaker(), SageMaker())[0]
    arguments: dict[str, tuple[Any, ...]] = {"make": ({},), "change": ({}, {}, {}), "desired": ({},)}
    with pytest.raises(NotImplementedError, match="is made by runs"):
        getattr(product, kind)(*arguments[kind])
