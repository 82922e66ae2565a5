"""The Step Functions action: an execution of the state machine and the training job that it runs."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import (
    CODEPIPELINE_SECURITY,
    S3_ENCRYPTION,
    S3_MULTIPART,
    SAGEMAKER_DEPUTY,
    SAGEMAKER_ROLES,
    Evidence,
    Row,
)
from xacct_ml.proof.requests.sagemaker import container
from xacct_ml.proof.requests.samples import DATASET, job_name

STATES_ROLE = "Step Functions Developer Guide, procedure-create-iam-role"
STATES_SAGEMAKER = "Step Functions Developer Guide, sagemaker-iam"
STATES_SDK = "Step Functions Developer Guide, supported-services-awssdk"


def requests(action: PipelineAction) -> Iterator[Row]:
    send, names = action.send, action.send.names
    machine, role = names.state_machine_arn, names.state_machine_role
    started = [
        *send.calls(action.role, "states", "DescribeStateMachine StartExecution", machine),
        send.call(action.role, "states:DescribeExecution", names.execution_arn(job_name(names))),
    ]
    yield Row("The action starts and watches the state machine", started, CODEPIPELINE_SECURITY)
    assumed = send.assume_for("states.amazonaws.com", role, machine)
    yield Row("Step Functions assumes the state machine's role", assumed, STATES_ROLE)
    manifest = send.read(role, names.manifest_key, "s3:GetObjectVersion")
    yield Row("The state machine reads the version of the manifest", manifest, STATES_SDK)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
    job, what = names.training_job_arn(job_name(names)), "The state machine runs the training job"
    create = send.call(role, "sagemaker:CreateTrainingJob", job, as_configured(send))
    run = [create, *send.calls(role, "sagemaker", "DescribeTrainingJob StopTrainingJob", job)]
    yield Row(what, run, STATES_SAGEMAKER)
    yield Row(what, send.call(role, "sagemaker:AddTags", job), "aws-cdk #27264, #32294", Evidence.CODE)
    yield Row("The state machine reads the job's tags", send.call(role, "sagemaker:ListTags", job), STATES_SAGEMAKER)
    passed = send.pass_role(role, names.training_role, "sagemaker.amazonaws.com")
    yield Row("The state machine passes the role to SageMaker", passed, STATES_SAGEMAKER)
    yield from _training_job(send, job)


def as_configured(send: RequestBuilder) -> dict[str, ContextValue]:
    """The condition keys of the training job that the map's own settings ask for (Service Authorization Reference,
    Amazon SageMaker). How the output key's is called differs between sources, so nothing here hangs on it."""
    training = send.names.config.training
    return {
        "sagemaker:NetworkIsolation": "true",
        "sagemaker:InstanceTypes": (training.instance_type,),
        "sagemaker:MaxRuntimeInSeconds": str(training.max_runtime_seconds),
    }


def _training_job(send: RequestBuilder, job: str) -> Iterator[Row]:
    names, role = send.names, send.names.training_role
    assumed = send.assume("sagemaker.amazonaws.com", role, {"aws:SourceArn": job})
    yield Row("SageMaker assumes the training role", assumed, SAGEMAKER_DEPUTY)
    for channel in ("train", "validation"):
        listed = send.bucket(role, "s3:ListBucket", {"s3:prefix": names.channel_prefix(DATASET, channel)})
        yield Row(f"The training job lists {channel}", listed, SAGEMAKER_ROLES)
        keys = names.channel_manifest_key(DATASET, channel), names.channel_key(DATASET, channel)
        yield Row(f"The training job reads {channel}", [send.read(role, key) for key in keys], SAGEMAKER_ROLES)
    model = names.model_key(job_name(names))
    decrypted, encrypted = (send.key_through_s3(role, f"kms:{one}") for one in ("Decrypt", "GenerateDataKey"))
    yield Row("… S3 decrypts it", decrypted, S3_ENCRYPTION, Evidence.ASSUMED)
    yield Row("The training job writes the model", send.write(role, model), SAGEMAKER_ROLES)
    yield Row("… S3 encrypts it", encrypted, S3_ENCRYPTION, Evidence.ASSUMED)
    yield Row("… and clears away a broken upload", send.read(role, model, "s3:AbortMultipartUpload"), S3_MULTIPART)
    output = send.key(role, "kms:Encrypt")
    yield Row("SageMaker encrypts the output with the key", output, SAGEMAKER_ROLES)
    yield Row("The training job looks at the key", send.key(role, "kms:DescribeKey"), SAGEMAKER_ROLES)
    group = names.arn("logs", names.training, "log-group:/aws/sagemaker/TrainingJobs")
    yield from container(send, "The training job", role, group)


ACTIONS = {"StepFunctions": requests}
