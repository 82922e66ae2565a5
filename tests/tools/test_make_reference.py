"""The reference's pages are what the code says."""

import pytest

from tools.make_reference import DOCS, PAGES, troubleshooting, written
from xacct_ml.tables import failures


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_up_to_date(page):
    assert (DOCS / page).read_text("utf-8") == written(page), "run python -m tools.make_reference"


def test_every_kind_of_failure_is_told_with_what_to_do():
    told = "\n".join(troubleshooting())
    assert [row.kind for row in failures.ROWS if f"\n### {row.kind}\n" not in told] == []
