"""Installs what each service changes in moto, and empties moto's state.

moto's internals are touched only in modules named ``moto_…``, here and in the services; each repair has a test.

moto is extended from outside its tree, so one exact version is required: a newer one may have fixed or moved what is
repaired here, and then a repair must go, not linger."""

import threading
from importlib.metadata import version

from xacct_ml.emulator.core import clients, discovery, moto_caching, moto_dispatch, moto_parameters

MOTO_VERSION = "5.2.5"

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

    :raises WrongMoto: another version of moto is installed"""
    global _installed
    with _lock:
        if _installed:
            return
        require_version(version("moto"))
        from moto.core.base_backend import AccountSpecificBackend

        # the session from which moto knows the regions: its own would read the user's environment and profiles
        AccountSpecificBackend.get_session = clients.session
        moto_caching.install()
        moto_dispatch.install()
        moto_parameters.install()
        for service in discovery.modules("moto_patches"):
            service.install()
        _installed = True


def reset() -> None:
    """Forget all state: every account empty."""
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data

    BackendDict.reset()
    reset_model_data()
