"""Who is told of what: a topic for each region, the rules that tell it of the pipeline, and alarms of endpoints beside
those that roll an update back. None of it exists where the map has no ``notifications``.

All topics are the shared account's: alarms of other accounts may publish to them (SNS Developer Guide,
sns-access-policy-use-cases) [D], in their own region. They are encrypted with the project's key of the region. Of an
existing topic, nothing is changed: what its policy must allow is rendered, and looked for."""

from collections.abc import Iterator
from typing import Any

from xacct_ml.config.model import ProductionTarget
from xacct_ml.system.actions.lambda_judge import RELEASE_STAGE
from xacct_ml.system.actions.lambda_registry import REGISTRY_STAGE
from xacct_ml.system.alarms import alarms, told
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import VARIANT_NAME, Names
from xacct_ml.system.pipeline import PIPELINE
from xacct_ml.system.release import RELEASE_PIPELINE
from xacct_ml.system.statements import Conditions, Document, grant, policy
from xacct_ml.system.storage import KEY, storage_id
from xacct_ml.system.thing import Alarm, Rule, Topic
from xacct_ml.system.waves import APPROVE_STAGE, DEPLOY_STAGE

TOPIC = "shared/topic"
"""Its id in the pipeline's region."""

SHARED_ALARMS = "shared/alarm/"
"""How the ids of the shared account's alarms begin."""

ACTION_EVENT = "CodePipeline Action Execution State Change"
REFUSED_RATE, SERVER_ERROR_RATE = 0.2, 0.05
"""Of a minute's requests, five minutes running."""
_DETAIL = "$.detail."
_PATHS = {
    "pipeline": f"{_DETAIL}pipeline",
    "run": f"{_DETAIL}execution-id",
    "stage": f"{_DETAIL}stage",
    "action": f"{_DETAIL}action",
    "why": f"{_DETAIL}execution-result.external-execution-summary",
}
"""What of an event is said (CodePipeline User Guide, detect-state-changes-cloudwatch-events) [D]. A path that an event
does not have is left out (EventBridge User Guide, eb-transform-target-input) [D]."""
_WAITS = "Pipeline <pipeline>: run <run> waits for <stage>/<action>. To answer: xacct-ml approve --execution <run>"
_FAILED = "Pipeline <pipeline>: run <run> failed in <stage>/<action>. <why> Next: xacct-ml status --execution <run>"
_NOT_DEPLOYED = (
    "Pipeline <pipeline>: run <run> did not deploy to <action> (<stage>): what served there before was rolled back to, "
    "or still serves. <why> Next: xacct-ml status --execution <run>"
)


def topics(names: Names, keys: Keys) -> Iterator[Topic]:
    """One for each region; of those without endpoints and pipeline there are none."""
    given = names.config.notifications
    if given is None:
        return
    for region in names.regions if given.topic_arn is None else (names.region,):
        yield Topic.of(
            names,
            names.shared,
            storage_id(names, TOPIC, region),
            names.topic if given.topic_arn is None else names.topic_arn().rpartition(":")[2],
            names.topic_arn(region),
            region=region,
            needs=() if given.topic_arn else (storage_id(names, KEY, region),),
            adopted=given.topic_arn is not None,
            policy=topic_policy(names, region),
            key="" if given.topic_arn else keys[region],
            emails=given.emails,
        )


def topic_policy(names: Names, region: str) -> Document:
    """Exactly these rules and alarms publish. The documentation says that EventBridge takes no conditions in a topic's
    policy (EventBridge User Guide, eb-use-resource-based) [D]: its own bind only if it sends the keys."""
    topic, statements = names.topic_arn(region), []
    if region == names.region:
        rules = [names.rule_arn(rule) for rule in names.notification_rules]
        sent: Conditions = {
            "StringEqualsIfExists": {"aws:SourceAccount": names.shared},
            "ArnLikeIfExists": {"aws:SourceArn": rules},
        }
        events = {"Service": "events.amazonaws.com"}
        statements.append(grant("EventsPublish", events, "sns:Publish", topic, sent))
        if missed := [alarm.arn for alarm in schedule_alarms(names)]:
            of_schedule: Conditions = {
                "StringEquals": {"aws:SourceAccount": names.shared},
                "ArnLike": {"aws:SourceArn": missed},
            }
            watcher = {"Service": "cloudwatch.amazonaws.com"}
            statements.append(grant("AlarmsOfSchedulePublish", watcher, "sns:Publish", topic, of_schedule))
    for target in names.targets_in(region):
        watching = [alarm.arn for alarm in all_alarms(names, target)]
        source: Conditions = {"StringEquals": {"aws:SourceAccount": target.id}, "ArnLike": {"aws:SourceArn": watching}}
        sid = f"AlarmsOf{''.join(part.title() for part in target.name.split('-'))}Publish"
        statements.append(grant(sid, {"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", topic, source))
    return policy(*statements)


def notification_rules(names: Names) -> Iterator[Rule]:
    """Each event matches one of them at most. Its target has no role: with one, delivery to an encrypted topic may fail
    (EventBridge User Guide, eb-use-resource-based) [D].

    What fails in the Source of the release pipeline is not told: CreatePipeline starts a run (CodePipeline API
    reference, TriggerType) [B], which finds no request there, and an action's event does not say what started its run
    (CodePipeline User Guide, detect-state-changes-cloudwatch-events) [D]."""
    pipelines = [names.pipeline, names.release_pipeline]
    waits: Document = {"pipeline": pipelines, "type": {"category": ["Approval"]}}
    deploys: Document = {"pipeline": pipelines, "stage": [{"prefix": DEPLOY_STAGE}]}
    others: Document = {
        "$or": [
            {"pipeline": [names.pipeline], "stage": [{"anything-but": {"prefix": DEPLOY_STAGE}}]},
            {"pipeline": [names.release_pipeline], "stage": [RELEASE_STAGE, APPROVE_STAGE, REGISTRY_STAGE]},
        ]
    }
    rows: dict[str, tuple[str, Document, str]] = {
        names.approval_rule: ("what waits for approval", {**waits, **_state("STARTED")}, _WAITS),
        names.failure_rule: ("what fails", {**others, **_state("FAILED")}, _FAILED),
        names.deployment_rule: ("what is not deployed", {**deploys, **_state("FAILED")}, _NOT_DEPLOYED),
    }
    for name in names.notification_rules:
        what, detail, text = rows[name]
        used = {word: path for word, path in _PATHS.items() if f"<{word}>" in text}
        yield Rule.of(
            names,
            names.shared,
            f"shared/rule/{name}",
            name,
            names.rule_arn(name),
            needs=(PIPELINE, RELEASE_PIPELINE, TOPIC),
            description=f"Tells {names.topic_arn().rpartition(':')[2]} {what} in {' and '.join(pipelines)}",
            pattern={"source": ["aws.codepipeline"], "detail-type": [ACTION_EVENT], "detail": detail},
            target={
                "Id": "topic",
                "Arn": names.topic_arn(),
                "InputTransformer": {"InputPathsMap": used, "InputTemplate": f'"{text}"'},
            },
        )


def all_alarms(names: Names, target: ProductionTarget) -> tuple[Alarm, ...]:
    """Of a target: those that roll back, and those that only tell."""
    return (*alarms(names.config, target), *telling_alarms(names, target))


def telling_alarms(names: Names, target: ProductionTarget) -> tuple[Alarm, ...]:
    """Refused requests; and of a serverless endpoint, which no alarm rolls back, server errors too. The metrics are
    SageMaker's (SageMaker Developer Guide, monitoring-cloudwatch, serverless-endpoints-monitoring) [D]."""
    if names.config.notifications is None:
        return ()
    where, logs = f"endpoint {names.endpoint} of {target.name}", "Look: xacct-ml logs --of endpoint"
    refused = f"Of the requests to {where}, one in five is refused for what it asks. {logs}"
    failed = f"Of the answers of {where}, one in 20 is a server error. {logs}"
    found = [_alarm(names, target, "4xx", metric="Invocation4XXErrors", threshold=REFUSED_RATE, description=refused)]
    if names.config.endpoint.serverless is not None:
        found.append(
            _alarm(names, target, "5xx", metric="Invocation5XXErrors", threshold=SERVER_ERROR_RATE, description=failed)
        )
    return tuple(found)


def schedule_alarms(names: Names) -> Iterator[Alarm]:
    """A time of the schedule at which nothing was begun, in whichever of the two calls it was lost for good: Scheduler
    gave up on invoking the function (EventBridge Scheduler User Guide, monitoring-cloudwatch), or Lambda dropped the
    event after its retries, throttled ones included (Lambda Developer Guide, monitoring-metrics-types) [D]."""
    if names.config.notifications is None or names.config.schedule is None:
        return
    missed = f"At a time of the schedule, no run of {names.pipeline} was started:"
    uncalled = f"{missed} its function could not be invoked. Look: xacct-ml verify --live"
    failed = f"{missed} its function failed. Look: xacct-ml logs --of schedule"
    group, function = {"ScheduleGroup": names.schedule_group}, {"FunctionName": names.schedule_function}
    for name, namespace, metric, dimensions, description in (
        (names.schedule_call_alarm, "AWS/Scheduler", "InvocationDroppedCount", group, uncalled),
        (names.schedule_function_alarm, "AWS/Lambda", "AsyncEventsDropped", function, failed),
    ):
        yield Alarm.of(
            names,
            names.shared,
            f"{SHARED_ALARMS}{name}",
            name,
            names.shared_alarm_arn(name),
            description=description,
            namespace=namespace,
            metric=metric,
            statistic="Sum",
            dimensions=dimensions,
            period=300,
            evaluation_periods=1,
            threshold=0.0,
            comparison="GreaterThanThreshold",
            actions=(names.topic_arn(),),
        )


def _alarm(names: Names, target: ProductionTarget, kind: str, **more: Any) -> Alarm:
    name = names.alarm(kind)
    return Alarm.of(
        names,
        target.id,
        f"{target.name}/alarm/{name}",
        name,
        names.alarm_arn(target, kind),
        region=names.region_of(target),
        namespace="AWS/SageMaker",
        statistic="Average",
        dimensions={"EndpointName": names.endpoint, "VariantName": VARIANT_NAME},
        period=60,
        evaluation_periods=5,
        comparison="GreaterThanThreshold",
        actions=told(names, target),
        **more,
    )


def _state(state: str) -> Document:
    return {"state": [state]}
