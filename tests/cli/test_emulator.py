"""``emulator``: its options."""

from __future__ import annotations

from pathlib import Path

import pytest

from xacct_ml.cli.emulator import repositories
from xacct_ml.errors import InputError


def test_repositories_of_the_emulator() -> None:
    """``NAME=DIR``, as often as wanted."""
    assert repositories(["acme/a=x", "b/c=y=z"]) == {"acme/a": Path("x"), "b/c": Path("y=z")}
    for wrong in ("acme/a", "=x", "acme/a="):
        with pytest.raises(InputError, match="ORG/REPOSITORY=DIRECTORY"):
            repositories([wrong])
