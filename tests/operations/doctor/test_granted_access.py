"""What is billed is asked only where that is wanted, and says what it costs."""

from __future__ import annotations

from tests.cli.fakes import FakeClient
from tests.operations.doctor.subjects import checks, look, subject
from xacct_ml.operations.doctor import granted_access
from xacct_ml.operations.doctor.check import State


def test_only_with_paid() -> None:
    assert checks(granted_access) == ()
    (check,) = checks(granted_access, paid=True)
    analyzer = FakeClient(check_access_not_granted={"result": "PASS"})
    found = look(check, accessanalyzer=analyzer)
    roles = list(granted_access.roles(subject()))
    assert len(analyzer.calls) == len(roles)
    assert "judge" not in {role.job for role in roles}
    assert found.sentence.endswith(f"({len(roles)} calls, about {len(roles) * 0.002:.3f} USD)")
    failed = look(check, accessanalyzer=FakeClient(check_access_not_granted={"result": "FAIL"}))
    assert failed.state is State.FAILED
    assert "churn-training" in failed.sentence
