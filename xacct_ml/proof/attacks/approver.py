"""Attacks on the separation of who approves from who operates."""

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.attacks.storage import bucket_places
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.world import World
from xacct_ml.system.actions.approval import REVIEWS
from xacct_ml.system.approver import approvals
from xacct_ml.system.statements import actions

GROUP = "The approver beyond approving"

_PIPELINE = actions(
    "codepipeline", "StartPipelineExecution UpdatePipeline DeletePipeline StopPipelineExecution RetryStageExecution"
)


_READS = ("evaluations", "the request of a release", "what serves", "what served", "withdrawn data")
"""Who asks for a release looks at the request before."""


def approver_attacks(world: World) -> Iterator[Attack]:
    """None where the map names no approvers."""
    names, send, approver = world.names, world.send, world.names.approver_role
    if approver is None:
        return
    for words, arn in (("", names.pipeline_arn), (" of releases", names.release_pipeline_arn)):
        for action in _PIPELINE:
            yield Attack(GROUP, f"{action}{words}", send.call(approver, action, arn))
    for words, key in bucket_places(send).items():
        if key != names.release_key:
            yield Attack(GROUP, f"writes {words}", once(send.write(approver, key)))
        if words not in _READS:
            yield Attack(GROUP, f"reads {words}", send.read(approver, key))
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        yield Attack(GROUP, f"{action} past S3", send.key(approver, action))
    for action in actions("lambda", "InvokeFunction UpdateFunctionCode"):
        yield Attack(GROUP, f"{action} of the judge", send.call(approver, action, names.judge_function_arn))
    for role in world.roles:
        yield Attack(GROUP, f"assumes {role.name} in {role.account}", send.assume_from(approver, role.arn))
        if role.account == names.shared:
            for action in actions("iam", "PutRolePolicy UpdateAssumeRolePolicy"):
                yield Attack(GROUP, f"{action} of {role.name}", send.call(approver, action, role.arn))
    if world.operator is not None:
        for arn in approvals(names):
            pipeline, stage, review = Arn.parse(arn).resource.split("/")
            of = "" if pipeline == names.pipeline else " of a release"
            also = "" if review == REVIEWS[0] else f", {review}"
            answered = send.call(world.operator, "codepipeline:PutApprovalResult", arn)
            yield Attack("The operator approves", f"PutApprovalResult in {stage}{also}{of}", answered)
