"""The report's charts, drawn as SVG by vl-convert (Vega-Lite; BSD-3-Clause) on the machine of whoever asks. Colours are
the page's own variables, so that they follow its light and dark form."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from xacct_ml.errors import XacctError
from xacct_ml.evidence import wording
from xacct_ml.evidence.record import Record, Scores
from xacct_ml.extras import install

NEEDED = "the report needs the extra `report`"
_INK, _LINE, _CANDIDATE, _LIVE = "var(--ink)", "var(--line)", "var(--candidate)", "var(--live)"
_WIDTH, _HEIGHT = 300, 220
_AXIS = {"labelColor": _INK, "titleColor": _INK, "gridColor": _LINE, "domainColor": _INK, "tickColor": _INK}
_CONFIG: Mapping[str, Any] = {
    "font": "system-ui, sans-serif",
    "axis": {**_AXIS, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
    "view": {"stroke": None},
}
_PERCENT = {"title": "share of gain", "format": "%", "tickCount": 5}
_OF_THE_REST = re.compile(r' (?:aria-roledescription|role|aria-label)="[^"]*"| xmlns:xlink="[^"]*"| class="[^"]*"')
Rows = list[dict[str, Any]]


def drawn(record: Record) -> dict[str, str]:
    """Caption → SVG, of what the record has. Raises :class:`XacctError` without the extra."""
    try:
        import vl_convert
    except ImportError:
        raise XacctError(NEEDED, next_step=install("report")) from None
    return {
        caption: _OF_THE_REST.sub("", str(vl_convert.vegalite_to_svg(json.dumps(spec))))
        for caption, spec in _specs(record).items()
    }


def _specs(record: Record) -> dict[str, dict[str, Any]]:
    candidate, live = record.scores.candidate, record.scores.live
    both = {"candidate": candidate, "live": live}
    found: dict[str, dict[str, Any]] = {}
    if candidate is None:
        return found
    if candidate.roc:
        points = _points({name: scores.roc for name, scores in both.items() if scores is not None and scores.roc})
        found["ROC: what share of positives is found, at what share of false alarms"] = _curves(
            points, "false positive rate", "true positive rate", diagonal=True
        )
    if candidate.pr:
        points = _points({name: scores.pr for name, scores in both.items() if scores is not None and scores.pr})
        found["Precision and recall"] = _curves(points, "recall", "precision")
    if candidate.calibration and candidate.labels is not None and candidate.labels.counts:
        bins = _points({name: _bins(scores) for name, scores in both.items() if scores is not None})
        found["Calibration: what was predicted, and what is true"] = _curves(bins, "predicted", "true", diagonal=True)
    if candidate.predictions is not None and candidate.predictions.histogram:
        found["How the predictions are spread"] = _bars(_spread(candidate), "prediction", "rows")
    if record.importances:
        rows = [{"name": wording.feature(one), "value": one.share} for one in record.importances[:12]]
        found["What the model weighs: share of its gain by feature"] = _ranking(rows)
    return found


def _points(curves: Mapping[str, Sequence[tuple[float, float]]]) -> Rows:
    return [
        {"model": name, "place": place, "x": x, "y": y}
        for name, curve in curves.items()
        for place, (x, y) in enumerate(curve)
    ]


def _bins(scores: Scores) -> list[tuple[float, float]]:
    return [(one.mean, one.share) for one in scores.calibration or ()]


def _spread(scores: Scores) -> Rows:
    found = scores.predictions
    if found is None or found.low is None or found.high is None:
        return []
    width = found.high / len(found.histogram) - found.low / len(found.histogram)
    return [
        {"x": found.low + place * width, "x2": found.low + (place + 1) * width, "y": rows}
        for place, rows in enumerate(found.histogram)
    ]


def _spec(layers: list[dict[str, Any]], rows: Rows, height: int = _HEIGHT) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "width": _WIDTH,
        "height": height,
        "config": _CONFIG,
        "data": {"values": rows},
        "layer": layers,
    }


def _axis(field: str, title: str) -> dict[str, Any]:
    axis = {"tickCount": 5, "title": title}
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis}


def _curves(rows: Rows, x: str, y: str, *, diagonal: bool = False) -> dict[str, Any]:
    """The candidate's line is whole and the live model's broken: colour alone tells nobody apart."""
    layers: list[dict[str, Any]] = [
        {
            "transform": [{"filter": f"datum.model === '{name}'"}],
            "mark": {"type": "line", "color": colour, "strokeDash": dash, "strokeWidth": 2, "point": {"color": colour}},
            "encoding": {"x": _axis("x", x), "y": _axis("y", y), "order": {"field": "place"}},
        }
        for name, colour, dash in (("live", _LIVE, [6, 4]), ("candidate", _CANDIDATE, [1, 0]))
    ]
    if diagonal:
        ends = {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]}
        mark = {"type": "line", "color": _INK, "strokeDash": [2, 4], "strokeWidth": 1}
        layers.insert(0, {"data": ends, "mark": mark, "encoding": {"x": _axis("x", x), "y": _axis("y", y)}})
    return _spec(layers, rows)


def _bars(rows: Rows, x: str, y: str) -> dict[str, Any]:
    encoding = {
        "x": {"field": "x", "type": "quantitative", "axis": {"title": x, "tickCount": 5}},
        "x2": {"field": "x2"},
        "y": {"field": "y", "type": "quantitative", "axis": {"title": y, "tickCount": 5}},
        "y2": {"datum": 0},
    }
    return _spec([{"mark": {"type": "bar", "color": _CANDIDATE}, "encoding": encoding}], rows)


def _ranking(rows: Rows) -> dict[str, Any]:
    encoding = {
        "y": {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 140}},
        "x": {
            "field": "value",
            "type": "quantitative",
            "axis": {"title": "share of gain", "format": "%", "tickCount": 5},
        },
    }
    return _spec([{"mark": {"type": "bar", "color": _CANDIDATE}, "encoding": encoding}], rows, 22 * max(4, len(rows)))
