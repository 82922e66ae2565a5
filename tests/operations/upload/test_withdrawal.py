"""Withdrawn data stay withdrawn until they are restored, whoever uploads them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.fakes import FakeBucket
from tests.configs import example
from tests.operations.upload.test_data import accounts
from tests.silent import Silent
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.upload.data import check_files, upload_data
from xacct_ml.operations.upload.withdrawal import restore, withdraw


def test_the_same_files_are_refused_until_they_are_restored(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("0,1\n1,2\n")
    (tmp_path / "v.csv").write_text("1,3\n")
    files = check_files(tmp_path / "t.csv", tmp_path / "v.csv", Silent())
    bucket = FakeBucket()
    dataset = upload_data(example(), accounts(bucket), files, Silent()).manifest.dataset
    withdraw(example(), accounts(bucket), dataset, "rows leaked")
    bucket.puts.clear()
    with pytest.raises(XacctError, match=rf"{dataset} was withdrawn by arn:.*user/ann at .*: rows leaked") as refused:
        upload_data(example(), accounts(bucket), files, Silent())
    assert bucket.puts == []
    assert f"xacct-ml data restore {dataset}" in (refused.value.next_step or "")
    assert restore(example(), accounts(bucket), dataset)
    assert not restore(example(), accounts(bucket), dataset)
    upload_data(example(), accounts(bucket), files, Silent())


def test_what_is_no_data_set_is_not_withdrawn() -> None:
    bucket = FakeBucket()
    with pytest.raises(InputError, match="there is no data set nothing"):
        withdraw(example(), accounts(bucket), "nothing", "")
    assert bucket.puts == []
