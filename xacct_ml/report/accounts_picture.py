"""The accounts as one picture: who is in each, and an arrow for all hops between the same two."""

from collections.abc import Iterator
from dataclasses import dataclass

from xacct_ml.report.graph import Arrow, Graph, Node
from xacct_ml.report.markup import text

_WIDTH, _HEIGHT, _GAP = 164, 24, 9
"""Of a node, and between two; all in pixels of the picture's own size."""
_INNER, _OUTER, _PAD, _TITLE = 80, 120, 12, 34
_LONGEST = 22
ACCOUNT = 2 * _WIDTH + _INNER + 2 * _PAD

STYLE = """
.picture svg{display:block;max-width:100%;min-width:60rem}.picture text{fill:var(--ink);font:13px system-ui,sans-serif}
.picture .account{fill:none;stroke:var(--line);stroke-width:1.5}.picture .title{font-weight:600}
.picture .node rect{fill:var(--paper);stroke:var(--soft)}.picture .thing rect{stroke-dasharray:4 2}
.picture .edge path{fill:none;stroke:var(--soft);stroke-width:1;opacity:.55}.picture .edge polygon{fill:var(--soft)}
.picture .crosses path{stroke:var(--candidate);stroke-width:2;opacity:.9}
.picture .crosses polygon{fill:var(--candidate)}
.picture .fails path{stroke:var(--refused);stroke-width:3;stroke-dasharray:6 4;opacity:1}
.picture .fails polygon{fill:var(--refused)}
.picture a:hover path{stroke-width:4;opacity:1}.picture a:hover rect{stroke:var(--candidate);stroke-width:2}
@media print{.picture svg{min-width:0}}
""".strip()


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    height: float


def picture(graph: Graph) -> str:
    """SVG. Each arrow leads to its first hop, each node carries what to search for."""
    boxes, columns = _layout(graph)
    width = max(box.x for box in boxes.values()) + ACCOUNT + 2
    height = max(box.y + box.height for box in boxes.values()) + 2
    between: dict[tuple[Node, Node], list[Arrow]] = {}
    for arrow in graph.arrows:
        between.setdefault((arrow.source, arrow.target), []).append(arrow)
    crossing = sum(source.account != target.account for source, target in between)
    label = f"{len(graph.arrows)} hops as {len(between)} arrows, {crossing} of them from one account into another"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{text(label)}" '
        f'viewBox="0 0 {width:g} {height:g}">',
        *(_account(account, name, boxes[account]) for account, name in graph.accounts.items()),
        *(_edge(arrows, columns) for arrows in sorted(between.values(), key=lambda arrows: arrows[0].crosses)),
        *(_node(node, place) for node, place in columns.items()),
        "</svg>",
    ]
    return "".join(parts)


def _layout(graph: Graph) -> tuple[dict[str, _Box], dict[Node, tuple[float, float]]]:
    """A box for each account, and where each node stands. Those left and right of the middle stand below each other."""
    nodes: dict[str, list[Node]] = {account: [] for account in graph.accounts}
    for arrow in graph.arrows:
        for node in (arrow.source, arrow.target):
            of = nodes.setdefault(node.account, [])
            if node not in of:
                of.append(node)
    boxes, columns = dict[str, _Box](), dict[Node, tuple[float, float]]()
    order, left = list(nodes), True
    y = dict.fromkeys(("left", "middle", "right"), 1.0)
    beside = order.index(graph.middle) > 0 if graph.middle in order else False
    for account, those in nodes.items():
        left = left and account != graph.middle
        side = "left" if left else "middle" if account == graph.middle else "right"
        x = 1.0 + (ACCOUNT + _OUTER) * {"left": 0, "middle": int(beside), "right": 1 + int(beside)}[side]
        asking = [node for node in those if node.asks]
        things = [node for node in those if not node.asks]
        height = _TITLE + _PAD + max(len(asking), len(things), 1) * (_HEIGHT + _GAP)
        boxes[account] = _Box(x, y[side], height)
        sides = (things, asking) if left else (asking, things)  # whoever asks stands nearer to what is shared
        for column, of in enumerate(sides):
            for row, node in enumerate(of):
                at = y[side] + _TITLE + row * (_HEIGHT + _GAP)
                columns[node] = (x + _PAD + column * (_WIDTH + _INNER), at)
        y[side] += height + 3 * _GAP
    return boxes, columns


def _account(account: str, name: str, box: _Box) -> str:
    return (
        f'<rect class="account" x="{box.x:g}" y="{box.y:g}" width="{ACCOUNT}" height="{box.height:g}" rx="8"/>'
        f'<text class="title" x="{box.x + _PAD:g}" y="{box.y + 21:g}">{text(name)} {text(account)}</text>'
    )


def _node(node: Node, place: tuple[float, float]) -> str:
    x, y = place
    shown = node.label if len(node.label) <= _LONGEST else f"{node.label[: _LONGEST - 1]}…"
    kind = "node" if node.asks else "node thing"
    return (
        f'<a href="#hops" tabindex="-1" data-find="{text(node.label)}"><g class="{kind}">'
        f"<title>{text(node.label)} in {text(node.account)}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="4"/>'
        f'<text x="{x + 7:g}" y="{y + 17:g}">{text(shown)}</text></g></a>'
    )


def _edge(arrows: list[Arrow], columns: dict[Node, tuple[float, float]]) -> str:
    first = arrows[0]
    (x, y), (x2, y2) = columns[first.source], columns[first.target]
    y, y2 = y + _HEIGHT / 2, y2 + _HEIGHT / 2
    same = abs(x - x2) < _WIDTH
    if same:  # below those from elsewhere, so that their heads do not meet
        y, y2 = y + 6, y2 + 6
    rightward = x2 > x or same
    x, x2 = (x + _WIDTH if rightward else x), (x2 + _WIDTH if same or not rightward else x2)
    out, into = (1 if rightward else -1), (1 if same or not rightward else -1)
    bend = _INNER / 2 if same else max(abs(x2 - x) / 2, _INNER / 2)
    tip = x2 + into * 7
    path = f"M{x:g} {y:g}C{x + out * bend:g} {y:g} {tip + into * bend:g} {y2:g} {tip:g} {y2:g}"
    head = f"{x2:g},{y2:g} {tip + into:g},{y2 - 4:g} {tip + into:g},{y2 + 4:g}"
    return (
        f'<a href="#hop-{first.proven.number}" tabindex="-1" data-hops="{" ".join(_numbers(arrows))}">'
        f'<g class="{_kind(arrows)}"><title>{text(_title(arrows))}</title><path d="{path}"/>'
        f'<polygon points="{head}"/></g></a>'
    )


def _kind(arrows: list[Arrow]) -> str:
    fails = " fails" if any(not arrow.proven.decision.allowed for arrow in arrows) else ""
    return f"edge{' crosses' if arrows[0].crosses else ''}{fails}"


def _title(arrows: list[Arrow]) -> str:
    actions = dict.fromkeys(arrow.proven.hop.request.action for arrow in arrows)
    return f"{arrows[0].source.label} → {arrows[0].target.label}: {', '.join(actions)}"


def _numbers(arrows: list[Arrow]) -> Iterator[str]:
    return (str(arrow.proven.number) for arrow in arrows)
