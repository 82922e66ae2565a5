"""What may set a package to Approved: the run's own last action, after its approvals and deployments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.payload.packages import PACKAGES, FakePackages
from tests.payload.pipeline import DIGEST, RELEASES, RUN, FakePipeline
from xacct_ml.payload.job import JobFailed
from xacct_ml.payload.package_release import Release

ARN = f"{PACKAGES}7"
ACTION = "Registry/Package"
WANTED = {"pipeline": "churn", "pipelineExecutionId": RUN, "modelPackage": ARN, "recordDigest": DIGEST}
SETTINGS = {
    "action": ACTION,
    "judgeAction": "Judge/Evaluation",
    "approvals": ["Approve/Review", "Approve/SecondReview"],
    "deployments": ["Deploy/production", "Deploy/second"],
}
RELEASE_SETTINGS = {**SETTINGS, "judgeAction": "Release/Model", "approvals": ["Approve/Review"]}
PIPELINES = {"churn": SETTINGS, RELEASES: RELEASE_SETTINGS}
ENVIRONMENT = {"PIPELINES": json.dumps(PIPELINES), "PACKAGES": PACKAGES}
ANN, BOB = (f"arn:aws:sts::111111111111:assumed-role/approver/{name}" for name in ("ann", "bob"))


class Deployed:
    """A run that was deployed everywhere, by default."""

    def __init__(self, status: str = "PendingManualApproval", digest: str = DIGEST) -> None:
        self.pipeline, self.packages = FakePipeline(), FakePackages()
        properties = {"record-sha256": digest}
        self.packages.packages[ARN] = {"ModelApprovalStatus": status, "CustomerMetadataProperties": properties}
        self.pipeline.add("Judge/Evaluation", variables={"ModelPackage": ARN, "RecordDigest": DIGEST})
        self.pipeline.add("Approve/Review", by=ANN)
        self.pipeline.add("Approve/SecondReview", by=BOB)
        self.pipeline.add("Deploy/production")
        self.pipeline.add("Deploy/second")

    def release(self, parameters: dict[str, str] | None = None, **environment: str) -> dict[str, Any]:
        asked = parameters or WANTED
        self.pipeline.add(ACTION, "InProgress", parameters=asked)
        return Release({**ENVIRONMENT, **environment}, self.pipeline, self.packages).release(asked)


def test_what_was_approved_and_deployed_is_released() -> None:
    run = Deployed()
    reply = run.release()
    assert run.packages.packages[ARN]["ModelApprovalStatus"] == "Approved"
    assert reply["outputVariables"] == {"ModelPackage": ARN, "ModelApprovalStatus": "Approved"}
    told = run.packages.packages[ARN]["ApprovalDescription"]
    assert all(each in told for each in (RUN, ANN, BOB, DIGEST))


def test_a_map_that_asks_nobody_says_so() -> None:
    run = Deployed()
    run.release(PIPELINES=json.dumps({"churn": {**SETTINGS, "approvals": []}}))
    assert "no approval asked for" in run.packages.packages[ARN]["ApprovalDescription"]


def test_the_same_release_twice_is_one() -> None:
    run = Deployed()
    assert run.release() == run.release()
    assert len(run.packages.updates) == 1


@pytest.mark.parametrize("action", ["Approve/SecondReview", "Deploy/second", "Judge/Evaluation"])
@pytest.mark.parametrize("status", [None, "Failed", "InProgress"])
def test_nothing_is_released_before_everything_has_succeeded(action: str, status: str | None) -> None:
    run = Deployed()
    run.pipeline.remove(action)
    if status is not None:
        run.pipeline.add(action, status, variables={"ModelPackage": ARN, "RecordDigest": DIGEST})
    with pytest.raises(JobFailed, match=action):
        run.release()
    assert run.packages.updates == []


def test_two_approvals_are_by_two_people() -> None:
    run = Deployed()
    run.pipeline.remove("Approve/SecondReview")
    run.pipeline.add("Approve/SecondReview", by=ANN)
    with pytest.raises(JobFailed, match="2 different people"):
        run.release()


def test_an_invocation_by_hand_releases_nothing() -> None:
    run = Deployed()
    other = {**WANTED, "modelPackage": f"{PACKAGES}8"}
    run.pipeline.add(ACTION, "InProgress", parameters=WANTED)
    with pytest.raises(JobFailed, match="other UserParameters"):
        Release(ENVIRONMENT, run.pipeline, run.packages).release(other)
    run.pipeline.remove(ACTION)
    with pytest.raises(JobFailed, match="was not started"):
        Release(ENVIRONMENT, run.pipeline, run.packages).release(WANTED)
    assert run.packages.updates == []


def test_another_pipeline_releases_nothing() -> None:
    run = Deployed()
    with pytest.raises(JobFailed, match="pipeline other releases nothing"):
        run.release({**WANTED, "pipeline": "other"})
    assert run.packages.updates == []


def test_another_runs_package_is_not_released() -> None:
    run = Deployed()
    run.packages.packages[f"{PACKAGES}8"] = run.packages.packages[ARN]
    with pytest.raises(JobFailed, match="registered another model package"):
        run.release({**WANTED, "modelPackage": f"{PACKAGES}8"})
    assert run.packages.updates == []


def test_a_package_that_names_another_record_is_not_released() -> None:
    run = Deployed(digest="ef" * 32)
    with pytest.raises(JobFailed, match="does not name the record"):
        run.release()
    assert run.packages.updates == []


def test_a_package_of_another_group_is_not_released() -> None:
    run = Deployed()
    with pytest.raises(JobFailed, match="no model package of this project"):
        run.release(PACKAGES=PACKAGES.replace("churn", "other"))


def test_what_somebody_rejected_stays_rejected() -> None:
    run = Deployed("Rejected")
    with pytest.raises(JobFailed, match="is Rejected"):
        run.release()
    assert run.packages.updates == []


class OfRelease(Deployed):
    """A release of a model that a run registered: what was judged, its own action says."""

    def __init__(self, package: str = ARN, status: str = "PendingManualApproval") -> None:
        super().__init__(status)
        self.wanted = {**WANTED, "pipeline": RELEASES, "modelPackage": package}
        told = {"ModelPackage": package, "RecordDigest": DIGEST}
        self.pipeline.add("Release/Model", pipeline=RELEASES, variables=told)
        self.pipeline.add("Approve/Review", pipeline=RELEASES, by=ANN)
        for target in ("production", "second"):
            self.pipeline.add(f"Deploy/{target}", pipeline=RELEASES)

    def again(self) -> dict[str, Any]:
        self.pipeline.add(ACTION, "InProgress", pipeline=RELEASES, parameters=self.wanted)
        return Release(ENVIRONMENT, self.pipeline, self.packages).release(self.wanted)


def test_a_release_approves_the_package_that_was_pending() -> None:
    run = OfRelease()
    assert run.again()["outputVariables"]["ModelPackage"] == ARN
    told = run.packages.packages[ARN]["ApprovalDescription"]
    assert told.startswith(f"Pipeline {RELEASES}, ")
    assert ANN in told


def test_a_release_of_what_is_approved_already_changes_nothing() -> None:
    run = OfRelease(status="Approved")
    assert run.again()["outputVariables"]["ModelApprovalStatus"] == "Approved"
    assert run.packages.updates == []


def test_a_model_that_was_never_registered_is_released_without_a_package() -> None:
    run = OfRelease(package="none")
    assert "registered no package" in run.again()["executionDetails"]["summary"]
    assert run.packages.updates == []


@pytest.mark.parametrize("action", ["Approve/Review", "Deploy/second", "Release/Model"])
def test_a_release_approves_nothing_before_it_was_approved_and_deployed(action: str) -> None:
    """The training pipeline's own approval does not count for it."""
    run = OfRelease()
    run.pipeline.remove(action)
    if action != "Release/Model":
        run.pipeline.add(action)  # in the training pipeline
    with pytest.raises(JobFailed, match=action):
        run.again()
    assert run.packages.updates == []
