"""One process's share of a sweep."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.sweeps import bad_days, drift, races
from tests.sweeps.commands import COMMANDS
from tests.sweeps.sweep import KINDS, Sweep
from tests.sweeps.world import world

EVERY_KIND = (*KINDS, *races.KINDS, drift.KIND, bad_days.KIND)

_TELL_EVERY = 100


@dataclass(frozen=True)
class Trial:
    """``problem()`` is what did not hold, or None; ``name`` is for people."""

    command: str
    kind: str
    name: str
    problem: Callable[[], str | None]


@dataclass(frozen=True)
class Result:
    """What became of a trial, by what the table counts."""

    command: str
    kind: str
    problem: str | None


def share(number: int, shares: int, kinds: tuple[str, ...], sample: int | None) -> list[Result]:
    """The ``number``-th of ``shares`` parts, in a process of its own; failures are told as they come.

    Of each command the calls that follow each other: often they leave the same state, which is gone on from once."""
    with world() as made:
        every = list(trials(Sweep(made, COMMANDS), kinds))
        if sample is not None:
            every = Random(sample).sample(every, min(sample, len(every)))
        mine = [trial for group in _groups(every) for trial in _part(group, number, shares)]
        results = []
        for trial in mine:
            results.append(Result(trial.command, trial.kind, _problem(trial)))
            if len(results) % _TELL_EVERY == 0:
                sys.stderr.write(f"{len(results)} of {len(mine)}\n")
        return results


def trials(sweep: Sweep, kinds: tuple[str, ...]) -> Iterator[Trial]:
    """All there are of these kinds."""
    for case in sweep.cases(*(KINDS[kind] for kind in kinds if kind in KINDS)):
        yield Trial(case.command, case.kind, str(case), lambda case=case: sweep.problem(case))
    for case in races.cases(sweep):
        if case.kind in kinds:
            yield Trial(case.command, case.kind, str(case), lambda case=case: races.problem(sweep, case))
    if drift.KIND in kinds:
        for one in drift.drifts(sweep.world):
            name = f"{drift.KIND}: {one}"
            yield Trial("plan, bootstrap", drift.KIND, name, lambda one=one: drift.problem(sweep, [one]))
    if bad_days.KIND in kinds:
        for seed in bad_days.SEEDS:
            name = f"{bad_days.KIND}: seed {seed}"
            yield Trial("all of them", bad_days.KIND, name, lambda seed=seed: bad_days.problem(sweep, seed))


def _groups(trials: list[Trial]) -> list[list[Trial]]:
    groups: dict[tuple[str, bool], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.command, trial.kind in KINDS), []).append(trial)
    return list(groups.values())


def _part(group: list[Trial], number: int, shares: int) -> list[Trial]:
    return group[len(group) * number // shares : len(group) * (number + 1) // shares]


def _problem(trial: Trial) -> str | None:
    try:
        problem = trial.problem()
    except Exception as error:  # noqa: BLE001 - a bug in what is swept, or in the sweep: it did not hold
        problem = f"{type(error).__name__}: {error}"
    if problem is not None:
        sys.stdout.write(f"DID NOT HOLD  {trial.name}\n              {problem}\n")
        sys.stdout.flush()
    return problem
