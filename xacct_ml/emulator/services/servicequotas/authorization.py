"""Service Quotas, whose lists take no resource (Service Authorization Reference, "Service Quotas" [D])."""

from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "service-quotas"


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    return (AuthorizationRequest(f"servicequotas:{call.operation}", "*", call.account),)
