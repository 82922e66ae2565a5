"""What exists in an embedded AWS from the start, as plain values of whoever starts it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]

KEY_OF_ALIAS = "<id of {}>"
"""In a policy's text, the id of the key to which the alias points from the moment that there is one."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role that the ambient user may assume, and the user of ``profile`` where given.

    ``policies`` are inline policies by name. One that exists already (an account's administrator) stays as it is."""

    arn: str
    policies: Mapping[str, Document]
    external_id: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class RoleProfile:
    """A profile of the AWS configuration that enters a role from another profile."""

    role_arn: str
    source: str = "default"
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to a git host, and the one repository behind it (``organisation/name``) with its branch."""

    arn: str
    name: str
    repository: str
    branch: str


@dataclass(frozen=True, slots=True)
class InitialState:
    """``accounts`` are ids; each has an administrator, role and user, that may do everything in it.

    The ambient user's keys are those of the environment; it is in the account ``home``, has ``policies`` (by name), and
    may assume ``roles``, which are there unless ``roles_exist`` is false. ``profiles`` lead to the administrators of
    accounts, by the profile's name. ``regions`` are those of profiles that are not in ``region``. ``boundaries`` are
    ARNs of managed policies that allow everything."""

    region: str
    accounts: tuple[str, ...]
    home: str
    policies: Mapping[str, Document] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    roles_exist: bool = True
    role_profiles: Mapping[str, RoleProfile] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    boundaries: tuple[str, ...] = ()
    connection: Connection | None = None
