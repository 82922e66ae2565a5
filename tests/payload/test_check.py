"""The check of a revision."""

from __future__ import annotations

import pytest

from xacct_ml.payload.check import check
from xacct_ml.payload.job import JobFailed


def test_a_revision_passes() -> None:
    """Whatever the source action found."""
    assert check({"revision": "c0ffee"})["executionDetails"]["summary"] == "revision c0ffee may be used"


@pytest.mark.parametrize("revision", ["", "#{SourceVariables.CommitId}"])
def test_no_revision_fails(revision: str) -> None:
    """A variable that nobody resolved is none."""
    with pytest.raises(JobFailed, match="no revision"):
        check({"revision": revision})
