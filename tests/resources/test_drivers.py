"""Which driver makes what: found by the type that it drives."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import pytest

from xacct_ml import system
from xacct_ml.resources.blueprint import drivers
from xacct_ml.system.thing import Thing

for module in walk_packages(system.__path__, f"{system.__name__}."):
    import_module(module.name)
TYPES = [each for each in Thing.__subclasses__() if each.__module__.startswith(f"{system.__name__}.")]
"""Wherever they are declared: a type that one action alone needs may stand beside that action."""


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_has_a_driver(type_: type[Thing]) -> None:
    """And the driver knows its thing."""
    assert type_.type in drivers(), f"no class in xacct_ml/resources is a Driver[{type_.__name__}]"
    assert drivers()[type_.type].drives is type_
