"""The emulated services, found by their folders: each folder of ``xacct_ml/emulator/services`` is one.

A service has an ``authorization`` module (which IAM requests its calls amount to), a ``moto_patches`` module with
``install()``, or both. No list names them, so a new service is a new folder and nothing else.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from types import ModuleType

SERVICES = "xacct_ml.emulator.services"


def modules(name: str) -> Iterator[ModuleType]:
    """The module ``name`` of each service that has it, by the services' names in order."""
    folders = pkgutil.iter_modules(importlib.import_module(SERVICES).__path__)
    for service in sorted(folder.name for folder in folders):
        full = f"{SERVICES}.{service}.{name}"
        if importlib.util.find_spec(full) is not None:
            yield importlib.import_module(full)
