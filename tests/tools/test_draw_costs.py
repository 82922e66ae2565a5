"""The documents' costs are those of the documented maps."""

from tools.draw_costs import PAGE, table, written


def test_the_table_is_up_to_date():
    page = PAGE.read_text("utf-8")
    assert table() in page, "run python -m tools.draw_costs"
    assert written(page) == page
