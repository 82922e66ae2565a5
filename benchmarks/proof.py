"""How fast access is decided, and the proof with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, at_least, at_most, best, run, xacct_ml
from xacct_ml.access.evaluate import decide
from xacct_ml.operations.policies import world
from xacct_ml.proof.prove import prove
from xacct_ml.validation import load


def figures(map_file: Path, *, quick: bool = False) -> Iterator[Figure]:
    """``verify`` as a user starts it, and decisions per second on one core."""
    times = 1 if quick else 3
    seconds = min(run(xacct_ml("verify", "--config", map_file)).seconds for _ in range(times))
    yield at_most("xacct-ml verify, example map", seconds, 10, "s")
    rounds = 20 if quick else 200
    yield at_least(
        "decisions on one core, hops of the example map", decisions_per_second(map_file, rounds), 20_000, "/s"
    )


def decisions_per_second(map_file: Path, rounds: int) -> float:
    """Of the requests of every hop, each over all policies that apply to it. Raises SystemExit without a proof."""
    given = world(load(map_file))
    asked = [(hop.request, given.store.policies_for(hop.request)) for hop in given.hops]

    def decide_all() -> None:
        for _ in range(rounds):
            for request, policies in asked:
                decide(request, policies)

    if not prove(given).holds:
        raise SystemExit("the example map's proof fails: its figures mean nothing")
    return rounds * len(asked) / best(decide_all, 3)
