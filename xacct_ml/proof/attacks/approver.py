"""Attacks on the separation of who approves from who operates."""

from collections.abc import Iterator

from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.attacks.storage import bucket_places
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.world import World
from xacct_ml.system.statements import actions
from xacct_ml.system.waves import waves

GROUP = "The approver beyond approving"

_PIPELINE = actions(
    "codepipeline", "StartPipelineExecution UpdatePipeline DeletePipeline StopPipelineExecution RetryStageExecution"
)


def approver_attacks(world: World) -> Iterator[Attack]:
    """None where the map names no approvers."""
    names, send, approver = world.names, world.send, world.names.approver_role
    if approver is None:
        return
    for action in _PIPELINE:
        yield Attack(GROUP, action, send.call(approver, action, names.pipeline_arn))
    for words, key in bucket_places(send).items():
        yield Attack(GROUP, f"writes {words}", once(send.write(approver, key)))
        if words != "evaluations":
            yield Attack(GROUP, f"reads {words}", send.read(approver, key))
    yield Attack(GROUP, "encrypts through S3", send.key_through_s3(approver, "kms:GenerateDataKey"))
    yield Attack(GROUP, "decrypts past S3", send.key(approver, "kms:Decrypt"))
    for action in actions("lambda", "InvokeFunction UpdateFunctionCode"):
        yield Attack(GROUP, f"{action} of the judge", send.call(approver, action, names.judge_function_arn))
    for role in world.roles:
        yield Attack(GROUP, f"assumes {role.name} in {role.account}", send.assume_from(approver, role.arn))
        if role.account == names.shared:
            for action in actions("iam", "PutRolePolicy UpdateAssumeRolePolicy"):
                yield Attack(GROUP, f"{action} of {role.name}", send.call(approver, action, role.arn))
    if world.operator is not None:
        for stage in (wave.approve_stage for wave in waves(world.config) if wave.approve_stage is not None):
            arn = f"{names.pipeline_arn}/{stage}/Review"
            answered = send.call(world.operator, "codepipeline:PutApprovalResult", arn)
            yield Attack("The operator approves", f"PutApprovalResult in {stage}", answered)
