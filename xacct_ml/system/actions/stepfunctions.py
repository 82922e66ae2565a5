"""The state machine of the training account is started, and its execution waited for."""

from xacct_ml.system.actions.action import EXECUTION, Action, compact, declare
from xacct_ml.system.names import Names
from xacct_ml.system.statements import allow, policy


def action(names: Names, *, revision: str, namespace: str) -> Action:
    """``namespace`` gets the output variables, ``ExecutionArn`` among them."""
    return Action(
        declare(
            names,
            "StateMachine",
            "Invoke",
            "StepFunctions",
            {
                "StateMachineArn": names.state_machine_arn,
                "ExecutionNamePrefix": names.job_prefix,
                "InputType": "Literal",
                "Input": compact({"commit": revision, "pipelineExecutionId": EXECUTION}),
            },
            namespace=namespace,
            roleArn=names.train_action_role,
        ),
        {
            "state-machine": policy(
                allow("StartTraining", "states: DescribeStateMachine StartExecution", names.state_machine_arn),
                allow("WatchTraining", "states:DescribeExecution", names.execution_arn(names.job_pattern)),
            )
        },
    )
