"""Errors as botocore raises them."""

from __future__ import annotations

from botocore.exceptions import ClientError


def client_error(
    code: str, message: str = "", operation: str = "Operation", *, call: str = "", account: str = ""
) -> ClientError:
    """``call`` and ``account`` are what :func:`xacct_ml.aws.errors.watch` would have added."""
    metadata = {"xacct-ml:call": call, "xacct-ml:account": account} if call else {}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)  # type: ignore[typeddict-item]
