"""How an adopted bucket was found: written into its adopted tag before anything is changed, put back by teardown.

One setting has one value, so ours replaces what was there; AWS is the state, and keeps what that was in the tag. Its
value may have letters, digits, spaces and ``+-=._:/@`` (S3 User Guide, CostAllocTagging) [D]."""

from collections.abc import Mapping
from typing import Any

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

Settings = Mapping[str, Any]
"""Members of the bucket's state: ownership, public_access_block, versioning, encryption, eventbridge."""

_NONE = "none"


def as_tag(found: Settings) -> str:
    """``versioning=Suspended ownership=ObjectWriter block=1100 eventbridge=off encryption=AES256``; at most 256
    characters also with the longest key ARN."""
    ownership, block = found["ownership"], found["public_access_block"]
    parts = {
        "versioning": found["versioning"],
        "ownership": ownership["Rules"][0]["ObjectOwnership"] if ownership else _NONE,
        "block": "".join(str(int(bool(block.get(one)))) for one in BLOCKS) if block else _NONE,
        "eventbridge": "on" if found["eventbridge"] else "off",
        **_encryption_parts(found["encryption"]),
    }
    return " ".join(f"{name}={value}" for name, value in parts.items())


def from_tag(text: str) -> Settings:
    """What :func:`as_tag` was given, as far as the tag still says it; what it does not say is left as it is."""
    parts = dict(part.split("=", 1) for part in text.split() if "=" in part)
    found: dict[str, Any] = {}
    if "versioning" in parts:
        found["versioning"] = parts["versioning"]
    if "ownership" in parts:
        value = parts["ownership"]
        found["ownership"] = None if value == _NONE else {"Rules": [{"ObjectOwnership": value}]}
    if "block" in parts:
        value = parts["block"]
        blocks = {one: digit == "1" for one, digit in zip(BLOCKS, value, strict=False)}
        found["public_access_block"] = None if value == _NONE else blocks
    if "eventbridge" in parts:
        found["eventbridge"] = parts["eventbridge"] == "on"
    if "encryption" in parts:
        found["encryption"] = _encryption(parts)
    return found


def _encryption_parts(encryption: Mapping[str, Any] | None) -> dict[str, str]:
    if encryption is None:
        return {"encryption": _NONE}
    key = {"key": encryption["KMSMasterKeyID"]} if "KMSMasterKeyID" in encryption else {}
    bucket_key = {"bucket-key": "on"} if encryption.get("BucketKeyEnabled") else {}
    return {"encryption": encryption["SSEAlgorithm"], **key, **bucket_key}


def _encryption(parts: Mapping[str, str]) -> dict[str, Any] | None:
    if parts["encryption"] == _NONE:
        return None
    key = {"KMSMasterKeyID": parts["key"]} if "key" in parts else {}
    return {"SSEAlgorithm": parts["encryption"], **key, "BucketKeyEnabled": parts.get("bucket-key") == "on"}
