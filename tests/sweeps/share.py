"""One process's share of a sweep."""

from __future__ import annotations

import sys
from random import Random

from tests.sweeps.sweep import KINDS, Case, Sweep
from tests.sweeps.world import world

_TELL_EVERY = 100


def share(number: int, shares: int, kinds: tuple[str, ...], sample: int | None) -> list[tuple[Case, str | None]]:
    """Every ``shares``-th case, in a process of its own; failures are told as they come."""
    with world() as made:
        sweep = Sweep(made)
        cases = list(sweep.cases(*(KINDS[kind] for kind in kinds)))
        if sample is not None:
            cases = Random(sample).sample(cases, min(sample, len(cases)))
        results: list[tuple[Case, str | None]] = []
        for case in cases[number::shares]:
            results.append((case, _problem(sweep, case)))
            if len(results) % _TELL_EVERY == 0:
                sys.stderr.write(f"{len(results)} of {len(cases) // shares}\n")
        return results


def _problem(sweep: Sweep, case: Case) -> str | None:
    try:
        problem = sweep.problem(case)
    except Exception as error:  # noqa: BLE001 - a bug in what is swept, or in the sweep: the case did not hold
        problem = f"{type(error).__name__}: {error}"
    if problem is not None:
        sys.stdout.write(f"DID NOT HOLD  {case}\n              {problem}\n")
        sys.stdout.flush()
    return problem
