"""Which hops a rehearsal in the embedded AWS exercises, and how its requests are matched with the hops.

A hop that is not rehearsed stands on its source alone: AWS documents that the right is needed, but nothing in a whole
run of the embedded AWS asks for it. A test compares this list with the request log of a rehearsal, both ways."""

import re
from collections.abc import Mapping

from xacct_ml.access.model import Request
from xacct_ml.arn import Arn
from xacct_ml.system.bucket_layout import ARTIFACT_PREFIX_LENGTH, HISTORY_PREFIX
from xacct_ml.system.names import Names

_ARTIFACTS = "kms:Decrypt kms:DescribeKey s3:GetBucketLocation s3:GetObject s3:GetObjectVersion"
_IMAGE = "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer"
_CONTAINER = "logs:DescribeLogStreams cloudwatch:PutMetricData"

DOCUMENTED_ONLY: Mapping[str, frozenset[str]] = {
    job: frozenset(actions.split())
    for job, actions in {
        "pipeline": (
            f"codecommit:CancelUploadArchive {_ARTIFACTS} lambda:ListFunctions s3:GetBucketAcl s3:GetBucketVersioning "
            "s3:PutObjectTagging"
        ),
        "source-action": f"codecommit:CancelUploadArchive {_ARTIFACTS}",
        "copy-model": "s3:AbortMultipartUpload",
        "judge": "s3:AbortMultipartUpload",
        "train-action": (
            "cloudformation:CreateStack cloudformation:DescribeStackEvents cloudformation:DescribeStackResource "
            "cloudformation:DescribeStackResources cloudformation:GetStackPolicy cloudformation:GetTemplate "
            "cloudformation:GetTemplateSummary cloudformation:SetStackPolicy cloudformation:ValidateTemplate "
            "kms:DescribeKey s3:GetBucketLocation s3:GetBucketVersioning s3:GetObjectVersion s3:ListBucket"
        ),
        "cloudformation": "states:DeleteStateMachine states:ListTagsForResource states:UntagResource",
        "state-machine": "sagemaker:ListTags sagemaker:StopTrainingJob",
        "training": f"{_CONTAINER} kms:DescribeKey kms:Encrypt s3:AbortMultipartUpload s3:ListBucket",
        "scorer": "sagemaker:StopTransformJob",
        "scoring": f"{_CONTAINER} {_IMAGE} s3:AbortMultipartUpload",
        "deploy-action": "lambda:ListFunctions",
        "deploy-function": "cloudwatch:DeleteAlarms",
        "endpoint": f"{_CONTAINER} {_IMAGE} s3:AbortMultipartUpload",
    }.items()
}
"""Job of the role to actions that no rehearsal asks for."""

OF_FAILURES = frozenset({"codepipeline:PutJobFailureResult"})
"""Whoever's function it is, in a rehearsal it does not fail."""

BY_THE_CLOCK = frozenset({"scheduler", "schedule-function"})
"""Jobs that nothing asks for until the schedule is due: that takes a rehearsal whose clock is set."""

_WITH_A_SCHEMA = ("/slices.csv", "/schema.json")

_CLASSES = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "*"),
    (re.compile(r"-[0-9a-f]{16}$"), "-*"),
    (re.compile(r"-smoke-[0-9a-f]{12}"), "-smoke-*"),
    (re.compile(r"(?<=/)[0-9a-f]{16}(?=/|\.json)"), "*"),
    (re.compile(r"(?<=evaluations/).*"), "*"),
    (re.compile(r"(?<=scores/).*"), "*"),
    (re.compile(r"(?<=/live/).*|(?<=/history/).*"), "*"),
    (re.compile(r"(?<=/captured/).*"), "*"),
    (re.compile(r"(?<=schedule/)[0-9]{8}T[0-9]{6}Z(?=\.json)"), "*"),
    (re.compile(r"(?<=judged/)[0-9a-f]{64}"), "*"),
    (re.compile(r"(model-package/[^/]+)/.*"), r"\1/*"),
    (re.compile(r"(log-group:[^:]*):log-stream:.*"), r"\1"),
)


def rehearsed(names: Names, request: Request) -> bool:
    """Whether a rehearsal is expected to send this hop's request."""
    job = job_of(names, request)
    if job in BY_THE_CLOCK or _of_alarms(request):
        return False
    if job == "pipeline" and request.resource.startswith(_other_regions(names)):
        return False  # the artifact stores of other regions stay empty
    if job == "judge" and request.resource.endswith(_WITH_A_SCHEMA):
        return False  # only where the data set was prepared
    if job == "judge" and request.action == "s3:GetObject" and f"/{HISTORY_PREFIX}/" in request.resource:
        return False  # only where a stage is retried whose last action failed
    if job == "endpoint" and request.action == "kms:Decrypt" and request.resource.startswith(_of_captured(names)):
        return False  # no file of captured requests is so large that it is written in parts
    if job == "batch" or (names.batch_target is not None and request.resource == names.batch_role(names.batch_target)):
        return False  # files are predicted when somebody asks for it, and by no run
    by_source = _rehearsed_by_source(names, request) if job == "pipeline" else None
    if by_source is not None:
        return by_source
    return job is None or request.action not in OF_FAILURES | DOCUMENTED_ONLY.get(job, frozenset())


def _of_alarms(request: Request) -> bool:
    """What is asked for when an alarm goes off, or a drift is told of: in a rehearsal neither happens."""
    by_hand = request.principal.role_arn is not None
    through_sns = request.action == "sns:Publish" or "kms:EncryptionContext:aws:sns:topicArn" in request.context
    return through_sns and (by_hand or request.principal.arn == "cloudwatch.amazonaws.com")


def _rehearsed_by_source(names: Names, request: Request) -> bool | None:
    """Whether a rehearsal asks for this request of the pipeline's role; None where the kind of source does not matter.

    The source action of a release asks for what that of CodeCommit does not; whether it may list is asked by S3, since
    there is no request yet when its pipeline is made. A run that a pipeline's creation starts reads what is newest, and
    one that a new version starts reads that version."""
    if request.action in ("kms:Decrypt", "s3:GetBucketVersioning", "s3:ListBucket"):
        return True
    if request.resource in (names.object_arn(key) for key in (names.source_key, names.release_key) if key is not None):
        return request.action in ("s3:GetObject", "s3:GetObjectVersion")
    if request.resource in names.connection_arns:
        connection = names.config.pipeline.connection
        return connection is not None and request.resource == connection.arn
    return None


def _other_regions(names: Names) -> tuple[str, ...]:
    """How buckets and keys of other regions begin."""
    regions = names.other_regions
    return (*map(names.bucket_arn_in, regions), *(names.key_arn("", region) for region in regions))


def _of_captured(names: Names) -> tuple[str, ...]:
    """How the keys of captured requests begin."""
    return tuple(names.capture_key_arn(target, "") for target in names.capturing)


def job_of(names: Names, request: Request) -> str | None:
    """The job of the project's role that asks, None for a service or another principal."""
    role_arn = request.principal.role_arn
    return None if role_arn is None else names.job_of(Arn.parse(role_arn).name)


def resource_class(names: Names, resource: str) -> str:
    """The resource with everything that differs from run to run replaced: ids, digests, log streams, artifact
    names."""
    artifacts = names.object_arn(f"{names.artifact_prefix}/")
    of_releases = names.object_arn(f"{names.release_pipeline[:ARTIFACT_PREFIX_LENGTH]}/")
    if resource.startswith((artifacts, of_releases)):
        return f"{artifacts}*"
    for pattern, replacement in _CLASSES:
        resource = pattern.sub(replacement, resource)
    return resource
