"""What Step Functions says of a parameter that is no ARN at all.

Words: answers of AWS recorded in LocalStack's tests (stepfunctions/v2/test_sfn_api [C])."""

from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.denials import ServiceError

_ARNS = ("stateMachineArn", "executionArn", "activityArn", "resourceArn")


def check_arns(call: ApiCall) -> None:
    """:raises ServiceError: InvalidArn"""
    for name in _ARNS:
        given = call.params.get(name)
        if given is not None and not str(given).startswith("arn:"):
            raise ServiceError("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {given}'", 400)
