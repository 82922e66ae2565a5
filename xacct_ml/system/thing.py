"""The AWS resources that the project is made of, as they are described before any of them exists.

One class for each AWS type, named as CloudFormation names it (S3 objects, which CloudFormation does not make, after the
same pattern). Documents in them are as the service's API takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One resource, or one entry of ours in somebody else's.

    ``id`` is unique in the project: the account's part in it, then what it is, ``training/role/state-machine``.
    ``name`` is what AWS knows it by. ``region`` is empty for what has none. ``needs`` are the ids of what must exist
    before it can. ``adopted`` says that the map takes one that was there before. ``parent`` is the id of the thing that
    it belongs to, where it may have no tags to tell whose it is."""

    type: ClassVar[str]

    id: str
    account: str
    region: str
    name: str
    arn: str
    tags: Mapping[str, str]
    needs: tuple[str, ...] = ()
    adopted: bool = False
    parent: str = ""

    @classmethod
    def of(
        cls, names: Names, account: str, id_: str, name: str, arn: str, *, region: str | None = None, **more: Any
    ) -> Self:
        """With the project's tags, and in the pipeline's region where none is given."""
        where = {"account": account, "region": names.region if region is None else region}
        return cls(**{"id": id_, "name": name, "arn": arn, "tags": names.tags, **where, **more})


@dataclass(frozen=True, kw_only=True)
class Key(Thing):
    """``name`` is its alias. ``deletion_window_days`` is 7 to 30."""

    type = "AWS::KMS::Key"
    policy: Document
    description: str
    deletion_window_days: int


@dataclass(frozen=True, kw_only=True)
class Alias(Thing):
    """``adopted_key`` is the ARN of the map's key, where it names one."""

    type = "AWS::KMS::Alias"
    adopted_key: str | None


@dataclass(frozen=True, kw_only=True)
class Bucket(Thing):
    """The documents of its settings, as S3's Put… calls take them."""

    type = "AWS::S3::Bucket"
    ownership: Document
    public_access_block: Document
    encryption: Document
    lifecycle: Document
    policy: Document


@dataclass(frozen=True, kw_only=True)
class SourceObject(Thing):
    """The source zip. ``name`` is its key, ``first`` the content of its first version."""

    type = "AWS::S3::Object"
    bucket: str
    first: bytes
    in_adopted_bucket: bool


@dataclass(frozen=True, kw_only=True)
class LogGroup(Thing):
    type = "AWS::Logs::LogGroup"
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class Function(Thing):
    """``package`` is the zip; ``timeout`` and ``maximum_event_age`` are in seconds, ``memory`` in MB."""

    type = "AWS::Lambda::Function"
    description: str
    package: bytes
    handler: str
    role: str
    timeout: int
    memory: int
    environment: Mapping[str, str]
    runtime: str
    maximum_retry_attempts: int
    maximum_event_age: int


@dataclass(frozen=True, kw_only=True)
class Role(Thing):
    """``policies`` maps the names of its inline policies to their documents; ``boundary`` is a policy's ARN.

    ``job`` is what it is for; roles of one account for targets in several regions share it and differ in ``name``."""

    type = "AWS::IAM::Role"
    job: str
    path: str
    description: str
    trust: Document
    policies: Mapping[str, Document]
    boundary: str | None


@dataclass(frozen=True, kw_only=True)
class Repository(Thing):
    """``first_commit`` maps paths to contents."""

    type = "AWS::CodeCommit::Repository"
    branch: str
    description: str
    first_commit: Mapping[str, bytes]
    first_message: str


@dataclass(frozen=True, kw_only=True)
class Connection(Thing):
    """Never made here. ``name`` is the repository that it leads to."""

    type = "AWS::CodeConnections::Connection"


@dataclass(frozen=True, kw_only=True)
class EventBusPolicy(Thing):
    """The project's ``statement`` in the policy of an event bus that is not the project's alone; ``arn`` is the bus's,
    ``name`` the statement's."""

    type = "AWS::Events::EventBusPolicy"
    statement: Document


@dataclass(frozen=True, kw_only=True)
class Rule(Thing):
    """On the default bus of its account, with its one target, as PutTargets takes it."""

    type = "AWS::Events::Rule"
    description: str
    pattern: Document
    target: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Topic(Thing):
    """Of SNS. ``key`` is the ARN of the key that it is encrypted with, empty where it is not ours to say; ``emails``
    are those that are subscribed."""

    type = "AWS::SNS::Topic"
    policy: Document
    key: str
    emails: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ScheduleGroup(Thing):
    """Of EventBridge Scheduler."""

    type = "AWS::Scheduler::ScheduleGroup"


@dataclass(frozen=True, kw_only=True)
class Schedule(Thing):
    """In ``group``; it can have no tags. ``target`` is CreateSchedule's."""

    type = "AWS::Scheduler::Schedule"
    group: str
    description: str
    expression: str
    timezone: str
    target: Document


@dataclass(frozen=True, kw_only=True)
class Stack(Thing):
    """``arn`` is a pattern: CloudFormation appends a unique id. Of ``parameters``, a run puts the revision in."""

    type = "AWS::CloudFormation::Stack"
    role: str
    template: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Alarm(Thing):
    """A metric alarm. ``period`` is in seconds, ``threshold`` in the metric's unit."""

    type = "AWS::CloudWatch::Alarm"
    description: str
    namespace: str
    metric: str
    statistic: str
    dimensions: Mapping[str, str]
    period: int
    evaluation_periods: int
    threshold: float
    comparison: str
    treat_missing_data: str = "notBreaching"
    actions: tuple[str, ...] = ()
    """ARNs of who is told when it goes off."""


@dataclass(frozen=True, kw_only=True)
class ModelPackageGroup(Thing):
    """Of SageMaker's Model Registry; its versions are made by runs."""

    type = "AWS::SageMaker::ModelPackageGroup"
    description: str


@dataclass(frozen=True, kw_only=True)
class Pipeline(Thing):
    """``structure`` is CreatePipeline's ``pipeline``."""

    type = "AWS::CodePipeline::Pipeline"
    structure: Document
