"""One loader of service models for all sessions and threads."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader

from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.model_loader import SharedLoader


class CountingFiles(JSONFileLoader):  # type: ignore[misc]
    def __init__(self) -> None:
        self.read: list[str] = []

    def load_file(self, file_path: str) -> Any:
        found = super().load_file(file_path)
        if found is not None:
            self.read.append(file_path)
        return found


def test_threads_that_ask_at_once_read_a_model_once() -> None:
    loader = SharedLoader()
    loader.file_loader = files = CountingFiles()
    ask = partial(loader.load_service_model, "sts", "service-2")
    assert all(model is ask() for model in concurrently([ask] * 8))
    assert len(files.read) == len(set(files.read))


def test_a_model_is_the_one_that_botocore_itself_reads() -> None:
    for type_name in ("service-2", "paginators-1", "endpoint-rule-set-1"):
        assert SharedLoader().load_service_model("iam", type_name) == Loader().load_service_model("iam", type_name)


def test_a_service_that_does_not_exist_is_unknown() -> None:
    with pytest.raises(UnknownServiceError):
        SharedLoader().load_service_model("no-such-service", "service-2")
