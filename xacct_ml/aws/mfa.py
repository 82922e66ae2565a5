"""Profiles that assume a role with the code of an MFA device.

AWS takes each code once, so the accounts of a map may not ask for one each. From an IAM user's keys one GetSessionToken
serves them all: the session has the device's authentication, and assumes every role that asks for it (IAM User Guide,
id_credentials_mfa_configure-api-require) [D]. It is kept in a file of the user's own (0600) for as long as it is good;
the roles' sessions are kept where the AWS CLI keeps them, under its names. Other sources cannot have such a session
(STS API reference, GetSessionToken) [D]: they ask one after the other, each for a code that was not used yet.
"""

import atexit
import getpass
import hashlib
import os
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CachedCredentialFetcher,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_credential_resolver,
)
from botocore.utils import JSONFileCache

from xacct_ml.errors import CredentialsError

Ask = Callable[[str], str]
"""Asks the user, with a prompt, and gives the answer."""

CLI_CACHE = Path("~/.aws/cli/cache")
OWN_CACHE = Path("~/.cache/xacct-ml/mfa")
_ASSUME_ROLE = "assume-role"
_LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Device:
    """The first MFA device in a profile's chain of sources. ``user_keys``: the profile behind it holds an IAM user's
    keys, by their id, and nothing else has to be assumed before."""

    serial: str
    source: str
    access_key_id: str | None


class CodeNeeded(CredentialsError):
    """A code is needed and nobody can be asked."""


def device_of(session: botocore.session.Session) -> Device | None:
    """The device that the session's profile needs a code of; None for keys in the environment, which win [D]."""
    if session.profile is None and os.environ.get("AWS_ACCESS_KEY_ID"):
        return None
    profiles = session.full_config.get("profiles", {})
    name = session.profile or "default"
    for _ in range(_LONGEST_CHAIN):
        settings = profiles.get(name, {})
        source = settings.get("source_profile")
        if "role_arn" not in settings or source is None:
            return None
        if "mfa_serial" in settings:
            behind = profiles.get(source, {})
            plain = "role_arn" not in behind and "aws_session_token" not in behind
            return Device(settings["mfa_serial"], source, behind.get("aws_access_key_id") if plain else None)
        if source == name:
            return None
        name = source
    return None


def ask_on_terminal(prompt: str) -> str:
    """Without echo. Raises :class:`CodeNeeded` where there is no terminal."""
    try:
        with Path("/dev/tty").open("r+b", buffering=0):
            pass
    except OSError:
        if not sys.stdin.isatty():
            raise CodeNeeded(
                "an MFA code is needed, and there is no terminal to ask for it",
                details=(prompt.strip().rstrip(":"),),
                next_step="run the command in a terminal once: what it asks for is kept for 12 hours; "
                "or give it a session's keys in the environment (aws sts get-session-token)",
            ) from None
    with _echo_comes_back():
        return getpass.getpass(prompt)


@contextmanager
def _echo_comes_back() -> Iterator[None]:
    """The terminal is as it was afterwards, also where the program ends while another thread waits for the answer."""
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            settings = termios.tcgetattr(terminal)
    except (OSError, termios.error):
        yield
        return

    def restore() -> None:
        with suppress(OSError, termios.error), Path("/dev/tty").open("rb", buffering=0) as terminal:
            termios.tcsetattr(terminal, termios.TCSANOW, settings)

    atexit.register(restore)
    try:
        yield
    finally:
        restore()
        atexit.unregister(restore)


class Codes:
    """One conversation about codes at a time, whichever account it is for. Thread-safe."""

    def __init__(self, ask: Ask = ask_on_terminal) -> None:
        self._ask = ask
        self._one_at_a_time = threading.RLock()
        self._used: set[tuple[str, str]] = set()
        self._written: set[str] = set()
        self._trusted = True

    def configure(self, session: botocore.session.Session, region: str) -> None:
        """Let the session's profile ask through this, and keep what it gets. Does nothing without a device."""
        device = device_of(session)
        if device is None:
            return
        resolver = create_credential_resolver(session, cache=self.kept(CLI_CACHE), region_name=region)
        provider = resolver.get_provider(_ASSUME_ROLE)
        provider._prompter = partial(self.code, device.serial)
        settings = session.full_config["profiles"].get(session.profile or "default", {})
        if device.access_key_id is not None and settings.get("mfa_serial") == device.serial:
            role: Any = _RoleOfDevice(self, device, settings, region)
            resolver = CredentialResolver([role])
        session.register_component("credential_provider", resolver)

    def distrust(self) -> bool:
        """What earlier commands kept is not used any more, because AWS refused some of it; whether it was until now."""
        was, self._trusted = self._trusted, False
        return was

    def kept(self, place: Path) -> JSONFileCache:
        """What commands keep there."""
        return _Kept(place, self._written, lambda: self._trusted)

    def user_session(self, device: Device, region: str) -> Any:
        """The IAM user's session with the device: kept, or asked for."""
        with self._one_at_a_time:
            return _UserSession(self, device, region).fetch_credentials()

    def code(self, serial: str, prompt: str) -> str:
        """A code of the device that was not used in this run."""
        with self._one_at_a_time:
            while True:
                code = self._ask(prompt)
                if (serial, code) not in self._used:
                    self._used.add((serial, code))
                    return code
                prompt = f"This code was used already; wait for the next one of {serial}: "


class _UserSession(CachedCredentialFetcher):  # type: ignore[misc]
    def __init__(self, codes: Codes, device: Device, region: str) -> None:
        self._codes, self._device, self._region = codes, device, region
        self._source = botocore.session.Session(profile=device.source)
        super().__init__(codes.kept(OWN_CACHE), expiry_window_seconds=15 * 60)

    def _create_cache_key(self) -> str:
        named = (self._device.serial, self._device.access_key_id, _endpoint(self._source))
        return hashlib.sha256(" ".join(map(str, named)).encode()).hexdigest()

    def _get_credentials(self) -> Any:
        sts = self._source.create_client("sts", region_name=self._region)
        prompt = f"Enter MFA code for {self._device.serial}: "
        code = self._codes.code(self._device.serial, prompt)
        return sts.get_session_token(SerialNumber=self._device.serial, TokenCode=code)


class _RoleFetcher(AssumeRoleCredentialFetcher):  # type: ignore[misc]
    """Named in the cache as the AWS CLI names it, with the device; asked for without, because the source has it."""

    def _assume_role_kwargs(self) -> dict[str, Any]:
        arguments: dict[str, Any] = deepcopy(self._assume_kwargs)
        arguments.pop("SerialNumber", None)
        return arguments


class _RoleOfDevice:
    """botocore's provider for a profile whose role is assumed from an IAM user's session with its device."""

    METHOD = _ASSUME_ROLE
    CANONICAL_NAME = None

    def __init__(self, codes: Codes, device: Device, settings: dict[str, str], region: str) -> None:
        self._codes, self._device, self._region = codes, device, region
        self._role_arn = settings["role_arn"]
        self._extra: dict[str, Any] = {"SerialNumber": device.serial}
        for argument, setting in (("ExternalId", "external_id"), ("RoleSessionName", "role_session_name")):
            if setting in settings:
                self._extra[argument] = settings[setting]
        if "duration_seconds" in settings:
            self._extra["DurationSeconds"] = int(settings["duration_seconds"])

    def load(self) -> DeferredRefreshableCredentials:
        source = DeferredRefreshableCredentials(
            partial(self._codes.user_session, self._device, self._region), self.METHOD
        )
        bare = botocore.session.Session(profile=self._device.source)
        fetcher = _RoleFetcher(
            partial(bare.create_client, region_name=self._region),
            source,
            self._role_arn,
            extra_args=self._extra,
            cache=self._codes.kept(CLI_CACHE),
        )
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)


def _endpoint(session: botocore.session.Session) -> str | None:
    """Who answers in AWS's place; its sessions are worth nothing elsewhere."""
    configured = session.full_config.get("profiles", {}).get(session.profile or "default", {}).get("endpoint_url")
    return os.environ.get("AWS_ENDPOINT_URL_STS") or os.environ.get("AWS_ENDPOINT_URL") or configured


class _Kept(JSONFileCache):  # type: ignore[misc]
    """Each entry a file of mode 0600 [C]; what earlier commands kept counts while ``trusted`` says so."""

    def __init__(self, place: Path, written: set[str], trusted: Callable[[], bool]) -> None:
        super().__init__(str(place.expanduser()))
        self._written, self._trusted = written, trusted

    def __contains__(self, key: str) -> bool:
        return (self._trusted() or key in self._written) and super().__contains__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._written.add(key)
        super().__setitem__(key, value)
