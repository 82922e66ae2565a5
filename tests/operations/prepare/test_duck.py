"""DuckDB, where it is, and where it is not."""

import pytest

from xacct_ml.errors import InputError
from xacct_ml.operations.prepare.duck import require, text


def test_without_it_the_command_says_what_to_install() -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(name)

    with pytest.raises(InputError) as raised:
        require(absent)
    assert raised.value.next_step == "pip install 'xacct-ml[data]'"


def test_a_text_is_a_literal() -> None:
    assert text("it's") == "'it''s'"
