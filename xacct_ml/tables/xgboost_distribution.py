"""How the training data are divided over a job's instances: SageMaker gives each a share of the objects, unless the
container divides them itself.

The container takes both ways for both channels (aws/sagemaker-xgboost-container, algorithm_mode/channel_validation.py),
and Dask wants all of the data on each of several instances (distributed_gpu/distributed_gpu_training.py) [C]. What is
replicated where the container does not divide it is the same work on each instance. The validation data are replicated:
then every instance computes the metrics of all of them."""

from collections.abc import Mapping

SHARDED, REPLICATED = "ShardedByS3Key", "FullyReplicated"
BY_DASK = "use_dask_gpu_training"


def of_train(hyperparameters: Mapping[str, str]) -> str:
    """S3DataDistributionType of the channel ``train``."""
    return REPLICATED if hyperparameters.get(BY_DASK) == "true" else SHARDED


def fault(hyperparameters: Mapping[str, str], instances: int, parts: int) -> str | None:
    """Why so many instances cannot train on so many objects; None where they can.

    Who gets none is paid for and does nothing (SageMaker API reference, S3DataSource) [B]."""
    if of_train(hyperparameters) == REPLICATED or instances <= parts:
        return None
    of = "1 part" if parts == 1 else f"{parts} parts"
    return f"{instances} instances train on parts of their own, and the training data have {of}"
