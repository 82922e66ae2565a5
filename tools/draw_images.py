"""Draws what the versions of the XGBoost image take and report, from the tables: ``python -m tools.draw_images``.

Writes into docs/training.md, between the comments that name this tool."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.make_xgboost_tables import FACTS, ROOT, VERDICTS
from xacct_ml.tables import xgboost_facts
from xacct_ml.tables.xgboost_container import faults, gate_fault
from xacct_ml.tables.xgboost_hyperparameters import hyperparameters
from xacct_ml.tables.xgboost_metrics import METRICS

DOCUMENT = ROOT / "docs" / "training.md"
END = "<!-- /images -->"
SHOWN = ("1.7-1", "3.0-5", "3.2-0")
"""Versions whose gates are shown: the earlier ones are hardly used any more."""


def gates() -> Iterator[str]:
    """Objective → the metrics that a gate can be on, by version; versions that agree share a column."""
    found = {version: _gates(version) for version in SHOWN}
    columns: list[tuple[str, dict[str, str]]] = []
    for version, of in found.items():
        same = next((index for index, (_, other) in enumerate(columns) if other == of), None)
        if same is None:
            columns.append((version, of))
        else:
            columns[same] = (f"{columns[same][0]}, {version}", of)
    yield f"| objective | {' | '.join(versions for versions, _ in columns)} |"
    yield "|---" * (len(columns) + 1) + "|"
    for objective in sorted({name for _, of in columns for name in of}):
        yield f"| `{objective}` | {' | '.join(of.get(objective, '–') for _, of in columns)} |"


def _gates(version: str) -> dict[str, str]:
    """Objectives that cannot be trained with are left out."""
    known = hyperparameters(version)["objective"].allowed.removeprefix("one of ").split(", ")
    found = {}
    for objective in known:
        given = {"num_round": "1", "objective": objective}
        if objective.startswith("multi:"):
            given["num_class"] = "3"
        if not list(faults(version, given, "ml.m5.xlarge", lambda *_: "")):
            found[objective] = " ".join(metric for metric in METRICS if _is_gate(version, given, metric))
    return found


def _is_gate(version: str, given: dict[str, str], metric: str) -> bool:
    asked = {**given, "eval_metric": metric}
    return not list(faults(version, asked, "ml.m5.xlarge", lambda *_: "")) and not gate_fault(version, asked, metric)


def values() -> Iterator[str]:
    """Hyperparameter → what is allowed, by version."""
    table = tomllib.loads(FACTS.read_text("utf-8"))["hyperparameters"]
    yield "| hyperparameter | allowed |"
    yield "|---|---|"
    newest = xgboost_facts.VERSIONS[-1]
    for name, spans in table.items():
        parts = []
        for span in spans:
            first, _, last = span.partition("..")
            allowed = hyperparameters(first)[name].allowed
            since = "" if first == xgboost_facts.VERSIONS[0] else f" from {first}"
            until = "" if (last or first) == newest else f" to {last or first}"
            parts.append(f"{allowed}{since}{until}")
        yield f"| `{name}` | {'; '.join(parts)} |"


def beyond() -> Iterator[str]:
    """What is refused although the container's validators take it."""
    yield "| hyperparameter | images | because |"
    yield "|---|---|---|"
    rules = tomllib.loads((FACTS.parent / "xgboost_beyond.toml").read_text("utf-8"))["rule"]
    for rule in rules:
        yield f"| `{rule['name']}` | {rule['versions'].replace('..', ' to ')} | {rule['reason']} |"


def figures() -> Iterator[str]:
    """What the image said to the sets of hyperparameters, and what is said here."""
    source, *lines = VERDICTS.read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    heads = ("image", "taken by its validators", "of these, training fails", "taken here")
    yield f"| {' | '.join(heads)} | taken here, not by the validators | taken here, training fails |"
    yield "|---|---|---|---|---|---|"
    for position, version in enumerate(json.loads(source)["versions"]):
        here = [not list(faults(version, given, "ml.m5.xlarge", lambda *_: "")) for *_, given in rows]
        taken = [said[position] == "+" for said, *_ in rows]
        fails = [one and then[position] == "-" for one, (_, then, _) in zip(taken, rows, strict=True)]
        asked = any(then[position] != "." for _, then, _ in rows)
        wrong = sum(mine and not its for mine, its in zip(here, taken, strict=True))
        failing = sum(mine and its for mine, its in zip(here, fails, strict=True))
        known = f"{sum(fails)}" if asked else "not asked"
        yield f"| {version} | {sum(taken)} | {known} | {sum(here)} | {wrong} | {failing if asked else 'not asked'} |"


PARTS = {"figures": figures, "gates": gates, "values": values, "beyond": beyond}


def drawn(document: str) -> str:
    """``document`` with the tables as they are now. Raises ValueError where the comments are not in it."""
    for name, lines in PARTS.items():
        begin = f"<!-- images {name}: python -m tools.draw_images -->"
        before, rest = document.split(begin)
        after = rest.split(END, 1)[1]
        document = f"{before}{begin}\n" + "\n".join(lines()) + f"\n{END}{after}"
    return document


def main(document: Path = DOCUMENT) -> None:
    document.write_text(drawn(document.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
