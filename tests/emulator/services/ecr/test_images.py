"""The images in AWS's registries."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.configs import TRAINING
from xacct_ml.emulator.server import EmbeddedAws


def test_the_tags_that_there_are(aws: EmbeddedAws) -> None:
    ecr = aws.administrator(TRAINING).client("ecr")
    answer = ecr.batch_get_image(
        registryId="683313688378",
        repositoryName="sagemaker-xgboost",
        imageIds=[{"imageTag": "1.7-1"}, {"imageTag": "9.9-9"}],
    )
    assert [image["imageId"]["imageTag"] for image in answer["images"]] == ["1.7-1"]
    assert [failure["failureCode"] for failure in answer["failures"]] == ["ImageNotFound"]


def test_repositories_of_others_are_not_there(aws: EmbeddedAws) -> None:
    ecr = aws.administrator(TRAINING).client("ecr")
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        ecr.batch_get_image(repositoryName="sagemaker-xgboost", imageIds=[{"imageTag": "1.7-1"}])
