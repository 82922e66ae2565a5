"""States of functions, in an embedded AWS whose functions change slowly."""

from __future__ import annotations

import math

from moto.awslambda.models import lambda_backends

from tests.configs import TRAINING, example
from tests.emulator.rights import error_of
from tests.emulator.services.awslambda.test_awslambda import make
from tests.emulator.services.sagemaker.workloads import ALL, service_role
from xacct_ml.emulator.core.runtime import Pace
from xacct_ml.operations.embedded import embedded


def test_one_change_at_a_time() -> None:
    """A new function is Pending, a changed one's update InProgress; meanwhile AWS takes no change, and so here."""
    with embedded(example(), pace=Pace(lambda_transition=1000)) as slow:
        functions = slow.administrator(TRAINING).client("lambda")
        make(functions, "slow", service_role(slow, TRAINING, "slow", "lambda", ALL))
        assert functions.get_function_configuration(FunctionName="slow")["State"] == "Pending"
        change = {"FunctionName": "slow", "Description": "d"}
        code, message, status = error_of(functions.update_function_configuration, **change)
        assert (code, status) == ("ResourceConflictException", 409)
        assert "Pending" in message
        lambda_backends[TRAINING]["us-east-1"].get_function("slow").created = -math.inf
        assert functions.update_function_configuration(**change)["LastUpdateStatus"] == "InProgress"
        assert functions.get_function_configuration(FunctionName="slow")["LastUpdateStatus"] == "InProgress"
        assert "An update is in progress" in error_of(functions.update_function_configuration, **change)[1]
