"""Whether every system that README names can install it without a compiler: ``python -m tools.resolve [--all]``.

Resolves the package with all extras, from wheels alone, for each system with the oldest and the newest Python
(``--all``: with each), with uv, which evaluates markers for the system that is asked about. Prints a line for each, and
ends with 1 where one cannot be resolved. What it takes is the registry's answers: about a minute."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parent.parent
SYSTEMS = {
    "x86_64-manylinux_2_28": "Linux, x86",
    "aarch64-manylinux_2_28": "Linux, ARM",
    "aarch64-apple-darwin": "macOS, Apple silicon",
    "x86_64-apple-darwin": "macOS, Intel",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_COMMAND = "pip compile pyproject.toml --extra dev --only-binary :all: --no-header --no-annotate --quiet"
_TIMEOUT_SECONDS = 300
"""For all that a first resolution downloads."""


def resolved(system: str, python: str) -> tuple[bool, str]:
    """Whether wheels are found, with their number or uv's reason."""
    own = Path(sysconfig.get_path("scripts")) / "uv"
    done = subprocess.run(
        [own if own.exists() else "uv", *_COMMAND.split(), "--python-platform", system, "--python-version", python],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    if done.returncode:
        return False, " ".join(done.stderr.split())
    return True, f"{len(done.stdout.splitlines())} wheels"


def main(arguments: list[str]) -> int:
    """One line for each system and Python."""
    pairs = list(product(SYSTEMS, PYTHONS if "--all" in arguments else (PYTHONS[0], PYTHONS[-1])))
    with ThreadPoolExecutor(len(SYSTEMS)) as pool:
        answers = list(pool.map(lambda pair: resolved(*pair), pairs))
    for (system, python), (found, words) in zip(pairs, answers, strict=True):
        print(f"{'ok' if found else 'failed':7} {SYSTEMS[system]:21} Python {python}  {words}")  # noqa: T201
    return 0 if all(found for found, _ in answers) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
