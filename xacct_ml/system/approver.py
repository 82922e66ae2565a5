"""What who approves may do, and nothing else: see the runs and the evidence, ask for a release, and answer the
approvals.

The role itself is the map's (``approvers``): who may assume it is not the project's to say. It is of the shared account
alone."""

from collections.abc import Mapping

from xacct_ml.system.actions.approval import reviews
from xacct_ml.system.bucket_layout import EVALUATIONS_PREFIX, HISTORY_PREFIX, LIVE_PREFIX, WITHDRAWN_PREFIX
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import key_through_s3
from xacct_ml.system.statements import Document, allow, in_our_account, policy
from xacct_ml.system.waves import APPROVE_STAGE, waves


def approver_policies(names: Names) -> Mapping[str, Document]:
    """By the policies' names, as for a role; none where the map names no approvers.

    The key's id is known only once it exists, so that the policy names all of the account; the key's own policy says
    which one."""
    if names.approver_role is None:
        return {}
    records = [
        names.object_arn(f"{each}/*") for each in (EVALUATIONS_PREFIX, LIVE_PREFIX, HISTORY_PREFIX, WITHDRAWN_PREFIX)
    ]
    keys = Keys.of({names.region: names.key_arn("*")})
    evidence = [
        in_our_account(names, "ReadRecords", "s3:GetObject", records),
        # S3 tells only those who may list that an object is missing (S3 API reference, HeadObject) [D].
        in_our_account(names, "SeeWhatIsThere", "s3:ListBucket", names.bucket_arn),
        in_our_account(names, "AskForARelease", "s3: GetObject PutObject", names.object_arn(names.release_key)),
        key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
    ]
    if names.uses_codecommit and names.source_account is None:
        evidence.append(allow("ReadCommit", "codecommit:GetCommit", names.repository_arn))
    # Two people are told apart by the names of their sessions: whether the role's trust binds them is shown.
    own_trust = [allow("ReadOwnTrust", "iam:GetRole", names.approver_role)] if names.config.approvals > 1 else []
    return {
        "approve": policy(
            allow(
                "SeeRuns",
                "codepipeline: GetPipelineState ListActionExecutions ListPipelineExecutions ListTagsForResource",
                names.pipeline_arns,
            ),
            allow("Approve", "codepipeline:PutApprovalResult", approvals(names)),
            *own_trust,
        ),
        "evidence": policy(*evidence),
    }


def approvals(names: Names) -> list[str]:
    """The ARNs of the approval actions of both pipelines."""
    stages = [wave.approve_stage for wave in waves(names.config) if wave.approve_stage is not None]
    places = [f"{names.pipeline_arn}/{stage}" for stage in stages] + [f"{names.release_pipeline_arn}/{APPROVE_STAGE}"]
    return [f"{place}/{review}" for place in places for review in reviews(names.config)]
