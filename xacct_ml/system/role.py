"""What every role's document is made of."""

from collections.abc import Iterable, Iterator, Mapping

from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Conditions, Document, allow, policy
from xacct_ml.system.thing import Role
from xacct_ml.tables.regions import service_host


def role(
    names: Names,
    account: str,
    job: str,
    description: str,
    trust: Document,
    policies: Mapping[str, Document],
    *,
    region: str | None = None,
) -> Role:
    """``region`` is the production target's that the role serves."""
    return Role(
        id=f"{names.part(account, region)}/role/{job}",
        account=account,
        region="",
        tags=names.tags,
        job=job,
        name=names.role_name(job, region),
        path=names.config.roles.path,
        arn=names.role_arn(account, job, region),
        description=description,
        trust=trust,
        policies=policies,
        boundary=names.boundary_arn(account),
    )


def source_sent(account: str, source_arn: str | list[str]) -> Conditions:
    """Against the confused deputy where the service documents that it sends these keys."""
    return {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": source_arn}}


def source_if_sent(account: str, source_arn: str | list[str]) -> Conditions:
    """Against the confused deputy where the service does not document that it sends these keys: they bind only
    if sent."""
    return {"StringEqualsIfExists": {"aws:SourceAccount": account}, "ArnLikeIfExists": {"aws:SourceArn": source_arn}}


def key_through_s3(keys: Keys, region: str, *actions: str, sid: str = "KeyThroughS3") -> Document:
    """Use of a region's key by way of that region's S3."""
    return allow(sid, actions, keys[region], {"StringEquals": {"kms:ViaService": service_host("s3", region)}})


def keys_through_s3(keys: Keys, regions: Iterable[str]) -> Iterator[Document]:
    """Reading and writing encrypted objects in several regions, a statement for each."""
    for region in regions:
        sid = f"KeyThroughS3In{region.title().replace('-', '')}"
        yield key_through_s3(keys, region, "kms:Decrypt", "kms:GenerateDataKey", sid=sid)


def job_results() -> Document:
    """CodePipeline has no resource to name here: job results are granted on "*" or not at all."""
    return policy(allow("ReportJobResults", "codepipeline: PutJobFailureResult PutJobSuccessResult", "*"))


def run_reading(names: Names) -> Document:
    """What a function must see of the runs of both pipelines: it believes these, and not its event."""
    return policy(allow("ReadRun", "codepipeline:ListActionExecutions", names.pipeline_arns))


def function_logs(group_arn: str) -> Document:
    """What a Lambda function writes into its own group."""
    return policy(allow("WriteLogs", "logs: CreateLogStream PutLogEvents", f"{group_arn}:*"))


def model_container(names: Names, region: str, group_arn: str) -> dict[str, Document]:
    """What the container that a model runs in needs of its role, beside the model: its image, and its log group."""
    pull = "ecr: BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer"
    return {
        "image": policy(
            allow("PullImage", pull, names.image_repository_arn(region)),
            allow("RegistryToken", "ecr:GetAuthorizationToken", "*"),
        ),
        "logs": sagemaker_logs(group_arn),
    }


def sagemaker_logs(group_arn: str) -> Document:
    return policy(container_logs(group_arn), allow("WriteMetrics", "cloudwatch:PutMetricData", "*"))


def container_logs(group_arn: str) -> Document:
    """The group, which the container makes, and what it writes there."""
    calls = "CreateLogGroup CreateLogStream DescribeLogStreams PutLogEvents"
    return allow("WriteLogs", f"logs: {calls}", [group_arn, f"{group_arn}:*"])
