"""ValidatePolicy and CheckAccessNotGranted, which moto 5.2.5 does not have: decided by the evaluator's own reading of
documents.

AWS's finds much more; what is an error here is one there: a document that IAM could not read. Members: Access Analyzer
API reference [B]."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moto.core.utils import get_service_model

from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import Principal, Request
from xacct_ml.access.policy import Policy
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.constraints import message, violations
from xacct_ml.emulator.services.accessanalyzer import authorization

_LEARN_MORE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"


def validate_policy(params: Mapping[str, Any], _: str) -> Mapping[str, Any]:
    return {
        "findings": [
            {
                "findingType": "ERROR",
                "issueCode": "INVALID_POLICY",
                "findingDetails": defect,
                "learnMoreLink": _LEARN_MORE,
                "locations": [],
            }
            for defect in _parsed(params).defects
        ]
    }


def check_access_not_granted(params: Mapping[str, Any], account: str) -> Mapping[str, Any]:
    """Whether one of the actions is allowed on one of the resources; a pattern stands for something that it matches."""
    policies = PolicySet((_parsed(params),))
    principal = Principal.role(f"arn:aws:iam::{account}:role/anybody")
    granted = [
        f"{action} on {resource}"
        for access in params["access"]
        for action in access.get("actions", ())
        for resource in access.get("resources") or ("*",)
        if decide(Request(principal, action, resource.replace("*", "x"), account), policies).allowed
    ]
    if not granted:
        return {"result": "PASS", "message": "The policy document does not grant access to perform the listed actions."}
    reasons = [{"description": f"It grants {one}"} for one in granted]
    return {"result": "FAIL", "message": "The policy document grants access to the listed actions.", "reasons": reasons}


def _parsed(params: Mapping[str, Any]) -> Policy:
    return Policy.parse(str(params["policyDocument"]), "policyDocument")


_OPERATIONS = {"ValidatePolicy": validate_policy, "CheckAccessNotGranted": check_access_not_granted}


def application(_: dispatch.Environ, start_response: Any) -> list[bytes]:
    """Serves the call that the gate recognised and allowed."""
    call = dispatch.served_call.get()
    if call.operation not in _OPERATIONS:
        raise NotImplementedError(f"{call.service}:{call.operation}")
    shape = get_service_model(call.service).operation_model(call.operation).input_shape
    try:
        if found := list(violations(shape, call.params)):
            raise ApiError("ValidationException", message(found))
        status, body = HTTPStatus.OK, _OPERATIONS[call.operation](call.params, call.account)
    except ApiError as error:
        status, body = HTTPStatus.BAD_REQUEST, {"__type": error.code, "message": error.message}
    content = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [content]


def install() -> None:
    """Serve the service, which is signed for by another name than boto3's."""
    dispatch.own_services["access-analyzer"] = application
    dispatch.own_names["access-analyzer"] = authorization.SERVICE
