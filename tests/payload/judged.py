"""One run up to its judgement, as AWS tells of it; tests change what somebody else would have done."""

import hashlib
import io
import json
import zipfile
from typing import Any

from tests.payload.objects import OWNER, FakeS3
from tests.payload.packages import FakePackages
from tests.payload.pipeline import EXECUTION_PREFIX, JOB, RUN, FakePipeline
from tests.payload.scorer import STARTED, FakeScorer
from xacct_ml.payload.judge import Judge

BUCKET, KMS_KEY = "main", "arn:aws:kms:us-east-1:111111111111:key/k"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
COMMIT = "c" * 40
MODEL_KEY = f"models/{JOB}/output/model.tar.gz"
SOURCE_KEY, HANDED_KEY = "churn/Source/abc.zip", "churn/Template/def.zip"
RECORD_KEY = f"evaluations/{RUN}/{JOB}.json"
TEMPLATE = "Metadata:\n  xacct-ml:\n    TemplateVersion: 5\n"
CONFIGURATION = {
    "InstanceType": "ml.m5.large",
    "InstanceCount": "1",
    "VolumeGB": "10",
    "MaxRuntimeSeconds": "3600",
    "GateMetric": "validation:auc",
    "GateThreshold": "0.8",
    "GateDirection": "maximize",
    "NumRound": "100",
    "Eta": "0.2",
    "EvalMetric": "auc",
    "Objective": "binary:logistic",
    "MaxDepth": "",
}
ACTIONS = {
    "source": "Source/Repository",
    "check": "Check/Configuration",
    "train": "Train/StateMachine",
    "judge": "Judge/Evaluation",
    "hand-over": "HandOver/Source",
}
SETTINGS = {
    "actions": ACTIONS,
    "templateVersion": 2,
    "image": IMAGE,
    "containerVersion": "1.7-1",
    "trainingRole": "arn:aws:iam::222222222222:role/churn-training",
    "executionPrefix": EXECUTION_PREFIX,
    "modelsPrefix": "models",
    "judgedPrefix": "judged",
    "maxWaitSeconds": 0,
    "evaluationsPrefix": "evaluations",
    "artifactPrefix": "churn",
    "manifestKey": "data/manifest.json",
    "withdrawnPrefix": "withdrawn",
    "revisionVariable": "CommitId",
    "pipelines": {"churn": "Judge/Evaluation", "churn-release": "Release/Model"},
    "livePrefix": "live",
    "historyPrefix": "history",
    "deployActions": [
        ["production", "Deploy/production", "333333333333", "us-east-1"],
        ["second", "Deploy/second", "444444444444", "us-east-1"],
    ],
    "scoringRole": "arn:aws:iam::222222222222:role/churn-scoring",
    "scoringNames": "churn-scoring-",
    "scoringInstanceType": "ml.m5.large",
    "scoresPrefix": "scores",
}
ALLOWED = {
    "instanceTypes": ["ml.m5.large", "ml.m5.xlarge"],
    "maxInstanceCount": 2,
    "maxRuntimeSeconds": 7200,
    "gate": {"metric": "validation:auc", "direction": "maximize", "threshold": 0.8},
}


def stored(key: str, content: bytes = b"0,1") -> dict[str, Any]:
    """An object as the data manifest names it."""
    digest = hashlib.sha256(content).hexdigest()
    return {"key": key, "sha256": digest, "bytes": len(content), "version_id": "v1"}


MANIFEST: dict[str, Any] = {
    "schema": "xacct-ml/manifest/3",
    "dataset": "0123456789abcdef",
    "created": "2026-03-01T00:00:00Z",
    "by": "arn:aws:iam::111111111111:user/ann",
    "channels": {
        name: {
            "manifest_uri": f"s3://{BUCKET}/data/0123456789abcdef/{name}.manifest",
            "format": "csv",
            "content_type": "text/csv",
            "rows": 3,
            "columns": 2,
            "bytes": 3,
            "objects": [stored(f"data/0123456789abcdef/{name}/{name}.csv")],
        }
        for name in ("train", "validation")
    },
    "schema_file": None,
    "profile": None,
}


LABELS = b"0\n1\n0\n1\n"
PREDICTED = b"0.1\n0.8\n0.4\n0.3\n"
"""By the candidate: one of the four rows wrong."""
HELD_OUT = "holdout/0123456789abcdef"


MANIFEST["holdout"] = {
    "from": "validation",
    "rows": 4,
    "scored": 4,
    "features": stored(f"{HELD_OUT}/features.csv", b"1\n2\n3\n4\n"),
    "labels": stored(f"{HELD_OUT}/labels.csv", LABELS),
    "slices": None,
}


def channel(name: str) -> dict[str, Any]:
    source = {
        "S3DataType": "ManifestFile",
        "S3Uri": MANIFEST["channels"][name]["manifest_uri"],
        "S3DataDistributionType": "ShardedByS3Key" if name == "train" else "FullyReplicated",
    }
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": source},
        "ContentType": "text/csv",
        "CompressionType": "None",
        "RecordWrapperType": "None",
    }


def training_job() -> dict[str, Any]:
    """DescribeTrainingJob's answer for the job that the configuration asks for."""
    return {
        "TrainingJobName": JOB,
        "TrainingJobStatus": "Completed",
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": SETTINGS["trainingRole"],
        "EnableNetworkIsolation": True,
        "EnableManagedSpotTraining": False,
        "HyperParameters": {"num_round": "100", "eta": "0.2", "eval_metric": "auc", "objective": "binary:logistic"},
        "InputDataConfig": [channel("train"), channel("validation")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/", "KmsKeyId": KMS_KEY},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://{BUCKET}/{MODEL_KEY}"},
        "FinalMetricDataList": [
            {"MetricName": "train:auc", "Value": 0.95},
            {"MetricName": "validation:auc", "Value": 0.9},
        ],
    }


class FakeTraining:
    """The training account as the evidence role sees it."""

    def __init__(self) -> None:
        self.job = training_job()
        self.status = "SUCCEEDED"

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        assert executionArn == f"{EXECUTION_PREFIX}{JOB.removeprefix('churn-')}"
        return {"status": self.status}

    def describe_training_job(self, TrainingJobName: str) -> dict[str, Any]:  # noqa: N803
        assert TrainingJobName == JOB
        return self.job


class RunToJudge:
    """``configuration`` and ``template`` are the source's; ``allowed`` is the map's; ``hands_over`` where the source is
    another account's."""

    def __init__(
        self,
        configuration: dict[str, Any] | None = None,
        *,
        template: str = TEMPLATE,
        allowed: dict[str, Any] | None = None,
        hands_over: bool = False,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.s3, self.pipeline, self.training = FakeS3(), FakePipeline(), FakeTraining()
        document = json.dumps({"Parameters": {**CONFIGURATION, **(configuration or {})}})
        self.checked: dict[str, str] = {}
        self.put_source({"template.yaml": template, "configuration.json": document})
        manifest = self.s3.put(BUCKET, "data/manifest.json", json.dumps(MANIFEST).encode())
        for name in MANIFEST["channels"]:
            named = [{"prefix": f"s3://{BUCKET}/data/0123456789abcdef/{name}/"}, f"{name}.csv"]
            self.s3.put(BUCKET, f"data/0123456789abcdef/{name}.manifest", json.dumps(named).encode())
        self.s3.put(BUCKET, MODEL_KEY, b"model")
        self.scorer = FakeScorer(self.s3, BUCKET)
        self.scorer.predictions[IMAGE] = PREDICTED
        self.s3.put(BUCKET, f"{HELD_OUT}/features.csv", b"1\n2\n3\n4\n")
        self.s3.put(BUCKET, f"{HELD_OUT}/labels.csv", LABELS)
        self.now = STARTED
        for channel in MANIFEST["channels"].values():
            for each in channel["objects"]:
                self.s3.put(BUCKET, each["key"], b"0,1")
        execution = f"{EXECUTION_PREFIX}{JOB.removeprefix('churn-')}"
        self.pipeline.add(ACTIONS["source"], variables={"CommitId": COMMIT})
        self.checked["ManifestVersionId"] = manifest.version
        self.pipeline.add(ACTIONS["check"], variables=self.checked)
        self.pipeline.add(ACTIONS["train"], external_id=execution)
        actions = {task: action for task, action in ACTIONS.items() if task != "hand-over" or hands_over}
        environment = {
            "PIPELINE": "churn",
            "BUCKET": BUCKET,
            "BUCKET_OWNER": OWNER,
            "KEY_ARN": KMS_KEY,
            "SETTINGS": json.dumps({**SETTINGS, "actions": actions, **(settings or {})}),
            "ALLOWED": json.dumps({**ALLOWED, **(allowed or {})}),
            "TAGS": json.dumps({"xacct-ml:project": "churn"}),
        }
        self.packages = FakePackages()
        clients = {"s3": self.s3, "codepipeline": self.pipeline, "sagemaker": self.packages}
        self.function = Judge(
            environment, clients.__getitem__, lambda _: self.training, lambda _: self.scorer, lambda: self.now
        )

    def put_source(self, files: dict[str, str | bytes]) -> None:
        """As the source action does, and as it is when the run is checked."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in files.items():
                opened.writestr(name, content)
        stored = self.s3.put(BUCKET, SOURCE_KEY, archive.getvalue())
        self.checked["SourceObject"] = f"{SOURCE_KEY}?versionId={stored.version}"

    def invoke(self, task: str, token: str | None = None, key: str = SOURCE_KEY) -> dict[str, Any]:
        """The function's reply to the run's action; it raises what the pipeline is told as a failure."""
        parameters = {"task": task, "pipelineExecutionId": RUN}
        self.pipeline.add(ACTIONS[task], "InProgress", parameters=parameters)
        data: dict[str, Any] = {"inputArtifacts": [located(key)], "outputArtifacts": [located(HANDED_KEY)]}
        if token is not None:
            data["continuationToken"] = token
        return self.function.reply(parameters, data)

    def judge(self, key: str = SOURCE_KEY) -> dict[str, Any]:
        """To its end."""
        reply = self.invoke("judge", key=key)
        while "continuationToken" in reply:
            reply = self.invoke("judge", reply["continuationToken"], key)
        return reply

    def record(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.s3.content(BUCKET, RECORD_KEY))
        return document


def located(key: str) -> dict[str, Any]:
    return {"location": {"s3Location": {"bucketName": BUCKET, "objectKey": key}}}
