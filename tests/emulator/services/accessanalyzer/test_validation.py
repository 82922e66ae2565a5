"""Access Analyzer's validation: what could not be read is an error, and what is granted is seen."""

from __future__ import annotations

import json

from tests.configs import SHARED
from xacct_ml.emulator.server import EmbeddedAws


def document(action: str, resource: str = "arn:aws:s3:::b/judged/*") -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_documents_with_and_without_errors(aws: EmbeddedAws) -> None:
    analyzer = aws.administrator(SHARED).client("accessanalyzer")
    good = analyzer.validate_policy(policyDocument=document("s3:GetObject"), policyType="IDENTITY_POLICY")
    assert good["findings"] == []
    broken = document("s3:GetObject").replace('"Effect"', '"Efect"')
    (finding, *_) = analyzer.validate_policy(policyDocument=broken, policyType="IDENTITY_POLICY")["findings"]
    assert finding["findingType"] == "ERROR"


def test_access_that_is_granted(aws: EmbeddedAws) -> None:
    analyzer = aws.administrator(SHARED).client("accessanalyzer")
    access = [{"actions": ["s3:PutObject"], "resources": ["arn:aws:s3:::b/judged/*"]}]
    results = [
        analyzer.check_access_not_granted(policyDocument=document(action), access=access, policyType="IDENTITY_POLICY")[
            "result"
        ]
        for action in ("s3:GetObject", "s3:Put*")
    ]
    assert results == ["PASS", "FAIL"]
