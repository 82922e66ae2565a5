"""The XGBoost image in the registry of each region."""

from __future__ import annotations

from tests.cli.fakes import FakeClient
from tests.configs import PRODUCTION, TRAINING, ireland
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import image
from xacct_ml.operations.doctor.check import State


def test_where_it_trains_and_where_it_serves() -> None:
    found = checks(image, ireland())
    assert [(one.account, one.region) for one in found] == [(TRAINING, "us-east-1"), (PRODUCTION, "eu-west-1")]
    ecr = FakeClient(batch_get_image={"images": [{}], "failures": []})
    assert look(found[1], ecr=ecr).state is State.OK
    ((_, request),) = ecr.calls
    assert request == {
        "registryId": "141502667606",
        "repositoryName": "sagemaker-xgboost",
        "imageIds": [{"imageTag": "1.7-1"}],
    }


def test_an_image_that_is_not_there() -> None:
    answer = {"images": [], "failures": [{"failureCode": "ImageNotFound"}]}
    found = image.judge(answer, "registry/sagemaker-xgboost:9")
    assert (found.state, found.sentence) == (State.FAILED, "registry/sagemaker-xgboost:9 is not there: ImageNotFound")
