"""All rendered documents before Access Analyzer."""

from __future__ import annotations

import json
import threading
from typing import Any

from tests.cli.fakes import FakeClient
from tests.operations.doctor.subjects import checks, look, subject
from xacct_ml.operations.doctor import documents
from xacct_ml.operations.doctor.check import State


def test_every_document_is_asked_about_as_what_it_is() -> None:
    """Trust policies and the bucket's have types of their own there."""
    asked: list[dict[str, Any]] = []
    lock = threading.Lock()

    def validate(**request: Any) -> dict[str, Any]:
        with lock:
            asked.append(request)
        return {"findings": []}

    (check,) = checks(documents)
    found = look(check, accessanalyzer=FakeClient(validate_policy=validate))
    assert found.state is State.OK
    rendered = list(documents.rendered(subject()))
    assert len(asked) == len(rendered)
    kinds = {(one["policyType"], one.get("validatePolicyResourceType")) for one in asked}
    assert kinds == {
        ("IDENTITY_POLICY", None),
        ("RESOURCE_POLICY", None),
        ("RESOURCE_POLICY", "AWS::IAM::AssumeRolePolicyDocument"),
        ("RESOURCE_POLICY", "AWS::S3::Bucket"),
    }
    assert all(json.loads(one["policyDocument"])["Version"] == "2012-10-17" for one in asked)


def test_errors_fail_and_warnings_are_named() -> None:
    one = next(documents.rendered(subject()))
    warning = {"findingType": "SECURITY_WARNING", "issueCode": "PASS_ROLE_WITH_STAR", "findingDetails": "x"}
    assert (
        documents.judge(3, [(one, warning)]).sentence == "3 documents without an error; warnings: PASS_ROLE_WITH_STAR"
    )
    error = {"findingType": "ERROR", "issueCode": "INVALID_ACTION", "findingDetails": "no such action"}
    found = documents.judge(3, [(one, warning), (one, error)])
    assert found.state is State.FAILED
    assert f"{one.name}: INVALID_ACTION: no such action" in found.sentence
