"""Draws what ``verify`` says of every documented map: ``python -m tools.draw_figures``.

Writes the figures into docs/topologies.md and docs/proof.md, and into the latter what is printed of the example map."""

from __future__ import annotations

import io
import re
from pathlib import Path

from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.verdict import VerdictLines
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world, world_beside
from xacct_ml.proof.verify import Verdict, verify
from xacct_ml.validation import load

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLE = "config.example.yaml"
LARGEST = "everything.yaml"
_ROW = re.compile(r"^(\| \[([\w.-]+\.yaml)\]\([^)]*\)[^|]*)\|.*$")
_BESIDE = re.compile(r"beside \[\w+\]\(([\w./-]+\.yaml)\)")


def figures(verdict: Verdict) -> list[str]:
    """Hops, attacks, requests of the whole matrix and parts of the documents."""
    assert verdict.minimality is not None
    assert verdict.failure() is None, verdict.failure()
    proof, matrix = verdict.proof.hops, verdict.matrix.requests
    return [f"{number:,}" for number in (len(proof), len(verdict.attacks), matrix, verdict.minimality.checked)]


def of_name(name: str) -> Path:
    """The map that the documents call so."""
    return DOCS.parent / name if name == EXAMPLE else DOCS / "maps" / name


def row(line: str) -> tuple[str, list[str]]:
    """A row of the table of topologies with its figures, and the figures; another line as it is."""
    found = _ROW.match(line)
    if found is None:
        return line, []
    config, other = load(of_name(found[2])), _BESIDE.search(found[1])
    beside = [] if other is None else [world_beside(load(DOCS / other[1]))]
    verdict = verify(world(config), beside)
    own = figures(verdict)
    cells = list(own)
    for intrusion in verdict.beside[:1]:
        cells[1] += f", and {len(intrusion.attacks):,} each way"
        cells[2] += f", and {intrusion.requests:,} each way"
    return f"{found[1]}| {' | '.join(cells)} |", own


def printed(config: Config) -> str:
    """From the attacks on."""
    out = io.StringIO()
    VerdictLines(config, verify(world(config)), Terminal(out=out, err=io.StringIO())).show()
    text = "\n".join(out.getvalue().splitlines())
    return text[text.index("Attacks: ") :]


def main() -> None:
    topologies, proof = DOCS / "topologies.md", DOCS / "proof.md"
    rows = [row(line) for line in topologies.read_text("utf-8").splitlines()]
    hops, attacks, requests, parts = next(own for line, own in rows if own and f"[{LARGEST}]" in line)
    text = "\n".join(line for line, _ in rows) + "\n"
    largest = f"({hops} hops, {attacks} attacks, a matrix of {requests} requests)"
    topologies.write_text(re.sub(r"\([\d,]+ hops, [\d,]+ attacks, a matrix of [\d,]+ requests\)", largest, text))
    text = proof.read_text("utf-8")
    counted = r"[\d,]+\s+hops,\s+[\d,]+\s+attacks,\s+[\d,]+\s+requests\s+and\s+[\d,]+\s+parts\."
    text = re.sub(counted, f"{hops} hops, {attacks} attacks,\n{requests} requests and {parts} parts.", text)
    example = printed(load(of_name(EXAMPLE)))
    begin = text.index("…\nAttacks: ") + len("…\n")
    end = text.index("\n```\n", begin)
    proof.write_text(text[:begin] + example + text[end:])


if __name__ == "__main__":
    main()
