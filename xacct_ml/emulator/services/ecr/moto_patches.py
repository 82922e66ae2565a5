"""BatchGetImage of the XGBoost images in AWS's registries; everything else is moto's.

Registries and tags: xacct_ml/tables/regions.py. Members: ECR API reference [B]."""

from hashlib import sha256
from typing import Any

from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse

from xacct_ml.tables.regions import XGBOOST_REGISTRIES, XGBOOST_REPOSITORY, XGBOOST_VERSIONS, image_uri


def install() -> None:
    """Beside moto's own repositories."""
    theirs = ECRResponse.batch_get_image

    def batch_get_image(self: Any) -> ActionResult:
        registry, repository = self._get_param("registryId"), self._get_param("repositoryName")
        if repository != XGBOOST_REPOSITORY or registry != XGBOOST_REGISTRIES.get(self.region):
            return theirs(self)
        there = {image_uri(self.region, version).rpartition(":")[2] for version in XGBOOST_VERSIONS}
        images, failures = [], []
        for wanted in self._get_param("imageIds"):
            tag = wanted.get("imageTag")
            if tag in there:
                id_ = {"imageTag": tag, "imageDigest": f"sha256:{sha256(str(tag).encode()).hexdigest()}"}
                images.append({"registryId": registry, "repositoryName": repository, "imageId": id_})
            else:
                said = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
                failures.append({"imageId": wanted, **said})
        return ActionResult({"images": images, "failures": failures})

    ECRResponse.batch_get_image = batch_get_image
