"""Which XGBoost an image URI means, and whether SageMaker could pull it."""

from xacct_ml.tables import regions


class NotPullable(Exception):
    """The image is not one of the region's SageMaker XGBoost images; the message is the job's FailureReason."""


def version(uri: str | None, region: str) -> str:
    """The image's version, such as ``1.7-1``.

    A wrong registry, repository or tag fails like a failed pull; its text is the one users report [C].

    :raises NotPullable: nothing SageMaker could pull without rights of the customer's own"""
    for known in regions.XGBOOST_VERSIONS:
        try:
            if uri == regions.image_uri(region, known):
                return known
        except ValueError:
            break
    raise NotPullable(
        "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are "
        f"incorrect. Image: {uri}"
    )


def mismatch(image_version: str, installed: str) -> str | None:
    """A line for the user where the image's XGBoost and the one installed differ in major or minor version."""
    wanted = image_version.split("-")[0]
    if installed.split(".")[:2] == wanted.split(".")[:2]:
        return None
    return f"trained with XGBoost {installed}, the image is version {image_version}"
