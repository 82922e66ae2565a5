"""What a column is, by its texts."""

import pytest

from xacct_ml.dataset.kinds import Guess, advice, doubt, guess, refusal
from xacct_ml.dataset.values import DECIMAL_COMMA, ISO


@pytest.mark.parametrize(
    ("texts", "separator", "expected"),
    [
        ([], ",", Guess("number")),
        (["1", "2.5", "-"], ",", Guess("number")),
        (["1"] * 9 + ["x"], ",", Guess("number")),
        (["1"] * 8 + ["x"], ",", Guess("category")),
        (["1,5", "2"], ";", Guess("number", DECIMAL_COMMA)),
        (["1,5", "2,5"], ",", Guess("category")),
        (["1", "2"], ";", Guess("number")),
        (["yes", "No"], ",", Guess("boolean")),
        (["yes", "no", "maybe"], ",", Guess("category")),
        (["+", "-"], ",", Guess("category")),
        (["-", "-"], ",", Guess("category")),
        (["2024-01-31", "2024-02-29 10:00:00Z"], ",", Guess("time", ISO)),
        (["31.12.2024"], ",", Guess("time", "%d.%m.%Y")),
        (["31/12/2024", "01/12/2024"], ",", Guess("time", "%d/%m/%Y")),
        (["2024", "2025"], ",", Guess("number")),
        (["December 31, 2024", "May 1, 2024"], ",", Guess("time", "%B %d, %Y")),
        (["31-Dec-24"], ",", Guess("time", "%d-%b-%y")),
        (["12/31/2024 9:30 PM"], ",", Guess("time", "%m/%d/%Y %I:%M %p")),
    ],
)
def test_kinds(texts: list[str], separator: str, expected: Guess) -> None:
    assert guess(texts, separator) == expected


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["5 kg", "7.5 kg"], "looks like numbers with units, as '5 kg', and is taken for categories"),
        (["51%", "0"], "looks like numbers with separators of thousands, percent or currency, as '51%'"),
        (["1,5", "2,5"], "looks like numbers with separators"),
        (["3", "(5)"] * 5, "looks like numbers in brackets, as '(5)'"),
        (["\N{MINUS SIGN}5"], "looks like numbers with another minus sign"),
        (["2024-01", "2024-12"], "looks like months, as '2024-01'"),
        (["9:30 PM", "12:30"], "looks like times of day, as '9:30 PM'"),
        (["01234", "98765"], "has leading zeros, as '01234', which numbers lose"),
        (["0", "0.5", "10"], ""),
        (["north", *["5 kg"] * 9], "looks like numbers with units, as '5 kg'"),
        (["north", "5 kg"], ""),
        (["2024-01-01"], ""),
    ],
)
def test_what_is_taken_for_something_else_has_a_word(texts: list[str], word: str) -> None:
    assert bool(guess(texts, ",").word) == bool(word)
    assert guess(texts, ",").word.startswith(word)


def test_dates_that_could_be_two_are_ambiguous_unless_it_is_said() -> None:
    assert guess(["01/02/2024"], ",").ambiguous == ("%d/%m/%Y", "%m/%d/%Y")
    assert guess(["01/02/2024"], ",", "month") == Guess("time", "%m/%d/%Y")


@pytest.mark.parametrize(
    ("rows", "distinct", "example", "expected"),
    [
        (100, 3, "a", None),
        (9, 9, "a", None),
        (100, 95, "N1A1", "nearly every row has a text of its own in x, as 'N1A1': an identifier is not learnt from"),
        (9000, 1001, "a", "x has 1,001 different texts, as 'a'; categories are up to 1,000"),
        (100, 95, "5.5 kg", "x has numbers with units, as '5.5 kg': write plain numbers"),
        (
            100,
            95,
            "$1,234.50",
            "x has numbers with separators of thousands, percent or currency, as '$1,234.50': write plain numbers",
        ),
    ],
)
def test_what_is_no_category(rows: int, distinct: int, example: str, expected: str | None) -> None:
    assert refusal("x", rows, distinct, example) == expected


def test_many_categories_in_few_rows_are_doubtful() -> None:
    assert doubt("x", 344, 190) == "x has 190 categories in 344 rows: nearly identifiers, which are not learnt from"
    assert doubt("x", 344, 50) is None
    assert doubt("x", 3440, 190) is None


def test_advice() -> None:
    assert advice("51%", "x").startswith("write plain numbers")
    assert advice("heavy", "x") == "leave it empty, or --category x"
