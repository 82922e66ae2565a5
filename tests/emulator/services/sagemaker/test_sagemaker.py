"""Training jobs and endpoints over HTTP: real models, made and served as the roles they are given."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import xgboost
from botocore.exceptions import ClientError

from tests.configs import TRAINING
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.services.sagemaker.workloads import (
    ALL,
    bucket_with_data,
    first_rows,
    service_role,
    slow_transitions,
    training_request,
    until,
)
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.tables.regions import image_uri


@pytest.fixture(scope="module")
def region(aws: EmbeddedAws) -> str:
    return aws.runtime.region


@pytest.fixture(scope="module")
def sagemaker(aws: EmbeddedAws) -> Any:
    return aws.administrator(TRAINING).client("sagemaker")


@pytest.fixture(scope="module")
def bucket(aws: EmbeddedAws, region: str) -> str:
    return bucket_with_data(aws, TRAINING, "sagemaker-tests", region)


@pytest.fixture(scope="module")
def role(aws: EmbeddedAws) -> str:
    """A role that SageMaker may assume and that may do everything."""
    return service_role(aws, TRAINING, "sagemaker-all", "sagemaker", ALL)


@pytest.fixture(scope="module")
def artifacts(sagemaker: Any, bucket: str, role: str, region: str) -> str:
    """URI of a trained model."""
    job = finished(sagemaker, training_request("for-endpoints", role, bucket, region))
    uri: str = job["ModelArtifacts"]["S3ModelArtifacts"]
    return uri


def finished(sagemaker: Any, request: dict[str, Any], seconds: float = 20) -> dict[str, Any]:
    """Start a job and wait for its end; its description."""
    sagemaker.create_training_job(**request)

    def over() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=request["TrainingJobName"])
        return found if found["TrainingJobStatus"] in ("Completed", "Failed", "Stopped") else None

    ended: dict[str, Any] = until(over, seconds)
    return ended


class TestTrainingJob:
    def test_trains_a_real_model_and_reports_its_metrics(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, role: str, region: str, unique: str
    ) -> None:
        """The object at S3ModelArtifacts is a model that XGBoost loads, encrypted; the metrics are real."""
        job = finished(sagemaker, training_request(unique, role, bucket, region))
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
        assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{bucket}/models/{unique}/output/model.tar.gz"
        metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
        assert set(metrics) == {"train:auc", "validation:auc"}
        assert 0.8 < metrics["validation:auc"] < 0.97
        answer = (
            aws.administrator(TRAINING)
            .client("s3")
            .get_object(Bucket=bucket, Key=f"models/{unique}/output/model.tar.gz")
        )
        assert answer["ServerSideEncryption"] == "aws:kms"
        with tarfile.open(fileobj=io.BytesIO(answer["Body"].read())) as packed:
            content = packed.extractfile("xgboost-model")
            assert content is not None
            booster = xgboost.Booster()
            booster.load_model(bytearray(content.read()))
        assert booster.num_boosted_rounds() == 20

    def test_the_log_is_written_as_the_role(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, role: str, region: str, unique: str
    ) -> None:
        """One stream per job in SageMaker's log group, with a line per round."""
        finished(sagemaker, training_request(unique, role, bucket, region))
        logs = aws.administrator(TRAINING).client("logs")
        group = "/aws/sagemaker/TrainingJobs"
        (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{unique}/")["logStreams"]
        lines = [
            event["message"]
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
        ]
        assert lines[0].startswith("trained with XGBoost")
        assert lines[-1].startswith("[19]#011train-auc:")

    def test_a_used_name_is_refused(self, sagemaker: Any, bucket: str, role: str, region: str, unique: str) -> None:
        """Names are unique for ever, as long as the record exists."""
        request = training_request(unique, role, bucket, region)
        finished(sagemaker, request)
        code, message, _ = error_of(sagemaker.create_training_job, **request)
        assert code == "ResourceInUse"
        assert "must be unique" in message
        sagemaker.delete_training_job(TrainingJobName=unique)
        assert error_of(sagemaker.describe_training_job, TrainingJobName=unique)[:2] == (
            "ValidationException",
            "Requested resource not found.",
        )

    def test_a_role_that_trusts_another_service_is_refused(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, region: str, unique: str
    ) -> None:
        """The trust policy is evaluated as SageMaker before anything starts."""
        other = service_role(aws, TRAINING, unique, "lambda", ALL)
        code, message, _ = error_of(sagemaker.create_training_job, **training_request(unique, other, bucket, region))
        assert (code, message.split(".")[0]) == ("ValidationException", f"Could not assume role {other}")

    def test_the_trust_sees_the_jobs_arn(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, region: str, unique: str
    ) -> None:
        """aws:SourceArn is the training job's, so a condition on another one refuses."""
        source = f"arn:aws:sagemaker:{region}:{TRAINING}:training-job/"
        conditions = {"ArnLike": {"aws:SourceArn": f"{source}{unique}-good*"}}
        picky = service_role(aws, TRAINING, unique, "sagemaker", ALL, trust_conditions=conditions)
        assert finished(sagemaker, training_request(f"{unique}-good", picky, bucket, region))["TrainingJobStatus"] == (
            "Completed"
        )
        assert (
            error_of(sagemaker.create_training_job, **training_request(f"{unique}-bad", picky, bucket, region))[0]
            == "ValidationException"
        )

    @pytest.mark.parametrize(
        ("missing", "reason"),
        [
            ("s3:ListBucket", "No S3 objects found under S3 URL"),
            ("s3:GetObject", "Data download failed"),
            ("s3:PutObject", "Artifact upload failed"),
        ],
    )
    def test_a_missing_right_fails_the_job(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, region: str, unique: str, missing: str, reason: str
    ) -> None:
        """Every S3 call is decided as the training role; the reason names the step."""
        deny = {"Effect": "Deny", "Action": missing, "Resource": "*"}
        poor = service_role(aws, TRAINING, unique, "sagemaker", ALL, deny)
        job = finished(sagemaker, training_request(unique, poor, bucket, region))
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("ClientError: ")
        assert reason in job["FailureReason"]
        assert "ModelArtifacts" not in job

    def test_no_log_rights_do_not_fail_the_job(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, region: str, unique: str
    ) -> None:
        """A role without logs:* trains all the same."""
        deny = {"Effect": "Deny", "Action": "logs:*", "Resource": "*"}
        silent = service_role(aws, TRAINING, unique, "sagemaker", ALL, deny)
        assert finished(sagemaker, training_request(unique, silent, bucket, region))["TrainingJobStatus"] == "Completed"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"HyperParameters": {"objective": "binary:logistic"}}, "num_round"),
            ({"HyperParameters": {"num_round": "3", "objective": "nonsense"}}, "Hyperparameter objective: "),
            ({"AlgorithmSpecification": {"TrainingImage": "1.dkr.ecr.x/y:1", "TrainingInputMode": "File"}}, "pull"),
        ],
    )
    def test_a_wrong_request_fails_with_its_reason(
        self, sagemaker: Any, bucket: str, role: str, region: str, unique: str, change: dict[str, Any], reason: str
    ) -> None:
        """Hyperparameters and image are only looked at once the job runs."""
        job = finished(sagemaker, training_request(unique, role, bucket, region, **change))
        assert job["TrainingJobStatus"] == "Failed"
        assert reason in job["FailureReason"]

    def test_pass_role_is_needed(self, roles: Roles, bucket: str, role: str, region: str, unique: str) -> None:
        """CreateTrainingJob alone is not enough, and with tags AddTags is asked too."""
        job = f"arn:aws:sagemaker:{region}:{TRAINING}:training-job/{unique}"
        caller = roles.session(f"{unique}-a", allow("sagemaker:CreateTrainingJob", resource=job), account=TRAINING)
        request = training_request(unique, role, bucket, region)
        code, message, _ = error_of(caller.client("sagemaker").create_training_job, **request)
        assert code == "AccessDeniedException"
        assert "iam:PassRole" in message
        both = (allow("sagemaker:CreateTrainingJob", resource=job), allow("iam:PassRole", resource=role))
        caller = roles.session(f"{unique}-b", *both, account=TRAINING)
        tagged = {**request, "Tags": [{"Key": "team", "Value": "churn"}]}
        assert "sagemaker:AddTags" in error_of(caller.client("sagemaker").create_training_job, **tagged)[1]
        assert caller.client("sagemaker").create_training_job(**request)["TrainingJobArn"] == job

    def test_a_manifest_names_the_objects_of_a_channel(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, role: str, region: str, unique: str
    ) -> None:
        """Exactly those: what lies beside them under the same prefix is not read (SageMaker API reference,
        S3DataSource)."""
        s3 = aws.administrator(TRAINING).client("s3")
        request = training_request(unique, role, bucket, region)
        for channel in request["InputDataConfig"]:
            name, place = channel["ChannelName"], f"{unique}/{channel['ChannelName']}"
            rows = s3.get_object(Bucket=bucket, Key=f"data/{name}/{name}.csv")["Body"].read()
            s3.put_object(Bucket=bucket, Key=f"{place}/named.csv", Body=rows)
            s3.put_object(Bucket=bucket, Key=f"{place}/beside.csv", Body=b"this is no row\n")
            manifest = json.dumps([{"prefix": f"s3://{bucket}/{place}/"}, "named.csv"]).encode()
            s3.put_object(Bucket=bucket, Key=f"{place}/manifest", Body=manifest)
            uri = f"s3://{bucket}/{place}/manifest"
            channel["DataSource"] = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": uri}}
        job = finished(sagemaker, request)
        assert job["TrainingJobStatus"] == "Completed", job
        assert job["InputDataConfig"] == request["InputDataConfig"]

    @pytest.mark.long
    def test_instances_train_together_on_a_share_of_the_objects_each(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, role: str, region: str, unique: str
    ) -> None:
        """Each has a log stream; the metrics are printed once, by the first. A third has no object, and says so."""
        s3 = aws.administrator(TRAINING).client("s3")
        rows = s3.get_object(Bucket=bucket, Key="data/train/train.csv")["Body"].read().splitlines(keepends=True)
        for place in range(2):
            s3.put_object(Bucket=bucket, Key=f"{unique}/{place}.csv", Body=b"".join(rows[place::2]))
        resources = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 3, "VolumeSizeInGB": 10}
        request = training_request(unique, role, bucket, region, ResourceConfig=resources)
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{unique}/"}
        request["InputDataConfig"][0]["DataSource"] = {
            "S3DataSource": {**source, "S3DataDistributionType": "ShardedByS3Key"}
        }
        job = finished(sagemaker, request, seconds=120)
        assert job["TrainingJobStatus"] == "Completed", job
        logs = aws.administrator(TRAINING).client("logs")
        group = {"logGroupName": "/aws/sagemaker/TrainingJobs"}
        lines = {
            stream["logStreamName"].split("/")[1].rpartition("-")[0]: [
                event["message"]
                for event in logs.get_log_events(**group, logStreamName=stream["logStreamName"])["events"]
            ]
            for stream in logs.describe_log_streams(**group, logStreamNamePrefix=f"{unique}/")["logStreams"]
        }
        assert [line[:4] for line in lines["algo-1"]][-1] == "[19]"
        assert lines["algo-3"][-1].startswith("Host algo-3 does not have training data")
        assert not any("validation-auc" in line for line in lines.get("algo-2", ()))

    def test_a_spot_training_that_is_interrupted_makes_the_same_model(
        self, aws: EmbeddedAws, sagemaker: Any, bucket: str, role: str, region: str, unique: str
    ) -> None:
        """It begins again, and what the first attempt printed is not what is reported."""
        spot = {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
        }
        whole = finished(sagemaker, training_request(f"{unique}-a", role, bucket, region, **spot))
        pace = aws.runtime.pace
        aws.runtime.pace = replace(pace, spot_interruptions=1)
        try:
            job = finished(sagemaker, training_request(f"{unique}-b", role, bucket, region, **spot))
        finally:
            aws.runtime.pace = pace
        told = [each["Status"] for each in job["SecondaryStatusTransitions"]]
        begun = ["Starting", "Downloading", "Training"]
        assert told == [*begun, "Interrupted", *begun, "Uploading", "Completed"]
        assert (job["EnableManagedSpotTraining"], job["StoppingCondition"]) == (True, spot["StoppingCondition"])
        found = [{each["MetricName"]: each["Value"] for each in of["FinalMetricDataList"]} for of in (whole, job)]
        assert found[0] == found[1]
        s3 = aws.administrator(TRAINING).client("s3")
        keys = [f"models/{unique}-{each}/output/model.tar.gz" for each in "ab"]
        models = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        assert models[0] == models[1]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}}, "only supported when"),
            ({"EnableManagedSpotTraining": True}, "must be present"),
            (
                {
                    "EnableManagedSpotTraining": True,
                    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
                },
                "greater than or equal to MaxRuntimeInSeconds",
            ),
        ],
    )
    def test_a_wait_that_is_none_is_refused(
        self, sagemaker: Any, bucket: str, role: str, region: str, unique: str, change: dict[str, Any], reason: str
    ) -> None:
        """Spot trainings have one, as long as the run at least; others have none."""
        request = training_request(unique, role, bucket, region, **change)
        code, message, _ = error_of(sagemaker.create_training_job, **request)
        assert code == "ValidationException"
        assert reason in message

    @pytest.mark.parametrize(
        ("manifest", "reason"),
        [
            (b"not JSON", "the manifest file cannot be read"),
            (b"[]", "the manifest file cannot be read"),
            (b'[{"prefix": "s3://sagemaker-tests/data/"}, "missing.csv"]', "Data download failed"),
        ],
    )
    def test_a_bad_manifest_fails_the_job(
        self,
        aws: EmbeddedAws,
        sagemaker: Any,
        bucket: str,
        role: str,
        region: str,
        unique: str,
        manifest: bytes,
        reason: str,
    ) -> None:
        aws.administrator(TRAINING).client("s3").put_object(Bucket=bucket, Key=unique, Body=manifest)
        request = training_request(unique, role, bucket, region)
        source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{bucket}/{unique}"}
        request["InputDataConfig"][0]["DataSource"] = {"S3DataSource": source}
        job = finished(sagemaker, request)
        assert job["TrainingJobStatus"] == "Failed"
        assert reason in job["FailureReason"]

    @pytest.mark.parametrize(
        ("change", "served"),
        [
            ({}, True),
            ({"EnableNetworkIsolation": False}, False),
            ({"ResourceConfig": {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10}}, False),
            ({"StoppingCondition": {"MaxRuntimeInSeconds": 3601}}, False),
            ({"RemoteDebugConfig": {"EnableRemoteDebug": True}}, False),
            ({"RemoteDebugConfig": {"EnableRemoteDebug": False}}, True),
            ({"OutputDataConfig": {"S3OutputPath": "s3://sagemaker-tests/models"}}, False),
        ],
    )
    def test_a_policy_can_say_what_a_job_is(
        self, roles: Roles, bucket: str, role: str, region: str, unique: str, change: dict[str, Any], served: bool
    ) -> None:
        """The condition keys of CreateTrainingJob (Service Authorization Reference, "Amazon SageMaker AI")."""
        key = f"arn:aws:kms:{region}:{TRAINING}:key/11111111-2222-3333-4444-555555555555"
        allowed = allow(
            "sagemaker:CreateTrainingJob",
            resource="*",
            Bool={"sagemaker:NetworkIsolation": "true"},
            BoolIfExists={"sagemaker:EnableRemoteDebug": "false"},
            NumericLessThanEquals={"sagemaker:MaxRuntimeInSeconds": "3600"},
            StringEquals={"sagemaker:OutputKmsKeyArn": key},
            Null={"sagemaker:InstanceTypes": "false"},
            **{"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.xlarge"]}},
        )
        caller = roles.session(unique, allowed, allow("iam:PassRole", resource=role), account=TRAINING)
        output = {"S3OutputPath": f"s3://{bucket}/models", "KmsKeyId": key}
        wanted = {"EnableNetworkIsolation": True, "OutputDataConfig": output} | change
        create = caller.client("sagemaker").create_training_job
        request = training_request(unique, role, bucket, region, **wanted)
        if served:
            create(**request)
        else:
            code, message, _ = error_of(create, **request)
            assert code == "AccessDeniedException"
            assert "sagemaker:CreateTrainingJob" in message

    def test_tags_and_lists(self, sagemaker: Any, bucket: str, role: str, region: str, unique: str) -> None:
        """Tags given at creation are listed, changed and removed; the job is listed."""
        tags = [{"Key": "team", "Value": "churn"}]
        arn = finished(sagemaker, training_request(unique, role, bucket, region, Tags=tags))["TrainingJobArn"]
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "test"}])
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "stage", "Value": "test"}]
        listed = sagemaker.list_training_jobs(NameContains=unique, StatusEquals="Completed")["TrainingJobSummaries"]
        assert [job["TrainingJobName"] for job in listed] == [unique]


@pytest.fixture
def hosting(sagemaker: Any, role: str, artifacts: str, region: str, unique: str) -> Iterator[Any]:
    """Makes a model and its endpoint configuration, both named as asked; the image and role are right."""

    def make(name: str, data: str = artifacts, execution_role: str = role) -> str:
        container = {"Image": image_uri(region, "1.7-1"), "ModelDataUrl": data}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=execution_role, PrimaryContainer=container)
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    yield make
    for endpoint in sagemaker.list_endpoints(NameContains=unique)["Endpoints"]:
        settled(sagemaker, endpoint["EndpointName"])
        sagemaker.delete_endpoint(EndpointName=endpoint["EndpointName"])


def settled(sagemaker: Any, name: str) -> dict[str, Any]:
    """The endpoint's description once nothing is under way."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        return found if found["EndpointStatus"] in ("InService", "Failed") else None

    ended: dict[str, Any] = until(look)
    return ended


class TestEndpoint:
    def test_predicts_with_the_trained_model(self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, unique: str) -> None:
        """One probability per row, and they differ between rows; the name is found in any case."""
        hosting(unique)
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=unique)
        described = settled(sagemaker, unique)
        assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", unique)
        assert described["ProductionVariants"][0]["VariantName"] == "AllTraffic"
        client = aws.administrator(TRAINING).client("sagemaker-runtime")
        answer = client.invoke_endpoint(EndpointName=unique.upper(), ContentType="text/csv", Body=first_rows(5))
        predictions = [float(line) for line in answer["Body"].read().decode().splitlines()]
        assert len(predictions) == 5
        assert len(set(predictions)) == 5
        assert all(0 < each < 1 for each in predictions)

    def test_bad_input_is_a_model_error(self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, unique: str) -> None:
        """The container's own status, with what it said."""
        hosting(unique)
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=unique)
        settled(sagemaker, unique)
        client = aws.administrator(TRAINING).client("sagemaker-runtime")
        with pytest.raises(ClientError) as caught:
            client.invoke_endpoint(EndpointName=unique, ContentType="application/json", Body=b"{}")
        assert caught.value.response["Error"]["Code"] == "ModelError"
        assert caught.value.response["OriginalStatusCode"] == 415
        assert "is not an accepted ContentType" in caught.value.response["OriginalMessage"]

    def test_an_unknown_endpoint(self, aws: EmbeddedAws, sagemaker: Any, unique: str) -> None:
        """Each API says it in its own way."""
        client = aws.administrator(TRAINING).client("sagemaker-runtime")
        code, message, _ = error_of(client.invoke_endpoint, EndpointName=unique, ContentType="text/csv", Body=b"1")
        assert (code, message) == ("ValidationError", f"Endpoint {unique} of account {TRAINING} not found.")
        code, message, _ = error_of(sagemaker.describe_endpoint, EndpointName=unique)
        assert code == "ValidationException"
        assert message.startswith("Could not find endpoint")
        assert error_of(sagemaker.create_endpoint, EndpointName=unique, EndpointConfigName=unique)[1].startswith(
            "Could not find endpoint configuration"
        )

    @pytest.mark.long
    def test_an_update_that_cannot_load_rolls_back(
        self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, bucket: str, unique: str
    ) -> None:
        """InService with the old configuration and the reason; the old model goes on answering."""
        hosting(f"{unique}-old")
        aws.administrator(TRAINING).client("s3").put_object(
            Bucket=bucket, Key=f"{unique}/model.tar.gz", Body=b"no model"
        )
        hosting(f"{unique}-new", data=f"s3://{bucket}/{unique}/model.tar.gz")
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=f"{unique}-old")
        settled(sagemaker, unique)
        with slow_transitions(aws):
            sagemaker.update_endpoint(EndpointName=unique, EndpointConfigName=f"{unique}-new")
        assert sagemaker.describe_endpoint(EndpointName=unique)["EndpointStatus"] == "Updating"
        client = aws.administrator(TRAINING).client("sagemaker-runtime")
        client.invoke_endpoint(EndpointName=unique, ContentType="text/csv", Body=first_rows(1))
        described = settled(sagemaker, unique)
        assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", f"{unique}-old")
        assert "not a gzipped tar archive" in described["FailureReason"]

    @pytest.mark.long
    def test_a_variant_that_is_scaled(self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, unique: str) -> None:
        """Brought into its bounds, kept by an update that says so, refused for other instances, gone with the
        endpoint."""
        hosting(unique)
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=unique)
        settled(sagemaker, unique)
        scaling = aws.administrator(TRAINING).client("application-autoscaling")
        named = {"ServiceNamespace": "sagemaker", "ResourceId": f"endpoint/{unique}/variant/AllTraffic"}
        dimension = {"ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
        scaling.register_scalable_target(MinCapacity=2, MaxCapacity=4, **named, **dimension)
        for retained, count in ((True, 2), (False, 1)):
            sagemaker.update_endpoint(
                EndpointName=unique, EndpointConfigName=unique, RetainAllVariantProperties=retained
            )
            assert settled(sagemaker, unique)["ProductionVariants"][0]["DesiredInstanceCount"] == count
        other = f"{unique}-other"
        variant = {**sagemaker.describe_endpoint_config(EndpointConfigName=unique)["ProductionVariants"][0]}
        variant["InstanceType"] = "ml.m5.xlarge"
        sagemaker.create_endpoint_config(EndpointConfigName=other, ProductionVariants=[variant])
        refused = error_of(sagemaker.update_endpoint, EndpointName=unique, EndpointConfigName=other)
        assert "must be deregistered as scalable targets first" in refused[1]
        sagemaker.delete_endpoint(EndpointName=unique)
        resource = {"ServiceNamespace": "sagemaker", "ResourceIds": [named["ResourceId"]]}
        until(lambda: not scaling.describe_scalable_targets(**resource)["ScalableTargets"], 10)

    @pytest.mark.long
    def test_what_is_captured_is_a_share_and_what_cannot_be_written_is_in_the_log(
        self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, bucket: str, unique: str
    ) -> None:
        """Every second request of two; a body of another type than those that are named in base64."""
        hosting(unique)
        variant = sagemaker.describe_endpoint_config(EndpointConfigName=unique)["ProductionVariants"][0]
        capture = {
            "InitialSamplingPercentage": 50,
            "DestinationS3Uri": f"s3://{bucket}/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
        for name, place in ((f"{unique}-c", bucket), (f"{unique}-d", "no-such-bucket")):
            config = {**capture, "DestinationS3Uri": f"s3://{place}/captured"}
            sagemaker.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[variant], DataCaptureConfig=config
            )
            sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
            assert settled(sagemaker, name)["DataCaptureConfig"]["CurrentSamplingPercentage"] == 50
            client = aws.administrator(TRAINING).client("sagemaker-runtime")
            for _ in range(2):
                client.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=first_rows(1))
        s3, logs = (aws.administrator(TRAINING).client(each) for each in ("s3", "logs"))
        (found,) = s3.list_objects_v2(Bucket=bucket, Prefix=f"captured/{unique}-c/AllTraffic/")["Contents"]
        line = json.loads(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
        assert set(line["captureData"]) == {"endpointInput"}
        assert line["captureData"]["endpointInput"]["encoding"] == "BASE64"
        events = logs.filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{unique}-d")["events"]
        assert any("Data capture failed" in event["message"] for event in events)

    def test_a_good_update_switches(self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, unique: str) -> None:
        """The configuration changes, and the endpoint stays in service."""
        hosting(f"{unique}-a")
        hosting(f"{unique}-b")
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=f"{unique}-a")
        settled(sagemaker, unique)
        with slow_transitions(aws):
            sagemaker.update_endpoint(EndpointName=unique, EndpointConfigName=f"{unique}-b")
        assert (
            "in-progress"
            in error_of(sagemaker.update_endpoint, EndpointName=unique, EndpointConfigName=f"{unique}-a")[1]
        )
        described = settled(sagemaker, unique)
        assert described["EndpointConfigName"] == f"{unique}-b"
        assert "FailureReason" not in described

    @pytest.mark.long
    @pytest.mark.parametrize(("state", "served"), [("OK", "new"), ("ALARM", "old"), (None, "old")])
    def test_the_alarms_of_an_update_are_looked_at(
        self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, unique: str, state: str | None, served: str
    ) -> None:
        """One that is on, or that does not exist, rolls the update back."""
        hosting(f"{unique}-old")
        hosting(f"{unique}-new")
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=f"{unique}-old")
        settled(sagemaker, unique)
        if state is not None:
            cloudwatch = aws.administrator(TRAINING).client("cloudwatch")
            cloudwatch.put_metric_alarm(
                AlarmName=unique,
                MetricName="Invocation5XXErrors",
                Namespace="AWS/SageMaker",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
            )
            cloudwatch.set_alarm_state(AlarmName=unique, StateValue=state, StateReason="the test says so")
        routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
        deployment = {
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": unique}]},
        }
        sagemaker.update_endpoint(EndpointName=unique, EndpointConfigName=f"{unique}-new", DeploymentConfig=deployment)
        assert settled(sagemaker, unique)["EndpointConfigName"] == f"{unique}-{served}"

    def test_a_create_that_cannot_load_fails(self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, unique: str) -> None:
        """The model data is read as the execution role when the endpoint is made; then only deletion is left."""
        poor = service_role(aws, TRAINING, unique, "sagemaker", ALL)
        hosting(unique, execution_role=poor)
        aws.administrator(TRAINING).client("iam").delete_role_policy(RoleName=unique, PolicyName="rights")
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=unique)
        described = settled(sagemaker, unique)
        assert described["EndpointStatus"] == "Failed"
        assert "Failed to download model data" in described["FailureReason"]
        assert "Failed" in error_of(sagemaker.update_endpoint, EndpointName=unique, EndpointConfigName=unique)[1]

    @pytest.mark.long
    def test_deletion_ends(self, aws: EmbeddedAws, sagemaker: Any, hosting: Any, unique: str) -> None:
        """Deleting first, then gone."""
        hosting(unique)
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=unique)
        settled(sagemaker, unique)
        with slow_transitions(aws):
            sagemaker.delete_endpoint(EndpointName=unique)
        assert sagemaker.describe_endpoint(EndpointName=unique)["EndpointStatus"] == "Deleting"
        until(lambda: not sagemaker.list_endpoints(NameContains=unique)["Endpoints"])

    def test_create_endpoint_is_asked_on_both_resources(
        self, roles: Roles, hosting: Any, region: str, unique: str
    ) -> None:
        """A right on the endpoint alone does not do."""
        hosting(unique)
        arn = f"arn:aws:sagemaker:{region}:{TRAINING}:endpoint"
        caller = roles.session(unique, allow("sagemaker:CreateEndpoint", resource=f"{arn}/{unique}"), account=TRAINING)
        code, message, _ = error_of(
            caller.client("sagemaker").create_endpoint, EndpointName=unique, EndpointConfigName=unique
        )
        assert code == "AccessDeniedException"
        assert f"{arn}-config/{unique}" in message


class TestModel:
    def test_the_execution_role_must_trust_sagemaker_for_hosting(
        self, aws: EmbeddedAws, hosting: Any, region: str, unique: str
    ) -> None:
        """aws:SourceArn is literally ``arn:…:sagemaker:<region>:<account>:*``."""
        literal = f"arn:aws:sagemaker:{region}:{TRAINING}:*"
        right = {"ArnEquals": {"aws:SourceArn": literal}}
        wrong = {"ArnEquals": {"aws:SourceArn": f"arn:aws:sagemaker:{region}:{TRAINING}:model/x"}}
        hosting(
            f"{unique}-r",
            execution_role=service_role(aws, TRAINING, f"{unique}-r", "sagemaker", ALL, trust_conditions=right),
        )
        refused = service_role(aws, TRAINING, f"{unique}-w", "sagemaker", ALL, trust_conditions=wrong)
        code, message, _ = error_of(lambda: hosting(f"{unique}-w", execution_role=refused))
        assert (code, message.split(".")[0]) == ("ValidationException", f"Could not assume role {refused}")

    def test_the_data_must_be_readable_by_the_execution_role(
        self, aws: EmbeddedAws, hosting: Any, unique: str, artifacts: str
    ) -> None:
        """The caller's own rights do not help."""
        poor = service_role(aws, TRAINING, unique, "sagemaker")
        code, message, _ = error_of(lambda: hosting(unique, execution_role=poor))
        assert code == "ValidationException"
        assert message.startswith(f"Could not access model data at {artifacts}.")

    def test_names_are_taken_once(self, sagemaker: Any, hosting: Any, unique: str) -> None:
        """Models and configurations cannot be made twice, and a configuration needs its model."""
        hosting(unique)
        assert error_of(lambda: hosting(unique))[1].startswith("Cannot create already existing model")
        variant = {"VariantName": "v", "ModelName": unique, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        request = {"EndpointConfigName": unique, "ProductionVariants": [variant]}
        assert "already existing endpoint configuration" in error_of(sagemaker.create_endpoint_config, **request)[1]
        missing = {"EndpointConfigName": f"{unique}-2", "ProductionVariants": [{**variant, "ModelName": "none"}]}
        assert error_of(sagemaker.create_endpoint_config, **missing)[1].startswith("Could not find model")

    def test_serverless_configurations_are_taken(self, sagemaker: Any, hosting: Any, unique: str) -> None:
        """A serverless variant serves too."""
        hosting(unique)
        size = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
        variant = {"VariantName": "AllTraffic", "ModelName": unique, "ServerlessConfig": size}
        sagemaker.create_endpoint_config(EndpointConfigName=f"{unique}-s", ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=unique, EndpointConfigName=f"{unique}-s")
        assert settled(sagemaker, unique)["ProductionVariants"][0]["CurrentServerlessConfig"] == size
        # Instances may take its place, and it theirs no more.
        sagemaker.update_endpoint(EndpointName=unique, EndpointConfigName=unique)
        settled(sagemaker, unique)
        code, message, _ = error_of(sagemaker.update_endpoint, EndpointName=unique, EndpointConfigName=f"{unique}-s")
        assert (code, message.split(" ")[:3]) == ("ValidationException", ["Cannot", "convert", "instance-based"])

    def test_a_serverless_endpoint_takes_no_isolated_model(
        self, sagemaker: Any, role: str, artifacts: str, region: str, unique: str
    ) -> None:
        """Serverless Inference has no network isolation."""
        container = {"Image": image_uri(region, "1.7-1"), "ModelDataUrl": artifacts}
        sagemaker.create_model(
            ModelName=unique, ExecutionRoleArn=role, PrimaryContainer=container, EnableNetworkIsolation=True
        )
        size = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
        variant = {"VariantName": "AllTraffic", "ModelName": unique, "ServerlessConfig": size}
        request = {"EndpointConfigName": unique, "ProductionVariants": [variant]}
        code, message, _ = error_of(sagemaker.create_endpoint_config, **request)
        assert code == "ValidationException"
        assert message.startswith("Network isolation is not supported for serverless endpoints")


def test_a_model_in_another_region_is_refused(aws: EmbeddedAws, role: str, artifacts: str) -> None:
    """Model data, image and endpoint are of one region."""
    there = aws.administrator(TRAINING).client("sagemaker", "eu-west-1")
    container = {"Image": image_uri("eu-west-1", "1.7-1"), "ModelDataUrl": artifacts}
    with pytest.raises(ClientError, match="that the object is located in eu-west-1"):
        there.create_model(ModelName="elsewhere", PrimaryContainer=container, ExecutionRoleArn=role)
