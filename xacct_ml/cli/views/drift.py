"""What ``drift`` found, as text and as JSON."""

from dataclasses import asdict
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.operations.drift import NO_DRIFT, TOO_FEW, Drift, Feature, finding

_MOST_FEATURES = 40
_MOST_SKIPPED = 8


def show_drift(found: Drift, terminal: Terminal) -> None:
    """Features that lie otherwise come first, then the others as far as there is room."""
    of = f"data set {found.serving.dataset}"
    read = f"{found.files:,} of {found.found:,} files" if found.files < found.found else f"{found.files:,} files"
    terminal.heading(f"{found.serving.target.name}: asked since {found.since:%Y-%m-%d %H:%M} UTC, trained on {of}")
    terminal.line(f"  {found.requests:,} captured requests with {found.counted:,} rows in {read}")
    for words, count in list(found.skipped.items())[:_MOST_SKIPPED]:
        terminal.line(f"  not counted: {count:,} {words}")
    if found.features:
        ordered = sorted(found.features, key=lambda feature: not feature.shifts)
        terminal.table(
            ("FEATURE", "MISSING", "OUT OF RANGE", "MEAN", "TRAINED WITH", "VERDICT"),
            [_row(feature, judged=found.verdict != TOO_FEW) for feature in ordered[:_MOST_FEATURES]],
        )
        if (more := len(ordered) - _MOST_FEATURES) > 0:
            terminal.note(f"{more} further features; -o json has all")
    for feature in found.shifted[:_MOST_FEATURES] if found.verdict != TOO_FEW else ():
        for _, words in feature.shifts:
            terminal.item("drift", f"{feature.name}: {words} the training data")
    if not found.captures:
        terminal.note("the endpoint captures nothing now: it does from the next deployment on")
    if found.verdict == NO_DRIFT:
        terminal.line(f"No drift: {finding(found)}.")
    else:
        terminal.warn(finding(found))


def _row(feature: Feature, *, judged: bool) -> tuple[str, ...]:
    return (
        feature.name,
        f"{feature.asked.missing:.1%}",
        f"{feature.outside:.1%}",
        _number(feature.asked.mean),
        f"{_number(feature.trained.mean)} ({_number(feature.trained.low)} to {_number(feature.trained.high)})",
        "" if not judged else "drift" if feature.shifts else "as trained",
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def drift_document(found: Drift) -> dict[str, Any]:
    return {
        "target": found.serving.target.name,
        "model": found.serving.digest,
        "dataset": found.serving.dataset,
        "since": found.since.isoformat(),
        "verdict": found.verdict,
        "finding": finding(found),
        "captures": found.captures,
        "files": found.found,
        "filesRead": found.files,
        "requests": found.requests,
        "rows": found.counted,
        "rowsCompared": found.rows,
        "skipped": dict(found.skipped),
        "features": [_feature(feature) for feature in found.features],
    }


def _feature(feature: Feature) -> dict[str, Any]:
    return {
        "column": feature.column,
        "name": feature.name,
        "drift": bool(feature.shifts),
        "outOfRange": feature.outside,
        "asked": asdict(feature.asked),
        "trained": asdict(feature.trained),
        "shifts": [{"kind": kind, "text": words} for kind, words in feature.shifts],
    }
