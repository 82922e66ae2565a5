"""What goes before a run: a push on its way from another account, the rules that start the pipeline, its role."""

from collections.abc import Iterator, Mapping

from xacct_ml.access.model import ContextValue
from xacct_ml.proof.requests.action import RELEASE, PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import CODEPIPELINE_ROLE, S3_ENCRYPTION, Evidence, Row

PUSH_STAGE = "Push"
START_STAGE = "Start"
RELEASE_STAGE = f"{RELEASE} {START_STAGE}"
STARTS = (PUSH_STAGE, START_STAGE, RELEASE_STAGE)
"""The events before the pipeline's own stages; nobody is told where one of them is refused."""

EVENTS = "events.amazonaws.com"
EVENTS_DEPUTY = "EventBridge User Guide, cross-service-confused-deputy-prevention"
EVENTS_BUS = "EventBridge User Guide, eb-event-bus-perms"
EVENTS_TARGET = "EventBridge User Guide, eb-targets (CodePipeline target with a role)"

PUSH: Mapping[str, ContextValue] = {
    "events:source": "aws.codecommit",
    "events:detail-type": "CodeCommit Repository State Change",
}


def push(send: RequestBuilder) -> Iterator[Row]:
    """From the source account's bus to the shared account's; nothing where a push is at home."""
    names, role = send.names, send.names.forward_role
    if names.source_account is None:
        return
    assumed = send.assume_for(EVENTS, role, names.forward_rule_arn)
    yield Row("EventBridge assumes the forward role", assumed, EVENTS_DEPUTY)
    put = send.call(role, "events:PutEvents", names.event_bus_arn, PUSH)
    source = f"{EVENTS_BUS}; aws-deployment-framework, events.yml"  # that the delivery is decided as the target's role
    yield Row("EventBridge forwards the push to the shared account's bus", put, source, Evidence.CODE)


def start(send: RequestBuilder) -> Iterator[Row]:
    names, role = send.names, send.names.start_role
    events = {names.push_rule: "a push", names.source_rule: "a new source zip", names.data_rule: "new data"}
    for rule in names.start_rules:
        if rule in events:  # another one has no requests, and the proof says so
            assumed = send.assume_for(EVENTS, role, names.rule_arn(rule))
            yield Row(f"EventBridge assumes the start role for {events[rule]}", assumed, EVENTS_DEPUTY)
    request = send.call(role, "codepipeline:StartPipelineExecution", names.pipeline_arn)
    yield Row("EventBridge starts the pipeline", request, EVENTS_TARGET)


def release(send: RequestBuilder) -> Iterator[Row]:
    """A new version of the request starts the pipeline that releases. An approver writes one as the operator does."""
    names, role = send.names, send.names.start_role
    for who, person in (("operator", names.config.accounts.shared.role_arn), ("approver", names.approver_role)):
        if person is not None:
            yield Row(f"The {who} looks at the last request", send.read(person, names.release_key), S3_ENCRYPTION)
            yield Row("… S3 decrypts it", send.key_through_s3(person, "kms:Decrypt"), S3_ENCRYPTION)
            yield Row(f"The {who} asks for a release", send.write(person, names.release_key), S3_ENCRYPTION)
            yield Row("… S3 encrypts it", send.key_through_s3(person, "kms:GenerateDataKey"), S3_ENCRYPTION)
    assumed = send.assume_for(EVENTS, role, names.rule_arn(names.release_rule))
    yield Row("EventBridge assumes the start role for a release", assumed, EVENTS_DEPUTY)
    request = send.call(role, "codepipeline:StartPipelineExecution", names.release_pipeline_arn)
    yield Row("EventBridge starts the pipeline that releases", request, EVENTS_TARGET)


def service_role(send: RequestBuilder, first: PipelineAction) -> Iterator[Row]:
    """CodePipeline becomes the pipeline's role, whatever the ``first`` action is."""
    what, service = "CodePipeline assumes its service role", "codepipeline.amazonaws.com"
    role, source = first.pipeline_role, first.pipeline_arn
    yield from send.assumed(what, service, role, CODEPIPELINE_ROLE, sends="source", source_arn=source)
