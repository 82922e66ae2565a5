"""A figure: what was measured, what is wanted of it, and whether it holds."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Figure:
    """``wanted`` says in words what the target is; ``holds`` is None where there is none, or nothing to compare."""

    name: str
    measured: str
    wanted: str = ""
    holds: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "holds", False: "missed", None: ""}[self.holds]


def at_most(name: str, measured: float, limit: float, unit: str = "", than: str = "") -> Figure:
    """``than`` says where the limit comes from, if it was measured itself."""
    return Figure(name, _said(measured, unit), f"≤ {_said(limit, unit)}{than and f' ({than})'}", measured <= limit)


def at_least(name: str, measured: float, limit: float, unit: str = "", than: str = "") -> Figure:
    """The same the other way round."""
    return Figure(name, _said(measured, unit), f"≥ {_said(limit, unit)}{than and f' ({than})'}", measured >= limit)


def told(name: str, measured: float, unit: str = "", note: str = "") -> Figure:
    """A figure that nothing is wanted of."""
    return Figure(name, _said(measured, unit), note)


def _said(number: float, unit: str) -> str:
    digits = 0 if number >= 1000 else 2 if number < 20 else 1
    return f"{number:,.{digits}f} {unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Ran:
    """A process that ended well: ``seconds`` of wall clock, its start and end included; ``processor`` seconds of all
    its threads; ``peak`` of memory in MiB."""

    seconds: float
    processor: float
    peak: float


def run(command: Sequence[str | Path]) -> Ran:
    """Run a command to its end, its output thrown away. Raises CalledProcessError with what it said on failure."""
    launched = subprocess.run([sys.executable, "-I", _LAUNCH, *command], check=True, capture_output=True, text=True)
    took = json.loads(launched.stdout)
    if took["code"]:
        raise subprocess.CalledProcessError(took["code"], [str(word) for word in command], stderr=launched.stderr)
    return Ran(took["seconds"], took["processor"], took["peak"])


def once(action: Callable[[], object]) -> float:
    """Seconds of wall clock."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def best(action: Callable[[], object], times: int) -> float:
    return min(once(action) for _ in range(times))


def command(name: str) -> Path | None:
    """A command of this interpreter's environment, else of the PATH; None where there is none."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    return None if found is None else Path(found)


def xacct_ml(*words: str | Path) -> list[str | Path]:
    """Our own command line: as it is installed, else as a module of where this runs."""
    installed = Path(sys.executable).with_name("xacct-ml")
    return [*([installed] if installed.exists() else [sys.executable, "-m", "xacct_ml"]), *words]
