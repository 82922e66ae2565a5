"""A plan as a file: what was reviewed, so that ``bootstrap`` does that and nothing else."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.foreign import ForeignTextError, document

SCHEMA = "xacct-ml/plan/1"
_LARGEST = 24 << 20
_SHOWN = 20
"""Differences that a message names."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Reviewed:
    """``map`` is the digest of the map that the plan was made of; ``rows`` what bootstrap would do, as in JSON."""

    map: str
    rows: tuple[Row, ...]


def digest(config: Config) -> str:
    """Of everything that the map says, defaults included."""
    return hashlib.sha256(config.model_dump_json().encode()).hexdigest()


def write(path: Path, config: Config, rows: Sequence[Row]) -> None:
    """Raises :class:`InputError` where something has the name already, or it cannot be written."""
    content = {"schema": SCHEMA, "project": config.project, "map": digest(config), "bootstrap": rows}
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=1, default=str) + "\n")
    except FileExistsError:
        raise InputError("there is a file already, and a plan overwrites none", file=path) from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=path) from None


def read(path: Path) -> Reviewed:
    """Raises :class:`InputError` for what is no plan."""
    try:
        with path.open("rb") as file:
            found = document(file.read(_LARGEST + 1), _LARGEST)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
    except ForeignTextError as error:
        raise InputError(f"is no plan: it {error}", file=path) from None
    rows = found.get("bootstrap") if isinstance(found, dict) and found.get("schema") == SCHEMA else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError("is no plan; xacct-ml plan --out FILE writes one", file=path)
    return Reviewed(str(found.get("map")), tuple(rows))


def refuse_changed(reviewed: Reviewed, config: Config, rows: Sequence[Row]) -> None:
    """Raises :class:`XacctError` where what would be done now is not what was reviewed."""
    now = document(json.dumps(list(rows), default=str), _LARGEST)
    changed = list(_differences(reviewed, config, now))
    if not changed:
        return
    more = [f"and {len(changed) - _SHOWN} more"] if len(changed) > _SHOWN else []
    raise XacctError(
        "nothing was changed: what would be done now is not what was reviewed",
        details=(*changed[:_SHOWN], *more),
        next_step="review it again: xacct-ml plan --out FILE",
    )


def _differences(reviewed: Reviewed, config: Config, now: Sequence[Row]) -> Iterator[str]:
    if reviewed.map != digest(config):
        yield "the map is not the one that the plan was made of, or another release reads it"
    before, after = ({_key(row): row for row in rows} for rows in (reviewed.rows, now))
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        row: Row = new or old or {}
        what = f"{row.get('kind')} {row.get('name')} in account {row.get('account')}"
        yield f"{what}: {_words(old)} was reviewed, now {_words(new)}"


def _key(row: Row) -> str:
    return f"{row.get('id')} {row.get('account')} {row.get('region')}"


def _words(row: Row | None) -> str:
    if row is None:
        return "it is not there"
    places = [str(change.get("path")) for change in row.get("changes", ()) if isinstance(change, dict)]
    return f"{row.get('action')}" + (f" ({', '.join(places[:5])})" if row.get("action") == "update" and places else "")
