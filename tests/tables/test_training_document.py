"""docs/training.md shows the tables as they are."""

import pytest

from tools.draw_images import DOCUMENT, drawn


@pytest.mark.long
def test_the_document_is_drawn_from_the_tables() -> None:
    """``python -m tools.draw_images`` changes nothing."""
    document = DOCUMENT.read_text("utf-8")
    assert drawn(document) == document
