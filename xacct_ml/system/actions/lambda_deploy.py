"""The approved model is deployed to one production target, by the Lambda function there."""

from xacct_ml.config.model import ProductionTarget
from xacct_ml.system.actions import lambda_invoke
from xacct_ml.system.actions.action import EXECUTION, Action
from xacct_ml.system.actions.lambda_judge import Judged
from xacct_ml.system.names import Names


def action(names: Names, target: ProductionTarget, judged: Judged, *, run_order: int) -> Action:
    parameters = {
        "pipeline": judged.pipeline,
        "pipelineExecutionId": EXECUTION,
        "trainingJob": judged.variable("TrainingJob"),
        "modelDigest": judged.variable("ModelDigest"),
    }
    return Action(
        lambda_invoke.declaration(
            names,
            target.name,
            names.function,
            parameters,
            runOrder=run_order,
            roleArn=names.deploy_action_role(target),
            region=names.region_of(target),
        ),
        {"invoke": lambda_invoke.invocation(names.function_arn(target))},
    )
