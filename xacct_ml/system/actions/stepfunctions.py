"""The state machine of the training account is started, and its execution waited for."""

from xacct_ml.system.actions.action import EXECUTION, Action, compact, declare
from xacct_ml.system.actions.lambda_judge import MANIFEST_VERSION
from xacct_ml.system.names import Names
from xacct_ml.system.statements import allow, policy

TRAIN_STAGE, TRAIN_ACTION = "Train", "StateMachine"


def action(names: Names, *, revision: str) -> Action:
    """``revision`` is the pipeline variable of what is trained from."""
    return Action(
        declare(
            names,
            TRAIN_ACTION,
            "Invoke",
            "StepFunctions",
            {
                "StateMachineArn": names.state_machine_arn,
                "ExecutionNamePrefix": names.job_prefix,
                "InputType": "Literal",
                "Input": compact(
                    {"commit": revision, "pipelineExecutionId": EXECUTION, "manifestVersionId": MANIFEST_VERSION}
                ),
            },
            roleArn=names.train_action_role,
        ),
        {
            "state-machine": policy(
                allow("StartTraining", "states: DescribeStateMachine StartExecution", names.state_machine_arn),
                allow("WatchTraining", "states:DescribeExecution", names.execution_arn(names.job_pattern)),
            )
        },
    )
