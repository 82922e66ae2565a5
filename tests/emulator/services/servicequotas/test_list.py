"""ListServiceQuotas of SageMaker."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.configs import TRAINING
from xacct_ml.emulator.server import EmbeddedAws


def test_instances_of_training_and_of_endpoints(aws: EmbeddedAws) -> None:
    """Page by page; none of the accelerated ones in a young account."""
    quotas = aws.administrator(TRAINING).client("service-quotas")
    pages = list(quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker"))
    assert len(pages) > 2
    found = {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}
    assert found["ml.m5.large for training job usage"] > 0
    assert found["ml.m5.large for endpoint usage"] > 0
    assert found["ml.p5.48xlarge for training job usage"] == 0
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.list_service_quotas(ServiceCode="nothing")
