"""What happens in the training account: the stack, the state machine, the training job, the evaluation record."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.proof.requests.shared import (
    CODEPIPELINE_CROSS_ACCOUNT,
    CODEPIPELINE_SECURITY,
    S3_ENCRYPTION,
    S3_MULTIPART,
    artifact_key,
)
from xacct_ml.system.names import Names

STATES_ROLE = "Step Functions Developer Guide, procedure-create-iam-role"
STATES_SAGEMAKER = "Step Functions Developer Guide, sagemaker-iam"
STATES_SDK = "Step Functions Developer Guide, supported-services-awssdk"
STATES_HANDLER = "CloudFormation resource provider schema of AWS::StepFunctions::StateMachine"
SAGEMAKER_ROLES = "SageMaker Developer Guide, sagemaker-roles"
SAGEMAKER_DEPUTY = "SageMaker Developer Guide, security-confused-deputy-prevention"

DATASET = "0123456789abcdef"
STACK_ID = "00000000-0000-0000-0000-000000000000"


def job_name(names: Names) -> str:
    return f"{names.job_prefix}-{STACK_ID}"


def workflow_hops(send: Sender) -> Iterator[Hop]:
    names, role, account = send.names, send.names.train_action_role, send.names.training
    stage = "Workflow"
    yield Hop(
        stage,
        "The pipeline assumes the action's role",
        send.assume_from(names.pipeline_role, role),
        CODEPIPELINE_CROSS_ACCOUNT,
        Evidence.DOCUMENTED,
    )
    for action in ("s3:GetObject", "s3:GetObjectVersion"):
        yield Hop(
            stage,
            "The action reads the template",
            send.read(role, artifact_key(names), action),
            CODEPIPELINE_CROSS_ACCOUNT,
            Evidence.DOCUMENTED,
        )
    yield Hop(
        stage,
        "… S3 decrypts it for the action",
        send.key_through_s3(role, "kms:Decrypt"),
        S3_ENCRYPTION,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "The action looks at the key",
        send.key(role, "kms:DescribeKey"),
        CODEPIPELINE_CROSS_ACCOUNT,
        Evidence.DOCUMENTED,
    )
    for action in ("s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketVersioning"):
        yield Hop(
            stage,
            "The action looks at the artifact bucket",
            send.bucket(role, action),
            CODEPIPELINE_CROSS_ACCOUNT,
            Evidence.DOCUMENTED,
        )
    stack = names.arn("cloudformation", account, f"stack/{names.stack}/{STACK_ID}")
    for action in (
        "DescribeStacks",
        "CreateStack",
        "UpdateStack",
        "DescribeStackEvents",
        "DescribeStackResource",
        "DescribeStackResources",
        "GetTemplate",
        "GetTemplateSummary",
        "GetStackPolicy",
        "SetStackPolicy",
    ):
        yield Hop(
            stage,
            "The action deploys the training stack",
            send.call(role, f"cloudformation:{action}", stack, account),
            CODEPIPELINE_SECURITY,
            Evidence.DOCUMENTED,
        )
    yield Hop(
        stage,
        "The action validates the template",
        send.call(role, "cloudformation:ValidateTemplate", "*", account),
        CODEPIPELINE_SECURITY,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "The action passes the role to CloudFormation",
        send.pass_role(role, names.cloudformation_role, "cloudformation.amazonaws.com"),
        CODEPIPELINE_SECURITY,
        Evidence.DOCUMENTED,
    )
    yield from _cloudformation_hops(send, stage, stack)


def _cloudformation_hops(send: Sender, stage: str, stack: str) -> Iterator[Hop]:
    names, role, account = send.names, send.names.cloudformation_role, send.names.training
    source = "CloudFormation User Guide, using-iam-servicerole"
    yield Hop(
        stage,
        "CloudFormation assumes its role",
        send.assume("cloudformation.amazonaws.com", role),
        source,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "CloudFormation assumes its role (if it sends the stack)",
        send.assume("cloudformation.amazonaws.com", role, {"aws:SourceAccount": account, "aws:SourceArn": stack}),
        source,
        Evidence.ASSUMED,
    )
    for action in (
        "CreateStateMachine",
        "UpdateStateMachine",
        "DescribeStateMachine",
        "DeleteStateMachine",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
    ):
        yield Hop(
            stage,
            "CloudFormation manages the state machine",
            send.call(role, f"states:{action}", names.state_machine_arn, account),
            STATES_HANDLER,
            Evidence.CODE,
        )
    yield Hop(
        stage,
        "CloudFormation passes the role to Step Functions",
        send.pass_role(role, names.state_machine_role, "states.amazonaws.com"),
        STATES_HANDLER,
        Evidence.CODE,
    )
    yield from _state_machine_checks(send, stage)


def _state_machine_checks(send: Sender, stage: str) -> Iterator[Hop]:
    """What Step Functions tries out whenever a state machine is made or changed: to become its role, and, as that role,
    to set up the rule that tells of the end of a job. Without either, CreateStateMachine and UpdateStateMachine fail.
    """
    names, role, account = send.names, send.names.state_machine_role, send.names.training
    yield Hop(
        stage,
        "Step Functions tries to assume the state machine's role",
        send.assume(
            "states.amazonaws.com", role, {"aws:SourceAccount": account, "aws:SourceArn": names.state_machine_arn}
        ),
        "awsdocs aws-step-functions-developer-guide #23, lumigo-CLI #83",
        Evidence.CODE,
    )
    rule = names.arn("events", account, "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule")
    for action in ("DescribeRule", "PutRule", "PutTargets"):
        yield Hop(
            stage,
            "Step Functions sets up the rule that tells when the job ends",
            send.call(role, f"events:{action}", rule, account),
            f"{STATES_SAGEMAKER}; cumulus #2693, terraform-aws-control_tower_account_factory #365",
            Evidence.DOCUMENTED,
        )


def train_hops(send: Sender) -> Iterator[Hop]:
    names, action_role, role, account = (
        send.names,
        send.names.train_action_role,
        send.names.state_machine_role,
        send.names.training,
    )
    stage = "Train"
    for action, resource in (
        ("states:DescribeStateMachine", names.state_machine_arn),
        ("states:StartExecution", names.state_machine_arn),
        ("states:DescribeExecution", names.execution_arn(job_name(names))),
    ):
        yield Hop(
            stage,
            "The action starts and watches the state machine",
            send.call(action_role, action, resource, account),
            CODEPIPELINE_SECURITY,
            Evidence.DOCUMENTED,
        )
    yield Hop(
        stage,
        "Step Functions assumes the state machine's role",
        send.assume(
            "states.amazonaws.com", role, {"aws:SourceAccount": account, "aws:SourceArn": names.state_machine_arn}
        ),
        STATES_ROLE,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "The state machine reads the manifest",
        send.read(role, names.manifest_key),
        STATES_SDK,
        Evidence.DOCUMENTED,
    )
    yield Hop(stage, "… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION, Evidence.DOCUMENTED)
    job = names.training_job_arn(job_name(names))
    for action, evidence in (
        ("CreateTrainingJob", Evidence.DOCUMENTED),
        ("DescribeTrainingJob", Evidence.DOCUMENTED),
        ("StopTrainingJob", Evidence.DOCUMENTED),
        ("AddTags", Evidence.CODE),
    ):
        yield Hop(
            stage,
            "The state machine runs the training job",
            send.call(role, f"sagemaker:{action}", job, account),
            STATES_SAGEMAKER if evidence is Evidence.DOCUMENTED else "aws-cdk #27264, #32294",
            evidence,
        )
    yield Hop(
        stage,
        "The state machine reads the job's tags",
        send.call(role, "sagemaker:ListTags", job, account),
        STATES_SAGEMAKER,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "The state machine passes the role to SageMaker",
        send.pass_role(role, names.training_role, "sagemaker.amazonaws.com"),
        STATES_SAGEMAKER,
        Evidence.DOCUMENTED,
    )
    yield from _training_job_hops(send, stage, job)
    yield Hop(
        stage,
        "The state machine writes the evaluation",
        send.write(role, names.evaluation_key("execution")),
        STATES_SDK,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage, "… S3 encrypts it", send.key_through_s3(role, "kms:GenerateDataKey"), S3_ENCRYPTION, Evidence.DOCUMENTED
    )


def _training_job_hops(send: Sender, stage: str, job: str) -> Iterator[Hop]:
    names, role, account = send.names, send.names.training_role, send.names.training
    yield Hop(
        stage,
        "SageMaker assumes the training role",
        send.assume("sagemaker.amazonaws.com", role, {"aws:SourceArn": job}),
        SAGEMAKER_DEPUTY,
        Evidence.DOCUMENTED,
    )
    for channel in ("train", "validation"):
        prefix = names.channel_prefix(DATASET, channel)
        yield Hop(
            stage,
            f"The training job lists {channel}",
            send.bucket(role, "s3:ListBucket", {"s3:prefix": prefix}),
            SAGEMAKER_ROLES,
            Evidence.DOCUMENTED,
        )
        yield Hop(
            stage,
            f"The training job reads {channel}",
            send.read(role, names.channel_key(DATASET, channel)),
            SAGEMAKER_ROLES,
            Evidence.DOCUMENTED,
        )
    for what, request, source in (
        ("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION),
        ("The training job writes the model", send.write(role, names.model_key(job_name(names))), SAGEMAKER_ROLES),
        ("… S3 encrypts it", send.key_through_s3(role, "kms:GenerateDataKey"), S3_ENCRYPTION),
        (
            "… and clears away a broken upload",
            send.call(
                role, "s3:AbortMultipartUpload", names.object_arn(names.model_key(job_name(names))), names.shared
            ),
            S3_MULTIPART,
        ),
        ("The training job looks at the key", send.key(role, "kms:DescribeKey"), SAGEMAKER_ROLES),
    ):
        yield Hop(stage, what, request, source, Evidence.DOCUMENTED)
    yield from log_hops(send, stage, role, account, "/aws/sagemaker/TrainingJobs", "The training job")


def log_hops(send: Sender, stage: str, role: str, account: str, group: str, who: str) -> Iterator[Hop]:
    """Logs and metrics of a SageMaker container; a log group is named without, a stream with what follows the
    colon.
    """
    arn = send.names.arn("logs", account, f"log-group:{group}", region=send.region)
    for action, resource in (
        ("CreateLogGroup", arn),
        ("DescribeLogStreams", f"{arn}:log-stream:"),
        ("CreateLogStream", f"{arn}:log-stream:stream"),
        ("PutLogEvents", f"{arn}:log-stream:stream"),
    ):
        yield Hop(
            stage,
            f"{who} writes logs",
            send.call(role, f"logs:{action}", resource, account),
            SAGEMAKER_ROLES,
            Evidence.DOCUMENTED,
        )
    yield Hop(
        stage,
        f"{who} writes metrics",
        send.call(role, "cloudwatch:PutMetricData", "*", account),
        SAGEMAKER_ROLES,
        Evidence.DOCUMENTED,
    )
