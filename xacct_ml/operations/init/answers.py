"""The questions that a first map leaves, each with a default, a reason, and what an answer may be."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from xacct_ml.errors import InputError
from xacct_ml.operations.init.aws_configuration import Profile
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.regions import XGBOOST_REGISTRIES

_ROLE = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):role/\S+")
_CONNECTION = re.compile(r"(arn:[a-z-]+:(?:codeconnections|codestar-connections):\S+) +(\S+/\S+)")
_WORDS = {
    "shared": ("shared", "tool", "ops", "build", "cicd", "devops"),
    "training": ("train", "ml", "data", "sandbox", "dev"),
    "production": ("prod", "live"),
}
"""What the names of profiles and accounts have in them."""
PREDICTIONS = {
    "yes-no": ("binary:logistic", "auc", "0.8"),
    "number": ("reg:squarederror", "rmse", "10"),
    "classes": ("multi:softprob", "mlogloss", "0.5"),
}
"""What is predicted: objective, metric and a gate to begin with."""


@dataclass(frozen=True)
class Way:
    """An account and how it is entered."""

    account: str
    profile: str | None = None
    role: str | None = None


@dataclass
class Answers:
    """What a map is written of. ``classes`` counts them; ``connection`` is an ARN and a repository's full name."""

    project: str = ""
    region: str = ""
    shared: Way = field(default_factory=lambda: Way(""))
    training: Way = field(default_factory=lambda: Way(""))
    production: tuple[Way, ...] = ()
    predict: str = "yes-no"
    classes: int = 0
    threshold: float = 0.8
    source: str = "codecommit"
    connection: tuple[str, str] | None = None


Identify = Callable[[str], str | None]
"""The account that a profile leads to, if that can be asked."""


def project_of(folder: Path) -> str:
    """A project's name from a folder's, or ``churn``."""
    words = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-0123456789")[: rules.PROJECT.maximum].strip("-")
    return words if words and rules.PROJECT.fault(words) is None else "churn"


def guess(part: str, known: Iterable[tuple[str, str]], taken: Iterable[str]) -> str:
    """The way in, of ``(name, way)`` pairs, whose name sounds like a part of the map; empty where none does."""
    left = [(name.lower(), way) for name, way in known if way not in set(taken)]
    return next((way for word in _WORDS[part] for name, way in left if word in name), "")


def project(given: str) -> str:
    """Raises :class:`InputError`."""
    if fault := rules.PROJECT.fault(given):
        raise InputError(f"the project's name {fault}")
    return given


def region(given: str) -> str:
    """Raises :class:`InputError`."""
    if given not in XGBOOST_REGISTRIES:
        near = get_close_matches(given, XGBOOST_REGISTRIES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{given!r} is no region with SageMaker's XGBoost image{hint}")
    return given


def way(given: str, profiles: Sequence[Profile], identify: Identify) -> Way:
    """``ID``, ``PROFILE``, ``PROFILE=ID`` or a role's ARN. Raises :class:`InputError`, also where no id is known."""
    if match := _ROLE.fullmatch(given):
        return Way(match[1], role=given)
    if rules.ACCOUNT_ID.fault(given) is None:
        return Way(given)
    name, _, stated = given.partition("=")
    known = {one.name: one for one in profiles}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{given!r} is no account id, no role's ARN and no profile of your AWS configuration{hint}")
    account = stated or known[name].account or identify(name)
    if account is None or rules.ACCOUNT_ID.fault(account):
        reason = (
            f"{stated!r} is no account id" if stated else f"the profile {name!r} does not say which account it is of"
        )
        raise InputError(f"{reason}: give {name}=ID, or --from-account, which asks AWS")
    return Way(account, profile=name)


def prediction(given: str) -> tuple[str, int]:
    """``yes-no``, ``number``, or ``classes=N``: the key of :data:`PREDICTIONS`, and the number of classes."""
    kind, _, number = given.partition("=")
    if kind == "classes" and number.isdecimal() and 2 < int(number) <= 1000:
        return kind, int(number)
    if given not in PREDICTIONS or given == "classes":
        raise InputError(f"{given!r}: give yes-no, number, or classes=N with the number of classes, at least 3")
    return given, 0


def threshold(given: str) -> float:
    """Raises :class:`InputError`."""
    try:
        return float(given)
    except ValueError:
        raise InputError(f"{given!r} is no number") from None


def source(given: str) -> tuple[str, tuple[str, str] | None]:
    """``codecommit``, ``zip``, or a connection's ARN and a repository's full name."""
    if given in {"codecommit", "zip"}:
        return given, None
    if match := _CONNECTION.fullmatch(given):
        return "connection", (match[1], match[2])
    raise InputError(f"{given!r}: give codecommit, zip, or a connection's ARN and ORG/REPOSITORY")
