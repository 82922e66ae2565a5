"""Whether a probability of the model's is one."""

from collections.abc import Iterator
from math import sqrt

from xacct_ml.evidence import wording
from xacct_ml.evidence.finding import Finding, warning
from xacct_ml.evidence.record import Bin, Scores

_OFF = 0.06
_STANDARD_ERRORS = 4


def calibration(scores: Scores, live: Scores | None) -> Iterator[Finding]:
    """Of models that answer probabilities: what numbers and ranks are beside their labels is no calibration."""
    bins = (scores.calibration or ()) if scores.labels is not None and scores.labels.counts else ()
    total = sum(one.rows for one in bins)
    if not total:
        return
    off = expected_error(bins)
    if off < _OFF or not _beyond_noise(bins):
        return
    beside = (
        f"; live {wording.score(expected_error(live.calibration))}" if live is not None and live.calibration else ""
    )
    one = max(bins, key=lambda each: each.rows * (abs(each.mean - 0.5) - abs(each.share - 0.5)))
    surer = abs(one.mean - 0.5) - abs(one.share - 0.5) > 0
    if surer and _slope(bins) < 1:
        told = f"Overconfident: {_said(one)}"
    else:
        one = max(bins, key=lambda each: each.rows * abs(each.mean - each.share))
        told = f"Badly calibrated: {_said(one)}"
    yield warning("calibration", 75, f"{told} (error {wording.score(off)}{beside})")


def _said(one: Bin) -> str:
    rows = wording.rows(one.rows)
    return f"of {rows} given {wording.score(one.mean)} on average, {wording.percent(one.share)} are true"


def expected_error(bins: tuple[Bin, ...]) -> float:
    """The mean distance between prediction and share, weighted by rows."""
    total = sum(one.rows for one in bins)
    return sum(one.rows * abs(one.share - one.mean) for one in bins) / total if total else 0.0


def _beyond_noise(bins: tuple[Bin, ...]) -> bool:
    """Chi square of the bins against their own predictions, far beyond what chance makes of so many."""
    found = 0.0
    for one in bins:
        if one.rows:
            mean = min(max(one.mean, 0.0), 1.0)
            found += (one.share - mean) ** 2 / (mean * (1 - mean) / one.rows + 1 / one.rows**2)
    return found > len(bins) + _STANDARD_ERRORS * sqrt(2 * len(bins))


def _slope(bins: tuple[Bin, ...]) -> float:
    """Of the line through the bins; below 1 where predictions are more extreme than the truth."""
    total = sum(one.rows for one in bins)
    x = sum(one.rows * one.mean for one in bins) / total
    y = sum(one.rows * one.share for one in bins) / total
    spread = sum(one.rows * (one.mean - x) ** 2 for one in bins)
    return sum(one.rows * (one.mean - x) * (one.share - y) for one in bins) / spread if spread else 1.0
