"""What was judged, approved and deployed is released: the model package is set to Approved, by the Lambda function of
:mod:`xacct_ml.system.registry`.

The function is in the pipeline's account and region, so the pipeline's own role invokes it."""

from xacct_ml.system.actions import lambda_invoke
from xacct_ml.system.actions.action import EXECUTION, Action
from xacct_ml.system.actions.lambda_judge import MODEL_PACKAGE, RECORD_DIGEST
from xacct_ml.system.names import Names

RELEASE_STAGE, RELEASE_ACTION = "Release", "Registry"
RELEASE = f"{RELEASE_STAGE}/{RELEASE_ACTION}"


def action(names: Names) -> Action:
    parameters = {"pipelineExecutionId": EXECUTION, "modelPackage": MODEL_PACKAGE, "recordDigest": RECORD_DIGEST}
    return Action(
        lambda_invoke.declaration(names, RELEASE_ACTION, names.release_function, parameters),
        {"release": lambda_invoke.invocation(names.release_function_arn)},
    )
