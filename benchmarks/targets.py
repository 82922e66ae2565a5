"""Bootstrap of 1, 4 and 16 production targets, each in an account of its own, where every call takes 200 ms longer.

Calls should grow by the same number with each target, and time by much less than calls do: what is done in one account
waits for nothing of another but the key. The embedded AWS runs on the same machine: calls also compete for processors.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from benchmarks.figures import Figure, at_most
from benchmarks.latency import LATENCY_SECONDS, Measured, first_bootstrap

TARGETS, QUICK_TARGETS = (1, 4, 16), (1, 4)
LINEAR = 1.1
"""By how much a target more may cost more calls among many than among few."""
WELL_BELOW = 0.5
"""What time may grow by, as a part of what calls grow by."""


def figures(map_file: Path, *, quick: bool = False) -> Iterator[Figure]:
    """The growth from the fewest targets on, in calls and in time."""
    measured = {count: bootstrap_of(map_file, count) for count in (QUICK_TARGETS if quick else TARGETS)}
    for count, each in measured.items():
        name = f"first bootstrap of {count} production targets, {LATENCY_SECONDS * 1000:.0f} ms a call"
        yield Figure(name, f"{each.calls} calls, chain of {each.chain}, {each.seconds:.2f} s")
    counts = sorted(measured)
    fewest, most = measured[counts[0]], measured[counts[-1]]
    per_target = [(measured[more].calls - measured[fewer].calls) / (more - fewer) for fewer, more in pairwise(counts)]
    yield at_most(
        "  calls for each further target", per_target[-1], LINEAR * per_target[0], "", "that of few, and 10 %"
    )
    growth = most.calls / fewest.calls
    yield at_most(
        "  times as long", most.seconds / fewest.seconds, WELL_BELOW * growth, "times", f"half of {growth:.1f} in calls"
    )


def bootstrap_of(map_file: Path, count: int) -> Measured:
    """The map with so many production targets, in an embedded AWS of its own."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config.yaml"
        path.write_text(yaml.safe_dump(with_targets(yaml.safe_load(map_file.read_text()), count)))
        return first_bootstrap(path)


def with_targets(given: dict[str, Any], count: int) -> dict[str, Any]:
    """The map as YAML has it, with other production targets and without waves."""
    ids = [str(700_000_000_000 + number) for number in range(count)]
    role = "arn:aws:iam::{}:role/xacct-ml-operator"
    targets = [{"name": f"target-{id_[-2:]}", "id": id_, "role_arn": role.format(id_)} for id_ in ids]
    return {
        **{key: value for key, value in given.items() if key != "waves"},
        "accounts": {**given["accounts"], "production": targets},
    }
