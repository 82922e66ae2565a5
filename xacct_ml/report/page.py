"""The page of a record, around the charts. Nothing runs in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xacct_ml.evidence import wording
from xacct_ml.evidence.finding import Finding, Severity
from xacct_ml.evidence.findings import findings
from xacct_ml.evidence.record import Interval, Record, Scores
from xacct_ml.report.markup import head, section, table, text

LARGEST_BYTES = 500_000
_WORDS = {Severity.REFUSAL: "Refused", Severity.WARNING: "Warning", Severity.NOTE: "Note"}
_ROWS = 60


@dataclass(frozen=True, slots=True)
class Released:
    """Of a release: ``beside`` is the record beside what it would replace, for each such model and at least once;
    ``findings`` are what must be known of it now."""

    execution: str
    beside: tuple[Record, ...]
    findings: tuple[Finding, ...]


def page(
    record: Record, digest: str, charts: Mapping[str, str], package: str | None = None, released: Released | None = None
) -> str:
    """One HTML document. ``charts`` are captions with their SVG, put in as they are; ``digest`` is the record's own;
    ``package`` is the ARN under which the model is registered, which the record, written before, cannot know. Where it
    is ``released`` again, it stands beside what serves now, not beside what served when it was judged."""
    of = f"Run {record.pipeline_execution_id}"
    title = f"{of}: {record.gate.outcome}" if released is None else f"{of}, by release {released.execution}"
    shown = (record,) if released is None else released.beside
    parts = [
        *head(title, "the evidence"),
        f"<p>{text(str(record.gate))}</p>",
        *_findings(findings(record) if released is None else released.findings),
        *(part for each in shown for part in _scores(each, _place(each, shown))),
        *_charts(charts, live=shown[0].scores.live is not None),
        *_slices(shown[0]),
        *_confusion(record),
        *(part for each in shown for part in _changes(each, _place(each, shown))),
        *_identity(record, digest, package),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _place(record: Record, shown: Sequence[Record]) -> str:
    """Where the live model serves, of several; nothing of one."""
    return f" at {record.live.target}" if len(shown) > 1 and record.live is not None and record.live.target else ""


def _findings(found: Sequence[Finding]) -> Iterator[str]:
    yield section("findings", "What must be known")
    if not found:
        yield "<p>Nothing was found that speaks against this candidate.</p>"
        return
    yield '<ul class="found">'
    for one in found:
        yield f'<li class="{one.severity.name.lower()}"><b>{_WORDS[one.severity]}:</b> {text(one.text)}.</li>'
    yield "</ul>"


def _scores(record: Record, place: str) -> Iterator[str]:
    candidate, live = record.scores.candidate, record.scores.live
    yield section(f"scores{place.replace(' ', '-')}", f"Candidate and live model{place}")
    if candidate is None:
        yield "<p>No held-out rows were scored.</p>"
        return
    origin = "" if record.holdout is None else f" ({record.holdout.origin})"
    heading = ["Metric", "Candidate", *(("Live", "Difference") if live is not None else ())]
    apart = record.scores.difference.metrics if record.scores.difference is not None else {}
    rows = [
        [name, _shown(candidate, name), *((_shown(live, name), _signed(apart.get(name))) if live is not None else ())]
        for name in sorted(candidate.metrics)
    ]
    caption = f"On the same {wording.rows(candidate.rows)} held out{origin}, with 95 % intervals"
    yield from table(caption, heading, rows)
    reported = [[name, "not a number" if value is None else f"{value:g}"] for name, value in record.reported.items()]
    yield from table("What the training job reported", ["Metric", "Value"], reported)


def _shown(scores: Scores, name: str) -> str:
    found = scores.metrics.get(name)
    return "" if found is None else wording.interval(found)


def _signed(found: Interval | None) -> str:
    return "" if found is None else wording.signed(found)


def _charts(charts: Mapping[str, str], *, live: bool) -> Iterator[str]:
    if not charts:
        return
    yield section("charts", "Charts")
    yield '<p class="key"><span><i></i>candidate, whole line</span>'
    yield '<span><i class="live"></i>live model, broken line</span></p>' if live else "</p>"
    yield '<div class="charts">'
    for caption, svg in charts.items():
        label = text(caption)
        yield f'<figure><div role="img" aria-label="{label}">{svg}</div><figcaption>{label}</figcaption></figure>'
    yield "</div>"


def _slices(record: Record) -> Iterator[str]:
    candidate, live = record.scores.candidate, record.scores.live
    if candidate is None or not candidate.slices:
        return
    its = {(one.column, one.slice, one.metric): one for one in (live.slices if live is not None else ())}
    rows = []
    for one in candidate.slices[:_ROWS]:
        beside = its.get((one.column, one.slice, one.metric))
        name = f"{wording.short(one.column)} is {wording.short(one.slice)}"
        rows.append(
            [name, f"{one.rows:,}", one.metric, wording.interval(one), wording.interval(beside) if beside else ""]
        )
    yield section("slices", "Slices")
    more = len(candidate.slices) - _ROWS
    caption = "Parts of the held-out rows" + (f", the first {_ROWS}; {more} more are in the record" if more > 0 else "")
    yield from table(caption, ["Where", "Rows", "Metric", "Candidate", "Live"], rows)


def _confusion(record: Record) -> Iterator[str]:
    found = record.scores.candidate.confusion if record.scores.candidate is not None else None
    if found is None or not 2 <= len(found.matrix) <= 20:
        return
    at = "" if found.threshold is None else f", at {found.threshold:g}"
    heading = ["Class", *(f"told as {number}" for number in range(len(found.matrix)))]
    rows = [[f"is {number}", *(f"{count:,}" for count in row)] for number, row in enumerate(found.matrix)]
    yield section("confusion", "Confusion matrix")
    yield from table(f"The candidate's answers, in rows{at}", heading, rows)


def _changes(record: Record, place: str) -> Iterator[str]:
    yield section(f"changes{place.replace(' ', '-')}", f"What will change{place}")
    if record.live is None:
        yield "<p>Nothing is served yet.</p>"
        return
    rows: list[list[str]] = []
    change = record.data_diff
    if change is not None:
        rows += [[f"rows of {name}", *map(_count, pair)] for name, pair in change.rows.items()]
    if record.schema_diff is not None and record.schema_diff.columns is not None:
        rows.append(["columns", *map(_count, record.schema_diff.columns)])
    rows += [[name, *(one or "unset" for one in pair)] for name, pair in (record.hyperparameter_diff or {}).items()]
    live = record.live
    rows.append(["image", live.image or "not known", record.image])
    rows.append(["container version", *map(str, (live.container_version, record.container_version))])
    if live.gate is not None:
        before, now = ((each.metric, f"{each.threshold:g}") for each in (live.gate, record.gate))
        rows.append(["gate", " ".join(before), " ".join(now)])
    if record.commits is not None:
        rows.append(["commit", *(one or "not known" for one in record.commits)])
    yield from table("Live model and candidate", ["What", "Live", "Candidate"], rows, "d")
    moved = change.features if change is not None else ()
    if moved:
        heading = ["Feature", "Mean, live", "Mean", "Missing, live", "Missing"]
        yield from table(
            "Features of the training rows, those first that changed most",
            heading,
            [
                [
                    wording.feature(one),
                    wording.number(one.live.mean),
                    wording.number(one.candidate.mean),
                    wording.percent(one.live.missing or 0),
                    wording.percent(one.candidate.missing or 0),
                ]
                for one in moved[:20]
            ],
        )


def _count(value: int | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _identity(record: Record, digest: str, package: str | None) -> Iterator[str]:
    yield section("identity", "What this is about")
    others = record.live.others if record.live is not None else ()
    rows: list[list[str]] = [
        ["record, SHA-256", digest],
        ["model, SHA-256", "not kept" if record.model is None else record.model.sha256],
        ["live model, SHA-256", "none" if record.live is None else str(record.live.digest or "not known")],
        ["run", record.pipeline_execution_id],
        ["commit", record.commit],
        ["training job", record.training_job],
        *([] if package is None else [["model package", package]]),
        ["image", record.image],
        ["container version", record.container_version or "not known"],
        ["data set", record.data.dataset],
        *([f"model at {one.target}, SHA-256", one.digest or "not known"] for one in others),
        *([f"hyperparameter {name}", value] for name, value in sorted(record.hyperparameters.items())),
    ]
    yield from table("Names and digests", (), rows, "d")
