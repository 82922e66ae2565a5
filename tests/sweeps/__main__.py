"""``python -m tests.sweeps``: every crash and every single fault at every call; a table of what was tried and held."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from random import Random

from tests.sweeps.sweep import KINDS, Case, Sweep
from tests.sweeps.world import world


def share(number: int, shares: int, kinds: tuple[str, ...], sample: int | None) -> list[tuple[Case, str | None]]:
    """Every ``shares``-th case, in a process of its own; failures are told as they come."""
    with world() as made:
        sweep = Sweep(made)
        cases = list(sweep.cases(*(KINDS[kind] for kind in kinds)))
        if sample is not None:
            cases = Random(sample).sample(cases, min(sample, len(cases)))
        return [(case, _problem(sweep, case)) for case in cases[number::shares]]


def _problem(sweep: Sweep, case: Case) -> str | None:
    try:
        problem = sweep.problem(case)
    except Exception as error:  # noqa: BLE001 - a bug in what is swept, or in the sweep: the case did not hold
        problem = f"{type(error).__name__}: {error}"
    if problem is not None:
        sys.stdout.write(f"DID NOT HOLD  {case}\n              {problem}\n")
        sys.stdout.flush()
    return problem


def table(results: list[tuple[Case, str | None]]) -> list[str]:
    tried = Counter((case.command, case.kind) for case, _ in results)
    held = Counter((case.command, case.kind) for case, problem in results if problem is None)
    lines = [f"{'command':16} {'what strikes':20} {'tried':>6} {'held':>6}"]
    lines += [f"{command:16} {kind:20} {n:6} {held[command, kind]:6}" for (command, kind), n in tried.items()]
    return [*lines, f"{'all':37} {sum(tried.values()):6} {sum(held.values()):6}"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sweeps", description=__doc__)
    parser.add_argument("--kinds", nargs="*", choices=sorted(KINDS), default=list(KINDS))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="so many cases, drawn at random but the same each time")
    options = parser.parse_args()
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        kinds = tuple(options.kinds)
        shares = [(number, options.processes, kinds, options.sample) for number in range(options.processes)]
        results = [result for part in pool.starmap(share, shares) for result in part]
    results.sort(key=lambda result: (result[0].command, result[0].kind, result[0].call))
    sys.stdout.write("\n".join(table(results)) + f"\n{time.monotonic() - began:.0f} s\n")
    return int(any(problem for _, problem in results))


if __name__ == "__main__":
    sys.exit(main())
