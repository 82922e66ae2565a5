"""Which driver makes what: found by the type that it drives."""

from __future__ import annotations

import pytest

from xacct_ml.resources.drivers import drivers
from xacct_ml.system import thing as things
from xacct_ml.system.thing import Thing

TYPES = [each for each in vars(things).values() if isinstance(each, type) and issubclass(each, Thing)]


@pytest.mark.parametrize("type_", [each for each in TYPES if each is not Thing])
def test_every_type_has_a_driver(type_: type[Thing]) -> None:
    """And the driver knows its thing."""
    assert type_.type in drivers(), f"no class in xacct_ml/resources is a Driver[things.{type_.__name__}]"
    assert drivers()[type_.type].drives is type_
