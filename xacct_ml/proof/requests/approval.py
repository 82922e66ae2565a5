"""A manual approval: the pipeline asks nobody; who approves looks at the evidence and answers."""

from collections.abc import Iterator

from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, Row
from xacct_ml.proof.requests.lambda_running import MISSING_OBJECT
from xacct_ml.proof.requests.samples import DATASET, DEPLOYED, EXECUTION, job_name

APPROVAL = "CodePipeline User Guide, approvals-iam-permissions"
COMMIT = "Service Authorization Reference, AWS CodeCommit"
GET_ROLE = "Service Authorization Reference, AWS IAM"


def requests(action: PipelineAction) -> Iterator[Row]:
    """None where the map names no approvers: then the operator's own policies are what counts."""
    send, names, approver = action.send, action.send.names, action.send.names.approver_role
    if approver is None:
        return
    operations = "GetPipelineState ListActionExecutions ListPipelineExecutions ListTagsForResource"
    seen = send.calls(approver, "codepipeline", operations, action.pipeline_arn)
    yield Row("The approver sees the run", seen, APPROVAL)
    record = names.evaluation_key(EXECUTION, job_name(names))
    yield Row("The approver reads the record", send.read(approver, record), S3_ENCRYPTION)
    serving = [names.live_key("production"), names.history_key("production", DEPLOYED, EXECUTION)]
    yield Row("… and what serves", [send.read(approver, key) for key in serving], S3_ENCRYPTION)
    withdrawn = send.read(approver, names.withdrawal_key(DATASET))
    yield Row("… whether a release's data set was withdrawn", withdrawn, S3_ENCRYPTION)
    yield Row("… or that nothing does", send.bucket(approver, "s3:ListBucket"), MISSING_OBJECT)
    yield Row("… S3 decrypts it", send.key_through_s3(approver, "kms:Decrypt"), S3_ENCRYPTION)
    if names.uses_codecommit and names.source_account is None:
        commit = send.call(approver, "codecommit:GetCommit", names.repository_arn)
        yield Row("The approver sees the commit", commit, COMMIT)
    if names.config.approvals > 1:
        trust = send.call(approver, "iam:GetRole", approver)
        yield Row("The approver sees whether names of sessions are bound", trust, GET_ROLE)
    resource = f"{action.pipeline_arn}/{action.stage}/{action.name}"
    answered = send.call(approver, "codepipeline:PutApprovalResult", resource)
    yield Row("The approver answers", answered, APPROVAL)


ACTIONS = {"Manual": requests}
