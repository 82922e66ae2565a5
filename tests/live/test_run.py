"""What one run of the pipeline shows: it is made, approved, looked at, and removed.

In the embedded AWS with a source account and a serverless endpoint in another region: so all assumptions are met."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED, SOURCE, TRAINING, example, operator_role
from tests.journeys.project import Project, eventually, project
from tests.live import where
from xacct_ml.arn import Arn
from xacct_ml.operations.runs.executions import trained_job
from xacct_ml.operations.runs.stages import stages
from xacct_ml.operations.teardown.deletion import MANAGED_RULE
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE, JUDGE_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE

pytestmark = [pytest.mark.live, pytest.mark.long]

Seen = Callable[[str, object], None]


@dataclass
class Ran:
    """A project whose first run was approved and has succeeded."""

    project: Project
    run: str

    @cached_property
    def details(self) -> list[dict[str, Any]]:
        """ListActionExecutions of the run."""
        found: list[dict[str, Any]] = self.client("codepipeline").list_action_executions(
            pipelineName=self.project.names.pipeline, filter={"pipelineExecutionId": self.run}
        )["actionExecutionDetails"]
        return found

    @cached_property
    def job(self) -> dict[str, Any]:
        """DescribeTrainingJob of what it trained."""
        (train,) = (one for one in self.details if one["stageName"] == TRAIN_STAGE)
        external = train["output"]["executionResult"]["externalExecutionId"]
        name = trained_job(self.project.config, external)
        described: dict[str, Any] = self.client("sagemaker", self.project.names.training).describe_training_job(
            TrainingJobName=name
        )
        return described

    def client(self, service: str, account: str | None = None, region: str | None = None) -> Any:
        return self.project.aws.administrator(account or self.project.names.shared).client(service, region)

    def objects(self, prefix: str) -> list[dict[str, Any]]:
        s3 = self.client("s3")
        found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=self.project.names.bucket, Prefix=prefix)["Contents"]
        return found


def embedded_map() -> Any:
    accounts = {
        name: {"id": account, "role_arn": operator_role(account)}
        for name, account in (("shared", SHARED), ("source", SOURCE), ("training", TRAINING))
    }
    ireland = {"name": "ireland", "id": PRODUCTION, "region": "eu-west-1", "role_arn": operator_role(PRODUCTION)}
    hyperparameters = {"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"}
    return example(
        accounts={**accounts, "production": (ireland,)},
        training={"hyperparameters": hyperparameters},
        endpoint={"serverless": {}},
        pipeline={"name": "churn-with-a-name-of-some-length"},
        registry={"model_package_group": "churn-models"},
    )


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    with project(where.real() or embedded_map()) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        made.deployed(first)
        yield Ran(made, first)


def test_services_assume_their_roles(ran: Ran, record_property: Seen) -> None:
    """CodePipeline and Lambda, whichever condition keys they send."""
    states = {one["stageName"]: one["status"] for one in ran.details}
    assert set(states.values()) == {"Succeeded"}
    record_property("seen", f"{len(ran.details)} actions succeeded")


def test_artifacts_lie_under_the_pipelines_name_cut(ran: Ran, record_property: Seen) -> None:
    names = ran.project.names
    prefixes = {one["Key"].partition("/")[0] for one in ran.objects(names.artifact_prefix)}
    prefixes = {one for one in prefixes if names.pipeline.startswith(one)}
    assert prefixes == {names.pipeline[:20]}
    if len(names.pipeline) <= 20:
        pytest.skip(f"{names.pipeline} is not longer than 20 characters")
    record_property("seen", f"{names.pipeline} is cut to {prefixes.pop()}")


def test_what_services_write_is_encrypted_with_the_key(ran: Ran, record_property: Seen) -> None:
    """The bucket takes nothing else, and the key's policy admits these roles through S3 only: what is there shows."""
    names = ran.project.names
    model = ran.job["ModelArtifacts"]["S3ModelArtifacts"].partition(f"{names.bucket}/")[2]
    artifacts = [one for one in ran.objects(names.artifact_prefix) if one["Key"].startswith(names.pipeline[:20])]
    assert [one["Key"] for one in ran.objects(model)] == [model]
    assert artifacts
    record_property("seen", f"the model and {len(artifacts)} artifacts were written")


def test_training_finds_its_channels(ran: Ran, record_property: Seen) -> None:
    """By manifest files, each of a channel's own prefix."""
    uris = [one["DataSource"]["S3DataSource"]["S3Uri"] for one in ran.job["InputDataConfig"]]
    assert all(f"/{ran.project.names.data_prefix}/" in uri for uri in uris)
    assert ran.job["TrainingJobStatus"] == "Completed"
    record_property("seen", ", ".join(uris))


def test_an_endpoint_is_updated_with_the_alarms_that_it_can_have(ran: Ran, record_property: Seen) -> None:
    names = ran.project.names
    if ran.project.config.endpoint.serverless is None:
        pytest.skip("the map's endpoint is not serverless")
    target = ran.project.target
    sagemaker = ran.client("sagemaker", target.id, names.region_of(target))
    endpoint = sagemaker.describe_endpoint(EndpointName=names.endpoint)
    assert endpoint["EndpointStatus"] == "InService"
    record_property("seen", "a serverless endpoint without alarms is InService")


def test_a_candidate_answers_golden_rows_as_it_did_when_it_was_judged(ran: Ran, record_property: Seen) -> None:
    names, target = ran.project.names, ran.project.target
    if not ran.project.config.endpoint.smoke_test:
        pytest.skip("the map has no smoke test")
    sagemaker = ran.client("sagemaker", target.id, names.region_of(target))
    listed = sagemaker.list_endpoint_configs(NameContains=names.smoke_prefix)["EndpointConfigs"]
    assert [one["EndpointConfigName"] for one in listed] == []
    said = [one["output"]["executionResult"].get("externalExecutionSummary", "") for one in ran.details]
    (told,) = (one.rpartition("; ")[2] for one in said if "golden rows" in one)
    assert told.startswith("smoke test passed")
    record_property("seen", told)


def test_a_serverless_endpoint_serves_a_model_without_isolation(ran: Ran, record_property: Seen) -> None:
    names, target = ran.project.names, ran.project.target
    if ran.project.config.endpoint.serverless is None:
        pytest.skip("the map's endpoint is not serverless")
    sagemaker = ran.client("sagemaker", target.id, names.region_of(target))
    config = sagemaker.describe_endpoint(EndpointName=names.endpoint)["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    assert sagemaker.describe_model(ModelName=variant["ModelName"])["EnableNetworkIsolation"] is False
    record_property("seen", f"{names.endpoint} is InService with {variant['ModelName']}")


def test_results_of_another_region_are_taken(ran: Ran, record_property: Seen) -> None:
    names = ran.project.names
    elsewhere = [target.name for target in names.production if names.elsewhere(target)]
    if not elsewhere:
        pytest.skip("no target of the map is in another region")
    done = [one["actionName"] for one in ran.details if one["actionName"] in elsewhere and one["status"] == "Succeeded"]
    assert done
    record_property("seen", f"{', '.join(done)} reported")


def test_a_source_of_another_account_hands_over(ran: Ran, record_property: Seen) -> None:
    config = ran.project.config
    if config.accounts.source is None and config.pipeline.connection is None:
        pytest.skip("the map has neither a source account nor a connection")
    (source,) = (one for one in ran.details if one["stageName"] == "Source")
    assert source["status"] == "Succeeded"
    record_property("seen", "the artifact was written")


def test_the_stack_makes_the_managed_rule(ran: Ran, record_property: Seen) -> None:
    """Step Functions' own, of which the state machine's role has the rights."""
    rule = ran.client("events", ran.project.names.training).describe_rule(Name=MANAGED_RULE)
    assert rule["State"] == "ENABLED"
    record_property("seen", rule["Arn"])


def test_nothing_is_written_by_the_profiler(ran: Ran, record_property: Seen) -> None:
    """Beside the model."""
    names = ran.project.names
    model = ran.job["ModelArtifacts"]["S3ModelArtifacts"].partition(f"{names.bucket}/")[2]
    assert [one["Key"] for one in ran.objects(model.partition("output/")[0])] == [model]
    assert not ran.job.get("ProfilerConfig", {}).get("S3OutputPath")
    record_property("seen", f"ProfilingStatus {ran.job.get('ProfilingStatus', 'not shown')}")


def test_a_model_is_stored_once(ran: Ran, record_property: Seen) -> None:
    names, s3 = ran.project.names, ran.client("s3")
    key = ran.job["ModelArtifacts"]["S3ModelArtifacts"].partition(f"{names.bucket}/")[2]
    versions = s3.list_object_versions(Bucket=names.bucket, Prefix=key)["Versions"]
    assert len(versions) == 1
    record_property("seen", f"one version of {key}")


def test_a_batch_transform_is_what_was_asked_for(ran: Ran, record_property: Seen) -> None:
    """The judge compared it: what passed is what is described. Here, where the predictions are."""
    names = ran.project.names
    sagemaker = ran.client("sagemaker", names.training)
    jobs = sagemaker.list_transform_jobs(NameContains=names.scoring_prefix)["TransformJobSummaries"]
    if not jobs:
        pytest.skip("the data set has no rows held out")
    for job in jobs:
        described = sagemaker.describe_transform_job(TransformJobName=job["TransformJobName"])
        assert described["TransformJobStatus"] == "Completed"
        asked = described["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].rpartition("/")[2]
        key = f"{described['TransformOutput']['S3OutputPath'].partition(f'{names.bucket}/')[2]}/{asked}.out"
        assert len(ran.client("s3").list_object_versions(Bucket=names.bucket, Prefix=key)["Versions"]) == 1
    record_property("seen", f"{len(jobs)} batch transforms, one version of each one's predictions")


def test_a_source_artifact_is_stored_once(ran: Ran, record_property: Seen) -> None:
    names = ran.project.names
    (source,) = (one for one in ran.details if one["stageName"] == "Source")
    key = source["output"]["outputArtifacts"][0]["s3location"]["key"]
    versions = ran.client("s3").list_object_versions(Bucket=names.bucket, Prefix=key)["Versions"]
    assert len(versions) == 1
    record_property("seen", f"one version of {key}")


def test_actions_show_their_configuration_and_who_approved(ran: Ran, record_property: Seen) -> None:
    (judge,) = (one for one in ran.details if one["stageName"] == JUDGE_STAGE)
    (approval,) = (one for one in ran.details if one["stageName"] == "Approve")
    assert ran.run in judge["input"]["resolvedConfiguration"]["UserParameters"]
    assert Arn.parse(approval["updatedBy"]).account == ran.project.names.shared
    record_property("seen", f"updatedBy {approval['updatedBy']}")


def test_the_judge_writes_once(ran: Ran, record_property: Seen) -> None:
    """Its boto3 knows the condition, and the bucket's policy lets parts through."""
    model = ran.project.evaluation(ran.run)["model"]
    (stored,) = ran.objects(model["key"])
    assert stored["Size"] == model["bytes"]
    record_property("seen", f"{model['key']}, {model['bytes']} bytes")


def test_metrics_are_those_of_the_containers_log(ran: Ran, record_property: Seen) -> None:
    """The judge compares the definitions that the job shows."""
    metrics = {one["MetricName"]: one["Value"] for one in ran.job["FinalMetricDataList"]}
    assert ran.project.config.quality_gate.metric in metrics
    shown = ran.job["AlgorithmSpecification"].get("MetricDefinitions", [])
    record_property("seen", f"{len(metrics)} metrics, {len(shown)} definitions shown")


def test_a_job_is_described_as_it_was_created(ran: Ran, record_property: Seen) -> None:
    """The judge compares every member, so a run that it passed shows it; here, what it shows besides."""
    (judge,) = (one for one in ran.details if one["stageName"] == JUDGE_STAGE)
    assert judge["output"]["outputVariables"]["Outcome"] == "passed"
    record_property("seen", ", ".join(sorted(ran.job)))


def test_a_spot_training_waits(ran: Ran, record_property: Seen) -> None:
    training = ran.project.config.training
    if not training.spot:
        pytest.skip("the map has no spot training")
    assert ran.job["EnableManagedSpotTraining"] is True
    assert ran.job["StoppingCondition"]["MaxWaitTimeInSeconds"] == training.wait_seconds
    record_property("seen", f"a wait of {training.wait_seconds} seconds")


def test_every_instance_trains(ran: Ran, record_property: Seen) -> None:
    """One that takes no part says so in its own log stream."""
    count = ran.job["ResourceConfig"]["InstanceCount"]
    if count == 1:
        pytest.skip("the map trains on one instance")
    logs, group = ran.client("logs", ran.project.names.training), "/aws/sagemaker/TrainingJobs"
    found = logs.filter_log_events(
        logGroupName=group,
        logStreamNamePrefix=ran.job["TrainingJobName"],
        filterPattern='"will not be used in distributed training"',
    )["events"]
    assert found == []
    record_property("seen", f"{count} instances")


def test_output_variables_are_those_of_the_last_reply(ran: Ran, record_property: Seen) -> None:
    (judge,) = (one for one in ran.details if one["stageName"] == JUDGE_STAGE)
    (check,) = (one for one in ran.details if one["stageName"] == CHECK_STAGE)
    assert judge["output"]["outputVariables"]["TrainingJob"] == ran.job["TrainingJobName"]
    assert check["output"]["outputVariables"]["ManifestVersionId"]
    record_property("seen", ", ".join(sorted(judge["output"]["outputVariables"])))


def test_a_model_package_is_registered_and_released(ran: Ran, record_property: Seen) -> None:
    """Its card comes back as it was given."""
    if ran.project.names.model_package_group is None:
        pytest.skip("the map has no registry")
    (judge,) = (one for one in ran.details if one["stageName"] == JUDGE_STAGE)
    arn = judge["output"]["outputVariables"]["ModelPackage"]
    package = ran.client("sagemaker").describe_model_package(ModelPackageName=arn)
    assert package["ModelApprovalStatus"] == "Approved"
    assert ran.run in package["ApprovalDescription"]
    card = json.loads(package["ModelCard"]["ModelCardContent"])
    assert card["additional_information"]["custom_details"]["pipeline execution"] == ran.run
    record_property("seen", f"{arn}, {package['ModelPackageStatus']}")


def test_a_push_to_another_account_starts_a_run(ran: Ran, record_property: Seen) -> None:
    """The delivery to the bus is the forwarding role's; near the end, because it starts a run."""
    made = ran.project
    if made.config.accounts.source is None:
        pytest.skip("the map has no source account")
    known = made.runs()
    made.push(MaxDepth="2")
    run = made.new_run(known)
    made.judge(run, approve=False) if made.settled(run).waits_for_approval else None
    record_property("seen", f"run {run}")


def test_a_job_that_may_not_write_logs_trains(ran: Ran, record_property: Seen) -> None:
    """The last test but one: it takes the training role's right away, and bootstrap gives it back."""
    made = ran.project
    iam = ran.client("iam", made.names.training)
    role = Arn.parse(made.names.training_role).name
    known = made.runs()
    iam.delete_role_policy(RoleName=role, PolicyName="logs")
    try:
        made.push(MaxDepth="3")
        run = made.new_run(known)
        made.settled(run)
        state = made.accounts.client(made.names.shared, "codepipeline").get_pipeline_state(name=made.names.pipeline)
        done = {stage.name: stage.status for stage in stages(made.config, made.accounts, run, state)}
    finally:
        made.bootstrap()
    assert done[TRAIN_STAGE] == "Succeeded"
    record_property("seen", f"run {run} trained")


def test_a_training_job_can_be_deleted(ran: Ran, record_property: Seen) -> None:
    """The last test of the module: the first run's is gone afterwards."""
    made, name = ran.project, ran.job["TrainingJobName"]
    sagemaker = ran.client("sagemaker", made.names.training)

    def gone() -> bool | None:
        found = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
        return None if found else True

    sagemaker.delete_training_job(TrainingJobName=name)
    eventually(gone, f"training job {name} is still there")
    record_property("seen", f"{name} is gone")


def test_what_is_asked_is_captured(ran: Ran, record_property: Seen) -> None:
    """Within minutes, under the key that only its role and the operator use."""
    names, target = ran.project.names, ran.project.target
    if target not in names.capturing:
        pytest.skip("the map captures nothing")
    ran.project.predict()
    s3 = ran.client("s3", target.id, names.region_of(target))
    bucket = names.capture_bucket(target)

    def written() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=bucket, Prefix=names.capture_prefix).get("Contents", [])
        return found

    (first, *_) = eventually(written, "nothing was captured")
    head = s3.head_object(Bucket=bucket, Key=first["Key"])
    assert head["ServerSideEncryption"] == "aws:kms"
    record_property("seen", f"{first['Key']} under {head['SSEKMSKeyId']}")


def test_instances_follow_the_requests(ran: Ran, record_property: Seen) -> None:
    """Within the map's bounds, by the map's policy."""
    names, target = ran.project.names, ran.project.target
    scaling = ran.project.config.endpoint.autoscaling
    if scaling is None:
        pytest.skip("the map scales nothing")
    client = ran.client("application-autoscaling", target.id, names.region_of(target))
    resource = f"endpoint/{names.endpoint}/variant/AllTraffic"
    (found,) = client.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])["ScalableTargets"]
    assert (found["MinCapacity"], found["MaxCapacity"]) == (scaling.min, scaling.max)
    (policy,) = client.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=resource)["ScalingPolicies"]
    assert policy["PolicyName"] == names.scaling_policy
    record_property("seen", f"{found['ScalableTargetARN']}, {len(policy['Alarms'])} alarms")
