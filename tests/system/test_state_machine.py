"""The state machine's definition: whole, with every place filled."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.configs import example
from xacct_ml.config.model import Config
from xacct_ml.operations.render import fill, filled
from xacct_ml.system.names import Names
from xacct_ml.system.state_machine import definition_text


def definition(config: Config) -> dict[str, Any]:
    """As the first commit makes it."""
    made: dict[str, Any] = json.loads(fill(definition_text(config), filled(config)))
    return made


def test_filled_text_is_json_with_numbers_where_sagemaker_wants_numbers() -> None:
    """Texts from CloudFormation parameters must not become quoted numbers."""
    job = definition(example())["States"]["Train"]["Parameters"]
    assert job["ResourceConfig"]["VolumeSizeInGB"] == 30
    assert job["HyperParameters"] == {"max_depth": "5", "num_round": "50", "objective": "binary:logistic"}


def test_every_transition_leads_to_a_state() -> None:
    """cfn-lint does not see a dangling Next."""
    machine = definition(example())
    states = machine["States"]
    targets = {machine["StartAt"], *re.findall(r'"(?:Next|Default)": "(\w+)"', definition_text(example()))}
    assert targets == set(states)


def test_the_model_is_encrypted_with_the_key() -> None:
    """Without KmsKeyId SageMaker would use the training account's own key, which production can never read."""
    states = definition(example())["States"]
    assert states["Train"]["Parameters"]["OutputDataConfig"]["KmsKeyId"] == Names(example()).key_arn()


def test_the_training_account_judges_nothing() -> None:
    """It reads the run's version of the manifest and trains; gate and record are the judge's."""
    states = definition(example())["States"]
    assert set(states) == {"CheckDefinition", "StaleDefinition", "ReadManifest", "Train"}
    assert states["ReadManifest"]["Parameters"]["VersionId.$"] == "$.manifestVersionId"
    sources = [channel["DataSource"]["S3DataSource"] for channel in states["Train"]["Parameters"]["InputDataConfig"]]
    assert {source["S3DataType"] for source in sources} == {"ManifestFile"}


def test_instances_share_the_training_data_and_have_all_of_the_validation_data() -> None:
    """Unless the container divides the data itself."""
    given = {"num_round": 50, "tree_method": "gpu_hist", "use_dask_gpu_training": "true"}
    by_dask = example(training={"instance_type": "ml.g4dn.xlarge", "hyperparameters": given})
    for config, train in ((example(), "ShardedByS3Key"), (by_dask, "FullyReplicated")):
        job = definition(config)["States"]["Train"]["Parameters"]
        sources = [channel["DataSource"]["S3DataSource"] for channel in job["InputDataConfig"]]
        assert [source["S3DataDistributionType"] for source in sources] == [train, "FullyReplicated"]


def test_integrations_follow_the_partition() -> None:
    """Service integrations are ARNs too."""
    assert "arn:aws:states" not in definition_text(example(region="us-gov-west-1"))


def test_jobs_carry_the_tags_of_everything_else() -> None:
    """The pipeline's ARN comes from the pipeline, as the template names no account."""
    names = Names(example(tags={"team": "ml"}))
    job = definition(names.config)["States"]["Train"]["Parameters"]
    assert {tag["Key"]: tag["Value"] for tag in job["Tags"]} == names.tags


def test_a_spot_training_has_a_wait_and_another_has_none() -> None:
    """As the map says; SageMaker refuses a wait without spot."""
    job = definition(example())["States"]["Train"]["Parameters"]
    assert (job.keys() & {"EnableManagedSpotTraining"}, job["StoppingCondition"]) == (
        set(),
        {"MaxRuntimeInSeconds": 3600},
    )
    job = definition(example(training=SPOT))["States"]["Train"]["Parameters"]
    assert job["EnableManagedSpotTraining"] is True
    assert job["StoppingCondition"] == {"MaxWaitTimeInSeconds": 7200, "MaxRuntimeInSeconds": 3600}


SPOT = {"hyperparameters": {"num_round": 50}, "spot": True}
SHOWN = {
    *("AlgorithmSpecification", "HyperParameters", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "RoleArn"),
    *("StoppingCondition", "Tags", "TrainingJobName", "VpcConfig", "EnableNetworkIsolation"),
    "EnableManagedSpotTraining",
}
"""Fields of createTrainingJob that the guide (connect-sagemaker) [D] or deployed machines (aws-cdk #16792) [C] show; of
spot training it is said that it came later (aws-step-functions-data-science-sdk-python #42) [C]."""


def test_a_job_has_only_fields_that_were_seen_in_the_integration() -> None:
    """It has its own list: "The field … is not supported by Step Functions" (aws-cdk #10014)."""
    job = definition(example(training=SPOT))["States"]["Train"]["Parameters"]
    assert {field.removesuffix(".$") for field in job} <= SHOWN


def test_what_can_be_done_twice_is_tried_again() -> None:
    """A passing fault of S3 ends no run; a job's name can be used once, so training is not tried again."""
    states = definition(example())["States"]
    tasks = {name for name, state in states.items() if state["Type"] == "Task"}
    assert tasks == {"ReadManifest", "Train"}
    (retry,) = states["ReadManifest"]["Retry"]
    assert retry["ErrorEquals"] == ["States.TaskFailed"]
    assert retry["MaxAttempts"] >= 3
    assert "Retry" not in states["Train"]
