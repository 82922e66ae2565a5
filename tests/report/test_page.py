"""The report: everything that the record says, and nothing that it does."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence.records import RECORD, changed, difference, interval, scored, scores
from tests.report.elements import Elements
from xacct_ml.errors import XacctError
from xacct_ml.evidence.record import Record, parse
from xacct_ml.report.charts import NEEDED, drawn
from xacct_ml.report.page import LARGEST_BYTES, page

DIGEST = "12" * 32


def full() -> Record:
    slices = [{"column": "region", "slice": str(n), "rows": 50, "metric": "auc", **interval(0.8)} for n in range(60)]
    return scored(
        scores(0.85, slices=slices),
        scores(0.88, slices=slices),
        difference(-0.03),
        hyperparameterDiff={"eta": ["1", None]},
    )


def test_it_is_one_page_that_fetches_nothing_and_runs_nothing() -> None:
    """Charts and all; small; the same bytes for the same record."""
    record = full()
    text = page(record, DIGEST, drawn(record))
    assert text == page(record, DIGEST, drawn(record))
    assert len(text.encode()) <= LARGEST_BYTES
    elements = Elements(text)
    assert elements.count("svg") == 5
    assert not {"script", "link", "img", "iframe", "object", "style2", "image", "use"} & {
        tag for tag, _ in elements.found
    }
    for tag, attributes in elements.found:
        assert not {name for name in attributes if name.startswith("on")}
        for name in ("src", "href", "xlink:href", "action"):
            assert attributes.get(name, "#main") == "#main", tag
    addresses = set(re.findall(r"https?://[^\s\"'<]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in text


def test_it_says_what_the_record_says() -> None:
    """Findings, both models, the difference, what will change, the digests."""
    text = " ".join(Elements(page(full(), DIGEST, {})).words)
    for said in (
        "Worse than the live model: auc 0.850, live 0.880, difference −0.030 (−0.040 to −0.020).",
        "0.850 (0.830 to 0.870)",
        "rows of train",
        DIGEST,
        "ab" * 32,
        "unset",
    ):
        assert said in text


def test_it_can_be_read_without_eyes_or_a_mouse() -> None:
    """A language, one main heading, sections in order, captions, headings of columns and rows, scrolling by keys."""
    record = full()
    elements = Elements(page(record, DIGEST, drawn(record)))
    assert ("html", {"lang": "en"}) in elements.found
    levels = [tag for tag, _ in elements.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == "h1"
    assert set(levels[1:]) == {"h2"}
    assert elements.count("caption") == elements.count("table") > 5
    assert {attributes.get("scope") for tag, attributes in elements.found if tag == "th"} == {"col", "row"}
    regions = [attributes for tag, attributes in elements.found if attributes.get("role") == "region"]
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in regions)
    pictures = [attributes for _, attributes in elements.found if attributes.get("role") == "img"]
    assert len(pictures) == elements.count("svg")
    assert all(one["aria-label"] for one in pictures)


def test_names_are_no_elements_in_pictures_either() -> None:
    """And there is a page of the largest numbers that a record has."""
    far = {"low": -1e100, "high": 1e100, "mean": 0, "distinct": 2, "histogram": [10**18] * 20}
    bins = [{"mean": 1e100, "share": -1e100, "rows": 10**30}]
    record = scored(
        scores(predictions=far, calibration=bins), importances=[{"column": 1, "name": "</svg><script>", "share": 0.5}]
    )
    assert Elements(page(record, DIGEST, drawn(record))).count("script") == 0


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_its_colours_can_be_told_from_the_paper() -> None:
    """At 4.5 to 1 and more (WCAG 2.2, 1.4.3), in the light and in the dark form, and on paper."""
    text = page(changed(), DIGEST, {})
    forms = re.findall(r":root\{(.*?)\}", text, re.DOTALL)
    assert len(forms) == 3
    for form in forms:
        colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", form))
        full_form = {name: f"#{''.join(2 * one for one in c[1:])}" if len(c) == 4 else c for name, c in colours.items()}
        for name in ("ink", "soft", "candidate", "live", "refused", "warned"):
            pair = sorted((luminance(full_form["paper"]), luminance(full_form[name])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, name


HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title><b>",
        "&lt;",
        "' onload='x",
        "</svg><a>",
        "{{7*7}}",
    ]
)


def _with(text: str) -> dict[str, Any]:
    document = json.loads(json.dumps(RECORD))
    document |= {"commit": text, "trainingJob": text, "image": text, "pipelineExecutionId": text}
    document["data"]["dataset"] = text
    document["importances"][0]["name"] = text
    document["hyperparameters"] = {text: text}
    document["hyperparameterDiff"] = {text: [text, text]}
    document["dataDiff"]["features"][0]["name"] = text
    document["schemaDiff"]["added"] = [text]
    slices = [{"column": text, "slice": text, "rows": 9, "metric": text, **interval(0.5)}]
    document["scores"]["candidate"]["slices"] = slices
    return {**document, "metrics": [{"name": text, "value": 1}]}


@given(HOSTILE)
def test_text_of_the_record_is_text_in_the_page(text: str) -> None:
    """Whatever it is: the page has the same elements and attributes as with a harmless one."""
    harmless, hostile = (parse(json.dumps(_with(one)).encode()) for one in ("harmless", text))
    assert harmless is not None
    assert hostile is not None
    expected, found = (Elements(page(one, DIGEST, {})).found for one in (harmless, hostile))
    assert [(tag, sorted(attributes)) for tag, attributes in found] == [
        (tag, sorted(attributes)) for tag, attributes in expected
    ]


@pytest.mark.long
@settings(max_examples=5, deadline=None)
@given(HOSTILE)
def test_text_of_the_record_is_text_in_the_charts(text: str) -> None:
    """They are drawn by another program, and put into the page as they are."""
    record = changed(importances=[{"column": 1, "name": text, "share": 0.6}, {"column": 2, "share": 0.3}])
    (svg,) = (svg for caption, svg in drawn(record).items() if "weighs" in caption)
    assert {tag for tag, _ in Elements(svg).found} <= {"svg", "g", "path", "line", "text", "rect", "title", "defs"}


def test_a_record_without_scores_has_a_page() -> None:
    """Of the release before: no charts."""
    record = changed(scores=None, importances=None, dataDiff=None, live=None)
    assert drawn(record) == {}
    assert "No held-out rows were scored" in page(record, DIGEST, {})


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence."""
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    with pytest.raises(XacctError, match=re.escape(NEEDED)):
        drawn(changed())


def test_the_package_that_the_model_is_registered_as() -> None:
    """Where there is a registry."""
    arn = "arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/3"
    assert arn in Elements(page(changed(), DIGEST, {}, arn)).words
    assert "model package" not in page(changed(), DIGEST, {})
