"""IAM Access Analyzer's validation, which takes no resource (Service Authorization Reference, "AWS IAM Access Analyzer"
[D])."""

from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "accessanalyzer"


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    return (AuthorizationRequest(f"access-analyzer:{call.operation}", "*", call.account),)
