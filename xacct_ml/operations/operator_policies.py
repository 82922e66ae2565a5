"""The smallest policies under which an operator of each account can run this tool.

They follow from the rights that drivers and operations declare beside their calls, and from what of the project is in
which account; they are rendered for review before anything exists. All are bound to what is ours, by its exact ARN.
What makes a key, whose id nobody knows before, is in a policy of its own, ``first-run``, to be taken away after the
first bootstrap: no tag and no alias that it allows to give leads to a right. The embedded AWS gives exactly these
policies to the map's roles, so every rehearsal runs under them and a missing right shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from types import ModuleType

from xacct_ml.config.model import Config
from xacct_ml.operations import (
    adoption_notes,
    approvers_trust,
    configure,
    create_pipeline,
    deployed_policies,
    drift,
    former_capture,
    former_scaling,
    given_up,
    notice,
    preconditions,
    predict,
    predict_batch,
    source_state,
)
from xacct_ml.operations.doctor import (
    boundary,
    bucket_name,
    codecommit,
    documents,
    endpoint_kind,
    granted_access,
    image,
    quotas,
    simulation,
    workflow,
)
from xacct_ml.operations.doctor.check import EVERY_ACCOUNT, REPOSITORY_ACCOUNT, SHARED_ACCOUNT
from xacct_ml.operations.release import asking
from xacct_ml.operations.runs import approval, commit, endpoint, executions, failure, logs, stopping
from xacct_ml.operations.teardown import deletion, earlier_release, product_drivers, run_products
from xacct_ml.operations.upload import announcing, copied, earlier_manifest, source, withdrawal, written_once
from xacct_ml.resources import kms_alias, ownership
from xacct_ml.resources.blueprint import driver_of, drivers
from xacct_ml.resources.rights import FIRST_RUN, Place, Rights
from xacct_ml.system.alarms import LATENCY, MODEL_ERRORS, SERVER_ERRORS
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, allow, policy
from xacct_ml.system.system import system
from xacct_ml.system.thing import Bucket, LogGroup, Rule, Thing

MODULES: tuple[ModuleType, ...] = (
    adoption_notes,
    announcing,
    approval,
    approvers_trust,
    asking,
    boundary,
    bucket_name,
    codecommit,
    commit,
    configure,
    copied,
    create_pipeline,
    deletion,
    deployed_policies,
    documents,
    drift,
    earlier_manifest,
    earlier_release,
    endpoint,
    endpoint_kind,
    executions,
    failure,
    former_capture,
    former_scaling,
    given_up,
    granted_access,
    image,
    kms_alias,
    logs,
    notice,
    ownership,
    preconditions,
    predict,
    predict_batch,
    quotas,
    run_products,
    simulation,
    source_state,
    source,
    stopping,
    workflow,
    withdrawal,
    written_once,
)
"""Those that declare rights beside those of their own drivers."""

COPIES = ("shared/copy-function", "shared/copy-log-group")
"""Ids of what copies models to other regions."""

_ORDER: Mapping[str, tuple[str, ...]] = {
    "roles": ("WriteRoles", "ManageRoles", "FindRoles", "ReadManagedPolicies"),
    FIRST_RUN: ("CreateKey", "TagNewKey", "FinishNewKey"),
    "key": ("FindKey", "ManageKey", "ManageAlias", "UseKeyThroughS3", "ReadCapturedThroughS3"),
    "bucket": ("Bucket", "Data", "Evaluations", "Release", "Captured", "EmptyBucket"),
    "adopted": ("AdoptKey", "AdoptBucket"),
    "connection": ("LookAtConnection",),
    "source": ("SourceObject",),
    "repository": ("Repository", "FormerRepository"),
    "event-bus": ("EventBus", "EventBusPermission"),
    "logs": ("FindLogGroups", "LogGroup"),
    "pipeline": ("Pipeline", "Stages", "PassPipelineRole", "Rules", "PassStartRole"),
    "copies": ("Function", "PassFunctionRole", "FindLogGroups", "LogGroups"),
    "registry": ("Group", "FindPackages", "Packages"),
    "notifications": ("Topic", "ExistingTopic", "Tell", "UseKeyThroughSns"),
    "schedule": ("Group", "Schedule", "PassScheduler"),
    "stack": ("Stack", "PassCloudFormationRole"),
    "executions": ("Executions",),
    "jobs": ("ListJobs", "Jobs", "Transforms", "ScoringModels", "JobLogs", "Rule"),
    "function": ("Function", "PassFunctionRole", "FindLogGroups", "LogGroups"),
    "endpoint": (
        *("Find", "Endpoint", "Scaling", "SeeScaling", "EndpointConfigurations", "Models", "Alarms", "FindAlarms"),
        "FormerCapture",
    ),
    "batch": ("Files", "MakeModels", "Models", "PassBatchRole", "Transforms", "ListTransforms", "JobLogs"),
    "doctor": ("Look", "Operator", "Image", "Boundary"),
}
"""How policies and their statements are read best; what is not here comes behind."""

_Asked = tuple[Place, Rights]


def policies(config: Config, keys: Keys | None = None) -> dict[str, dict[str, Document]]:
    """Account id to policy name to document; stand-ins for keys that are not given."""
    names = Names(config)
    by_account: dict[str, dict[str, dict[str, list[_Asked]]]] = {}
    for place, right in _rights(names, keys or Keys.stand_ins(names)):
        if right.needed is None or right.needed(place):
            name, sid = right.statement.split("/")
            statements = by_account.setdefault(place.account, {}).setdefault(place.policy or name, {})
            statements.setdefault(place.sids.get(sid, sid), []).append((place, right))
    return {
        account: {
            name: policy(
                *(_statement(sid, documents[name][sid]) for sid in _sorted(_ORDER.get(name, ()), documents[name]))
            )
            for name in _sorted(tuple(_ORDER), documents)
        }
        for account, documents in by_account.items()
    }


def _rights(names: Names, keys: Keys) -> Iterator[_Asked]:
    """Everything that an operator must be allowed: on what the project is made of, and on what is there beside it."""
    made = drivers()
    for thing in system(names.config, keys):
        of_adopted = () if driver_of(thing) is made[thing.type] else driver_of(thing).rights
        for right in (*made[thing.type].rights, *of_adopted, *_of_modules(_known_as(names, thing))):
            yield _place(names, keys, thing), right
    for type_, place in _beside(names, keys):
        driver = product_drivers.DRIVERS.get(type_) or made.get(type_)
        for right in (*(driver.rights if driver else ()), *_of_modules(type_)):
            yield place, right


def _known_as(names: Names, thing: Thing) -> str:
    """What the modules have a thing's rights under: its type, or that it is the bucket of what is captured."""
    captured = isinstance(thing, Bucket) and thing.account != names.shared
    return drift.CAPTURED if captured else thing.type


def _of_modules(type_: str) -> Iterator[Rights]:
    return (right for module in MODULES for right in module.RIGHTS.get(type_, ()))


def _sorted(order: Sequence[str], found: Iterable[str]) -> list[str]:
    return sorted(found, key=lambda name: order.index(name) if name in order else len(order))


def _statement(sid: str, asked: list[_Asked]) -> Document:
    """Actions in alphabetical order, those that only some maps need behind; resources thing by thing, what is derived
    from them behind."""
    usual = {action for _, right in asked if right.needed is None for action in right.actions}
    optional = {action for _, right in asked for action in right.actions} - usual
    by_depth = zip_longest(*([on(place) for on in right.on] for place, right in asked))
    resources = dict.fromkeys(arn for arns in by_depth for arn in arns if arn is not None)
    place, right = asked[0]
    return allow(sid, [*sorted(usual), *sorted(optional)], list(resources), right.condition and right.condition(place))


# -- what is in which account ------------------------------------------------------------------------------------------


def _place(names: Names, keys: Keys, thing: Thing) -> Place:
    """Where a thing is; its rights may be in another policy than those of others of its type."""
    place = Place(names=names, keys=keys, account=thing.account, region=thing.region, arn=thing.arn, thing=thing)
    if isinstance(thing, Rule) and thing.account != names.shared:
        return replace(place, policy="rule", sids={"Rules": "Rule", "PassStartRole": "PassForwardRole"})
    if thing.id in COPIES:
        return replace(place, policy="copies")
    if isinstance(thing, LogGroup) and thing.account == names.shared:
        return replace(place, policy="logs", sids={"LogGroups": "LogGroup"})
    return place


def _beside(names: Names, keys: Keys) -> Iterator[tuple[str, Place]]:
    """What is not made by bootstrap: runs' products, what an earlier map has left, and alarms, which a target with a
    serverless endpoint may have from before."""
    at = partial(Place, names=names, keys=keys)
    yield SHARED_ACCOUNT, at(account=names.shared)
    if names.uses_codecommit:
        yield REPOSITORY_ACCOUNT, at(account=names.repository_account)
    for account, region in names.everywhere:
        yield EVERY_ACCOUNT, at(account=account, region=region)
    if names.source_account is not None:
        repository = names.arn("codecommit", names.shared, names.repository)
        yield source_state.FORMER, at(account=names.shared, arn=repository)
    yield from earlier_release.places(names)
    yield from given_up.places(names)
    yield from former_scaling.places(names)
    yield from former_capture.places(names)
    if (key := names.config.key.arn) is not None:
        yield "adopted key", at(account=names.shared, arn=key)
    yield "AWS::StepFunctions::StateMachine", at(account=names.training, arn=names.state_machine_arn)
    if names.approver_role is not None and names.config.approvals > 1:
        yield approvers_trust.APPROVERS, at(account=names.shared, arn=names.approver_role)
    jobs = names.training_job_arn(names.job_pattern)
    yield "AWS::SageMaker::TrainingJob", at(account=names.training, arn=jobs)
    for type_, kind in (("AWS::SageMaker::TransformJob", "transform-job"), (product_drivers.SCORING_MODEL, "model")):
        arn = names.arn("sagemaker", names.training, f"{kind}/{names.scoring_pattern}")
        yield type_, at(account=names.training, arn=arn)
    for target in names.production:
        for type_, service, resource in (
            ("AWS::SageMaker::Endpoint", "sagemaker", f"endpoint/{names.endpoint}"),
            ("AWS::SageMaker::Endpoint", "sagemaker", f"endpoint/{names.smoke_endpoint}"),
            ("AWS::SageMaker::EndpointConfig", "sagemaker", f"endpoint-config/{names.model_pattern}"),
            ("AWS::SageMaker::EndpointConfig", "sagemaker", f"endpoint-config/{names.smoke_pattern}"),
            ("AWS::SageMaker::Model", "sagemaker", f"model/{names.model_pattern}"),
            *(
                ("AWS::CloudWatch::Alarm", "cloudwatch", f"alarm:{names.alarm(kind)}")
                for kind in (SERVER_ERRORS, MODEL_ERRORS, LATENCY)
            ),
            (product_drivers.ENDPOINT_LOGS, "logs", f"log-group:{names.endpoint_log_group}"),
            (product_drivers.ENDPOINT_LOGS, "logs", f"log-group:{names.smoke_log_group}"),
        ):
            yield type_, at(account=target.id, arn=names.target_arn(target, service, resource))
    if (batch := names.batch_target) is not None:
        yield predict_batch.FILES, at(account=batch.id, arn=names.batch_bucket_arn)
        for type_, kind in ((predict_batch.BATCH_JOB, "transform-job"), (predict_batch.BATCH_MODEL, "model")):
            arn = names.target_arn(batch, "sagemaker", f"{kind}/{names.batch_pattern}")
            yield type_, at(account=batch.id, arn=arn)
