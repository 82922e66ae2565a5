"""The global condition keys of a request, filled as AWS fills them. Keys of one service come from its translator.

``aws:SecureTransport`` is always ``true``, although the embedded AWS serves plain HTTP on the loopback interface:
the question is how the policies treat a client of AWS. A request with the header :data:`SECURE_TRANSPORT_HEADER` set to
``false`` is decided as if it came over plain HTTP."""

from datetime import UTC, datetime

from xacct_ml.access.model import ContextValue
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SECURE_TRANSPORT_HEADER = "x-emulator-secure-transport"
SOURCE_IP_HEADER = "x-emulator-source-ip"
PRESIGNED_HEADER = "x-emulator-presigned"
"""Set by the gate on calls whose signature stands in the URL."""

_GLOBAL_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where global services (IAM) answer; what ``aws:RequestedRegion`` says for them [D]."""


def constant(region: str) -> dict[str, ContextValue]:
    """What holds for every request now, also for those that a service makes for itself."""
    now = datetime.now(UTC)
    return {
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": region,
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:ViaAWSService": "false",
    }


def of_call(call: ApiCall) -> dict[str, ContextValue]:
    """The keys that follow from how the call arrived."""
    region = _GLOBAL_REGIONS.get(call.partition, call.region) if call.service == "iam" else call.region
    keys = constant(region)
    keys["aws:SecureTransport"] = call.headers.get(SECURE_TRANSPORT_HEADER, "true").lower()
    keys["aws:SourceIp"] = call.headers.get(SOURCE_IP_HEADER, "127.0.0.1")
    for key, header in (("aws:UserAgent", "user-agent"), ("aws:Referer", "referer")):
        if header in call.headers:
            keys[key] = call.headers[header]
    return keys


def of_resource(asked: AuthorizationRequest) -> dict[str, ContextValue]:
    return {} if asked.resource == "*" else {"aws:ResourceAccount": asked.account}
