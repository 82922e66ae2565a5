"""Settings of a bucket in the form in which they are compared: without what S3 adds, and what means the same alike."""

from collections.abc import Mapping
from typing import Any

from xacct_ml.resources.sameness import without_empty


def seen_encryption(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Without what S3 fills in by itself (``BlockedEncryptionTypes`` on newer buckets [B])."""
    rule = configuration["Rules"][0]
    return {**rule["ApplyServerSideEncryptionByDefault"], "BucketKeyEnabled": rule.get("BucketKeyEnabled", False)}


def encryption_as_written(seen: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration that :func:`seen_encryption` makes ``seen`` of."""
    default = {name: text for name, text in seen.items() if name != "BucketKeyEnabled"}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": seen["BucketKeyEnabled"]}
    return {"Rules": [rule]}


def seen_lifecycle(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The rules by id. An empty filter, one with an empty prefix and none mean the same: every object [D]."""
    rules = {}
    for rule in without_empty(configuration)["Rules"]:
        prefix = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
        members = {key: value for key, value in rule.items() if key not in ("ID", "Filter", "Prefix")}
        more = {key: value for key, value in rule.get("Filter", {}).items() if key != "Prefix"}
        rules[rule["ID"]] = {**members, "Prefix": prefix, **({"Filter": more} if more else {})}
    return rules
