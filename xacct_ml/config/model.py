"""The account map as frozen models. Shapes only; limits that span services are in :mod:`xacct_ml.validation.limits`."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from xacct_ml.tables.service_limits import MAXIMUM_RUNTIME_SECONDS
from xacct_ml.tables.xgboost_metrics import direction

DEFAULT_INSTANCE_TYPE = "ml.m5.large"
DEFAULT_INSTANCE_COUNT = 1


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Account(Model):
    """One AWS account and how to get into it.

    ``profile`` names a profile of the AWS configuration; ``role_arn`` is assumed with the profile's credentials, or
    with the ambient ones where no profile is given. With neither, the ambient credentials must be the account's own."""

    id: str
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None


class Person(Account):
    """An account that is entered under the name of whoever enters it, so that one person is told from another: under
    ``name``, or that of the credentials with which the role is assumed."""

    name: str | None = None


class ProductionTarget(Account):
    """One endpoint's place: an account and a region. ``name`` tells targets apart in the pipeline and in output.

    ``region`` is the map's where it is not given."""

    name: str = "production"
    region: str | None = None


class Accounts(Model):
    """``source`` owns the CodeCommit repository; without it, the shared account does."""

    shared: Account
    training: Account
    production: tuple[ProductionTarget, ...]
    source: Account | None = None


class Wave(Model):
    """Targets, by name, that are deployed to side by side, after a person's approval or without one."""

    name: str
    targets: tuple[str, ...]
    approval: bool = True


class Roles(Model):
    """How roles are made: ``permissions_boundary`` is the name (with path) of a managed policy in each account."""

    path: str = "/"
    name_prefix: str = ""
    permissions_boundary: str | None = None


class Bucket(Model):
    """``name`` defaults to ``<project>-<shared account>-<region>``; old versions expire after the given days."""

    name: str | None = None
    noncurrent_version_days: int = 90


class Key(Model):
    """``arn`` is an existing key of the shared account to use instead of making one."""

    arn: str | None = None
    deletion_window_days: int = 30


class Data(Model):
    prefix: str = "data"


class AllowedTraining(Model):
    """What the source's configuration may choose within."""

    instance_types: tuple[str, ...]
    max_instance_count: int = 1
    max_runtime_seconds: int = 3600


class Training(Model):
    """``allowed`` is what the map's own settings are where it is not given (:attr:`allowed_or_own`).

    ``max_wait_seconds`` is how long a spot training may take with its waiting; None without ``spot``, where it is not
    given too."""

    instance_type: str = "ml.m5.xlarge"
    instance_count: int = 1
    volume_gb: int = 30
    xgboost_version: str = "1.7-1"
    max_runtime_seconds: int = 3600
    hyperparameters: dict[str, str | int | float | bool] = {}
    allowed: AllowedTraining | None = None
    spot: bool = False
    max_wait_seconds: int | None = None

    @property
    def allowed_or_own(self) -> AllowedTraining:
        return self.allowed or AllowedTraining(
            instance_types=(self.instance_type,),
            max_instance_count=self.instance_count,
            max_runtime_seconds=self.max_runtime_seconds,
        )

    @property
    def wait_seconds(self) -> int:
        """What a spot training may take with its waiting: twice the longest run where the map does not say; 0 without
        spot."""
        if not self.spot:
            return 0
        twice = min(2 * self.allowed_or_own.max_runtime_seconds, MAXIMUM_RUNTIME_SECONDS.maximum)
        return twice if self.max_wait_seconds is None else self.max_wait_seconds


class QualityGate(Model):
    """The model must reach ``threshold`` in ``metric``.

    ``direction`` is filled in from the metric where it is known; None is left for an unknown metric only, which
    :mod:`xacct_ml.validation.limits` refuses."""

    metric: str = "validation:auc"
    threshold: float = 0.8
    direction: Literal["maximize", "minimize"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _direction_of_known_metric(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or given.get("direction") is not None:
            return given
        metric = given.get("metric", cls.model_fields["metric"].default)
        return {**given, "direction": direction(metric)} if isinstance(metric, str) else given


class Serverless(Model):
    memory_mb: int = 2048
    max_concurrency: int = 5


class Rollout(Model):
    """How traffic comes to a new model: all at once, first to a ``percent`` of its instances (``canary``), or so much
    at a time (``linear``), with ``wait_seconds`` after each step in which an alarm takes everything back.

    Fewer than ``minimum_requests`` of others meanwhile are no success. ``latency_ms`` is what the model may take on
    average."""

    type: Literal["all_at_once", "canary", "linear"] = "canary"
    percent: int = 50
    wait_seconds: int = 300
    minimum_requests: int = 100
    latency_ms: int = 1000

    @property
    def steps(self) -> int:
        """Waits: of a canary before the rest comes and after it."""
        return {"all_at_once": 1, "canary": 2}.get(self.type, -(-100 // self.percent))


class Capture(Model):
    """What is asked and answered is kept: of ``percent`` of the requests, for ``days``."""

    percent: int = 100
    days: int = 30


class Autoscaling(Model):
    """So many instances that each is asked ``target_invocations`` times a minute, from ``min`` to ``max``."""

    min: int
    max: int
    target_invocations: int


class Endpoint(Model):
    """Either instances or ``serverless``. ``name`` defaults to the project.

    Without ``serverless``, ``instance_type`` and ``instance_count`` are filled in where they are not given, so they are
    None exactly when the endpoint is serverless.

    With ``smoke_test``, a temporary endpoint of each candidate must answer golden rows as the model did when it was
    judged, before the endpoint is changed."""

    name: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    serverless: Serverless | None = None
    capture: Capture | None = None
    """Requests and answers are captured where it is given; of instances only."""
    autoscaling: Autoscaling | None = None
    """The number of instances follows the requests where it is given; it begins with ``instance_count``."""
    smoke_test: bool = True
    rollout: Rollout | None = None
    """Without it a new fleet takes all traffic, and is watched for three minutes by the alarm on server errors."""

    @model_validator(mode="before")
    @classmethod
    def _instances_unless_serverless(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or given.get("serverless") is not None:
            return given
        defaults = {"instance_type": DEFAULT_INSTANCE_TYPE, "instance_count": DEFAULT_INSTANCE_COUNT}
        return {**given, **{name: default for name, default in defaults.items() if given.get(name) is None}}


class Connection(Model):
    """A repository on GitHub, GitLab or Bitbucket, reached through CodeConnections.

    With ``paths``, only a push that changes a file that one of these glob patterns matches starts the pipeline."""

    arn: str
    paths: tuple[str, ...] = ()


class SourceObject(Model):
    """A zip in the shared bucket; each new version of it starts the pipeline."""

    key: str = "source/source.zip"


class Pipeline(Model):
    """``name`` and ``repository`` default to the project.

    The source is the CodeCommit repository ``repository``, unless ``connection`` says that ``repository`` (then its
    full name, such as ``my-org/churn``) is elsewhere, or ``source_object`` that there is none."""

    name: str | None = None
    repository: str | None = None
    branch: str = "main"
    connection: Connection | None = None
    source_object: SourceObject | None = None


class LogSettings(Model):
    retention_days: int = 30


class Approvers(Model):
    """The role of the shared account that approves, and how to get into it, as :class:`Account` says."""

    role_arn: str
    profile: str | None = None
    external_id: str | None = None


class Registry(Model):
    """The group of SageMaker's Model Registry, in the shared account, in which every model that passes its gate is
    registered."""

    model_package_group: str


class Schedule(Model):
    """When the pipeline is started without a push or new data: an expression of EventBridge Scheduler's, read in the
    time zone."""

    expression: str
    timezone: str = "UTC"


class Batch(Model):
    """Predictions for files, by the model that one production target serves.

    ``target`` is its name, the first of the map where it is not given. What is asked and answered lies in ``bucket``,
    which is there already, in that target's account and region."""

    bucket: str
    target: str | None = None
    instance_type: str = DEFAULT_INSTANCE_TYPE
    instance_count: int = DEFAULT_INSTANCE_COUNT


class Notifications(Model):
    """Who is told of what waits, fails and is rolled back, and of alarms: these addresses, by a topic that is made; or
    the subscribers of an existing topic of the shared account, ``topic_arn``."""

    emails: tuple[str, ...] = ()
    topic_arn: str | None = None


class Config(Model):
    """The whole account map."""

    project: str
    region: str
    accounts: Accounts
    roles: Roles = Roles()
    bucket: Bucket = Bucket()
    key: Key = Key()
    data: Data = Data()
    training: Training = Training()
    quality_gate: QualityGate = QualityGate()
    endpoint: Endpoint = Endpoint()
    pipeline: Pipeline = Pipeline()
    logs: LogSettings = LogSettings()
    waves: tuple[Wave, ...] = ()
    approvers: Approvers | None = None
    approvals: int = 1
    """So many different people approve each wave that asks for it."""
    registry: Registry | None = None
    """Models are registered where it is given."""
    notifications: Notifications | None = None
    """Nobody is told of anything where it is not given."""
    schedule: Schedule | None = None
    """The pipeline is started by the clock too where it is given."""
    batch: Batch | None = None
    """Files are predicted where it is given."""
    tags: dict[str, str] = {}
    adopt: tuple[str, ...] = ()
    """Ids of resources that exist already and that are used instead of being made."""

    def __hash__(self) -> int:
        """So that what is rendered for a map can be kept; tags and hyperparameters are no part of it."""
        return hash((self.project, self.region, self.accounts))
