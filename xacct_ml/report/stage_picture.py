"""One stage as a picture: a row for each hop, in its order, with an arrow from who asks to what is asked for."""

from collections.abc import Iterable, Sequence

from xacct_ml.proof.words import Words, shortened
from xacct_ml.report.graph import Arrow, Graph, Node
from xacct_ml.report.markup import text

_ROW, _COLUMN, _LABELS, _TOP = 22, 46, 350, 24
_LONGEST = 48
_LONGEST_NAME = 19
_BESIDE = 80
"""What the last of the slanted names needs on its right."""

STYLE = """
.stage svg{display:block;max-width:none}.stage text{fill:var(--ink);font:13px system-ui,sans-serif}
.stage .band{fill:var(--line);opacity:.22}.stage .life{stroke:var(--line);stroke-dasharray:2 3}
.stage .account{fill:var(--soft);font-size:12px}
.stage .row line{stroke:var(--soft);stroke-width:1.5}.stage .row polygon,.stage .row circle{fill:var(--soft)}
.stage .crosses line{stroke:var(--candidate);stroke-width:2.5}
.stage .crosses polygon,.stage .crosses circle{fill:var(--candidate)}
.stage .fails line{stroke:var(--refused);stroke-width:3;stroke-dasharray:6 4}.stage .fails text{fill:var(--refused)}
.stage a:hover text{text-decoration:underline}.stage .out{opacity:.2}
@media print{.stage svg{max-width:100%;height:auto}}
""".strip()


def picture(stage: str, arrows: Sequence[Arrow], graph: Graph, words: Words) -> str:
    """SVG. Each row leads to its hop."""
    places = _places(arrows, graph)
    top = _TOP + 16 + 6 * max(len(_cut(node.label, _LONGEST_NAME)) for node in places)
    width = _LABELS + len(places) * _COLUMN + _BESIDE
    height = top + len(arrows) * _ROW + 12
    label = f"{stage}: {len(arrows)} hops between {len(places)}, in their order"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{text(label)}" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}">',
        *_bands(places, graph, top, height),
        *(_life(node, x, top, height) for node, x in places.items()),
        *(_row(arrow, top + (place + 0.5) * _ROW, places, words) for place, arrow in enumerate(arrows)),
        "</svg>",
    ]
    return "".join(parts)


def _places(arrows: Iterable[Arrow], graph: Graph) -> dict[Node, float]:
    """The middle of each one's column: account by account, in the order in which they come."""
    seen = dict.fromkeys(node for arrow in arrows for node in (arrow.source, arrow.target))
    order = list(dict.fromkeys([*graph.accounts, *(node.account for node in seen)]))
    ranked = sorted(seen, key=lambda node: order.index(node.account))
    return {node: _LABELS + (place + 0.5) * _COLUMN for place, node in enumerate(ranked)}


def _bands(places: dict[Node, float], graph: Graph, top: int, height: int) -> Iterable[str]:
    """Every other account has a ground of its own, and each its name above."""
    accounts = list(dict.fromkeys(node.account for node in places))
    for place, account in enumerate(accounts):
        those = [x for node, x in places.items() if node.account == account]
        x, width = min(those) - _COLUMN / 2, len(those) * _COLUMN
        if place % 2 == 0:
            yield f'<rect class="band" x="{x:g}" y="{top - 4}" width="{width:g}" height="{height - top}"/>'
        name = graph.accounts.get(account, "")
        yield f'<text class="account" x="{x + 2:g}" y="14"><title>{text(account)}</title>{text(name or account)}</text>'
        yield f'<line class="life" x1="{x:g}" x2="{x:g}" y1="4" y2="20"/>'


def _life(node: Node, x: float, top: int, height: int) -> str:
    at = f"{x:g} {top - 10}"
    return (
        f'<line class="life" x1="{x:g}" x2="{x:g}" y1="{top - 4}" y2="{height - 12}"/>'
        f'<text transform="translate({at}) rotate(-55)"><title>{text(node.label)}</title>'
        f"{text(_cut(node.label, _LONGEST_NAME))}</text>"
    )


def _row(arrow: Arrow, y: float, places: dict[Node, float], words: Words) -> str:
    request, number = arrow.proven.hop.request, arrow.proven.number
    x, x2 = places[arrow.source], places[arrow.target]
    key = words.key_of(request.resource)
    what = f"{number} {request.action}{f' {shortened(key)}' if key else ''}"
    allowed = arrow.proven.decision.allowed
    kind = f"row{' crosses' if arrow.crosses else ''}{'' if allowed else ' fails'}"
    to = -1 if x2 > x else 1
    drawn = (
        f'<circle cx="{x:g}" cy="{y:g}" r="3"/><line x1="{x:g}" x2="{x2 + to * 6:g}" y1="{y:g}" y2="{y:g}"/>'
        f'<polygon points="{x2:g},{y:g} {x2 + to * 8:g},{y - 4:g} {x2 + to * 8:g},{y + 4:g}"/>'
        if x != x2
        else f'<circle cx="{x:g}" cy="{y:g}" r="5"/>'
    )
    return (
        f'<a href="#hop-{number}" tabindex="-1" data-hop="{number}"><g class="{kind}">'
        f"<title>{text(f'{arrow.source.label} → {arrow.target.label}: {arrow.proven.hop.what}')}</title>"
        f'<text x="4" y="{y + 4:g}">{"✓" if allowed else "✗"} {text(_cut(what, _LONGEST))}</text>{drawn}</g></a>'
    )


def _cut(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"
