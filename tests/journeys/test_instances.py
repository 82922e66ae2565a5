"""A run that trains on two spot instances, which are taken away once: shared out, judged, waiting for its approval."""

import pytest

from tests.configs import TRAINING, example
from tests.journeys.project import project
from xacct_ml.emulator.core.runtime import Pace

CONFIG = example(
    training={
        "instance_count": 2,
        "spot": True,
        "hyperparameters": {"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"},
    }
)


@pytest.mark.long
def test_two_spot_instances_train_one_model() -> None:
    """Each has an object of the training data of its own; the judge finds nothing that differs."""
    with project(CONFIG, Pace(spot_interruptions=1)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (run,) = made.runs()
        assert made.settled(run).waits_for_approval
        record = made.evaluation(run)
        assert (record["gate"]["outcome"], record["instances"]["count"]) == ("passed", 2)
        assert len(record["data"]["channels"]["train"]["objects"]) == 2
        sagemaker = made.aws.administrator(TRAINING).client("sagemaker")
        job = sagemaker.describe_training_job(TrainingJobName=record["trainingJob"])
        sources = [channel["DataSource"]["S3DataSource"] for channel in job["InputDataConfig"]]
        assert [each["S3DataDistributionType"] for each in sources] == ["ShardedByS3Key", "FullyReplicated"]
        assert "Interrupted" in [each["Status"] for each in job["SecondaryStatusTransitions"]]
        assert job["StoppingCondition"]["MaxWaitTimeInSeconds"] == CONFIG.training.wait_seconds
