"""Parts of documents whose removal neither breaks a hop nor opens an attack, and why they stay."""

from dataclasses import dataclass

from xacct_ml.proof.matrix.variants import Element, Removal
from xacct_ml.proof.policies import DocumentKind, DocumentRef
from xacct_ml.system.names import Names
from xacct_ml.system.statements import actions


@dataclass(frozen=True, slots=True)
class Justified:
    """``job`` is the role's, empty for key and bucket. ``part`` is how the removal names the part, with
    ``{objects}``, ``{shared_root}``, ``{pipeline_role}`` and the like for the map's own."""

    kind: DocumentKind
    job: str
    sid: str
    element: Element
    part: str
    why: str

    def covers(self, removal: Removal, names: Names) -> bool:
        job = names.job_of(removal.ref.owner.rsplit("/", 1)[-1])
        part = self.part.format(
            objects=_objects(removal.ref, names),
            shared_root=names.account_root(names.shared),
            pipeline_role=names.pipeline_role,
            judge_role=names.judge_role,
            schedule_function_role=names.schedule_function_role,
            copy_role=names.copy_role,
            job_result_role=names.job_result_role,
        )
        return (
            removal.ref.kind is self.kind
            and (not self.job or job == self.job)
            and removal.sid == self.sid
            and removal.element is self.element
            and removal.part == part
        )


def _objects(ref: DocumentRef, names: Names) -> str:
    """All of the bucket that belongs to a key's policy."""
    target = names.target_at(ref.account, ref.region or None)
    return names.object_arn("*", ref.region or None) if target is None else f"{names.capture_bucket_arn(target)}/*"


_STOP_THE_KEY = (
    "the account that owns the key must be able to stop its use and to see who may use it, by hand and without first "
    "rewriting the policy (KMS Developer Guide, key-policy-default, key administrators) [D]"
)
_ACCOUNT_IN_ARN = (
    "both keys are what the documentation of the service shows (Step Functions Developer Guide, "
    "procedure-create-iam-role) [D]; the ARN alone already names the account"
)
_BOTH_FOR_RULES = (
    "both keys are what the documentation of the service shows (EventBridge User Guide, "
    "cross-service-confused-deputy-prevention) [D]; the ARN alone already names the account"
)
_BOTH_FOR_SCHEDULES = (
    "both keys are what the documentation of the service shows (EventBridge Scheduler User Guide, "
    "cross-service-confused-deputy-prevention) [D]; the ARN alone already names the account"
)
_WITHOUT_BUCKET_KEY = (
    "objects written without a Bucket Key carry their own ARN as encryption context, and old objects keep their mode "
    "(S3 User Guide, bucket-key) [D]; every hop goes through the Bucket Key"
)
_NO_OPERATOR_NAMED = (
    "the whole shared account uses the key through S3 while the map names no operator; the pipeline's right must not "
    "hang on that, and a map that names one takes nothing from the pipeline"
)
_NO_READER_NAMED = (
    "the whole production account reads through S3 what was captured while the map names no operator there; the "
    "endpoint's right must not hang on that"
)
_ROLE_OF_OTHERS = (
    "the approvers' role is the map's: what else its own policies allow is not the project's to say, so that the key "
    "binds it"
)
_CONTEXT = "StringLike kms:EncryptionContext:aws:s3:arn: {objects}"

_KEY, _THROUGH_S3 = (
    DocumentKind.KEY,
    ("WriteThroughS3", "ReadThroughS3", "OperatorsThroughS3", "CaptureThroughS3", "ReadCapturedThroughS3"),
)
_BY_HAND = actions("kms", "DisableKey DisableKeyRotation ListGrants ListKeyPolicies RevokeGrant")
_ACCOUNT, _ROLE = "StringEquals aws:SourceAccount", "ArnEquals aws:PrincipalArn: {{{}}}"

JUSTIFIED = (
    *(Justified(_KEY, "", "KeyAdministration", Element.ACTION, action, _STOP_THE_KEY) for action in _BY_HAND),
    *(Justified(_KEY, "", sid, Element.CONDITION_VALUE, _CONTEXT, _WITHOUT_BUCKET_KEY) for sid in _THROUGH_S3),
    Justified(DocumentKind.TRUST, "state-machine", "Service", Element.CONDITION, _ACCOUNT, _ACCOUNT_IN_ARN),
    *(
        Justified(DocumentKind.TRUST, job, "Service", Element.CONDITION, _ACCOUNT, _BOTH_FOR_RULES)
        for job in ("start", "forward")
    ),
    Justified(DocumentKind.TRUST, "scheduler", "Service", Element.CONDITION, _ACCOUNT, _BOTH_FOR_SCHEDULES),
    *(
        Justified(_KEY, "", sid, Element.PRINCIPAL, "{shared_root}", _NO_OPERATOR_NAMED)
        for sid in ("WriteThroughS3", "ReadThroughS3")
    ),
    *(
        Justified(_KEY, "", "ApproversThroughS3", Element.CONDITION, condition, _ROLE_OF_OTHERS)
        for condition in ("StringEquals kms:ViaService", "StringLike kms:EncryptionContext:aws:s3:arn")
    ),
    Justified(_KEY, "", "ApproversThroughS3", Element.CONDITION_VALUE, _CONTEXT, _WITHOUT_BUCKET_KEY),
    Justified(_KEY, "", "CaptureThroughS3", Element.ACTION, "kms:Decrypt", _NO_READER_NAMED),
    *(
        Justified(_KEY, "", sid, Element.CONDITION_VALUE, _ROLE.format(role), _NO_OPERATOR_NAMED)
        for sid, roles in (
            ("WriteThroughS3", ("pipeline_role", "judge_role", "schedule_function_role")),
            ("ReadThroughS3", ("copy_role", "job_result_role")),
        )
        for role in roles
    ),
)
