"""Teardown of a project whose bucket is full: versions, delete markers and open uploads, the requests counted.

Most entries are delete markers, because one DeleteObjects makes a thousand of them; listed and deleted they cost what
versions cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session

from benchmarks.embedded import embedded_aws
from benchmarks.figures import Figure, at_most, once, told
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.demo import client_environment, without_profiles
from xacct_ml.operations.preconditions import key_arn
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.system.names import Names
from xacct_ml.validation import load

ENTRIES = 20_000
PAGE = 1_000
"""Entries of a page of ListObjectVersions, and of one DeleteObjects [B]."""

_VERSIONS_EACH = 10
"""One in so many entries is a version; the others are delete markers."""
_UPLOADS = 50
_WRITERS = 8


class CountedAccounts(Accounts):
    """``requests`` counts the operations of all clients."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.requests: Counter[str] = Counter()

    def _bare(self, profile: str | None) -> botocore.session.Session:
        session = super()._bare(profile)
        session.get_component("event_emitter").register("before-send", self._count)
        return session

    def _count(self, event_name: str, **_: Any) -> None:
        """``before-send.s3.DeleteObjects``; a retry counts again."""
        self.requests[event_name.rpartition(".")[2]] += 1


def figures(map_file: Path, *, quick: bool) -> Iterator[Figure]:
    config = without_profiles(load(map_file))
    entries = ENTRIES // 8 if quick else ENTRIES
    with embedded_aws(map_file) as served, client_environment(served.environment):
        bootstrap(config, Accounts(config)).report.raise_failures()
        _fill(config, Accounts(config), entries)
        accounts = CountedAccounts(config)
        seconds = once(lambda: teardown(config, accounts, lambda _: None, delete_evidence=True).report.raise_failures())
        left = _left(config, Accounts(config))
    yield from _judged(entries, seconds, accounts.requests, left)


def _judged(entries: int, seconds: float, requests: Mapping[str, int], left: int) -> Iterator[Figure]:
    name = f"teardown of a bucket of {entries:,} versions and delete markers, {_UPLOADS} open uploads"
    pages = math.ceil(entries / PAGE)
    yield told(name, seconds, "s")
    yield at_most("  DeleteObjects", requests.get("DeleteObjects", 0), pages, than=f"by {PAGE:,}")
    yield at_most("  ListObjectVersions", requests.get("ListObjectVersions", 0), pages + 1, than="and a last look")
    yield at_most("  buckets left", left, 0)


def _fill(config: Config, accounts: Accounts, entries: int) -> None:
    names = Names(config)
    s3 = accounts.client(names.shared, "s3")
    encrypted = {"Bucket": names.bucket, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn(config, accounts)}
    keys = [f"data/fill/{number}" for number in range(entries // _VERSIONS_EACH)]
    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(lambda key: s3.put_object(**encrypted, Key=key, Body=b"x"), keys))
        upload = partial(s3.create_multipart_upload, **encrypted)
        list(pool.map(lambda number: upload(Key=f"data/open/{number}"), range(_UPLOADS)))
    marked = [{"Key": key} for key in keys for _ in range(_VERSIONS_EACH - 1)]
    for start in range(0, len(marked), PAGE):
        s3.delete_objects(Bucket=names.bucket, Delete={"Objects": marked[start : start + PAGE], "Quiet": True})


def _left(config: Config, accounts: Accounts) -> int:
    """Buckets of the project's name: 0 or 1."""
    names = Names(config)
    s3 = accounts.client(names.shared, "s3")
    try:
        s3.head_bucket(Bucket=names.bucket, ExpectedBucketOwner=names.shared)
    except s3.exceptions.ClientError:
        return 0
    return 1
