"""What STS refuses in a request's parameters, whoever asks.

Codes and words: answers of AWS recorded in LocalStack's tests (tests/emulator/recorded/sts.yaml [C])."""

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError


def check(call: ApiCall) -> None:
    """:raises ServiceError: ValidationError for a malformed ARN, InvalidParameterValue for session tags"""
    role = call.params.get("RoleArn")
    if role is not None and not _is_arn(str(role)):
        raise ServiceError("ValidationError", f"{role} is invalid", 400)
    keys = [str(tag.get("Key", "")).lower() for tag in call.params.get("Tags") or ()]
    if len(set(keys)) < len(keys):
        message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise ServiceError("InvalidParameterValue", message, 400)
    transitive = [str(key).lower() for key in call.params.get("TransitiveTagKeys") or ()]
    if not set(transitive) <= set(keys):
        message = "The specified transitive tag key must be included in the requested tags."
        raise ServiceError("InvalidParameterValue", message, 400)


def _is_arn(text: str) -> bool:
    try:
        arn = Arn.parse(text)
    except ValueError:
        return False
    return all((arn.partition, arn.service, arn.resource))
