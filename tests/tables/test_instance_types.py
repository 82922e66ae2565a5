"""Instance types: as SageMaker's own model has them."""

from __future__ import annotations

import botocore
import pytest

from tools import make_instance_types as made
from xacct_ml.tables.instance_types import KNOWN, fault


def test_the_table_is_botocore_s() -> None:
    """Of the botocore that it names; a later one may know more, and never less."""
    written = made.FILE.read_text("utf-8")
    if f"botocore {botocore.__version__}." in written:
        assert written == made.text()
    assert all(KNOWN[use]["m5"] for use in ("training", "endpoint", "transform"))


@pytest.mark.parametrize(
    ("use", "given", "words"),
    [
        ("training", "ml.m5.large", None),
        ("endpoint", "ml.t2.medium", None),
        ("training", "ml.t2.medium", "'ml.t2.medium' is not known to SageMaker's training jobs; did you mean ml."),
        ("training", "ml.m5.tiny", "'ml.m5.tiny' is not known to SageMaker; m5 has the sizes large, xlarge"),
        ("transform", "ml.zz99.large", "its families are c4, c5"),
    ],
)
def test_a_fault(use: str, given: str, words: str | None) -> None:
    """Names what is near, or what there is."""
    found = fault(use, given)
    assert (found is None) if words is None else (found is not None and words in found)
