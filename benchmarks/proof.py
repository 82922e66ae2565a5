"""How fast access is decided, and the proof with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.figures import Figure, at_least, at_most, best, run, xacct_ml
from benchmarks.targets import with_targets
from xacct_ml.access.evaluate import decide
from xacct_ml.operations.policies import world
from xacct_ml.proof.prove import prove
from xacct_ml.validation import load

PROCESSOR_SECONDS = 1.9
"""What ``verify`` of the example map may take, start included: twice what it took before it tried further calls and
names that are nearly ours."""
FEW, MANY = 5, 20
GROWTH = 5
"""How many times the processor time of few production targets that of many may be."""


def figures(map_file: Path, *, quick: bool = False) -> Iterator[Figure]:
    """``verify`` as a user starts it, of few and of many production targets, and decisions per second on one core."""
    times = 1 if quick else 3
    verified = [run(xacct_ml("verify", "--config", map_file)) for _ in range(times)]
    yield at_most("xacct-ml verify, example map", min(each.seconds for each in verified), 10, "s")
    yield at_most("  processor time", min(each.processor for each in verified), PROCESSOR_SECONDS, "s")
    few, many = (processor_seconds(map_file, count, times) for count in (FEW, MANY))
    yield Figure(f"xacct-ml verify, processor time of {FEW} targets and of {MANY}", f"{few:.2f} s and {many:.2f} s")
    yield at_most("  times as much", many / few, GROWTH, "times")
    rounds = 20 if quick else 200
    yield at_least(
        "decisions on one core, hops of the example map", decisions_per_second(map_file, rounds), 40_000, "/s"
    )


def processor_seconds(map_file: Path, targets: int, times: int) -> float:
    """The least of ``verify`` of the map with so many production targets, start included."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config.yaml"
        path.write_text(yaml.safe_dump(with_targets(yaml.safe_load(map_file.read_text()), targets)))
        return min(run(xacct_ml("verify", "--config", path)).processor for _ in range(times))


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
