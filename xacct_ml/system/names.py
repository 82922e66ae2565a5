"""Every name and ARN that follows from the account map alone.

The KMS key's ARN is the one value known only after the key exists: documents take it as an argument."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.system.bucket_layout import BucketLayout
from xacct_ml.system.places import Derived
from xacct_ml.tables.regions import image_uri

PROJECT_TAG = "xacct-ml:project"
"""Every resource carries this tag."""

PIPELINE_TAG = "xacct-ml:pipeline"
"""And this one, with the ARN of the pipeline: another map may have the same project's name."""

ADOPTED_TAG = "xacct-ml:adopted"
"""On what was there before and that the map adopts: it is never deleted. Its value tells how it was found."""

KEEP_TAG = "xacct-ml:keep"
"""On a key of ours that is not deleted either, because what it names is adopted and encrypted with it."""

KEY_ID_UNKNOWN = "00000000-0000-0000-0000-000000000000"
"""Stands for the key's id in documents that are rendered or proven before the key exists."""

TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"
"""The log group of all training jobs of an account (SageMaker Developer Guide, logging-cloudwatch) [D]."""

SMOKE_DIGEST_LENGTH = 12
"""Hexadecimal digits at the end of what smoke tests make: fewer, so that a project called ``<project>-smoke`` has no
such models and configurations."""

DIGEST_LENGTH = 16
"""Hexadecimal digits behind the project in the names of models and endpoint configurations."""

SCORING_INSTANCE_TYPE = "ml.m5.large"
"""Of batch transforms: one of the two that are recommended (SageMaker API reference, TransformResources) [B]."""

VARIANT_NAME = "AllTraffic"

SCALING_SERVICE = "sagemaker.application-autoscaling.amazonaws.com"
"""The principal of Application Auto Scaling that scales endpoints; in every partition, which is assumed [U]."""

CAPTURED_PREFIX = "captured"
"""In a target's bucket for captured requests."""

CONNECTION_SERVICES = ("codeconnections", "codestar-connections")
"""The present and the former service prefix of CodeConnections."""


@dataclass(frozen=True)
class Names(BucketLayout):
    """Of everything in these places."""

    # -- the repository ------------------------------------------------------------------------------------------
    repository = Derived(lambda names: names.config.pipeline.repository or names.project)
    branch = Derived(lambda names: names.config.pipeline.branch)
    repository_arn = Derived(lambda names: names.arn("codecommit", names.repository_account, names.repository))
    source_action_role = Derived(lambda names: names.role_arn(names.repository_account, "source-action"))
    """Only where there is a source account, as the three that follow."""

    forward_role = Derived(lambda names: names.role_arn(names.repository_account, "forward"))
    forward_rule = Derived(lambda names: f"{names.project}-forward")

    @property
    def forward_rule_arn(self) -> str:
        return self.arn("events", self.repository_account, f"rule/{self.forward_rule}")

    # -- shared account ------------------------------------------------------------------------------------------
    key_alias = Derived(lambda names: f"alias/{names.project}")

    def key_arn(self, key_id: str | None = None, region: str | None = None) -> str:
        """With an id that key's; else the ARN in the map, or one that stands for a key that does not exist yet.

        The map's is the key of the pipeline's region, which is meant where no region is given."""
        if key_id is None:
            if self.config.key.arn is not None and region in (None, self.region):
                return self.config.key.arn
            key_id = KEY_ID_UNKNOWN
        return self.arn("kms", self.shared, f"key/{key_id}", region=region)

    judge_function = Derived(lambda names: f"{names.project}-judge")
    judge_function_arn = Derived(lambda names: names.arn("lambda", names.shared, f"function:{names.judge_function}"))
    judge_log_group = Derived(lambda names: f"/aws/lambda/{names.judge_function}")

    copy_function = Derived(lambda names: f"{names.project}-copy")
    copy_function_arn = Derived(lambda names: names.arn("lambda", names.shared, f"function:{names.copy_function}"))

    def copy_action(self, region: str) -> str:
        """The pipeline's action that copies models to a region."""
        return f"copy-{region}"

    copy_log_group = Derived(lambda names: f"/aws/lambda/{names.copy_function}")

    registry_function = Derived(lambda names: f"{names.project}-registry")
    """Only where models are registered, as what follows."""

    registry_function_arn = Derived(
        lambda names: names.arn("lambda", names.shared, f"function:{names.registry_function}")
    )
    registry_log_group = Derived(lambda names: f"/aws/lambda/{names.registry_function}")

    @property
    def model_package_group(self) -> str | None:
        return None if self.config.registry is None else self.config.registry.model_package_group

    model_package_group_arn = Derived(
        lambda names: names.arn("sagemaker", names.shared, f"model-package-group/{names.model_package_group}")
    )

    def model_package_arn(self, version: str) -> str:
        """One version of the group: ``model-package/<group>/<version>`` (SageMaker Developer Guide,
        model-registry-models) [D]; or, with ``*``, all of them in a policy."""
        return self.arn("sagemaker", self.shared, f"model-package/{self.model_package_group}/{version}")

    schedule_function = Derived(lambda names: f"{names.project}-schedule")
    """Only where the map has a schedule, as what follows."""

    schedule_function_arn = Derived(
        lambda names: names.arn("lambda", names.shared, f"function:{names.schedule_function}")
    )
    schedule_log_group = Derived(lambda names: f"/aws/lambda/{names.schedule_function}")
    schedule_group = Derived(lambda names: names.project)
    """A group of schedules is what a role's trust policy can name, and what can have tags (EventBridge Scheduler User
    Guide, cross-service-confused-deputy-prevention, managing-schedule-group) [D]."""

    schedule_group_arn = Derived(
        lambda names: names.arn("scheduler", names.shared, f"schedule-group/{names.schedule_group}")
    )
    schedule = Derived(lambda names: f"{names.project}-retraining")
    schedule_arn = Derived(
        lambda names: names.arn("scheduler", names.shared, f"schedule/{names.schedule_group}/{names.schedule}")
    )

    schedule_call_alarm = Derived(lambda names: f"{names.project}-schedule-call")
    schedule_function_alarm = Derived(lambda names: f"{names.project}-schedule-function")
    """Only where the map has notifications as well as a schedule."""

    def shared_alarm_arn(self, alarm: str) -> str:
        return self.arn("cloudwatch", self.shared, f"alarm:{alarm}")

    topic = Derived(lambda names: f"{names.project}-notifications")
    """Of each region; only where the map has notifications and names no topic, as what follows but the rules."""

    def topic_arn(self, region: str | None = None) -> str:
        """The topic that is told of what happens in a region: the map's, where it names one."""
        given = None if self.config.notifications is None else self.config.notifications.topic_arn
        return given or self.arn("sns", self.shared, self.topic, region=region)

    approval_rule = Derived(lambda names: f"{names.project}-approval")
    failure_rule = Derived(lambda names: f"{names.project}-failure")
    deployment_rule = Derived(lambda names: f"{names.project}-deployment")

    @property
    def notification_rules(self) -> tuple[str, ...]:
        """The rules that tell the topic; none where the map has no notifications."""
        if self.config.notifications is None:
            return ()
        return (self.approval_rule, self.failure_rule, self.deployment_rule)

    @property
    def uses_codecommit(self) -> bool:
        """Whether the pipeline's source is a CodeCommit repository."""
        return self.config.pipeline.connection is None and self.config.pipeline.source_object is None

    @property
    def connection_arns(self) -> tuple[str, ...]:
        """The ARN of the map's connection under both of the service's prefixes; none where the map has none.

        A connection keeps the prefix that it was made with, and both are in use (Developer Tools console user guide,
        "Connections rename") [D]."""
        if self.config.pipeline.connection is None:
            return ()
        name = Arn.parse(self.config.pipeline.connection.arn).resource
        return tuple(self.arn(prefix, self.shared, name) for prefix in CONNECTION_SERVICES)

    @property
    def source_key(self) -> str | None:
        """The key of the source zip; None where the source is a repository."""
        return None if self.config.pipeline.source_object is None else self.config.pipeline.source_object.key

    revision_word = Derived(lambda names: "commit" if names.source_key is None else "version")
    """What a revision of the source is called: ``commit``, or an object's ``version``."""

    pipeline_arn = Derived(lambda names: names.arn("codepipeline", names.shared, names.pipeline))
    release_pipeline = Derived(lambda names: f"{names.pipeline}-release")
    """The pipeline that deploys a model which was judged before, without training."""

    release_pipeline_arn = Derived(lambda names: names.arn("codepipeline", names.shared, names.release_pipeline))

    @property
    def pipeline_arns(self) -> list[str]:
        """Of the pipeline that trains and of the one that releases."""
        return [self.pipeline_arn, self.release_pipeline_arn]

    push_rule = Derived(lambda names: f"{names.project}-push")
    source_rule = Derived(lambda names: f"{names.project}-source")
    data_rule = Derived(lambda names: f"{names.project}-data")

    release_rule = Derived(lambda names: f"{names.project}-release")

    @property
    def start_rules(self) -> tuple[str, ...]:
        """The rules that start the pipeline that trains. A connection needs none for a push: the pipeline's trigger
        does it."""
        if self.config.pipeline.connection is not None:
            return (self.data_rule,)
        return (self.push_rule if self.uses_codecommit else self.source_rule, self.data_rule)

    def rule_arn(self, rule: str) -> str:
        return self.arn("events", self.shared, f"rule/{rule}")

    event_bus_arn = Derived(lambda names: names.arn("events", names.shared, "event-bus/default"))
    """The shared account's default event bus, which is not the project's alone."""

    event_bus_statement = Derived(lambda names: f"xacct-ml-{names.project}")
    """Sid of the project's statement in the policy of that bus."""

    pipeline_log_group = Derived(lambda names: f"/aws/codepipeline/{names.pipeline}")
    """Where Commands actions write (CodePipeline User Guide, action-reference-Commands) [D]."""

    @property
    def pipeline_log_group_arn(self) -> str:
        return self.arn("logs", self.shared, f"log-group:{self.pipeline_log_group}")

    # -- training account ----------------------------------------------------------------------------------------
    stack = Derived(lambda names: f"{names.project}-training")
    stack_arn_pattern = Derived(lambda names: names.arn("cloudformation", names.training, f"stack/{names.stack}/*"))
    """CloudFormation appends a unique id to the stack's name in its ARN."""

    state_machine = Derived(lambda names: f"{names.project}-training")

    @property
    def state_machine_arn(self) -> str:
        return self.arn("states", self.training, f"stateMachine:{self.state_machine}")

    job_prefix = Derived(lambda names: names.project)
    """Prefix of execution names, and so of training-job names (<= 63 with the action execution's UUID)."""

    job_pattern = Derived(lambda names: f"{names.job_prefix}-????????-????-????-????-????????????")
    """Execution and training-job names in a policy: of a fixed length, so that those of a project whose name begins
    with this one's (``churn``, ``churn-eu``) do not match."""

    def execution_arn(self, execution: str) -> str:
        return self.arn("states", self.training, f"execution:{self.state_machine}:{execution}")

    def training_job_arn(self, job: str) -> str:
        return self.arn("sagemaker", self.training, f"training-job/{job}")

    scoring_prefix = Derived(lambda names: f"{names.project}-scoring-")
    """Models and jobs of batch transforms are named ``<project>-scoring-<digest>``."""

    scoring_pattern = Derived(lambda names: f"{names.scoring_prefix}{'?' * DIGEST_LENGTH}")
    """These names in a policy, of a fixed length as :attr:`job_pattern`."""

    @cached_property
    def image_uri(self) -> str:
        return self.image_uri_in(self.region)

    def image_uri_in(self, region: str) -> str:
        return image_uri(region, self.config.training.xgboost_version)

    def image_repository_arn(self, region: str) -> str:
        registry, _, repository = self.image_uri_in(region).partition("/")
        return self.arn("ecr", registry.split(".")[0], f"repository/{repository.split(':')[0]}", region=region)

    # -- production accounts -------------------------------------------------------------------------------------
    def target_arn(self, target: ProductionTarget, service: str, resource: str) -> str:
        """Something of a target's, in its account and region."""
        return self.arn(service, target.id, resource, region=self.region_of(target))

    function = Derived(lambda names: f"{names.project}-deploy")

    def function_arn(self, target: ProductionTarget) -> str:
        return self.target_arn(target, "lambda", f"function:{self.function}")

    function_log_group = Derived(lambda names: f"/aws/lambda/{names.function}")
    endpoint = Derived(lambda names: names.config.endpoint.name or names.project)
    endpoint_log_group = Derived(lambda names: f"/aws/sagemaker/Endpoints/{names.endpoint}")

    def endpoint_arn(self, target: ProductionTarget) -> str:
        return self.target_arn(target, "sagemaker", f"endpoint/{self.endpoint}")

    @property
    def capturing(self) -> tuple[ProductionTarget, ...]:
        """The production targets whose endpoints capture what is asked: all, or none."""
        return () if self.config.endpoint.capture is None else self.production

    capture_key_alias = Derived(lambda names: f"alias/{names.project}-capture")

    def capture_key_arn(self, target: ProductionTarget, key_id: str = KEY_ID_UNKNOWN) -> str:
        """Without an id, one that stands for a key that does not exist yet."""
        return self.target_arn(target, "kms", f"key/{key_id}")

    def capture_bucket(self, target: ProductionTarget) -> str:
        """Of a target's own account: names of buckets are shared by all of AWS."""
        return f"{self.project}-capture-{target.id}-{self.region_of(target)}"

    def capture_bucket_arn(self, target: ProductionTarget) -> str:
        return f"arn:{self.partition}:s3:::{self.capture_bucket(target)}"

    capture_prefix = Derived(lambda names: f"{CAPTURED_PREFIX}/{names.endpoint}/{VARIANT_NAME}/")
    """SageMaker writes ``<destination>/<endpoint>/<variant>/<yyyy>/<mm>/<dd>/<hh>/<file>.jsonl`` (SageMaker Developer
    Guide, model-monitor-data-capture-endpoint) [D]."""

    scaling_policy = Derived(lambda names: f"{names.project}-invocations")
    """Name of the scaling policy of an endpoint whose instances follow its requests."""

    def scaling_service_role(self, target: ProductionTarget) -> str:
        """ARN of the service-linked role as which Application Auto Scaling scales endpoints, one in an account
        (Application Auto Scaling User Guide, services-that-can-integrate-sagemaker) [D]."""
        name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        return self.arn("iam", target.id, f"role/aws-service-role/{SCALING_SERVICE}/{name}", region="")

    def scalable_targets_arn(self, target: ProductionTarget) -> str:
        """Every scalable target of the account and region, in a policy: ids are AWS's own."""
        return self.target_arn(target, "application-autoscaling", "scalable-target/*")

    def scaling_alarms_arn(self, target: ProductionTarget) -> str:
        """The alarms of the variant's target tracking, in a policy: ``TargetTracking-<resource id>-Alarm…-<id>``
        (Application Auto Scaling User Guide, application-auto-scaling-target-tracking) [D]."""
        return self.target_arn(
            target, "cloudwatch", f"alarm:TargetTracking-endpoint/{self.endpoint}/variant/{VARIANT_NAME}-*"
        )

    model_prefix = Derived(lambda names: names.project)
    """Models and endpoint configurations are named ``<project>-<digest of the model>``."""

    model_pattern = Derived(lambda names: f"{names.model_prefix}-{'?' * DIGEST_LENGTH}")
    """Model and endpoint-configuration names in a policy, of a fixed length as :attr:`job_pattern`."""

    batch_prefix = Derived(lambda names: f"{names.project}--batch-")
    """Models and jobs that predict files are named ``<project>--batch-<digest>``: with two hyphens, which no project's
    name has, so that no other project's models are named so."""

    batch_pattern = Derived(lambda names: f"{names.batch_prefix}{'?' * DIGEST_LENGTH}")

    @property
    def batch_bucket_arn(self) -> str:
        """Only where files are predicted."""
        bucket = "" if self.config.batch is None else self.config.batch.bucket
        return f"arn:{self.partition}:s3:::{bucket}"

    smoke_prefix = Derived(lambda names: f"{names.project}-smoke-")
    """What smoke tests make is named ``<project>-smoke-<digest>``: of the endpoint's name, or of the candidate."""

    smoke_pattern = Derived(lambda names: f"{names.smoke_prefix}{'?' * SMOKE_DIGEST_LENGTH}")
    """Their configurations in a policy, of a fixed length as :attr:`job_pattern`."""

    @property
    def smoke_endpoint(self) -> str:
        """The temporary endpoint of a target: one name for every candidate, so that what is left over is found."""
        digest = hashlib.sha256(self.endpoint.encode()).hexdigest()
        return f"{self.smoke_prefix}{digest[:SMOKE_DIGEST_LENGTH]}"

    def smoke_endpoint_arn(self, target: ProductionTarget) -> str:
        return self.target_arn(target, "sagemaker", f"endpoint/{self.smoke_endpoint}")

    smoke_log_group = Derived(lambda names: f"/aws/sagemaker/Endpoints/{names.smoke_endpoint}")

    def alarm(self, kind: str) -> str:
        return f"{self.project}-{self.endpoint}-{kind}"

    def alarm_arn(self, target: ProductionTarget, kind: str) -> str:
        return self.target_arn(target, "cloudwatch", f"alarm:{self.alarm(kind)}")

    def error_alarm_arn(self, target: ProductionTarget) -> str:
        """The alarm that rolls an update of the endpoint back, whatever the map says of rollouts."""
        return self.alarm_arn(target, "5xx")

    # -- tags ----------------------------------------------------------------------------------------------------
    @property
    def tags(self) -> dict[str, str]:
        """The map's tags and ours, ours winning."""
        return self.template_tags(self.pipeline_arn)

    def template_tags(self, pipeline: Any) -> dict[str, Any]:
        """The same with what the training template, which names neither account nor region, has for the pipeline."""
        return {**self.config.tags, PROJECT_TAG: self.project, PIPELINE_TAG: pipeline}
