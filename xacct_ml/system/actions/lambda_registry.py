"""What was judged, approved and deployed is released: the model package is set to Approved, by the Lambda function of
:mod:`xacct_ml.system.registry`.

The function is in the pipeline's account and region, so the pipeline's own role invokes it."""

from xacct_ml.system.actions import lambda_invoke
from xacct_ml.system.actions.action import EXECUTION, Action
from xacct_ml.system.actions.lambda_judge import Judged
from xacct_ml.system.names import Names

REGISTRY_STAGE, REGISTRY_ACTION = "Registry", "Package"
RELEASE = f"{REGISTRY_STAGE}/{REGISTRY_ACTION}"


def action(names: Names, judged: Judged) -> Action:
    parameters = {
        "pipeline": judged.pipeline,
        "pipelineExecutionId": EXECUTION,
        "modelPackage": judged.variable("ModelPackage"),
        "recordDigest": judged.variable("RecordDigest"),
    }
    return Action(
        lambda_invoke.declaration(names, REGISTRY_ACTION, names.registry_function, parameters),
        {"registry": lambda_invoke.invocation(names.registry_function_arn)},
    )
