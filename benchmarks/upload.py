"""``upload-data`` beside ``aws s3 cp``: the same file to the same embedded AWS, in turn, each a process of its own.

Both encrypt as the bucket demands (``--sse aws:kms --sse-kms-key-id``) and act as the same role of the map. Megabytes
are 10⁶ bytes."""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.embedded import embedded_aws
from benchmarks.figures import Figure, Ran, at_least, at_most, command, once, run, told
from benchmarks.readings import FEATURES
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.operations.bootstrap import bootstrap
from xacct_ml.operations.demo import client_environment, without_profiles
from xacct_ml.operations.preconditions import key_arn
from xacct_ml.operations.upload.data import current_manifest
from xacct_ml.operations.upload.data_check import check_file
from xacct_ml.system.names import Names
from xacct_ml.validation import load

MEMORY_MB = 200
MEMORY_WITH_CHECK_MB = 400
"""What DuckDB needs besides, and the hashes of half a million rows."""
LINE = 125_000_000
"""Bytes a second: 1 Gbit/s."""
_WITH_CHECK = 0.8


def figures(map_file: Path, *, quick: bool = False) -> Iterator[Figure]:
    """Of 1 GB, or of 100 MB where it should be ``quick``."""
    size = 100_000_000 if quick else 1_000_000_000
    with tempfile.TemporaryDirectory(prefix="xacct-ml-benchmark-") as scratch:
        train, validation = Path(scratch, "train.csv"), Path(scratch, "validation.csv")
        write_csv(train, size, seed=1)
        write_csv(validation, 1, seed=2)
        yield from _figures(map_file, train, validation, rounds=1 if quick else 3)


def write_csv(path: Path, size: int, *, seed: int) -> None:
    """A label and some features, ``size`` bytes or a row more; the same thousands of rows over and over."""
    chance = random.Random(seed)
    rows = [
        ",".join([str(chance.randint(0, 1)), *(f"{chance.uniform(-100, 100):.6f}" for _ in range(FEATURES))]) + "\n"
        for _ in range(min(20_000, size // 200 + 1))
    ]
    block, written = "".join(rows).encode(), 0
    with path.open("wb") as file:
        while written < size:
            cut = block if size - written >= len(block) else block[: block.index(b"\n", size - written - 1) + 1]
            written += file.write(cut)


@dataclass
class _Taken:
    """What each way of uploading took, run by run."""

    ours: list[Ran] = field(default_factory=list)
    aws: list[Ran] = field(default_factory=list)
    checked: list[Ran] = field(default_factory=list)
    paced: list[Ran] = field(default_factory=list)
    paced_checked: list[Ran] = field(default_factory=list)


def _figures(map_file: Path, train: Path, validation: Path, rounds: int) -> Iterator[Figure]:
    config, aws, taken = without_profiles(load(map_file)), command("aws"), _Taken()
    with embedded_aws(map_file) as served, client_environment(served.environment):
        accounts = Accounts(config)
        bootstrap(config, accounts).report.raise_failures()
        bucket = _Bucket(config, accounts)
        files = [word for path in (train, validation) for word in (path, _sha256(path))]
        unchecked = ["benchmarks.unchecked_upload", map_file, *files]
        checked = ["xacct_ml", "upload-data", "--config", map_file, "--train", train, "--validation", validation]
        paced: list[str | Path] = ["benchmarks.paced", str(LINE)]
        for _ in range(rounds):
            if aws is not None:
                taken.aws.append(run([aws, *bucket.copy(train)]))
                bucket.delete(bucket.copied)
            for ran, words in (
                (taken.ours, unchecked),
                (taken.checked, checked),
                (taken.paced, [*paced, *unchecked]),
                (taken.paced_checked, [*paced, *checked]),
            ):
                ran.append(run([sys.executable, "-m", *words]))
                bucket.delete(bucket.uploaded())
        peak = served.peak()
    megabytes = train.stat().st_size / 1e6
    yield from _compared(taken, megabytes)
    seconds = once(lambda: check_file("train", train))
    yield told("  the check alone", megabytes / seconds, "MB/s")
    if peak is not None:
        yield told("  peak memory of the embedded AWS", peak, "MiB")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _compared(taken: _Taken, megabytes: float) -> Iterator[Figure]:
    ours = megabytes / median(ran.seconds for ran in taken.ours)
    name = f"upload-data without the check, {megabytes:,.0f} MB"
    if taken.aws:
        theirs = megabytes / median(ran.seconds for ran in taken.aws)
        yield at_least(name, ours, theirs, "MB/s", "aws s3 cp")
    else:
        yield Figure(name, f"{ours:,.1f} MB/s", "≥ aws s3 cp; there is no aws here: pip install awscli")
    yield at_most("  peak memory", max(ran.peak for ran in (*taken.ours, *taken.paced)), MEMORY_MB, "MiB")
    if taken.aws:
        yield told("  peak memory of aws s3 cp", max(ran.peak for ran in taken.aws), "MiB")
    checked, paced, paced_checked = (
        megabytes / median(each.seconds for each in ran) for ran in (taken.checked, taken.paced, taken.paced_checked)
    )
    name = f"upload-data with the check, over a line of {LINE / 1e6:,.0f} MB/s"
    yield at_least(name, paced_checked, _WITH_CHECK * paced, "MB/s", f"{_WITH_CHECK} × {paced:,.0f} without")
    note = f"{checked / ours:.2f} × without: check, upload and the embedded AWS share the cores"
    yield told("  without such a line", checked, "MB/s", note)
    peaks = [ran.peak for ran in (*taken.checked, *taken.paced_checked)]
    yield at_most("  peak memory, check included", max(peaks), MEMORY_WITH_CHECK_MB, "MiB")


@dataclass(frozen=True, slots=True)
class _Bucket:
    """The bucket of the map: how another client copies into it, and room for the next upload."""

    config: Config
    accounts: Accounts

    @property
    def copied(self) -> str:
        return f"{self.config.data.prefix}/copied.csv"

    def copy(self, path: Path) -> tuple[str | Path, ...]:
        """The words after ``aws`` that copy a file to :attr:`copied`."""
        key = key_arn(self.config, self.accounts)
        to = f"s3://{Names(self.config).bucket}/{self.copied}"
        encrypted = ("--sse", "aws:kms", "--sse-kms-key-id", key)
        return ("s3", "cp", path, to, *encrypted, "--profile", "shared-operator", "--only-show-errors")

    def uploaded(self) -> str:
        """The key of the training data that was uploaded last."""
        manifest = current_manifest(self.config, self.accounts)
        assert manifest is not None
        return manifest.channels["train"].objects[0].key

    def delete(self, key: str) -> None:
        names = Names(self.config)
        s3 = self.accounts.client(names.shared, "s3")
        version = s3.head_object(Bucket=names.bucket, Key=key).get("VersionId", "null")
        s3.delete_object(Bucket=names.bucket, Key=key, VersionId=version)
