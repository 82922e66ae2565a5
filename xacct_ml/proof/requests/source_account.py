"""What a repository in another account adds: the push's way to the shared account, the source action there, and the
Commands action that hands its artifact on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue, Request
from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.proof.requests.shared import (
    CODEPIPELINE_CROSS_ACCOUNT,
    S3_ENCRYPTION,
    START_STAGE,
    artifact_key,
    bucket_hops,
    key_hops,
    read_hops,
    repository_hops,
    service_role_hops,
    written_hops,
)
from xacct_ml.system.events import PUSH_DETAIL_TYPE, PUSH_SOURCE

EVENTS_CROSS_ACCOUNT = "EventBridge User Guide, eb-cross-account"
EVENTS_BUS = "EventBridge User Guide, eb-event-bus-perms"
COMMANDS = "CodePipeline User Guide, action-reference-Commands"
CROSS_ACCOUNT_SOURCE = "aws-cdk #14260: a source action in another account needs s3:PutObjectAcl"

PUSH_STAGE = "Push"
STARTS = (PUSH_STAGE, START_STAGE)
"""The events before the pipeline's own stages; nobody is told where one of them is refused."""

OWNER_ACL: Mapping[str, ContextValue] = {"s3:x-amz-acl": "bucket-owner-full-control"}
PUSH: Mapping[str, ContextValue] = {"events:source": PUSH_SOURCE, "events:detail-type": PUSH_DETAIL_TYPE}


def push_hops(send: Sender) -> Iterator[Hop]:
    """From the source account's bus to the shared account's; none where a push is at home."""
    names, role = send.names, send.names.forward_role
    if names.source_account is None:
        return
    stage = PUSH_STAGE
    yield Hop(
        stage,
        "EventBridge assumes the forward role",
        send.assume("events.amazonaws.com", role),
        EVENTS_CROSS_ACCOUNT,
        Evidence.DOCUMENTED,
    )
    sent = {"aws:SourceAccount": names.source_account, "aws:SourceArn": names.forward_rule_arn}
    yield Hop(
        stage,
        "EventBridge assumes the forward role (if it sends the rule)",
        send.assume("events.amazonaws.com", role, sent),
        EVENTS_CROSS_ACCOUNT,
        Evidence.ASSUMED,
    )
    yield Hop(
        stage,
        "EventBridge forwards the push to the shared account's bus",
        send.call(role, "events:PutEvents", names.event_bus_arn, names.shared, PUSH),
        EVENTS_BUS,
        Evidence.DOCUMENTED,
    )


def source_account_hops(send: Sender) -> Iterator[Hop]:
    role, pipeline = send.names.source_action_role, send.names.pipeline_role
    stage = "Source"
    yield from service_role_hops(send)
    yield from bucket_hops(send, "CodePipeline looks at the artifact bucket", pipeline)
    yield from key_hops(send, pipeline)
    yield Hop(
        stage,
        "The pipeline assumes the action's role",
        send.assume_from(pipeline, role),
        CODEPIPELINE_CROSS_ACCOUNT,
        Evidence.DOCUMENTED,
    )
    yield from repository_hops(send, role)
    yield Hop(
        stage,
        "The source action looks at the artifact bucket",
        send.bucket(role, "s3:GetBucketLocation"),
        CODEPIPELINE_CROSS_ACCOUNT,
        Evidence.DOCUMENTED,
    )
    yield from written_hops(send, stage, "The source action writes its artifact", role)
    yield Hop(
        stage,
        "… and gives the bucket's owner full control of it",
        owned(send, role),
        CROSS_ACCOUNT_SOURCE,
        Evidence.CODE,
    )
    yield from key_hops(send, role)
    yield from read_hops(send, stage, "The source action reads its artifact", role)
    yield from hand_on_hops(send)


def owned(send: Sender, role: str, acl: Mapping[str, ContextValue] = OWNER_ACL) -> Request:
    """``s3:PutObjectAcl`` on an artifact, which an upload with an ACL asks for as well."""
    request = send.read(role, artifact_key(send.names), "s3:PutObjectAcl")
    return replace(request, context={**request.context, **acl})


def hand_on_hops(send: Sender) -> Iterator[Hop]:
    """The Commands action, as the pipeline's role in its own account."""
    names, role, stage = send.names, send.names.pipeline_role, "HandOn"
    yield from read_hops(send, stage, "The Commands action reads the source's artifact", role)
    yield Hop(
        stage,
        "… S3 decrypts it",
        send.key_through_s3(role, "kms:Decrypt"),
        S3_ENCRYPTION,
        Evidence.DOCUMENTED,
    )
    group = names.arn("logs", names.shared, f"log-group:{names.pipeline_log_group}")
    for action, resource in (
        ("CreateLogGroup", group),
        ("CreateLogStream", f"{group}:log-stream:stream"),
        ("PutLogEvents", f"{group}:log-stream:stream"),
    ):
        yield Hop(
            stage,
            "The Commands action writes logs",
            send.call(role, f"logs:{action}", resource, names.shared),
            COMMANDS,
            Evidence.DOCUMENTED,
        )
    yield from written_hops(send, stage, "The Commands action writes its artifact", role)
