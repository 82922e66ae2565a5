"""The smallest policies under which an operator of each account can run this tool.

They follow from the rights that drivers and operations declare beside their calls, and from what of the project is in
which account; they are rendered for review before anything exists. Calls that make something are bound to our names;
the key, whose id nobody knows before it exists, is bound by its tag. The embedded AWS gives exactly these policies to
the map's roles, so every rehearsal runs under them and a missing right shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import zip_longest
from types import ModuleType

from xacct_ml.config.model import Config
from xacct_ml.operations import create_pipeline, deployed_policies, preconditions, repository
from xacct_ml.operations.runs import approval, endpoint, executions, failure, retry
from xacct_ml.operations.teardown import deletion, run_products
from xacct_ml.operations.upload import data, source
from xacct_ml.resources import kms_alias
from xacct_ml.resources.adopted_key import AdoptedKey
from xacct_ml.resources.base import AwsResource
from xacct_ml.resources.drivers import drivers
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.roles import roles
from xacct_ml.system.statements import Document, allow, policy

DRIVERS: Mapping[str, type[AwsResource]] = {
    **drivers(),
    "AWS::SageMaker::Endpoint": run_products.Endpoint,
    "AWS::SageMaker::EndpointConfig": run_products.EndpointConfig,
    "AWS::SageMaker::Model": run_products.Model,
    "AWS::SageMaker::TrainingJob": run_products.TrainingJob,
    "adopted key": AdoptedKey,
    "log group of an endpoint": run_products.EndpointLogGroup,
}
MODULES: tuple[ModuleType, ...] = (
    approval,
    create_pipeline,
    data,
    deletion,
    deployed_policies,
    endpoint,
    executions,
    failure,
    kms_alias,
    preconditions,
    repository,
    retry,
    source,
)
"""Those that declare rights beside those of their own drivers."""

_ORDER: Mapping[str, tuple[str, ...]] = {
    "roles": ("WriteRoles", "ManageRoles", "FindRoles", "ReadManagedPolicies"),
    "key": (
        "CreateKey",
        "FindKey",
        "ReadAndFinishKeys",
        "ManageKey",
        "TagNewKey",
        "ManageAlias",
        "UseKeyThroughS3",
    ),
    "bucket": ("Bucket", "Data", "Evaluations", "EmptyBucket"),
    "adopted": ("AdoptKey", "AdoptBucket"),
    "pipeline": ("Pipeline", "Stages", "PassPipelineRole", "Rules", "PassStartRole"),
    "function": ("Function", "PassFunctionRole", "FindLogGroups", "LogGroups"),
    "jobs": ("ListJobs", "Jobs", "Rule"),
    "endpoint": ("Find", "Endpoint", "EndpointConfigurations", "Models", "Alarms"),
}
"""How those policies are read best; what is not here comes behind."""

_Asked = tuple[Place, Rights]


def policies(config: Config) -> dict[str, dict[str, Document]]:
    """Account id to policy name to document."""
    by_account: dict[str, dict[str, dict[str, list[_Asked]]]] = {}
    for place, right in rights(config):
        if right.needed(place):
            statements = by_account.setdefault(place.account, {}).setdefault(place.policy or right.policy, {})
            statements.setdefault(place.sids.get(right.sid, right.sid), []).append((place, right))
    return {
        account: {
            name: policy(*(_statement(sid, statements[sid]) for sid in _sorted(name, statements)))
            for name, statements in documents.items()
        }
        for account, documents in by_account.items()
    }


def rights(config: Config) -> Iterator[_Asked]:
    """Everything that an operator must be allowed, thing by thing."""
    for type_, place in places(Names(config)):
        for right in rights_on(type_):
            yield place, right


def rights_on(type_: str) -> Iterator[Rights]:
    """On a thing of this type: its driver's, and those of other modules."""
    yield from DRIVERS[type_].rights if type_ in DRIVERS else ()
    for module in MODULES:
        yield from module.RIGHTS.get(type_, ())


def _sorted(name: str, sids: Iterable[str]) -> list[str]:
    order = _ORDER.get(name, ())
    return sorted(sids, key=lambda sid: order.index(sid) if sid in order else len(order))


def _statement(sid: str, asked: list[_Asked]) -> Document:
    """Actions in alphabetical order, those that only some maps need behind; resources thing by thing, what is derived
    from them behind."""
    usual = {action for _, right in asked if not right.is_optional for action in right.actions}
    optional = {action for _, right in asked for action in right.actions} - usual
    by_depth = zip_longest(*([on(place) for on in right.on] for place, right in asked))
    resources = dict.fromkeys(arn for arns in by_depth for arn in arns if arn is not None)
    place, right = asked[0]
    return allow(sid, [*sorted(usual), *sorted(optional)], list(resources), right.condition(place))


# -- what is in which account ------------------------------------------------------------------------------------------


def places(names: Names) -> Iterator[tuple[str, Place]]:
    """The type of each thing that operators work with, and where it is."""
    yield from _roles(names)
    yield from _storage(names)
    yield from _source(names)
    yield from _pipeline(names)
    yield from _training(names)
    yield from _production(names)


def _roles(names: Names) -> Iterator[tuple[str, Place]]:
    for role in roles(names.config, Keys.stand_ins(names)):
        yield "AWS::IAM::Role", Place(names=names, account=role.account, arn=role.arn)


def _storage(names: Names) -> Iterator[tuple[str, Place]]:
    shared = partial(Place, names=names, account=names.shared)
    for region in names.regions:
        yield "AWS::KMS::Key", shared(arn=names.key_arn("*", region), region=region)
        yield (
            "AWS::KMS::Alias",
            shared(arn=names.arn("kms", names.shared, names.key_alias, region=region), region=region),
        )
        yield "AWS::S3::Bucket", shared(arn=names.bucket_arn_in(region), region=region)
    if (arn := names.config.key.arn) is not None:
        yield "adopted key", shared(arn=arn)


def _source(names: Names) -> Iterator[tuple[str, Place]]:
    shared = partial(Place, names=names, account=names.shared)
    for arn in names.connection_arns:
        yield "AWS::CodeConnections::Connection", shared(arn=arn)
    if names.source_key is not None:
        yield "AWS::S3::Object", shared(arn=names.object_arn(names.source_key))
    if names.source_account is not None:
        # From before the map had a source account: told, never changed.
        yield repository.FORMER, shared(arn=names.arn("codecommit", names.shared, names.repository))
    if names.uses_codecommit:
        yield (
            "AWS::CodeCommit::Repository",
            Place(names=names, account=names.repository_account, arn=names.repository_arn),
        )
    if names.source_account is not None:
        yield "AWS::Events::EventBusPolicy", shared(arn=names.event_bus_arn)
        group = names.arn("logs", names.shared, f"log-group:{names.pipeline_log_group}")
        yield "AWS::Logs::LogGroup", shared(arn=group, policy="logs", sids={"LogGroups": "LogGroup"})
        yield (
            "AWS::Events::Rule",
            Place(
                names=names,
                account=names.source_account,
                arn=names.forward_rule_arn,
                role=names.forward_role,
                policy="rule",
                sids={"Rules": "Rule", "PassStartRole": "PassForwardRole"},
            ),
        )


def _pipeline(names: Names) -> Iterator[tuple[str, Place]]:
    shared = partial(Place, names=names, account=names.shared)
    yield "AWS::CodePipeline::Pipeline", shared(arn=names.pipeline_arn, role=names.pipeline_role)
    for rule in names.start_rules:
        yield "AWS::Events::Rule", shared(arn=names.rule_arn(rule), role=names.start_role)
    if names.other_regions:
        group = names.arn("logs", names.shared, f"log-group:{names.copy_log_group}")
        yield "AWS::Lambda::Function", shared(arn=names.copy_function_arn, role=names.copy_role, policy="copies")
        yield "AWS::Logs::LogGroup", shared(arn=group, policy="copies")


def _training(names: Names) -> Iterator[tuple[str, Place]]:
    training = partial(Place, names=names, account=names.training)
    yield "AWS::CloudFormation::Stack", training(arn=names.stack_arn_pattern, role=names.cloudformation_role)
    yield "AWS::StepFunctions::StateMachine", training(arn=names.state_machine_arn)
    yield "AWS::SageMaker::TrainingJob", training(arn=names.training_job_arn(names.job_pattern))


def _production(names: Names) -> Iterator[tuple[str, Place]]:
    for target in names.production:
        there = partial(Place, names=names, account=target.id, region=names.region_of(target))
        arn = partial(names.target_arn, target)
        yield "AWS::Lambda::Function", there(arn=names.function_arn(target), role=names.deploy_function_role(target))
        yield "AWS::Logs::LogGroup", there(arn=arn("logs", f"log-group:{names.function_log_group}"))
        yield "AWS::SageMaker::Endpoint", there(arn=arn("sagemaker", f"endpoint/{names.endpoint}"))
        yield "AWS::SageMaker::EndpointConfig", there(arn=arn("sagemaker", f"endpoint-config/{names.model_pattern}"))
        yield "AWS::SageMaker::Model", there(arn=arn("sagemaker", f"model/{names.model_pattern}"))
        yield "AWS::CloudWatch::Alarm", there(arn=names.error_alarm_arn(target))
    for target in names.production:
        group = names.target_arn(target, "logs", f"log-group:/aws/sagemaker/Endpoints/{names.endpoint}")
        yield "log group of an endpoint", Place(names=names, account=target.id, arn=group)
