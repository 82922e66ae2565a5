"""The whole flow where the training template is a zip in the bucket, under the example map of the docs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.project import Project, project
from tests.journeys.sources import MAPS, assert_as_proven, assert_safe_again, assert_torn_down, serve, serve_run_1
from xacct_ml.operations.upload.source import package, upload_source
from xacct_ml.system.repository import first_commit
from xacct_ml.validation import load

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def stored() -> Iterator[Project]:
    """A project without a repository whose run 1 was approved."""
    with project(load(MAPS / "source-object.yaml")) as made:
        serve_run_1(made)
        yield made


def test_a_new_version_of_the_zip_starts_one_run_and_equal_files_none(stored: Project, tmp_path: Path) -> None:
    """The version's id is the revision, from the upload to the record."""
    known = stored.runs()
    for path, content in first_commit(stored.config).items():
        (tmp_path / path).write_bytes(content)
    (tmp_path / "configuration.json").write_bytes(stored.tuned(NumRound="12"))
    upload = upload_source(stored.config, stored.accounts, package(tmp_path))
    assert upload.sent
    assert not upload_source(stored.config, stored.accounts, package(tmp_path)).sent
    run = stored.new_run(known)
    serve(stored, run)
    assert stored.evaluation(run)["commit"] == upload.version
    assert len(stored.runs()) == len(known) + 1


def test_the_runs_ask_for_the_hops_and_for_nothing_else(stored: Project) -> None:
    """The proof of this map and its rehearsal agree, both ways."""
    assert_as_proven(stored)


def test_again(stored: Project) -> None:
    """Safe to run again: the zip that is there is never written again."""
    assert_safe_again(stored)


def test_teardown_leaves_nothing(stored: Project) -> None:
    """The last test on the project."""
    assert_torn_down(stored)
