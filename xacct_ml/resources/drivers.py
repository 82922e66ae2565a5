"""Which driver makes the resources of an AWS type: the class in this folder that drives the type's things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from xacct_ml import resources
from xacct_ml.resources.base import Driver
from xacct_ml.system.thing import Thing


def driver_of(thing: Thing) -> type[Driver[Any]]:
    """Raises KeyError for a type that nothing drives."""
    every = _by_type_and_adoption()
    return every.get((thing.type, thing.adopted)) or every[thing.type, False]


def drivers() -> Mapping[str, type[Driver[Any]]]:
    """By AWS type, those of what is made by the project."""
    return {type_: driver for (type_, adopted), driver in _by_type_and_adoption().items() if not adopted}


@cache
def _by_type_and_adoption() -> Mapping[tuple[str, bool], type[Driver[Any]]]:
    for module in iter_modules(resources.__path__, f"{resources.__name__}."):
        import_module(module.name)
    return {(driver.drives.type, driver.of_adopted): driver for driver in _below(Driver)}  # type: ignore[type-abstract]


def _below(driver: type[Driver[Any]]) -> Iterator[type[Driver[Any]]]:
    for each in driver.__subclasses__():
        if each.__module__.startswith(f"{resources.__name__}."):
            yield each
        yield from _below(each)
