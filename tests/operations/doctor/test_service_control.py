"""Service control policies, by what SimulatePrincipalPolicy tells of them."""

from __future__ import annotations

from tests.cli.fakes import FakeClient
from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.operations.doctor.subjects import checks, look, subject
from xacct_ml.operations.doctor import service_control
from xacct_ml.operations.doctor.check import State
from xacct_ml.operations.doctor.service_control import judge
from xacct_ml.operations.doctor.simulation import Simulated


def test_what_is_asked_is_what_the_roles_of_the_account_do() -> None:
    """In its region; patterns of actions cannot be simulated."""
    asked = service_control.actions(subject(), TRAINING)
    assert {"sagemaker:CreateTrainingJob", "states:CreateStateMachine"} <= set(asked)
    assert "lambda:InvokeFunction" in service_control.actions(subject(), PRODUCTION)
    assert not any("*" in one for one in (*asked, *service_control.actions(subject(), SHARED)))
    check = next(one for one in checks(service_control) if one.account == TRAINING)
    iam = FakeClient(simulate_principal_policy={"EvaluationResults": []})
    look(check, iam=iam)
    ((_, request),) = iam.calls
    assert request["ContextEntries"][0]["ContextKeyValues"] == ["us-east-1"]
    assert set(request["ActionNames"]) == set(asked)


def test_only_what_the_organization_says_counts() -> None:
    """The operator need not be allowed what the roles do."""
    allowed = Simulated("sagemaker:CreateModel", "*", "implicitDeny", True)
    assert judge([allowed]).state is State.OK
    found = judge([allowed, Simulated("sagemaker:CreateTrainingJob", "*", "explicitDeny", False)])
    assert (found.state, found.sentence) == (
        State.FAILED,
        "a service control policy denies what the roles need: sagemaker:CreateTrainingJob",
    )
    assert judge([Simulated("sagemaker:CreateModel", "*", "allowed", None)]).state is State.UNKNOWN
