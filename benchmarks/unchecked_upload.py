"""``python -m benchmarks.unchecked_upload MAP TRAIN SHA256 VALIDATION SHA256``: what upload-data does after its check.

A process of its own, so that its start, its time and its memory compare with those of ``aws s3 cp``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.silent import Silent
from xacct_ml.aws.accounts import Accounts
from xacct_ml.operations.demo import without_profiles
from xacct_ml.operations.upload.data import upload_data
from xacct_ml.operations.upload.data_check import CheckedFile, fingerprint
from xacct_ml.validation import load


def unchecked(channel: str, path: Path, sha256: str) -> CheckedFile:
    """The file as if it had been checked."""
    status = path.stat()
    return CheckedFile(channel, path, sha256, status.st_size, 1, 2, fingerprint(status))


def main(map_file: str, train: str, train_sha256: str, validation: str, validation_sha256: str) -> None:
    config = without_profiles(load(Path(map_file)))
    accounts = Accounts(config)
    accounts.verify([config.accounts.shared.id])
    files = {
        "train": unchecked("train", Path(train), train_sha256),
        "validation": unchecked("validation", Path(validation), validation_sha256),
    }
    upload_data(config, accounts, files, Silent())


if __name__ == "__main__":
    main(*sys.argv[1:])
