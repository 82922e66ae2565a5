"""What all actions that invoke a Lambda function have in common."""

from typing import Any

from xacct_ml.system.actions.action import compact, declare
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, allow, policy


def declaration(names: Names, name: str, function: str, parameters: dict[str, str], **more: Any) -> Document:
    """``parameters`` are what the function finds in the event as ``UserParameters``."""
    configuration = {"FunctionName": function, "UserParameters": compact(parameters)}
    return declare(names, name, "Invoke", "Lambda", configuration, **more)


def invocation(function_arn: str) -> Document:
    """What the action's role needs (CodePipeline User Guide, security-iam, Lambda) [D]."""
    return policy(
        allow("InvokeFunction", "lambda:InvokeFunction", function_arn),
        allow("ListFunctions", "lambda:ListFunctions", "*"),
    )
