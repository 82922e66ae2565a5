"""What a deploying function believes of either pipeline."""

from __future__ import annotations

import pytest

from tests.payload.deploying import PARAMETERS, Function, failure, pipelines
from tests.payload.pipeline import DIGEST, JOB, PIPELINE, RELEASES, RUN

RELEASED = {**PARAMETERS, "pipeline": RELEASES}


def release(function: Function, targets: str = "production", *, approved: bool = True) -> None:
    """A release comes to the target's action."""
    said = {"TrainingJob": JOB, "ModelDigest": DIGEST, "Targets": targets}
    function.pipeline.add("Release/Model", pipeline=RELEASES, variables=said)
    if approved:
        function.pipeline.add("Approve/Review", pipeline=RELEASES, by="arn:aws:iam::111111111111:user/ann")
    function.pipeline.add("Deploy/production", "InProgress", pipeline=RELEASES, parameters=RELEASED)


def test_a_release_is_deployed_as_a_run_is() -> None:
    """To the endpoint that it names."""
    function = Function()
    release(function, "canary,production")
    assert "continuationToken" in function.answer(RELEASED)


def test_a_target_that_a_release_does_not_name_is_left_alone() -> None:
    """Its action succeeds at once."""
    function = Function()
    release(function, "production-eu,canary")
    reply = function.answer(RELEASED)
    assert reply["executionDetails"]["summary"] == "not asked for: nothing was changed"
    assert reply["outputVariables"] == {"NotAskedFor": "true"}
    assert function.sagemaker.calls == []


def test_a_release_needs_its_own_approval() -> None:
    """That the run was approved once says nothing of now; nor does a map whose waves ask nobody."""
    function = Function({"PIPELINES": pipelines()})
    function.judged()
    release(function, approved=False)
    kind, reason = failure(function.answer(RELEASED))
    assert (kind, "action Approve/Review of run" in reason) == ("ConfigurationError", True)
    assert function.sagemaker.calls == []


@pytest.mark.parametrize("named", ["churn-eu", "", "churn-release2"])
def test_another_pipeline_deploys_nothing(named: str) -> None:
    """Whatever its runs say of themselves."""
    function = Function()
    release(function)
    assert "deploys nothing here" in failure(function.answer({**RELEASED, "pipeline": named}))[1]
    assert function.sagemaker.calls == []


def test_one_pipelines_run_is_not_the_others() -> None:
    """Their ids are looked for in the pipeline that is named."""
    function = Function()
    release(function)
    reason = failure(function.answer({**RELEASED, "pipeline": PIPELINE}))[1]
    assert f"pipeline {PIPELINE} has no run {RUN}" in reason


def test_between_code_and_environment_nothing_is_deployed() -> None:
    """An update of the function brings them one after the other; so does an earlier release's pipeline, which does not
    say its name."""
    function = Function({"PIPELINES": "{}"})
    assert "deploys nothing here" in failure(function.answer(function.judged()))[1]
    parameters = {name: value for name, value in PARAMETERS.items() if name != "pipeline"}
    assert "UserParameters have no pipeline" in failure(Function().answer(parameters))[1]
