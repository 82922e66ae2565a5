"""What a run's record says, as lines for a person and as values for JSON: what must be known first, then the candidate
beside the live model, then what will change."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from xacct_ml.cli.terminal import aligned
from xacct_ml.evidence import wording
from xacct_ml.evidence.beside import alone
from xacct_ml.evidence.finding import Finding, Severity
from xacct_ml.evidence.metrics import primary
from xacct_ml.evidence.record import Record, Scores
from xacct_ml.operations.command_names import SEND_VALUES
from xacct_ml.operations.runs.evaluation import Evaluation, Package
from xacct_ml.operations.runs.overtaken import Newer
from xacct_ml.operations.source_state import Difference

WIDTH = 80
_INDENT = 11
_MOST_METRICS = 6
_SHOWN_DIGITS, _SHOWN_RUN = 12, 8
_MOST_TARGETS = 3


def wrapped(word: str, text: str, width: int = WIDTH) -> list[str]:
    """``text`` behind ``word``, on as many lines as it takes, none longer than ``width``."""
    head = f"  {word.ljust(_INDENT - 3)} "
    return textwrap.wrap(
        text, max(width, 40), initial_indent=head, subsequent_indent=" " * _INDENT, break_on_hyphens=False
    )


def verdict_lines(
    evaluation: Evaluation,
    *,
    width: int = WIDTH,
    refusal: str | None = "refused",
    endpoint: str = "",
    targets: Sequence[str] = (),
    newer: Sequence[Newer] = (),
    found: Sequence[Finding] | None = None,
) -> list[str]:
    """The gate, what will change at the ``targets``, and what an approver must know; first of that, which models are
    ``newer`` than those that the run was compared with. ``refusal`` is the word before a refusal; None shows none.
    ``found`` is what must be known where it is not what the record says of then."""
    words = {Severity.REFUSAL: refusal, Severity.WARNING: "warning", Severity.NOTE: "note"}
    lines = wrapped("gate", str(evaluation.gate), width)
    since = {each.target: each for each in newer}
    if told := [_replacement(evaluation, target, since.get(target)) for target in targets]:
        lines += wrapped("change", f"{endpoint} at {wording.listed(told, _MOST_TARGETS)}", width)
    if newer:
        places = wording.listed([f"{each.target} (run {each.execution[:_SHOWN_RUN]})" for each in newer], _MOST_TARGETS)
        told_of = f"Compared with a model that serves no more: another was deployed since, at {places}"
        lines += wrapped("warning", f"{told_of}; xacct-ml start begins a run that is compared with it", width)
    for one in evaluation.findings if found is None else found:
        if (word := words[one.severity]) is not None:
            lines += wrapped(word, one.text, width)
    return lines


def _replacement(evaluation: Evaluation, target: str, newer: Newer | None = None) -> str:
    """What a target serves now, as the record has it unless something is ``newer``, and what it will serve."""
    live, model = evaluation.record.live, evaluation.model
    served = (
        ()
        if live is None
        else (
            (live.target, live.digest, live.execution),
            *((each.target, each.digest, each.execution) for each in live.others),
        )
    )
    now = "no model yet" if evaluation.record.scores.candidate is not None else "what is not recorded"
    for name, digest, execution in served:
        if name == target and digest is not None:
            now = f"{digest[:_SHOWN_DIGITS]} of run {(execution or 'unknown')[:_SHOWN_RUN]}"
    if newer is not None:
        now = f"{(newer.digest or 'a model')[:_SHOWN_DIGITS]} of run {newer.execution[:_SHOWN_RUN]}"
    return f"{target}: {now} → {model[:_SHOWN_DIGITS] if model else 'none'}"


def record_lines(evaluation: Evaluation, beside: Sequence[Record] = ()) -> list[str]:
    """Data, metrics and model of a run; the candidate beside the live model, and what is not as it was for that.
    ``beside`` is the record beside other models than it was judged beside, each once."""
    shown = beside or (evaluation.record,)
    rows = ", ".join(f"{count:,} {channel}" for channel, count in evaluation.rows.items())
    metrics = ", ".join(f"{name} {_shown(value)}" for name, value in sorted(evaluation.metrics.items()))
    return [
        f"  data     {evaluation.dataset} ({rows} rows)",
        f"  metrics  {metrics or 'none reported'}",
        *(line for each in shown for line in (*_score_lines(each), *_change_lines(each, later=bool(beside)))),
        f"  model    {evaluation.model or 'not kept'}",
        f"           of training job {evaluation.job}",
        f"  record   {evaluation.sha256}",
    ]


def map_lines(found: Sequence[Difference], run: str = "the run", width: int = WIDTH) -> list[str]:
    """What the map has otherwise than a run; nothing where it has nothing."""
    if not found:
        return []
    told = "; ".join(each.told("the run") for each in found)
    step = f"configure compares the map with the repository, and {SEND_VALUES} sends the map's"
    return wrapped("warning", f"the map has other values than {run}, whose commit decides: {told}. {step}", width)


def evaluation_lines(evaluation: Evaluation | None, *, released: bool = False) -> list[str]:
    """All of it; for a run that has no record, so much. ``released``: of a model that was judged before, without what
    served then."""
    if evaluation is None:
        return ["  metrics  none recorded (yet)"]
    if not released:
        return [*verdict_lines(evaluation), *record_lines(evaluation)]
    own = verdict_lines(evaluation, found=evaluation.own_findings)
    return [*own, *record_lines(evaluation, [alone(evaluation.record)])]


def package_lines(package: Package | None) -> list[str]:
    """Where the model is registered; nothing where the map has no registry. On one line, which ``--watch`` repeats."""
    if package is None:
        return []
    return [f"  package  {package.arn}, {'Approved' if package.released else 'pending until the run has deployed it'}"]


def beside_map_json(found: Sequence[Difference]) -> list[dict[str, str | None]]:
    return [{"value": each.parameter, "map": each.map, "run": each.repository} for each in found]


def evaluation_json(evaluation: Evaluation | None) -> dict[str, Any] | None:
    """The record as it is read, with what was found in it."""
    if evaluation is None:
        return None
    return {
        "execution": evaluation.execution,
        "commit": evaluation.commit,
        "job": evaluation.job,
        "image": evaluation.record.image,
        "metrics": dict(evaluation.metrics),
        "gate": evaluation.gate.model_dump(),
        "dataset": evaluation.dataset,
        "rows": dict(evaluation.rows),
        "model": evaluation.model,
        "sha256": evaluation.sha256,
        "findings": findings_json(evaluation.findings),
        "record": evaluation.record.document(),
    }


def findings_json(found: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{**asdict(one), "severity": one.severity.name.lower()} for one in found]


def _shown(value: float | None) -> str:
    return "not a number" if value is None else f"{value:g}"


def _score_lines(record: Record) -> Iterator[str]:
    candidate, live, held = record.scores.candidate, record.scores.live, record.holdout
    if candidate is None:
        return
    origin = "" if held is None else " of the validation file" if held.origin == "validation" else " of the holdout"
    yield f"  scores   on {wording.rows(candidate.rows)}{origin}, with 95 % intervals"
    heading = ("", "candidate", *(("live", "difference") if live is not None else ()))
    rows = [_score_row(record, name, candidate, live) for name in shown_metrics(record, candidate)]
    yield from (f"  {row}" for row in aligned([heading, *rows]))
    yield from _found_lines(candidate)


def shown_metrics(record: Record, scores: Scores, most: int = _MOST_METRICS) -> list[str]:
    """The one that models are compared by first, then the others by name."""
    first = primary(record, scores)
    return [name for name in (first, *sorted(scores.metrics.keys() - {first})) if name is not None][:most]


def _score_row(record: Record, name: str, candidate: Scores, live: Scores | None) -> tuple[str, ...]:
    row = (name, _interval(candidate, name))
    if live is None:
        return row
    apart = record.scores.difference.metrics.get(name) if record.scores.difference is not None else None
    return (*row, _interval(live, name), "" if apart is None else narrow(wording.signed(apart)))


def _interval(scores: Scores, name: str) -> str:
    found = scores.metrics.get(name)
    return "" if found is None else narrow(wording.interval(found))


def narrow(text: str) -> str:
    """Without brackets: three of them beside a metric's name have to fit into a line."""
    return text.replace(" to ", "…").replace(" (", " ").removesuffix(")")


def _found_lines(scores: Scores) -> Iterator[str]:
    """Of two classes, how many of each are told rightly."""
    matrix = scores.confusion.matrix if scores.confusion is not None else ()
    if len(matrix) == 2 and all(len(row) == 2 for row in matrix):
        (right, false), (missed, found) = matrix
        positive, negative = f"{found:,} of {found + missed:,}", f"{right:,} of {right + false:,}"
        yield f"           finds {positive} of class 1, and {negative} of class 0"


def _change_lines(record: Record, *, later: bool) -> Iterator[str]:
    """What a client of the endpoint gets that it did not get before. ``later``: the live model may be the newer one."""
    if record.live is not None and record.live.digest is not None:
        run = f" of run {record.live.execution}" if record.live.execution else ""
        at = f" at {record.live.target}" if record.live.target else ""
        yield from wrapped("live", f"{record.live.digest[:_SHOWN_DIGITS]}…{run}{at}")
    yield from _other_lines(record)
    change = record.data_diff
    if change is not None:
        rows = [f"{name} {_pair(*pair)}" for name, pair in change.rows.items()]
        same = change.dataset is not None and change.dataset[0] == change.dataset[1]
        yield from wrapped("rows", f"{'the same data set: ' if same else ''}{', '.join(rows)}")
    if record.schema_diff is not None and not record.schema_diff.differs:
        yield "  columns  those of the live model"
    if record.hyperparameter_diff:
        told = [f"{name} {_value(pair[0])} → {_value(pair[1])}" for name, pair in record.hyperparameter_diff.items()]
        yield from wrapped("settings", "; ".join(told))
    if record.importances:
        most = [f"{wording.feature(one)} {wording.percent(one.share)}" for one in record.importances[:5]]
        yield from wrapped("weighs", ", ".join(most))
    if record.commits is not None and record.commits[0] is not None and record.commits[0] != record.commits[1]:
        yield f"  {'instead of' if later else 'since   '} {record.commits[0]}, the live model's"


def _other_lines(record: Record) -> Iterator[str]:
    """What the other targets serve, and the image that the candidate and the live model are trained and served with."""
    others = record.live.others if record.live is not None else ()
    for one in others:
        digest = (one.digest or "unknown")[:_SHOWN_DIGITS]
        yield f"  others   {digest}… of run {one.execution or 'unknown'} at {one.target}"
    yield f"  image    {_image(record.image, record.container_version)}"
    if record.live is not None and record.live.image is not None:
        same = (record.live.image, record.live.container_version) == (record.image, record.container_version)
        its = "the same" if same else _image(record.live.image, record.live.container_version)
        yield f"           live: {its}"


def _image(image: str, container: str | None) -> str:
    """Without the registry, which is AWS's and long."""
    version = f" (container {container})" if container is not None else ""
    return f"{image.rpartition('/')[2]}{version}"


def _pair(live: int | None, candidate: int | None) -> str:
    known = [("unknown" if one is None else f"{one:,}") for one in (live, candidate)]
    return known[0] if known[0] == known[1] else f"{known[0]} → {known[1]}"


def _value(text: str | None) -> str:
    return "unset" if text is None else wording.short(text)
