"""Signature Version 2 in a URL, which boto3's presigned URLs of us-east-1 have.

Source: S3 user guide, "Signing and authenticating REST requests (AWS Signature Version 2)" [D]."""

import base64
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from xacct_ml.emulator.core.signature_v4 import Target

_SUBRESOURCES = frozenset(
    {
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "delete",
        "inventory",
        "lifecycle",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "restore",
        "select",
        "select-type",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
    }
)
_UNSIGNED = frozenset(
    {
        "AWSAccessKeyId",
        "Expires",
        "Signature",
        "content-md5",
        "content-type",
        "continuation-token",
        "delimiter",
        "encoding-type",
        "fetch-owner",
        "key-marker",
        "list-type",
        "marker",
        "max-keys",
        "max-parts",
        "max-uploads",
        "part-number-marker",
        "prefix",
        "start-after",
        "upload-id-marker",
        "version-id-marker",
        "x-id",
    }
)
"""Parameters that choose among what is listed, and the signature's own, among which boto3 writes the headers that it
covers. Others that version 2 does not sign name operations that are younger than it (``retention``,
``publicAccessBlock``): who holds a URL could add them; that S3 refuses it is assumed [U]."""


def matches(signature: str, target: Target, secret: str) -> bool:
    """Whether ``signature`` is that of ``secret``, and nothing that it does not cover says what the request is."""
    fields = parse_qsl(target.query, keep_blank_values=True)
    names = {name.lower() for name, _ in fields}
    known = all(name.lower().startswith("x-amz-") or name in _SUBRESOURCES | _UNSIGNED for name, _ in fields)
    # said twice, one value would be signed and the other served
    once = len(names) == len(fields) and all(target.header(name.lower()) in {None, value} for name, value in fields)
    if not known or not once or any(name.lower().startswith("x-emulator-") for name, _ in target.headers):
        return False
    return hmac.compare_digest(_signature(target, secret, dict(fields)).encode(), signature.encode())


def _signature(target: Target, secret: str, fields: Mapping[str, str]) -> str:
    headers = {name.lower(): target.header(name.lower()) or "" for name, _ in target.headers}
    signed = headers | {name.lower(): value for name, value in fields.items()}
    amazon = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed) if name.startswith("x-amz-"))
    parts = [f"{name}={value}" if value else name for name, value in sorted(fields.items()) if name in _SUBRESOURCES]
    resource = target.path + ("?" + "&".join(parts) if parts else "")
    first = [target.method, signed.get("content-md5", ""), signed.get("content-type", ""), fields["Expires"]]
    text = "\n".join(first) + "\n" + amazon + resource
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("utf-8"), "sha1")).decode()
