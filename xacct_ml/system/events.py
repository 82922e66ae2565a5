"""The rules that start the pipelines: a new revision of the source, where no trigger of the pipeline does that, and a
completed data set; and the request of a release. Each event matches exactly one of them.

A push in a source account reaches the first by way of a rule there, whose target is the shared account's default bus;
that bus's policy has a statement for it. The event says from which account it came, and the rule in the shared account
takes it from that one only (EventBridge User Guide, eb-cross-account) [D].

An S3 source action reads what is newest when it comes to it. So a run that a new version of an object starts is pinned
to that version, by the target's input transformer (CodePipeline User Guide, action-reference-S3 and
pipelines-trigger-source-overrides; API reference, SourceRevisionOverride) [D]: of two requests in a row each has its
release."""

import json
from collections.abc import Iterator
from typing import Any

from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import PIPELINE
from xacct_ml.system.release import RELEASE_PIPELINE, REQUEST_ACTION
from xacct_ml.system.sources.source import OBJECT_ACTION
from xacct_ml.system.statements import Document, accounts_of, grant, only_roles
from xacct_ml.system.thing import EventBusPolicy, Rule

BUS_PERMISSION = "shared/event-bus-permission"
"""Its id."""

PUSH_SOURCE = "aws.codecommit"
PUSH_DETAIL_TYPE = "CodeCommit Repository State Change"


def rules(names: Names) -> Iterator[Rule]:
    """Those that start the pipeline, then the source account's."""
    target = {"Id": "pipeline", "Arn": names.pipeline_arn, "RoleArn": names.start_role}
    origin = {} if names.source_account is None else {"account": [names.source_account]}
    new_version, new_data = _created(names, names.source_key), _created(names, names.manifest_key)
    occasions = {
        names.push_rule: (f"on a push to {names.branch}", {**_push(names), **origin}),
        names.source_rule: (f"on a new version of {names.source_key}", new_version),
        names.data_rule: ("when a data set is complete: its manifest is written last", new_data),
    }
    # They need the pipeline so that nothing starts one that is still being made.
    for name in names.start_rules:
        occasion, pattern = occasions[name]
        pinned = _pinned_to_version(OBJECT_ACTION) if name == names.source_rule else {}
        more = {"description": f"Starts {names.pipeline} {occasion}", "pattern": pattern, "target": target | pinned}
        yield _rule(names, names.shared, name, **more, needs=(PIPELINE, "shared/role/start"))
    yield _release(names)
    if names.source_account is not None:
        to_bus = {"Id": "shared-account", "Arn": names.event_bus_arn, "RoleArn": names.forward_role}
        what = f"Forwards pushes to {names.branch} of {names.repository} to account {names.shared}"
        more = {"description": what, "pattern": _push(names), "target": to_bus}
        needs = (PIPELINE, "source/role/forward", BUS_PERMISSION)
        yield _rule(names, names.source_account, names.forward_rule, **more, needs=needs)


def _pinned_to_version(action: str) -> Document:
    """Of a target: the run's source action ``action`` reads the version that the event tells of."""
    revision = {"actionName": action, "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "<version>"}
    template = json.dumps({"sourceRevisions": [revision]})
    return {"InputTransformer": {"InputPathsMap": {"version": "$.detail.object.version-id"}, "InputTemplate": template}}


def _release(names: Names) -> Rule:
    to_pipeline = {"Id": "release-pipeline", "Arn": names.release_pipeline_arn, "RoleArn": names.start_role}
    return _rule(
        names,
        names.shared,
        names.release_rule,
        description=f"Starts {names.release_pipeline} on a new version of {names.release_key}",
        pattern=_created(names, names.release_key),
        target=to_pipeline | _pinned_to_version(REQUEST_ACTION),
        needs=(RELEASE_PIPELINE, "shared/role/start"),
    )


def bus_policies(names: Names) -> Iterator[EventBusPolicy]:
    """The statement for the policy of the shared account's default bus; none where nothing comes from elsewhere.

    It admits pushes only, by EventBridge's condition keys (EventBridge User Guide, eb-event-bus-perms) [D], and only as
    the role that forwards them: aws-deployment-framework's role has a condition on what it delivers, so it is likely
    that a target's role is the principal of the delivery [C]."""
    if names.source_account is None:
        return
    role, bus, sid = [names.forward_role], names.event_bus_arn, names.event_bus_statement
    pushes = {"StringEquals": {"events:source": PUSH_SOURCE, "events:detail-type": PUSH_DETAIL_TYPE}}
    conditions = {**only_roles(role), **pushes}
    statement = grant(sid, accounts_of(names, role), "events:PutEvents", bus, conditions)
    parent = "shared/role/pipeline"
    yield EventBusPolicy.of(names, names.shared, BUS_PERMISSION, sid, bus, statement=statement, parent=parent)


def _rule(names: Names, account: str, name: str, **more: Any) -> Rule:
    arn = names.arn("events", account, f"rule/{name}")
    return Rule.of(names, account, f"{names.part(account)}/rule/{name}", name, arn, **more)


def _push(names: Names) -> Document:
    branch = {"referenceType": ["branch"], "referenceName": [names.branch]}
    return {
        "source": [PUSH_SOURCE],
        "detail-type": [PUSH_DETAIL_TYPE],
        "resources": [names.repository_arn],
        "detail": {"event": ["referenceCreated", "referenceUpdated"], **branch},
    }


def _created(names: Names, key: str | None) -> Document:
    detail = {"bucket": {"name": [names.bucket]}, "object": {"key": [key]}}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
