"""How the benchmark counts the longest chain of calls."""

from __future__ import annotations

import pytest

from benchmarks.latency import LATENCY_SECONDS, Call, Measured, chain, longest_path, one_after_another


def call(start: float, end: float, resource: str | None = None, phase: str = "apply") -> Call:
    return Call("kms:DescribeKey", phase, resource, start, end)


@pytest.mark.parametrize(
    ("spans", "count"),
    [
        ([], 0),
        ([(0, 1), (1, 2), (2, 3)], 3),
        ([(0, 1), (1, 2), (1.05, 2.1), (1.1, 2.2), (2.2, 3)], 3),
        ([(0, 5), (1, 2), (3, 4)], 2),
    ],
)
def test_calls_that_overlap_count_once(spans: list[tuple[float, float]], count: int) -> None:
    """The most of which no two overlap."""
    assert one_after_another(call(*span) for span in spans) == count


def test_the_longest_path_is_the_heaviest() -> None:
    """Not that with the most resources."""
    dependencies = {"key": (), "bucket": ("key",), "role": ("key",), "stack": ("role",)}
    assert longest_path(dependencies, {"key": 2, "bucket": 9, "role": 3, "stack": 4}) == 11
    assert longest_path({}, {}) == 0


def test_phases_follow_each_other() -> None:
    """Entering, reading everything at once, then along the dependencies; calls of no resource are in every chain."""
    calls = [
        call(0, 1, None, "enter"),
        call(1, 2, "key", "plan"),
        call(1, 2, "role", "plan"),
        call(2, 3, "role", "plan"),
        call(3, 4, "key"),
        call(4, 5, "role"),
        call(5, 6, None),
    ]
    assert chain(calls, {"plan": {"key": (), "role": ()}, "apply": {"key": (), "role": ("key",)}}) == 1 + 2 + 2 + 1


def test_the_figures_follow_from_what_was_measured() -> None:
    """Ten calls of which five in a chain, in twice the chain's time."""
    measured = Measured("bootstrap", 2 * 5 * LATENCY_SECONDS, 10, 5, 1.4)
    assert (measured.over_chain, measured.speed_up) == (2, 1)
