"""The emulated services, found by their folders: each folder of ``xacct_ml/emulator/services`` is one.

A service has an ``authorization`` module (which IAM requests its calls amount to), a ``moto_patches`` module with
``install()``, or both. One that needs nothing but authorization may be a single module instead of a folder. No list
names them, so a new service is a new folder or module and nothing else."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType

SERVICES = "xacct_ml.emulator.services"


def modules(name: str, services: str = SERVICES) -> Iterator[ModuleType]:
    """The module ``name`` of each service that has it, by the services' names in order."""
    found = pkgutil.iter_modules(importlib.import_module(services).__path__)
    for service in sorted(found, key=lambda one: one.name):
        full = f"{services}.{service.name}"
        if not service.ispkg:
            if name == "authorization":
                yield importlib.import_module(full)
        elif importlib.util.find_spec(f"{full}.{name}") is not None:
            yield importlib.import_module(f"{full}.{name}")
