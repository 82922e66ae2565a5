"""IAM requests of ECR's calls on a repository (Service Authorization Reference, "Amazon Elastic Container Registry"
[D])."""

from xacct_ml.emulator.core.authorization import unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "ecr"


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    """AWS's own repositories let every account in, so nothing but the caller's identity policies is asked."""
    if "repositoryName" not in call.params:
        return unknown(call)
    registry = str(call.params.get("registryId") or call.account)
    arn = call.arn("ecr", f"repository/{call.params['repositoryName']}", account=registry)
    return (AuthorizationRequest(f"ecr:{call.operation}", arn, call.account),)
