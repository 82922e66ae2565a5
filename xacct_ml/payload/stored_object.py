"""An object of the bucket that may not be there."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError


def stored_object(s3: Any, where: Mapping[str, str], key: str) -> Any:
    """GetObject's answer; None where there is no such object (S3 API reference, GetObject) [B]. ``where`` is bucket and
    expected owner.
    """
    try:
        return s3.get_object(**where, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None
