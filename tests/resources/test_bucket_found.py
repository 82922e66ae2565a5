"""How a bucket was found, through its tag and back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from xacct_ml.resources.bucket_found import BLOCKS, as_tag, from_tag

KEY = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234567890abcdef1234567890abcdef"
OWNED = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
PLAIN: dict[str, Any] = {
    "versioning": "Disabled",
    "ownership": None,
    "public_access_block": None,
    "eventbridge": False,
    "encryption": {"SSEAlgorithm": "AES256", "BucketKeyEnabled": False},
}
FULL: dict[str, Any] = {
    "versioning": "Suspended",
    "ownership": OWNED,
    "public_access_block": {**dict.fromkeys(BLOCKS, True), "BlockPublicPolicy": False},
    "eventbridge": True,
    "encryption": {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": KEY, "BucketKeyEnabled": True},
}


@pytest.mark.parametrize("found", [PLAIN, FULL, {**PLAIN, "encryption": None}], ids=["plain", "full", "unencrypted"])
def test_what_was_found_comes_back(found: dict[str, Any]) -> None:
    """Every setting, and none more."""
    assert from_tag(as_tag(found)) == found


@pytest.mark.parametrize("found", [PLAIN, FULL], ids=["plain", "full"])
def test_it_fits_into_a_tag(found: dict[str, Any]) -> None:
    """256 characters of those that S3 takes."""
    assert re.fullmatch(r"[\w\s+=._:/@-]{1,256}", as_tag(found))


def test_what_the_tag_does_not_say_is_left_out() -> None:
    """Somebody wrote another value: what cannot be read is not put back."""
    assert from_tag("yes") == {}
    assert from_tag("versioning=Suspended nonsense") == {"versioning": "Suspended"}
