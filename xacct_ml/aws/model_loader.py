"""botocore's service models, read once for all sessions."""

import threading
from functools import cache
from pathlib import Path
from typing import Any

from botocore.loaders import Loader


class SharedLoader(Loader):  # type: ignore[misc]
    """One loader for all sessions: a model is most of what a client costs, and is read and kept only once.

    botocore's own is made for one thread: where several ask for a model at once, each reads it."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = threading.RLock()

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore asks for each type
        """By the names of the directories alone. botocore looks into each of over 400 for the type, only to say in one
        way or the other that a service is unknown."""
        return _services(tuple(self.search_paths))

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        with self._reading:
            return super().load_service_model(service_name, type_name, api_version)

    def load_data_with_path(self, name: str) -> Any:
        with self._reading:
            return super().load_data_with_path(name)


@cache
def _services(paths: tuple[str, ...]) -> list[str]:
    found = (path for place in map(Path, paths) if place.is_dir() for path in place.iterdir() if path.is_dir())
    return sorted({path.name for path in found})


LOADER = SharedLoader()
