"""How long until a command line is there: ``--help``, beside programs that one knows.

Each is a process of its own, all of them in turn, and the median counts: what slows the machine slows all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, at_most, command, run, xacct_ml

LIMIT_SECONDS = 0.3
MORE_SECONDS = 0.05
"""Than a program that does nothing."""
_BARE = Path(__file__).with_name("bare_typer.py")


def figures(*, quick: bool = False) -> Iterator[Figure]:
    """``xacct-ml --help`` in seconds, ``aws --version`` and a bare typer program's ``--help`` beside it."""
    aws = command("aws")
    commands: list[Sequence[str | Path]] = [xacct_ml("--help"), [sys.executable, _BARE, "--help"]]
    if aws is not None:
        commands.append([aws, "--version"])
    taken: list[list[float]] = [[] for _ in commands]
    for _ in range(3 if quick else 11):
        for each, seconds in zip(commands, taken, strict=True):
            seconds.append(run(each).seconds)
    medians = [median(seconds) for seconds in taken]
    yield at_most("xacct-ml --help", medians[0], LIMIT_SECONDS, "s")
    if aws is None:
        yield Figure("  against aws --version", "", "there is no aws here: pip install awscli")
    else:
        yield at_most("  against aws --version", medians[0], medians[2], "s", "aws --version")
    yield at_most("  against a bare typer program", medians[0], medians[1] + MORE_SECONDS, "s", "its --help and 0.05 s")
