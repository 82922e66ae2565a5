"""The CloudFormation action: the training stack, and what CloudFormation does with it as its own role."""

from collections.abc import Iterator

from xacct_ml.proof.requests import artifacts
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import CODEPIPELINE_CROSS_ACCOUNT, CODEPIPELINE_SECURITY, Evidence, Row
from xacct_ml.proof.requests.samples import stack_arn
from xacct_ml.proof.requests.stepfunctions import STATES_SAGEMAKER

STACK_ROLE = "aws-deployment-framework, pipeline_management.yml: hard ArnLike with the stack's ARN"
STATES_TRIES = "awsdocs aws-step-functions-developer-guide #23, lumigo-CLI #83"
STATES_HANDLER = "CloudFormation resource provider schema of AWS::StepFunctions::StateMachine"

_STACK_OPERATIONS = (
    "DescribeStacks CreateStack UpdateStack DescribeStackEvents DescribeStackResource DescribeStackResources "
    "GetTemplate GetTemplateSummary GetStackPolicy SetStackPolicy"
)
_STATE_MACHINE_OPERATIONS = (
    "CreateStateMachine UpdateStateMachine DescribeStateMachine DeleteStateMachine ListTagsForResource TagResource "
    "UntagResource"
)


def requests(action: PipelineAction) -> Iterator[Row]:
    send, names, role = action.send, action.send.names, action.role
    service, passed = "cloudformation.amazonaws.com", names.cloudformation_role
    stack = stack_arn(names)
    assumed = send.assume_from(action.pipeline_role, role)
    yield Row("The pipeline assumes the action's role", assumed, CODEPIPELINE_CROSS_ACCOUNT)
    yield artifacts.read(send, "The action reads the template", role, CODEPIPELINE_CROSS_ACCOUNT)
    decrypted = send.key_through_s3(role, "kms:Decrypt")
    yield Row("… S3 decrypts it for the action", decrypted, "aws-cdk, bootstrap's deploy role", Evidence.CODE)
    yield Row("The action looks at the key", send.key(role, "kms:DescribeKey"), CODEPIPELINE_CROSS_ACCOUNT)
    seen = [send.bucket(role, f"s3:{what}") for what in ("ListBucket", "GetBucketLocation", "GetBucketVersioning")]
    yield Row("The action looks at the artifact bucket", seen, CODEPIPELINE_CROSS_ACCOUNT)
    deployed = send.calls(role, "cloudformation", _STACK_OPERATIONS, stack)
    yield Row("The action deploys the training stack", deployed, CODEPIPELINE_SECURITY)
    validated = send.call(role, "cloudformation:ValidateTemplate")
    yield Row("The action validates the template", validated, CODEPIPELINE_SECURITY)
    passing = send.pass_role(role, passed, service)
    yield Row("The action passes the role to CloudFormation", passing, CODEPIPELINE_SECURITY)
    assumed = send.assume(service, passed, {"aws:SourceArn": stack})
    yield Row("CloudFormation assumes its role for the stack", assumed, STACK_ROLE, Evidence.CODE)
    yield from _state_machine(send)


def _state_machine(send: RequestBuilder) -> Iterator[Row]:
    """Made by CloudFormation, and tried out by Step Functions whenever it is made or changed: Step Functions becomes
    the state machine's role and, as that role, sets up the rule that tells of the end of a job. Without either,
    CreateStateMachine and UpdateStateMachine fail."""
    names, service = send.names, "states.amazonaws.com"
    role, passed, machine = names.cloudformation_role, names.state_machine_role, names.state_machine_arn
    managed = send.calls(role, "states", _STATE_MACHINE_OPERATIONS, machine)
    yield Row("CloudFormation manages the state machine", managed, STATES_HANDLER, Evidence.CODE)
    passing = send.pass_role(role, passed, service)
    yield Row("CloudFormation passes the role to Step Functions", passing, STATES_HANDLER, Evidence.CODE)
    tried, seen = (send.assume_for(service, passed, machine), STATES_TRIES)
    yield Row("Step Functions tries to assume the state machine's role", tried, seen, Evidence.CODE)
    rule = names.arn("events", names.training, "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule")
    yield Row(
        "Step Functions sets up the rule that tells when the job ends",
        send.calls(passed, "events", "DescribeRule PutRule PutTargets", rule),
        f"{STATES_SAGEMAKER}; cumulus #2693, terraform-aws-control_tower_account_factory #365",
    )


ACTIONS = {"CloudFormation": requests}
