"""Every touch of moto's internals: one module per service, each with ``install()``, each repair with a test.

moto is extended from outside its tree, so one exact version is required: a newer one may have fixed or moved what is
repaired here, and then a repair must go, not linger.
"""

from __future__ import annotations

import importlib
import threading
from importlib.metadata import version

MOTO_VERSION = "5.2.5"

_SERVICES = (
    "dispatch",
    "iam",
    "sts",
    "kms",
    "s3",
    "s3_content",
    "codecommit",
    "codeconnections",
    "codepipeline",
    "events",
    "stepfunctions",
    "cloudformation",
    "sagemaker",
    "awslambda",
)

_lock = threading.Lock()
_installed = False


class WrongMoto(RuntimeError):
    """The installed moto is not the version that the repairs were written for."""


def require_version(installed: str) -> None:
    """:raises WrongMoto: unless ``installed`` is exactly :data:`MOTO_VERSION`"""
    if installed != MOTO_VERSION:
        raise WrongMoto(
            f"the embedded AWS needs moto {MOTO_VERSION} exactly, found {installed}: pip install 'moto=={MOTO_VERSION}'"
        )


def install() -> None:
    """Install every repair and extension, once per process.

    :raises WrongMoto: another version of moto is installed
    """
    global _installed
    with _lock:
        if _installed:
            return
        require_version(version("moto"))
        for service in _SERVICES:
            importlib.import_module(f"{__name__}.{service}").install()
        _installed = True


def reset() -> None:
    """Forget all state: every account empty."""
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data

    BackendDict.reset()
    reset_model_data()
